"""`cluster: {target: aks}`: a private Azure Kubernetes Service cluster."""

from ipaddress import IPv4Address, IPv4Network
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from blueprint.environment.base import Name, Section
from blueprint.environment.cluster import ClockTime, ClusterBase, Day, Pool, ResourceId


class Maintenance(Section):
    """When the provider may upgrade nodes and the control plane; times are UTC."""

    day: Day = "Sunday"
    start: ClockTime = "02:00"
    hours: int = Field(4, ge=4, le=24)


class Network(Section):
    """Addresses of the environment; subnets are cut from `address_space`, pods and services stay inside the cluster.

    `peers` are networks that reach it and resolve its private names: where Terraform runs, where applications live.
    """

    address_space: IPv4Network = IPv4Network("10.40.0.0/16")
    pod_cidr: IPv4Network = IPv4Network("10.244.0.0/16")
    service_cidr: IPv4Network = IPv4Network("10.250.0.0/20")
    peers: dict[Name, ResourceId] = {}

    @model_validator(mode="after")
    def ranges_apart(self) -> "Network":
        if self.address_space.prefixlen > 20:
            raise ValueError(f"address_space {self.address_space} is too small for its five subnets; use a /20 or larger")
        ranges = [self.address_space, self.pod_cidr, self.service_cidr]
        for index, one in enumerate(ranges):
            if clash := next((other for other in ranges[index + 1 :] if one.overlaps(other)), None):
                raise ValueError(f"{one} overlaps {clash}; address_space, pod_cidr and service_cidr must be apart")
        return self


class Aks(ClusterBase):
    """A private Azure Kubernetes Service cluster.

    Traffic leaves through a firewall: `existing_firewall_ip` names one reachable from the network (a hub), otherwise the
    environment gets its own. `isolated: true` leaves no way out at all (`outbound_type: none`).
    """

    target: Literal["aks"]
    zones: list[Literal["1", "2", "3"]] = ["1", "2", "3"]
    network: Network = Network()
    existing_firewall_ip: IPv4Address | None = None
    isolated: bool = False
    admin_groups: list[UUID] = []
    system_pool: Pool = Pool(instance="Standard_D8ds_v5", min=2, max=4)
    maintenance: Maintenance = Maintenance()
    deletion_lock: bool = True
