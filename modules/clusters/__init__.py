"""Cloud targets, found by file name."""

from importlib import import_module

from blueprint.environment import Environment
from modules.clusters.base import Cluster
from modules.resources.engine import Construct


def build(scope: Construct, env: Environment) -> Cluster:
    """The cluster an environment asks for: the `Target` of `modules/clusters/<cluster.target>.py`."""
    target: type[Cluster] = import_module(f"{__name__}.{env.cluster.target}").Target
    return target(scope, env)
