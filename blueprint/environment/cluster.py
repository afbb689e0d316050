"""`cluster:` where the platform runs: one class per cloud target, told apart by `target`.

A further target is a further class here (and its file in `modules/clusters/`); nothing else branches on it.
"""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from blueprint.environment.base import Name, Section

# AKS pool names: at most 12 lower-case letters and digits.
PoolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,11}$")]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ResourceId = Annotated[str, StringConstraints(pattern=r"^/subscriptions/[^/]+/resourceGroups/[^/]+/.+$")]


class Pool(Section):
    """Nodes of one instance type; `min` and `max` bound the cluster autoscaler."""

    instance: str
    min: int = Field(ge=0, le=1000)
    max: int = Field(ge=1, le=1000)

    @model_validator(mode="after")
    def bounds_in_order(self) -> "Pool":
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class GpuPool(Pool):
    """GPU nodes. `spot` nodes may be taken away with 30 seconds' notice: batch only."""

    min: int = Field(0, ge=0, le=1000)
    spot: bool = False
    capacity_reservation: ResourceId | None = None


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


class Aks(Section):
    """A private Azure Kubernetes Service cluster.

    Traffic leaves through a firewall: `existing_firewall_ip` names one reachable from the network (a hub), otherwise the
    environment gets its own. `isolated: true` leaves no way out at all (`outbound_type: none`).
    """

    target: Literal["aks"]
    region: str
    kubernetes_version: Literal["1.35", "1.36"] = "1.36"
    zones: list[Literal["1", "2", "3"]] = ["1", "2", "3"]
    network: Network = Network()
    existing_firewall_ip: IPv4Address | None = None
    isolated: bool = False
    admin_groups: list[UUID] = []
    system_pool: Pool = Pool(instance="Standard_D8ds_v5", min=2, max=4)
    gpu_pools: dict[PoolName, GpuPool] = Field(min_length=1)
    maintenance: Maintenance = Maintenance()
    deletion_lock: bool = True


Cluster = Aks
