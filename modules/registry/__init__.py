"""MLflow: which model is which, and where its files are. PostgreSQL behind it, artifacts in object storage through it.

Without a login of its own: the network lets nobody in but Prometheus, and people come through `kubectl port-forward`, where
Kubernetes asks who they are. A second list of users and passwords would protect nothing more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.addons import Platform
from modules.addons.base import HelmAddon
from modules.clusters.base import Cluster
from modules.manifests import Object
from modules.manifests.objects import credential_variables, credentials, external_secret, variables
from modules.resources.base import Ref
from modules.resources.engine import Construct, Part

DATABASE = "mlflow-database"
# MLflow answers only to these names (it fends off DNS rebinding): its Service, a port-forward, and Prometheus by pod address.
HOSTS = ["mlflow", "mlflow.mlflow", "mlflow.mlflow.svc", "mlflow.mlflow.svc.cluster.local", "localhost", "127.0.0.1"]
POD_ADDRESSES = ["10.*", "100.*", "172.*", "192.168.*"]


class Mlflow(HelmAddon):
    """One replica: more need a shared cache, and nothing waits for MLflow while it restarts. A new version migrates the
    database first: back it up."""

    chart = "mlflow"
    version = "0.1.1"
    namespace = "mlflow"

    def before(self) -> Mapping[str, Sequence[Object]]:
        database = self.cluster.database
        uri = f"postgresql://{database.user}:{{{{ .password }}}}@{database.host}:{database.port}/{database.name}?sslmode=require"
        secret = external_secret(DATABASE, self.namespace, {"password": database.password_secret}, template={"uri": Ref(uri)})
        return {DATABASE: [secret, *credentials(self.cluster.object_store.artifacts_identity)]}

    def values(self) -> Mapping[str, Any]:
        store = self.cluster.object_store
        identity = store.artifacts_identity
        return {
            "fullnameOverride": "mlflow",
            "image": {"repository": self.cluster.image("ghcr.io/mlflow/mlflow"), "tag": "v3.18.0-full"},
            "mlflow": {
                "backendStoreUriFrom": {"secretKeyRef": {"name": DATABASE, "key": "uri"}},
                "artifactsDestination": store.artifacts,
            },
            "env": [*variables({**self._environment(), **store.artifacts_settings}), *credential_variables(identity)],
            "serviceAccount": {"name": identity.account.name, "annotations": identity.service_account_annotations},
            "podLabels": identity.pod_labels,
            "metrics": {"enabled": True},
            "serviceMonitor": {"enabled": True},
            "resources": {"requests": {"cpu": "200m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        }

    def _environment(self) -> dict[str, str]:
        names = [name for host in HOSTS for name in (host, f"{host}:*")]
        return {
            "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join([*names, *POD_ADDRESSES]),
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
        }


def install(scope: Construct, cluster: Cluster, platform: Platform) -> None:
    """MLflow, once the add-ons are there."""
    Mlflow(cluster).install(Part(scope, "registry"), "mlflow", platform.ready)
