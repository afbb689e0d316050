"""`catalog/providers/`: clouds, their regions and machines."""

from typing import Annotated, Literal

from blueprint.catalog.base import Country, Entry, Figure, Named, Operator, Price, Sourced


class InstanceType(Sourced):
    """A machine of a cloud. `family` is the name quota and regional offers go by; `nvlink_gpus` is how many of its GPUs one
    NVLink domain joins (1: they talk over PCIe; None: nobody has looked); `confidential` ones keep data encrypted in use."""

    name: str
    family: str
    gpu: str | None = None
    gpus: int = 0
    nvlink_gpus: int | None = None
    confidential: bool = False
    vcpus: int
    memory_gib: float
    temporary_disk_gib: float
    prices: tuple[Price, ...] = ()


class Evidence(Sourced):
    """How sure we are that a family is offered in a region. `evidence`: seen in use; `verified`: the cloud said so. `zones` where
    not every zone of the region has it."""

    status: Literal["verified", "evidence", "unverified"]
    zones: tuple[str, ...] = ()


UNVERIFIED = Evidence(status="unverified", source="nobody has looked yet", as_of="2026")


class Region(Entry):
    """A cloud region; `pair` is where the cloud replicates to by itself. `gpus`: by instance family."""

    name: str
    country: Country
    pair: str | None = None
    availability_zones: int
    restricted: bool = False
    gpus: dict[str, Evidence] = {}

    def evidence(self, family: str) -> Evidence:
        """What is known about a family here; unverified where nothing is."""
        return self.gpus.get(family, UNVERIFIED)


class Provider(Sourced):
    """A cloud. `weights_gib_per_second` is a slow day of loading weights from its object storage; `public_cidrs` are the
    addresses of those of its services that have no private one; `availability_command` asks it what it offers where;
    `written_in` is where its entries stand if not in catalog/providers/."""

    name: str
    label: str
    operator: Operator
    weights_gib_per_second: Figure
    targets: tuple[str, ...]
    public_cidrs: tuple[str, ...] = ()
    availability_command: str = ""
    written_in: str = ""
    regions: Annotated[dict[str, Region], Named]
    instances: Annotated[dict[str, InstanceType], Named]
