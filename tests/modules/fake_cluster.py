"""A cluster without a cloud: fills the contract with values a test can recognise."""

from collections.abc import Mapping
from typing import Any, ClassVar

from blueprint.catalog import Gpu, load_catalog
from blueprint.environment import Environment
from modules.clusters import base
from modules.resources.base import Ref
from modules.resources.engine import Construct

REGISTRY = "registry.example"
POOL_LABEL = "example/pool"


class FakeCluster(base.Cluster):
    """Every pool has H100 NVL nodes with one GPU, unless a test says otherwise."""

    target: ClassVar[str] = "fake"
    brings_gpu_operator = False
    gpus_per_node = 1

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, env)
        self.secrets: list[str] = []
        self.gpu_nodes = {name: self._nodes(name, pool) for name, pool in env.cluster.gpu_pools.items()}
        self.registry = REGISTRY
        self.storage_class = "encrypted"
        self.object_store = base.ObjectStore(
            rclone={"RCLONE_CONFIG_STORE_TYPE": "azureblob", "RCLONE_CONFIG_STORE_ENV_AUTH": "true"},
            weights="store:weights",
            weights_identity=self._identity(base.WEIGHTS_READER),
            artifacts="s3://artifacts",
            artifacts_identity=self._identity(base.ARTIFACTS_WRITER),
        )
        self.database = base.Database(Ref("${fake_database.main.fqdn}"), "mlflow", "mlflow", "mlflow-database-password")
        self.secret_store = {"azurekv": {"authType": "WorkloadIdentity", "vaultUrl": "https://vault.example"}}
        self.secrets_identity = self._identity(base.SECRETS_READER)
        self.apis = {name: self._api(name) for name in env.apis}
        self.api_server_cidrs = ["10.40.9.0/28"]
        self.private_cidrs = ["10.40.8.0/24"]
        self.identity_cidrs = self.package_cidrs = ["0.0.0.0/0"]
        self.ready = []

    def _nodes(self, name: str, pool: Any) -> base.GpuNodes:
        gpu: Gpu = load_catalog().gpus["h100-nvl"]
        taint = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
        return base.GpuNodes(gpu, self.gpus_per_node, pool.max, {POOL_LABEL: name}, [taint], pool.spot)

    def _identity(self, account: base.ServiceAccount) -> base.Identity:
        annotations = {"identity.example/client-id": Ref(f"${{fake_identity.{account.name}.id}}")}
        return base.Identity(account, annotations, {"identity.example/use": "true"})

    def _api(self, name: str) -> base.ApiEndpoint:
        return base.ApiEndpoint("hosted.example", "AzureOpenAI", name, self._identity(base.API_CALLER))

    def gpu_operator(self) -> Mapping[str, Any] | None:
        return None if self.brings_gpu_operator else {"driver": {"enabled": True}}

    def load_balancer_annotations(self) -> Mapping[str, str]:
        return {"load-balancer.example/internal": "true"}

    def generate_secret(self, name: str) -> str:
        assert name not in self.secrets, f"{name} is generated twice"
        self.secrets.append(name)
        return name
