"""What machines cost a month, line by line: the stack of the inferops article's table and what no article's table has.

Lines are linear in the number of machines; how many there must be is a staircase over the peak of the demand. Everything is told in
euros: figures in dollars are divided by `usd_per_eur`, an assumption with a source and a date like all others.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprint.catalog.prices import Currency, Pricing
from blueprint.cost.uncertainty import Spread, Values

HOURS_PER_YEAR = 8760


@dataclass(frozen=True)
class Pool:
    """Machines of one kind. `nodes` run on average before demand asks for more, `spare` stand by for one that fails; `price` is per
    machine and hour (None: nobody knows one, or the cards are one's own); `discounted` is the assumption taken off it; `watts` of one
    card; `machine` is its name in the catalogue."""

    name: str
    nodes: float
    gpus: int
    price: Spread | None
    currency: Currency
    discounted: str | None = None
    watts: float | None = None
    sources: tuple[str, ...] = ()
    machine: str = ""
    spare: float = 0


@dataclass(frozen=True)
class Fleet:
    """Machines that serve together, and what people add. `support`: the cloud sells help by a plan of its own."""

    name: str
    label: str
    pricing: Pricing
    pools: tuple[Pool, ...]
    country: str | None = None
    support: bool = False
    stored_gib: float = 0
    egress_gib_per_month: float = 0

    @property
    def gpus(self) -> float:
        """Cards there are before demand asks for more."""
        return sum(pool.nodes * pool.gpus for pool in self.pools)

    @property
    def serving(self) -> Pool:
        """The pool that grows with demand: the first with GPUs."""
        return next(pool for pool in self.pools if pool.gpus)

    def steps(self, values: Values) -> tuple[float, float]:
        """Machines there are before demand asks for more, and tokens per second that one takes with headroom."""
        return self.gpus / self.serving.gpus, values["tokens_per_second_per_gpu"] * self.serving.gpus / values["headroom"]

    def prices(self) -> dict[str, Spread]:
        """Inputs of its own beside the assumptions: the price of each kind of machine."""
        return {self.key(pool): pool.price for pool in self.pools if pool.price is not None}

    def key(self, pool: Pool) -> str:
        """The name of a pool's price among the inputs."""
        return f"{self.name}: {pool.name} per hour"


@dataclass(frozen=True)
class Stream:
    """Tokens per second at the busiest time of a use case, and how they grow."""

    peak_tokens_per_second: float
    growth_per_year: float = 0


def monthly_peaks(streams: Sequence[Stream], months: int) -> tuple[float, ...]:
    """Tokens per second at the busiest time of each month; of one month for all, where nothing grows."""
    if all(stream.growth_per_year == 0 for stream in streams):
        return (sum(stream.peak_tokens_per_second for stream in streams),)
    ratios = [(stream.peak_tokens_per_second, (1 + stream.growth_per_year) ** (1 / 12)) for stream in streams]
    return tuple(sum(peak * ratio**month for peak, ratio in ratios) for month in range(months))


def extra_nodes(fleet: Fleet, peaks: Sequence[float], values: Values) -> float:
    """Machines beyond those there are, averaged over the months' peaks: the peak with headroom over what a card serves, in whole
    machines."""
    there, serves = fleet.steps(values)
    return sum(machines_beyond(peak, serves, there) for peak in peaks) / len(peaks)


def machines_beyond(peak: float, serves: float, there: float) -> int:
    """Whole machines beyond those there are, for a peak in tokens per second of which each serves so many."""
    return max(0, math.ceil(peak / serves - there - 1e-9))


def price_per_hour(fleet: Fleet, pool: Pool, values: Values, hours: float) -> float:
    """Euros for a machine and hour: its price less its discount, or what one's own cards wear and burn."""
    if fleet.pricing == "owned":
        return sum(owned_lines(pool, values, hours).values()) / hours
    if pool.price is None:
        return 0.0
    price = values[fleet.key(pool)] * values["price_change"] * (1 - (values[pool.discounted] if pool.discounted else 0))
    return price / (values["usd_per_eur"] if pool.currency == "USD" else 1)


def owned_lines(pool: Pool, values: Values, hours: float) -> dict[str, float]:
    """A month of one machine of one's own: straight-line depreciation, power, place."""
    kilowatts = (pool.watts or 0) / 1000 * pool.gpus * values["gpu_power_share"] * values["pue"]
    return {
        "depreciation": pool.gpus * values["purchase_usd_per_gpu"] / values["usd_per_eur"] / (values["depreciation_years"] * 12),
        "power": kilowatts * hours * values["electricity_eur_per_kwh"],
        "hosting": pool.gpus * values["hosting_eur_per_gpu_month"],
    }


def machine_lines(fleet: Fleet, values: Values, hours: float, extra: float) -> dict[str, float]:
    """Euros a month for the machines alone, spares apart."""
    serving = fleet.serving
    nodes = {pool.name: pool.nodes + (extra if pool is serving else 0) for pool in fleet.pools}
    if fleet.pricing == "owned":
        one = owned_lines(serving, values, hours)
        return {name: amount * nodes[serving.name] for name, amount in one.items()} | {"redundancy": serving.spare * sum(one.values())}
    month = {pool.name: price_per_hour(fleet, pool, values, hours) * hours for pool in fleet.pools}
    gpus = sum(month[pool.name] * nodes[pool.name] for pool in fleet.pools if pool.gpus)
    lines = {
        "GPU machines": gpus,
        "other machines": sum(month[pool.name] * nodes[pool.name] for pool in fleet.pools if not pool.gpus),
        "redundancy": sum(month[pool.name] * pool.spare for pool in fleet.pools),
    }
    return lines | ({"managed premium": gpus * values["managed_premium"]} if fleet.pricing == "managed" else {})


def people_lines(fleet: Fleet, values: Values, months: int) -> dict[str, float]:
    """Euros a month for what does not depend on the machines' number: people, watching, keeping it lawful, data, help."""
    prefix = "managed_" if fleet.pricing == "managed" else ""
    return {
        "set-up, amortised": values[f"{prefix}setup_eur"] / months,
        "operations": values[f"{prefix}operations_fte"] * values["engineer_eur_per_year"] / 12,
        "on-call": values["on_call_eur_per_month"],
        "monitoring": values["monitoring_eur_per_month"],
        "security and compliance": values["security_eur_per_month"],
        "storage and egress": _data(fleet, values) if fleet.stored_gib or fleet.egress_gib_per_month else 0.0,
        "support plan": values["support_usd_per_month"] / values["usd_per_eur"] if fleet.support else 0.0,
    }


def _data(fleet: Fleet, values: Values) -> float:
    dollars = fleet.stored_gib * values["storage_usd_per_gib_month"] + fleet.egress_gib_per_month * values["egress_usd_per_gib"]
    return dollars / values["usd_per_eur"]


def month_lines(fleet: Fleet, values: Values, hours: float, months: int, extra: float) -> dict[str, float]:
    """The whole stack of a month, in euros."""
    return machine_lines(fleet, values, hours, extra) | people_lines(fleet, values, months)


def horizon_total(fleet: Fleet, peaks: Sequence[float], values: Values, hours: float, months: int) -> float:
    """Euros over a horizon: lines are linear in machines, so their average number will do."""
    return months * sum(month_lines(fleet, values, hours, months, extra_nodes(fleet, peaks, values)).values())


def energy_kwh(fleet: Fleet, values: Values, hours: float, extra: float) -> float | None:
    """Kilowatt-hours of a month: cards × watts × share × PUE × hours; None where a card's draw is unknown."""
    pools = [(pool, pool.nodes + pool.spare + (extra if pool is fleet.serving else 0)) for pool in fleet.pools if pool.gpus]
    if any(pool.watts is None for pool, _ in pools):
        return None
    watts = sum((pool.watts or 0) * pool.gpus * nodes for pool, nodes in pools)
    return watts / 1000 * values["gpu_power_share"] * values["pue"] * hours


def fleet_inputs(fleets: Sequence[Fleet]) -> Mapping[str, Spread]:
    """The machines' prices of all fleets, by input name."""
    return {name: spread for fleet in fleets for name, spread in fleet.prices().items()}
