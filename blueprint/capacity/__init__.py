"""From demand to GPUs: the largest of four limits, then one replica more and a second zone. Each limit's number is shown.

server.py  one replica of a deployment: what it holds, how fast it is, measured or as a band
limits.py  replicas by weights, KV cache, throughput with headroom, and latency; redundancy; thresholds that follow
"""

from blueprint.capacity.limits import HEADROOM, MS_PER_TOKEN, Capacity, Limit, capacity
from blueprint.capacity.server import Replica, replica

__all__ = ["HEADROOM", "MS_PER_TOKEN", "Capacity", "Limit", "Replica", "capacity", "replica"]
