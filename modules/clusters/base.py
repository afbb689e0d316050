"""What the rest of the platform needs from any cluster, whoever runs it.

A cloud target is one file here named after `cluster.target`; it creates the cluster and what belongs to it and fills this
contract. Nothing outside this folder asks which target it is.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from blueprint.catalog import Gpu
from blueprint.environment import Environment
from blueprint.images import lock
from modules.resources import helm
from modules.resources.base import Ref, Text
from modules.resources.engine import Added, Construct, Part


@dataclass(frozen=True)
class GpuNodes:
    """How pods get onto the nodes of one GPU pool, and what they find there."""

    gpu: Gpu
    gpus_per_node: int
    max_nodes: int
    node_selector: Mapping[str, str]
    tolerations: Sequence[Mapping[str, str]]
    spot: bool
    resource: str = "nvidia.com/gpu"
    labels: Mapping[str, str] = field(default_factory=dict)  # what the nodes carry for the GPU Operator (modules/gpu.py)


@dataclass(frozen=True)
class ServiceAccount:
    """A Kubernetes service account that acts in the cloud; targets bind its identity to exactly this name."""

    namespace: str
    name: str


POOL_LABEL = "inference/pool"  # on every GPU node: the name of its pool

# Who needs an identity in the cloud. Charts and manifests must create the service accounts under these names.
SECRETS_READER = ServiceAccount("external-secrets", "external-secrets")
WEIGHTS_READER = ServiceAccount("inference", "model")
ARTIFACTS_WRITER = ServiceAccount("mlflow", "mlflow")
API_CALLER = ServiceAccount("gateway", "hosted-api-caller")


@dataclass(frozen=True)
class Identity:
    """A workload's own identity in the cloud: what its service account and pods must carry to use it. Where services know
    static keys only, `credentials` maps a pod's environment variables to names in the secret store."""

    account: ServiceAccount
    service_account_annotations: Mapping[str, Text] = field(default_factory=dict)
    pod_labels: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ObjectStore:
    """Object storage in the zone. `rclone` configures a remote called `store:` through environment variables; `weights` is
    the path of the weights on it; `artifacts` is the URI MLflow proxies to, `artifacts_settings` the variables it needs to get
    there. Each has an identity of its own."""

    rclone: Mapping[str, Text]
    weights: str
    weights_identity: Identity
    artifacts: str
    artifacts_identity: Identity
    artifacts_settings: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Database:
    """PostgreSQL for MLflow. The password is in the secret store under `password_secret`."""

    host: Text
    name: str
    user: str
    password_secret: str
    port: int = 5432


@dataclass(frozen=True)
class ApiEndpoint:
    """One hosted model as the gateway calls it. `dialect` is the AI gateway's name for the API's schema, `model` the name
    of its deployment; `identity` may call it and nothing else may. Where the API takes static keys only, `key_secret` is the
    key's name in the secret store."""

    host: Text
    dialect: str
    model: str
    identity: Identity
    key_secret: str | None = None


SECRET_STORE_LOGIN = "secret-store-login"


@dataclass(frozen=True)
class StaticLogins:
    """Logins pods need before External Secrets can fetch any, where the cloud cannot trust a service account. Written once per
    `revision`, in neither plan nor values. `registry` is Docker's configuration file (base64), for every namespace;
    `secret_store` are the keys of the Secret `SECRET_STORE_LOGIN` beside External Secrets (base64)."""

    registry: Ref
    secret_store: Mapping[str, Ref]
    revision: int


@dataclass(frozen=True)
class Guarantees:
    """What a target promises, one sentence each: what `blueprint diff-targets` lays side by side."""

    api_server: str
    nodes: str
    way_out: str
    encryption_keys: str
    workload_identity: str
    secrets_in_state: str
    operator: str


class Cluster(Part):
    """A cluster and the services around it. Subclasses set the attributes and implement the methods."""

    target: ClassVar[str]
    guarantees: ClassVar[Guarantees]

    env: Environment
    gpu_nodes: Mapping[str, GpuNodes]  # by pool name
    registry: str  # host of the private registry; images keep their upstream path below it
    storage_class: str  # for ReadWriteOnce volumes, encrypted
    object_store: ObjectStore
    database: Database
    secret_store: Mapping[str, Any]  # `spec.provider` of the ClusterSecretStore
    secrets_identity: Identity  # external-secrets reads the store with it
    apis: Mapping[str, ApiEndpoint]
    api_server_cidrs: Sequence[str]  # where pods reach the Kubernetes API server
    private_cidrs: Sequence[str]  # private endpoints: registry, storage, database, secret store, hosted models
    private_ports: Sequence[int] = (443,)  # of those endpoints, the database's aside
    identity_cidrs: Sequence[str]  # where tokens are issued (a firewall narrows it down further); empty: keys instead of tokens
    node_cidrs: Sequence[str] = ()  # nodes; empty: the cluster runs Cilium, which knows nodes without their addresses
    package_cidrs: Sequence[str]  # where GPU drivers get the packages they are built with
    service_cidrs: Sequence[str] = ()  # the cloud's services that have no private address, such as object storage
    static_logins: StaticLogins | None = None
    ready: Sequence[Added[Any]]  # what must exist before the first chart is installed

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, "cluster")
        self.env = env

    @abstractmethod
    def gpu_operator(self) -> Mapping[str, Any] | None:
        """Values that fit the GPU Operator to this target, or None where the provider brings its own."""

    @abstractmethod
    def load_balancer_annotations(self) -> Mapping[str, str]:
        """What makes a LoadBalancer Service private here."""

    @abstractmethod
    def generate_secret(self, name: str) -> str:
        """Create a random secret in the secret store, in neither plan nor state; returns its key there, as
        `modules.manifests.objects.external_secret` reads it. Stores that cannot create one have it filled beforehand."""

    def image(self, upstream: str) -> str:
        """An upstream image, such as `quay.io/jetstack/cert-manager-webhook:v1.21.1`, in the private registry, with its digest
        where the environment's lock has one."""
        locked = lock.load(self.env.name)
        return f"{self.registry}/{locked.pin(upstream) if locked else upstream}"

    def install(self, scope: Part, release: helm.Release, after: Sequence[Added[Any]] = ()) -> Added[helm.Release]:
        """Install a chart once the cluster, and `after`, are there."""
        return scope.add("release", release, depends_on=[*self.ready, *after])
