"""cert-manager: certificates for the gateway and for the webhooks of other add-ons, from authorities inside the cluster.

Changing the version restarts the controllers; certificates in use stay valid.
"""

from collections.abc import Mapping
from typing import Any

from modules.addons.base import HelmAddon


class CertManager(HelmAddon):
    """Installed first, before Prometheus: its PodMonitor is in `modules/monitoring`."""

    chart = "cert-manager"
    version = "v1.21.1"
    namespace = "cert-manager"

    def values(self) -> Mapping[str, Any]:
        pair = {"replicaCount": self.replicas, "podDisruptionBudget": {"enabled": self.replicas > 1}}
        small = {"resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}}
        return {
            "imageRegistry": self.cluster.image("quay.io"),
            "crds": {"enabled": True},
            "global": {"leaderElection": {"namespace": self.namespace}},
            **pair,
            **small,
            "webhook": {**pair, **small},
            "cainjector": {**pair, **small},
        }
