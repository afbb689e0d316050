"""External Secrets: brings secrets from the environment's secret store into the cluster; none is in values, plan or state.

Changing the version restarts the controllers; Secrets already written stay.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.addons.base import HelmAddon
from modules.manifests import Object
from modules.manifests.objects import SECRET_STORE, resource


class ExternalSecrets(HelmAddon):
    """Installed before Prometheus: its PodMonitor is in `modules/monitoring`."""

    chart = "external-secrets"
    version = "2.9.0"
    namespace = "external-secrets"

    def values(self) -> Mapping[str, Any]:
        identity = self.cluster.secrets_identity
        image = {"image": {"repository": self.cluster.image("ghcr.io/external-secrets/external-secrets")}}
        pair = {"replicaCount": self.replicas, "podDisruptionBudget": {"enabled": self.replicas > 1}}
        small = {"resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}}
        return {
            **image,
            **pair,
            **small,
            "leaderElect": True,
            "serviceAccount": {"name": identity.account.name, "annotations": identity.service_account_annotations},
            "podLabels": identity.pod_labels,
            "webhook": {**image, **pair, **small},
            "certController": {**image, **small},
        }

    def after(self) -> Mapping[str, Sequence[Object]]:
        spec = {"provider": self.cluster.secret_store}
        return {"secret-store": [resource("external-secrets.io/v1", "ClusterSecretStore", SECRET_STORE, spec=spec)]}
