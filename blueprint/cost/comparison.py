"""Every way of serving a case side by side: this month line by line, over the horizon, with how sure that is, and where they cross."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprint.catalog.prices import load_prices
from blueprint.cost.breakeven import BreakEven, break_even, parity_utilization, utilization_curve
from blueprint.cost.case import Case
from blueprint.cost.machines import Fleet, energy_kwh, month_lines
from blueprint.cost.uncertainty import Distribution, Swing, Values, bases, distribution, draws, probability, swings
from blueprint.cost.ways import API, Way, first_month, served, way_total, ways_of

DRAWS, SEED = 300, 7
UNPRICED = BreakEven(None, None, "unknown: its machines have no price")


@dataclass(frozen=True)
class Hardware:
    """What a way's machines are and draw: machines with GPUs (average), `utilization` of their cards, kWh a month, kgCO2e (low, high)."""

    machines: float
    utilization: float | None
    kwh: float | None
    kg_co2e: tuple[float, float] | None
    country: str | None


@dataclass(frozen=True)
class Row:
    """A way's figures in euros. `cheaper`: how often it costs less than the API over the horizon, and than a bill that stays what
    it is."""

    name: str
    label: str
    lines: Mapping[str, float]
    per_month: float
    effective_per_month: float | None
    total: float
    spread: Distribution
    cheaper: float | None
    cheaper_than_bill: float | None
    why_not: str
    hardware: Hardware | None


@dataclass(frozen=True)
class Crossing:
    """Where a fleet begins to pay, at the list price and at what was really paid; `capacity` is what its machines can serve now."""

    fleet: str
    at_list: BreakEven
    at_effective: BreakEven
    capacity_tokens_per_month: float
    parity_utilization: float | None
    curve: Mapping[float, float]


@dataclass(frozen=True)
class Comparison:
    """The whole answer; `rows` cheapest first, those that may not be last; `used` names the assumptions any of it rests on."""

    case: Case
    rows: tuple[Row, ...]
    crossings: tuple[Crossing, ...]
    swings: tuple[Swing, ...]
    api_price: float
    effective_price: float
    used: tuple[str, ...]


def compare(case: Case, count: int = DRAWS, seed: int = SEED) -> Comparison:
    """Everything about a case; same seed, same bits."""
    values, drawn = bases(case.inputs), draws(case.inputs, count, seed)
    ways = ways_of(case, values)
    reference = next((way for way in ways if way.name == API), None)
    others = [way_total(case, reference)(one) for one in drawn] if reference else None
    rows = [_row(case, way, values, drawn, others if way.fleet else None) for way in ways]
    rows.sort(key=lambda row: (bool(row.why_not), row.total))
    factor = _effective_factor(case, values)
    price = case.api_price(values)
    return Comparison(
        case=case,
        rows=tuple(rows),
        crossings=tuple(_crossing(case, fleet, values, price, factor) for fleet in case.fleets),
        swings=tuple(_swings(case, ways, rows, reference)),
        api_price=price,
        effective_price=price * factor,
        used=_used(case, ways, values),
    )


class _Recorder(dict[str, float]):
    """Values that remember which of them were asked for."""

    def __init__(self, values: Values) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> float:
        self.asked.add(name)
        return super().__getitem__(name)


def _used(case: Case, ways: Sequence[Way], values: Values) -> tuple[str, ...]:
    recorder = _Recorder(values)
    for way in ways:
        way_total(case, way)(recorder)
        _hardware(way, recorder, case)
    return tuple(sorted({*recorder.asked, *(() if case.uses else ("output_share",))}))


def _row(case: Case, way: Way, values: Values, drawn: Sequence[Values], others: Sequence[float] | None) -> Row:
    result = way_total(case, way)
    results = [result(one) for one in drawn]
    lines = _lines(case, way, values)
    per_month = sum(lines.values())
    return Row(
        name=way.name,
        label=way.label,
        lines=lines,
        per_month=per_month,
        effective_per_month=_effective(case, way, per_month, values),
        total=result(values),
        spread=distribution(results),
        cheaper=probability(results, others) if others else None,
        cheaper_than_bill=probability(results, [case.bill * case.months] * len(results)) if case.bill and way.fleet else None,
        why_not=way.why_not,
        hardware=_hardware(way, values, case),
    )


def _lines(case: Case, way: Way, values: Values) -> dict[str, float]:
    """Euros of the first month by line; lines of nothing are left out."""
    first = first_month(case, way, values)
    hosted = month_lines(way.fleet, values, case.hours, case.months, first.machines) if way.fleet else {}
    paid = {f"tokens, {use.name}": use.api_month(values) for use in way.api}
    lines = hosted | paid | {f"overflow, {use.name}": first.euros[use.name] for use in way.own if use.name in way.spill}
    return {name: amount for name, amount in lines.items() if amount}


def _hardware(way: Way, values: Values, case: Case) -> Hardware | None:
    if way.fleet is None:
        return None
    first = first_month(case, way, values)
    extra = first.machines
    cards = way.fleet.gpus + extra * way.fleet.serving.gpus
    kwh = energy_kwh(way.fleet, values, case.hours, extra)
    grid = load_prices().energy.grid.get(way.fleet.country or "")
    used = served(way, first) / (cards * values["tokens_per_second_per_gpu"]) if cards else None
    co2 = (kwh * grid.low, kwh * grid.high) if kwh is not None and grid else None
    machines = sum(pool.nodes for pool in way.fleet.pools if pool.gpus) + extra
    return Hardware(machines, used if way.own else None, kwh, co2, way.fleet.country)


def _effective(case: Case, way: Way, per_month: float, values: Values) -> float | None:
    """What an API would come to with what a bill has beside tokens: the bill itself where it is known."""
    if way.fleet:
        return None
    return case.bill if case.bill and way.name == API else per_month / values["api_factor"] * case.assumptions["api_factor"].high


def _effective_factor(case: Case, values: Values) -> float:
    """What was really paid over the list price: the bill's, else the highest that is assumed."""
    listed = case.api_price(values) * case.tokens.total / 1e6
    return case.bill / listed if case.bill and case.uses and listed else case.assumptions["api_factor"].high


def _crossing(case: Case, fleet: Fleet, values: Values, price: float, factor: float) -> Crossing:
    """Capacity is at the demand's own peak, with headroom: the mean one may load the cards with."""
    per_card = values["tokens_per_second_per_gpu"] * 3600 * case.hours
    capacity = fleet.serving.gpus * per_card / (_peak_over_mean(case) * values["headroom"])
    now, one_more = (sum(month_lines(fleet, values, case.hours, case.months, extra).values()) for extra in (0, 1))
    machine, there = one_more - now, fleet.gpus / fleet.serving.gpus
    fixed, machines = now - machine * there, there or 1
    parity = parity_utilization(price, now, fleet.gpus * per_card) if price and fleet.gpus else None
    return Crossing(
        fleet=fleet.name,
        at_list=break_even(price, fixed, machine, capacity, machines) if machine else UNPRICED,
        at_effective=break_even(price * factor, fixed, machine, capacity, machines) if machine else UNPRICED,
        capacity_tokens_per_month=capacity * machines,
        parity_utilization=parity,
        curve=utilization_curve(parity) if parity else {},
    )


def _peak_over_mean(case: Case) -> float:
    mean = sum(use.mean_tokens_per_second for use in case.uses)
    return sum(use.stream.peak_tokens_per_second for use in case.uses) / mean if mean else 1.0


def _swings(case: Case, ways: Sequence[Way], rows: Sequence[Row], reference: Way | None) -> list[Swing]:
    """What moves the difference between the cheapest machines and the API; without a demand, the machines' total."""
    hosted = [row.name for row in rows if row.hardware]
    way = next((way for way in ways if hosted and way.name == hosted[0]), None)
    if way is None:
        return []
    total, other = way_total(case, way), way_total(case, reference) if reference else None
    return swings(lambda values: total(values) - (other(values) if other else 0), case.inputs)
