"""`catalog/prices/`: what the cost model knows beside the machines' and APIs' own list prices, one class per file.

Stale, superseded and contradicted prices stay, with that status: a reader who knows an old figure finds out what became of it.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from blueprint.catalog.base import AsOf, Country, Entry, Figure, Named, Sourced
from blueprint.catalog.folders import checked, read

FOLDER = Path(__file__).parents[2] / "catalog" / "prices"

Status = Literal["current", "stale", "superseded", "contradicted"]
Currency = Literal["EUR", "USD"]
Pricing = Literal["on-demand", "reserved", "spot", "managed", "owned"]


class Assumption(Sourced):
    """A figure nobody knows exactly: as likely above `base` as below, never outside `low` and `high`. `least` and `most` are what a
    demand may say instead without being absurd."""

    name: str
    low: float
    base: float
    high: float
    unit: str
    least: float = 0
    most: float = 1e9
    status: Status = "current"

    @model_validator(mode="after")
    def bounds_in_order(self) -> "Assumption":
        if not self.low <= self.base <= self.high:
            raise ValueError(f"low {self.low:g}, base {self.base:g} and high {self.high:g} are not in order")
        return self


class TokenPrice(Sourced):
    """A hosted model's list price per million tokens. `cached_input` None: cached tokens cost what others do."""

    name: str
    label: str
    kind: Literal["closed", "managed-open"]
    currency: Currency
    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = None
    status: Status = "current"


class CachedPrice(Sourced):
    """What a hosted model of catalog/apis/ asks for a million cached input tokens."""

    input: float
    currency: Currency


class MachinePrice(Sourced):
    """A price of a GPU per hour that is history, a market's range or a contract of somebody's."""

    provider: str
    item: str
    currency: Currency
    low: float
    high: float
    status: Status
    region: str | None = None


class Emission(Sourced):
    """kgCO2e per kWh of a country's grid, as low and high as sources disagree."""

    low: float
    high: float


class Energy(Entry):
    """Watts a card draws at most, and what the grids emit."""

    watts: dict[str, Figure]
    grid: dict[Country, Emission]


class Seat(Sourced):
    """A licence per person and month, and what it serves."""

    name: str
    label: str
    amount: float
    currency: Currency
    status: Status
    serves: str


class Option(Entry):
    """A way to host models oneself: machines of the catalogue, or (`owned`) cards of one's own. `spare_nodes` stand by for one that
    fails (N+1); `price_per_hour` replaces the list price of one machine, in euros; `source` says why it is considered."""

    instance: str | None = None
    gpu: str | None = None
    pricing: Pricing = "on-demand"
    region: str | None = None
    country: Country | None = None
    nodes: int = Field(1, ge=1, le=10_000)
    spare_nodes: int = Field(0, ge=0, le=1_000)
    price_per_hour: float | None = Field(None, gt=0, le=10_000)
    source: str | None = None
    as_of: AsOf | None = None

    @model_validator(mode="after")
    def machine_or_card(self) -> "Option":
        if self.pricing == "owned" and (self.gpu is None or self.country is None):
            raise ValueError("owned cards need `gpu` and `country`")
        if self.pricing != "owned" and self.instance is None:
            raise ValueError("rented machines need `instance`")
        return self


class Prices(Entry):
    """Everything in `catalog/prices/`."""

    assumptions: Annotated[dict[str, Assumption], Named]
    tokens: Annotated[dict[str, TokenPrice], Named]
    cached: dict[str, CachedPrice]
    machines: tuple[MachinePrice, ...]
    energy: Energy
    seats: Annotated[dict[str, Seat], Named]
    options: dict[str, Option]


@cache
def load_prices(folder: Path = FOLDER) -> Prices:
    """Read and check all of it, once per process.

    Raises:
        BlueprintError: a file cannot be read or says something a price list does not know.
    """
    content = {path.stem: read(path) for path in sorted(folder.glob("*.yaml"))}
    return checked(Prices.model_validate, content, "prices", "catalog/prices/")
