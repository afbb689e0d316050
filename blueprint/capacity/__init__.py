"""From demand to GPUs: the largest of four limits, then one replica more and a second zone. Each limit's number is shown.

asked.py    what a use case asks: the mean request, and those met at a random moment
server.py   one replica of a deployment: what it holds, how fast it is, measured or as a band
latency.py  the largest batch that meets each latency target
limits.py   replicas by weights, KV cache, throughput with headroom, and latency; redundancy; thresholds that follow
sharing.py  which use cases fit together on one card, by MIG or in turns; effects.py is what that does to them
"""

from blueprint.capacity.limits import HEADROOM, MS_PER_TOKEN, Capacity, Limit, capacity
from blueprint.capacity.server import Replica, replica

__all__ = ["HEADROOM", "MS_PER_TOKEN", "Capacity", "Limit", "Replica", "capacity", "replica"]
