"""Envoy AI Gateway: reads the model from each request, routes by it, and speaks each backend's dialect.

Changing the version rolls the proxies, whose sidecar it provides. v1.1 was built on Envoy Gateway 1.8.1 and asks for "1.8.1
or later"; the pair with 1.9 is ours to test.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.addons.base import HelmAddon
from modules.manifests import Object
from modules.manifests.objects import external_secret, from_secret

SEED = "session-seed"
# What the proxies write the team into that a key belongs to; copies sent by clients are dropped before anything looks at them.
TEAM_HEADER = "x-team"
# The label by which the gateway's token and request metrics name a team. `team` would collide with the label alerts are routed by.
CONSUMER = "consumer"


class AiGateway(HelmAddon):
    """The chart's default session seed is public; ours comes from the secret store, through a variable the container's
    argument refers to. Redaction keeps prompts out of debug logs."""

    chart = "ai-gateway-helm"
    version = "v1.1.0"
    namespace = "envoy-ai-gateway-system"
    needs = ("cert_manager", "external_secrets", "envoy_gateway", "ai_gateway_crds")

    def before(self) -> Mapping[str, Sequence[Object]]:
        keys = {"seed": self.cluster.generate_secret("ai-gateway-session-seed")}
        return {f"ai-gateway-{SEED}": [external_secret(SEED, self.namespace, keys)]}

    def values(self) -> Mapping[str, Any]:
        return {
            "extProc": {
                "image": {"repository": self.cluster.image("docker.io/envoyproxy/ai-gateway-extproc")},
                "enableRedaction": True,
                "logFormat": "json",
            },
            "controller": {
                "image": {"repository": self.cluster.image("docker.io/envoyproxy/ai-gateway-controller")},
                "replicaCount": self.replicas,
                "podDisruptionBudget": {"enabled": self.replicas > 1},
                "logFormat": "json",
                "metricsRequestHeaderAttributes": f"{TEAM_HEADER}:{CONSUMER}",
                "mutatingWebhook": {"certManager": {"enable": True}},
                "mcp": {"sessionEncryption": {"seed": "$(SESSION_SEED)"}},
                "extraEnvVars": [from_secret("SESSION_SEED", SEED, "seed")],
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
            },
        }
