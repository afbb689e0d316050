"""`cluster: {target: onprem}`: a conformant cluster somebody else runs, and the contract it meets (docs/how-to/onprem.md)."""

from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from blueprint.environment.base import Name, Section
from blueprint.environment.cluster import ClusterBase, Pool
from blueprint.environment.gateway import Hostname

# Letters, digits and the marks that names of images and hosts have; an address without a scheme.
RegistryHost = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9._-]+)*$")]


def _with_a_port_that_exists(address: str) -> str:
    try:
        urlsplit(address).port  # noqa: B018
    except ValueError:
        raise ValueError(f"{address} is no address: ports go up to 65535") from None
    return address


Url = Annotated[str, StringConstraints(pattern=r"^https://"), AfterValidator(_with_a_port_that_exists)]
Certificate = Annotated[str, StringConstraints(pattern=r"^-----BEGIN CERTIFICATE-----")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class Operator(Section):
    """Who runs the machines, and the country whose law can reach it."""

    name: str
    jurisdiction: CountryCode


class Exec(Section):
    """A program that prints a short-lived credential for the API server at `host`; `ca_certificate` is its authority's."""

    host: Url
    ca_certificate: Certificate
    command: str
    args: list[str] = []


class Access(Section):
    """How Helm reaches the API server: a kubeconfig (with `context`), or a program. No secret stands here."""

    kubeconfig: str | None = None
    context: str | None = None
    exec: Exec | None = None

    @model_validator(mode="after")
    def one_way(self) -> "Access":
        if (self.kubeconfig is None) == (self.exec is None):
            raise ValueError("give either kubeconfig or exec")
        return self


class NodeType(Section):
    """Machines of one kind: a line of the inventory. `nvlink_gpus` is how many GPUs one NVLink domain joins (an HGX board: all
    of them; 1: they talk over PCIe); `eur_per_hour` is what the site charges for one."""

    gpu: str | None = None
    gpus: int = Field(0, ge=0, le=16)
    nvlink_gpus: int = Field(1, ge=1, le=16)
    vcpus: int = Field(ge=1)
    memory_gib: int = Field(ge=1)
    disk_gib: int = Field(ge=1)
    eur_per_hour: float | None = Field(None, ge=0, le=1000)


class ObjectStore(Section):
    """S3-compatible storage; its access keys are in the secret store. `weights_gib_per_second` is what a node was measured to
    read on a slow day."""

    endpoint: Url
    region: str
    weights_bucket: str
    artifacts_bucket: str
    weights_gib_per_second: float = Field(ge=0.01, le=100)


class Postgres(Section):
    """PostgreSQL for MLflow; its password is in the secret store under `mlflow-database-password`."""

    host: Hostname
    name: str = "mlflow"
    user: str = "mlflow"
    port: int = Field(5432, ge=1, le=65535)


class Vault(Section):
    """HashiCorp Vault or OpenBao, a key-value engine version 2 at `path`; External Secrets logs in as `role` with its service
    account. The environment's secrets lie below its name."""

    server: Url
    path: str
    role: str
    mount: str = "kubernetes"


class KubernetesSecrets(Section):
    """Secrets of another namespace of the same cluster, for sites without a vault."""

    namespace: Name


class SecretStore(Section):
    """Where secrets are read from; somebody else fills it."""

    vault: Vault | None = None
    kubernetes: KubernetesSecrets | None = None

    @model_validator(mode="after")
    def one_store(self) -> "SecretStore":
        if (self.vault is None) == (self.kubernetes is None):
            raise ValueError("give either vault or kubernetes")
        return self


class Arc(Section):
    """Azure Arc on top: what Azure then knows of the cluster lies in `region`, under Microsoft's operation."""

    region: str
    agent_public_key_certificate: str


class Onprem(ClusterBase):
    """An existing cluster. `region` names the site; `as_of` is the day this contract was last checked against it."""

    target: Literal["onprem"]
    country: CountryCode
    operator: Operator
    as_of: date
    access: Access
    api_server_cidrs: list[IPv4Network] = Field(min_length=1)
    private_cidrs: list[IPv4Network] = Field(min_length=1)
    node_cidrs: list[IPv4Network] = Field(min_length=1)
    registry: RegistryHost
    storage_class: str
    load_balancer_annotations: dict[str, str] = {}
    object_store: ObjectStore
    database: Postgres
    secret_store: SecretStore
    gpu_driver: Literal["operator", "host"] = "operator"
    node_types: dict[Name, NodeType] = Field(min_length=1)
    system_pool: Pool
    arc: Arc | None = None

    @field_validator("as_of")
    @classmethod
    def a_day_of_this_century(cls, value: date) -> date:
        if not 2020 <= value.year < 2100:
            raise ValueError(f"{value} cannot be the day somebody checked this contract")
        return value
