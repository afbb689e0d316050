"""`cluster: {target: kapsule}`: a Scaleway Kapsule cluster whose nodes have no public address."""

from datetime import date
from ipaddress import IPv4Network
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, field_validator, model_validator

from blueprint.environment.base import Section
from blueprint.environment.cluster import ClusterBase, Day, Pool

Issuer = Annotated[str, StringConstraints(pattern=r"^https://")]


class Maintenance(Section):
    """When Scaleway may upgrade patch versions: two hours from `start_hour` on, UTC."""

    day: Day = "Sunday"
    start_hour: int = Field(2, ge=0, le=23)


class Network(Section):
    """Addresses of the environment: nodes and database in `address_space`, pods and services inside the cluster. `gateway` is the
    size of the one way out."""

    address_space: IPv4Network = IPv4Network("172.16.0.0/22")
    pod_cidr: IPv4Network = IPv4Network("100.64.0.0/15")
    service_cidr: IPv4Network = IPv4Network("10.32.0.0/20")
    gateway: Literal["VPC-GW-S", "VPC-GW-M", "VPC-GW-L", "VPC-GW-XL"] = "VPC-GW-M"

    @model_validator(mode="after")
    def ranges_apart(self) -> "Network":
        ranges = [self.address_space, self.pod_cidr, self.service_cidr]
        for index, one in enumerate(ranges):
            if clash := next((other for other in ranges[index + 1 :] if one.overlaps(other)), None):
                raise ValueError(f"{one} overlaps {clash}; address_space, pod_cidr and service_cidr must be apart")
        return self


class Login(Section):
    """An OpenID Connect issuer whose users the API server knows, beside Scaleway's own IAM."""

    issuer: Issuer
    client_id: str
    username_claim: str = "email"
    groups_claim: str = "groups"


class Kapsule(ClusterBase):
    """A Kapsule cluster in one project and one zone.

    Its API server always has a public address (Scaleway offers no other kind): `api_server_from` lists who may talk to it, the
    machine that runs Terraform among them. `keys_expire` ends all keys of the environment; a later date replaces them.
    """

    target: Literal["kapsule"]
    kubernetes_version: Literal["1.36"] = "1.36"  # the first with mutating admission policies, which hand pods their registry login
    project: UUID
    zone: str
    api_server_from: list[IPv4Network] = Field(min_length=1)
    keys_expire: date
    control_plane: Literal["kapsule", "kapsule-dedicated-4", "kapsule-dedicated-8", "kapsule-dedicated-16"] = "kapsule-dedicated-4"
    network: Network = Network()
    login: Login | None = None
    system_pool: Pool = Pool(instance="POP2-8C-32G", min=2, max=4)
    database_node_type: str = "DB-PLAY2-NANO"
    maintenance: Maintenance = Maintenance()
    organisation_budget: bool = False
    deletion_lock: bool = True

    @field_validator("api_server_from")
    @classmethod
    def not_everyone(cls, value: list[IPv4Network]) -> list[IPv4Network]:
        if everyone := next((network for network in value if network.prefixlen < 8), None):
            raise ValueError(f"{everyone} opens the API server to strangers; name the ranges you come from")
        return value
