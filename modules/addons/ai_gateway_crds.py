"""The AI gateway's kinds, in a chart of their own because Helm never upgrades CRDs that come with an application."""

from modules.addons.base import HelmAddon


class AiGatewayCrds(HelmAddon):
    """Always the version of `ai_gateway`."""

    chart = "ai-gateway-crds-helm"
    version = "v1.1.0"
    namespace = "envoy-ai-gateway-system"
