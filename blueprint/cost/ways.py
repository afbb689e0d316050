"""The ways of serving a case: APIs, machines, and the two together as declared or as costs least."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from blueprint.catalog.prices import load_prices
from blueprint.cost.case import Case, Use
from blueprint.cost.machines import Fleet, extra_nodes, horizon_total, monthly_peaks
from blueprint.cost.overflow import overflow_share, overflow_total, taken_by
from blueprint.cost.uncertainty import Values

API = "API"


@dataclass(frozen=True)
class Way:
    """One way of serving: what each use case goes to. `fleet` None: APIs alone. `why_not`: somebody said that it may not be.
    `overflows`: no machines are added for peaks; what those there do not take goes to each use case's API."""

    name: str
    label: str
    fleet: Fleet | None
    own: tuple[Use, ...]
    api: tuple[Use, ...]
    why_not: str = ""
    overflows: bool = False


def ways_of(case: Case, values: Values) -> list[Way]:
    """All of them, also those that may not be; the one named API is what the others are measured by."""
    if not case.uses:
        return [Way(fleet.name, fleet.label, fleet, (), ()) for fleet in case.fleets]
    known = load_prices().tokens
    kept = [use.name for use in case.uses if use.placement == "self-hosted"]
    why_not = f"{', '.join(kept)} must be self-hosted" if kept else ""
    ways = [Way(API, "every use case at its API", None, (), case.uses, why_not)]
    for price in case.others:
        unusable = why_not or ("no stack builds a route to it, here to compare with" if case.declared and price.name in known else "")
        ways.append(Way(price.name, price.label, None, (), tuple(use.at(price) for use in case.uses), unusable))
    if case.declared:
        declared = _declared(case)
        ways += [declared, *_overflowing(declared, values)]
    return ways + _hosted_ways(case, values)


def _declared(case: Case) -> Way:
    on_api = tuple(use for use in case.uses if use.placement == "api")
    own = tuple(use for use in case.uses if use.placement != "api")
    return Way("as declared", f"{_names(own)} self-hosted, {_names(on_api)} at APIs", case.fleets[0], own, on_api)


def _hosted_ways(case: Case, values: Values) -> list[Way]:
    api = "" if case.declared else ", ".join(use.name for use in case.uses if use.placement == "api")
    why_not = f"{api} must be at an API" if api else ""
    whole = [Way(fleet.name, fleet.label, fleet, case.uses, (), why_not) for fleet in case.fleets]
    mixed = [] if case.declared else [way for fleet in case.fleets if (way := _hybrid(case, fleet, values))]
    return whole + sorted(mixed, key=lambda way: way_total(case, way)(values))[:1]


def _overflowing(way: Way, values: Values) -> Iterator[Way]:
    """The same with no machines added for its peaks, where those there do not take them."""
    if way.fleet is not None and way.fleet.gpus and taken_by(way.fleet, way.own, values) < 1:
        kept = [use.name for use in way.own if use.placement == "self-hosted"]
        why_not = f"{', '.join(kept)} must be self-hosted, at its peaks, too" if kept else ""
        yield replace(way, name=f"{way.name}, peaks at APIs", label=f"{way.label}, peaks at APIs", why_not=why_not, overflows=True)


def _hybrid(case: Case, fleet: Fleet, values: Values) -> Way | None:
    """The best split: machines take use cases by what their API asks per token, dearest first. Optimal up to one step of machines."""
    ranked = sorted(case.uses, key=lambda use: (use.placement != "self-hosted", -use.api_month(values) / (use.tokens.total or 1)))
    first = sum(use.placement == "self-hosted" for use in ranked)
    movable = [use for use in ranked if use.placement != "api"]
    fixed = [use for use in ranked if use.placement == "api"]
    cuts = [cut for cut in range(max(first, 1), len(movable) + 1) if cut < len(movable) or fixed]
    ways = [_split(fleet, movable[:cut], [*movable[cut:], *fixed]) for cut in cuts]
    return min(ways, key=lambda way: way_total(case, way)(values), default=None)


def _split(fleet: Fleet, own: Sequence[Use], api: Sequence[Use]) -> Way:
    return Way(f"hybrid, {fleet.name}", f"{_names(own)} self-hosted, {_names(api)} at APIs", fleet, tuple(own), tuple(api))


def _names(uses: Sequence[Use]) -> str:
    return " and ".join(use.name for use in uses) or "nothing"


def way_total(case: Case, way: Way) -> Callable[[Values], float]:
    """A way's euros over the horizon, as a function of the inputs."""
    peaks = (0.0,) if way.overflows else monthly_peaks([use.stream for use in way.own], case.months)

    def total(values: Values) -> float:
        tokens = sum(use.api_total(values, case.months) for use in way.api) + sum(overflows(way, values, case.months).values())
        return tokens + (horizon_total(way.fleet, peaks, values, case.hours, case.months) if way.fleet else 0)

    return total


def overflows(way: Way, values: Values, months: int) -> Mapping[str, float]:
    """Euros by use case for the tokens a way's machines do not take."""
    if not way.overflows or way.fleet is None:
        return {}
    taken = taken_by(way.fleet, way.own, values)
    return {use.name: overflow_total(use, taken, values, months) for use in way.own}


def more_nodes(way: Way, values: Values) -> float:
    """Machines added for the peaks of the first month."""
    if way.fleet is None or way.overflows:
        return 0
    return extra_nodes(way.fleet, [sum(use.stream.peak_tokens_per_second for use in way.own)], values)


def served(way: Way, values: Values) -> float:
    """Tokens per second that a way's machines serve on average."""
    taken = taken_by(way.fleet, way.own, values) if way.fleet is not None and way.overflows else 1.0
    return sum(use.mean_tokens_per_second * (1 - overflow_share(taken, use.peak_factor)) for use in way.own)
