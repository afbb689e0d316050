"""One environment, top to bottom."""

from blueprint.environment import Environment
from modules import addons, clusters, gateway, monitoring, registry, residency, serving, state
from modules.clusters.base import Cluster
from modules.resources.engine import Construct, Stack


class InferenceStack(Stack):
    """Everything `cdktf deploy <environment>` creates."""

    def __init__(self, scope: Construct, env: Environment, *, foundation_only: bool = False) -> None:
        super().__init__(scope, env.name)
        state.configure(self, env)
        cluster = clusters.build(self, env)
        if not foundation_only:
            self._inside(cluster)
        residency.declare(self, env)

    def _inside(self, cluster: Cluster) -> None:
        """What runs in the cluster."""
        platform = addons.install(self, cluster)
        monitoring.install(self, cluster, platform)
        registry.install(self, cluster, platform)
        deployments = serving.deploy(self, cluster, platform)
        gateway.expose(self, cluster, platform, deployments)
