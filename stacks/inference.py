"""One environment, top to bottom."""

from blueprint.environment import Environment
from modules import addons, clusters, gateway, monitoring, registry, serving, state
from modules.resources.engine import Construct, Stack


class InferenceStack(Stack):
    """Everything `cdktf deploy <environment>` creates."""

    def __init__(self, scope: Construct, env: Environment, *, foundation_only: bool = False) -> None:
        super().__init__(scope, env.name)
        state.configure(self, env)
        cluster = clusters.build(self, env)
        if foundation_only:
            return
        platform = addons.install(self, cluster)
        monitoring.install(self, cluster, platform)
        registry.install(self, cluster, platform)
        deployments = serving.deploy(self, cluster, platform)
        gateway.expose(self, cluster, platform, deployments)
