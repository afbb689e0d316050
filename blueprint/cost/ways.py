"""The ways of serving a case: APIs, machines, and the two together as declared or as costs least."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from blueprint.catalog.prices import load_prices
from blueprint.cost.case import Case, Use
from blueprint.cost.machines import Fleet, horizon_total, monthly_peaks
from blueprint.cost.uncertainty import Values

API = "API"


@dataclass(frozen=True)
class Way:
    """One way of serving: what each use case goes to. `fleet` None: APIs alone. `why_not`: somebody said that it may not be."""

    name: str
    label: str
    fleet: Fleet | None
    own: tuple[Use, ...]
    api: tuple[Use, ...]
    why_not: str = ""


def ways_of(case: Case, values: Values) -> list[Way]:
    """All of them, also those that may not be; the one named API is what the others are measured by."""
    if not case.uses:
        return [Way(fleet.name, fleet.label, fleet, (), ()) for fleet in case.fleets]
    known = load_prices().tokens
    kept = [use.name for use in case.uses if use.placement == "self-hosted"]
    why_not = f"{', '.join(kept)} must be self-hosted" if kept else ""
    ways = [Way(API, "every use case at its API", None, (), case.uses, why_not)]
    for price in case.others:
        unusable = why_not or ("no environment can use it, here to compare with" if case.declared and price.name in known else "")
        ways.append(Way(price.name, price.label, None, (), tuple(use.at(price) for use in case.uses), unusable))
    if case.declared:
        ways.append(_declared(case))
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
    peaks = monthly_peaks([use.stream for use in way.own], case.months)

    def total(values: Values) -> float:
        tokens = sum(use.api_total(values, case.months) for use in way.api)
        return tokens + (horizon_total(way.fleet, peaks, values, case.hours, case.months) if way.fleet else 0)

    return total
