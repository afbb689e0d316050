"""An existing cluster on one's own machines: no cloud resource, only the contract of the environment, handed on.

What a cloud target creates, somebody else has made here: node labels and taints, buckets, a database, and every secret
(`blueprint.secrets` lists them; docs/how-to/onprem.md says what a cluster must meet).
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from blueprint.environment import Environment, Onprem
from blueprint.environment.onprem import Access
from blueprint.secrets import ACCESS_KEYS, ARTIFACTS, DATABASE_PASSWORD, VALUE, WEIGHTS
from modules import gpu
from modules.clusters import base
from modules.onprem.arc import ArcOverlay
from modules.resources import helm
from modules.resources.engine import Construct, Stack

# Buckets in the path and no newer checksums: what stores other than Amazon's have in common.
COMPATIBLE = {"MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE": "path", "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}
# Where every cluster publishes the authority of its own API server.
OWN_AUTHORITY = {"type": "ConfigMap", "name": "kube-root-ca.crt", "key": "ca.crt", "namespace": base.SECRETS_READER.namespace}


class Target(base.Cluster):
    """A cluster of one's own."""

    target: ClassVar[str] = "onprem"
    guarantees: ClassVar[base.Guarantees] = base.Guarantees(
        api_server="whatever the site built; only its owner can say who reaches it",
        nodes="the site's own machines",
        way_out="the site's own firewall; inside the cluster everything is denied but the flows listed",
        encryption_keys="the site's own; Terraform neither creates nor sees them",
        workload_identity="static keys for storage and database, from the site's secret store",
        secrets_in_state="none",
        operator="who the contract names",
    )

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, env)
        assert isinstance(env.cluster, Onprem)
        self._contract = contract = env.cluster
        Stack.around(self).use_provider("helm", helm.SOURCE, helm.VERSION, {"kubernetes": _login(contract.access)})
        self.gpu_nodes = {name: gpu.nodes(env, name, [gpu.TOLERATION]) for name in contract.gpu_pools}
        self.registry = contract.registry
        self.storage_class = contract.storage_class
        self.object_store = self._object_store()
        self.secrets_identity = base.Identity(base.SECRETS_READER)
        self.secret_store = self._secret_store()
        self.database = self._database()
        self.apis = {}
        self.ready = []
        self._addresses()
        if contract.arc:
            ArcOverlay(self, env, contract.arc)

    def _addresses(self) -> None:
        self.api_server_cidrs = [str(cidr) for cidr in self._contract.api_server_cidrs]
        self.private_cidrs = self.package_cidrs = [str(cidr) for cidr in self._contract.private_cidrs]
        self.node_cidrs = [str(cidr) for cidr in self._contract.node_cidrs]
        self.identity_cidrs = ()  # the vault itself issues tokens
        endpoints = [self._contract.object_store.endpoint]
        endpoints += [self._contract.secret_store.vault.server] if self._contract.secret_store.vault else []
        self.private_ports = sorted({urlsplit(endpoint).port or 443 for endpoint in endpoints})

    def _object_store(self) -> base.ObjectStore:
        store = self._contract.object_store
        remote = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": store.endpoint, "REGION": store.region, "ENV_AUTH": "true"}
        return base.ObjectStore(
            rclone={f"RCLONE_CONFIG_STORE_{key}": value for key, value in remote.items()},
            weights=f"store:{store.weights_bucket}",
            weights_identity=self._with_keys(base.WEIGHTS_READER, WEIGHTS),
            artifacts=f"s3://{store.artifacts_bucket}",
            artifacts_identity=self._with_keys(base.ARTIFACTS_WRITER, ARTIFACTS),
            artifacts_settings={"MLFLOW_S3_ENDPOINT_URL": store.endpoint, "AWS_DEFAULT_REGION": store.region, **COMPATIBLE},
        )

    def _with_keys(self, account: base.ServiceAccount, secret: str) -> base.Identity:
        """S3 beside the big clouds knows static keys only; each workload has its own."""
        keys = {variable: self._stored(secret, part) for variable, part in ACCESS_KEYS.items()}
        return base.Identity(account, credentials=keys)

    def _secret_store(self) -> Mapping[str, Any]:
        reader = {"name": base.SECRETS_READER.name, "namespace": base.SECRETS_READER.namespace}
        store = self._contract.secret_store
        if store.vault:
            login = {"mountPath": store.vault.mount, "role": store.vault.role, "serviceAccountRef": reader}
            return {"vault": {"server": store.vault.server, "path": store.vault.path, "version": "v2", "auth": {"kubernetes": login}}}
        assert store.kubernetes is not None
        own = {"server": {"caProvider": OWN_AUTHORITY}, "auth": {"serviceAccount": reader}}
        return {"kubernetes": {"remoteNamespace": store.kubernetes.namespace, **own}}

    def _database(self) -> base.Database:
        wish = self._contract.database
        return base.Database(wish.host, wish.name, wish.user, self._stored(DATABASE_PASSWORD), wish.port)

    def _stored(self, name: str, part: str = VALUE) -> str:
        """A secret's name in the store and the one value of it that is meant. A vault holds more than one environment."""
        folder = f"{self.env.name}/" if self._contract.secret_store.vault else ""
        return f"{folder}{name}#{part}"

    def gpu_operator(self) -> Mapping[str, Any]:
        """With `gpu_driver: host` driver and, on HGX boards, Fabric Manager are the owner's; the rest is the operator's."""
        return {"driver": {"enabled": self._contract.gpu_driver == "operator"}, "toolkit": {"enabled": True}}

    def load_balancer_annotations(self) -> Mapping[str, str]:
        """Addresses are private where nothing routes them outside: the network is the owner's."""
        return self._contract.load_balancer_annotations

    def generate_secret(self, name: str) -> str:
        """Nothing is created: the owner has filled the store."""
        return self._stored(name)


def _login(access: Access) -> dict[str, Any]:
    if access.exec is None:
        return {"config_path": access.kubeconfig, **({"config_context": access.context} if access.context else {})}
    program = {"api_version": "client.authentication.k8s.io/v1", "command": access.exec.command, "args": access.exec.args}
    return {"host": access.exec.host, "cluster_ca_certificate": access.exec.ca_certificate, "exec": program}
