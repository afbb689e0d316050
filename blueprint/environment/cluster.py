"""What `cluster:` has on every target. Each target adds its own in a file of its name (`aks.py`, `kapsule.py`, `onprem.py`)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from blueprint.environment.base import Section
from blueprint.environment.gpu import Mig, TimeSlicing

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
    """GPU nodes. `spot` nodes may be taken away with 30 seconds' notice: batch only. Cards are whole, unless shared by `mig` or
    `time_slicing`."""

    min: int = Field(0, ge=0, le=1000)
    spot: bool = False
    capacity_reservation: ResourceId | None = None
    mig: Mig | None = None
    time_slicing: TimeSlicing | None = None

    @model_validator(mode="after")
    def shared_in_one_way(self) -> "GpuPool":
        if self.mig and self.time_slicing:
            raise ValueError("mig and time_slicing exclude each other: a node shares its cards in one way")
        return self


class ClusterBase(Section):
    """`region` is the provider's own name of the place; on-premises it names the site."""

    region: str
    kubernetes_version: Literal["1.35", "1.36"] = "1.36"
    system_pool: Pool
    gpu_pools: dict[PoolName, GpuPool] = Field(min_length=1)
