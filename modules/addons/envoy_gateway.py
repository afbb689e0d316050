"""Envoy Gateway: runs the proxies in front of all models and turns routes and policies into their configuration.

Changing the version rolls the proxies one by one. 1.9 speaks Gateway API 1.6 and is supported until 2027-02-14.
"""

from collections.abc import Mapping
from typing import Any

from modules.addons.base import HelmAddon

NAMESPACE = "envoy-gateway-system"
CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller"
# Where the AI gateway listens; Envoy Gateway lets it rewrite what it is about to send to the proxies.
AI_GATEWAY = {"hostname": "ai-gateway-controller.envoy-ai-gateway-system.svc.cluster.local", "port": 1063}


class EnvoyGateway(HelmAddon):
    """`Backend` objects are off by default in Envoy Gateway; the AI gateway cannot route to anything else."""

    chart = "gateway-helm"
    version = "1.9.0"
    namespace = NAMESPACE

    def values(self) -> Mapping[str, Any]:
        image = self.cluster.image
        return {
            "global": {
                "images": {
                    "envoyGateway": {"image": image("docker.io/envoyproxy/gateway:v1.9.0")},
                    "ratelimit": {"image": image("docker.io/envoyproxy/ratelimit:17b1956c")},
                }
            },
            "deployment": {"replicas": self.replicas},
            "podDisruptionBudget": {"minAvailable": self.replicas - 1},
            "config": {"envoyGateway": {"extensionApis": {"enableBackend": True}, "extensionManager": self._extension()}},
        }

    def _extension(self) -> dict[str, Any]:
        """As the AI gateway's own installation values ask for (manifests/envoy-gateway-values.yaml, v1.1.0)."""
        everything = {part: {"includeAll": True} for part in ("listener", "route", "cluster", "secret")}
        hooks = {"xdsTranslator": {"translation": everything, "post": ["Translation", "Cluster", "Route"]}}
        return {"hooks": hooks, "service": {"fqdn": AI_GATEWAY}}
