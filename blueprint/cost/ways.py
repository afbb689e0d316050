"""The ways of serving a case: APIs, machines, and the two together as declared or as costs least."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from blueprint.catalog.prices import load_prices
from blueprint.cost.case import Case, Use
from blueprint.cost.machines import Fleet, extra_nodes, horizon_total, month_lines
from blueprint.cost.peaks import Peaks
from blueprint.cost.uncertainty import Values, bases

API = "API"


@dataclass(frozen=True)
class Way:
    """One way of serving: what each use case goes to. `fleet` None: APIs alone. `why_not`: somebody said that it may not be. `spill` are
    use cases on machines whose peaks go to their APIs as far as that costs less than machines for them."""

    name: str
    label: str
    fleet: Fleet | None
    own: tuple[Use, ...]
    api: tuple[Use, ...]
    why_not: str = ""
    spill: frozenset[str] = frozenset()


@dataclass(frozen=True)
class First:
    """What peaks ask for in a first month: machines beyond those there are, and shares of tokens and euros of what overflows."""

    machines: float
    shares: Mapping[str, float]
    euros: Mapping[str, float]


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
        ways += [declared, *_overflowing(case, declared, values)]
    return ways + _hosted_ways(case, values)


def _declared(case: Case) -> Way:
    on_api = tuple(use for use in case.uses if use.placement == "api")
    own = tuple(use for use in case.uses if use.placement != "api")
    return Way("as declared", _split_said(own, on_api), case.fleets[0], own, on_api)


def _hosted_ways(case: Case, values: Values) -> list[Way]:
    api = "" if case.declared else ", ".join(use.name for use in case.uses if use.placement == "api")
    why_not = f"{api} must be at an API" if api else ""
    all_declared = case.declared and all(use.placement != "api" for use in case.uses)  # which "as declared" says already
    fleets = case.fleets[1:] if all_declared else case.fleets
    whole = [Way(fleet.name, fleet.label, fleet, case.uses, (), why_not) for fleet in fleets]
    mixed = [] if case.declared else [way for fleet in case.fleets if (way := _hybrid(case, fleet, values))]
    return whole + sorted(mixed, key=lambda way: way_total(case, way)(values))[:1]


def _overflowing(case: Case, way: Way, values: Values) -> Iterator[Way]:
    """The same with an API for its peaks, where that costs less than machines for them."""
    kept = [use.name for use in way.own if use.placement == "self-hosted"]
    free = frozenset(use.name for use in way.own if use.name not in kept)
    why_not = "" if free else f"{', '.join(kept)} must be self-hosted, at its peaks, too"
    name, label = f"{way.name}, peaks at APIs", f"{way.label}, peaks at APIs"
    over = replace(way, name=name, label=label, why_not=why_not, spill=free or frozenset(kept))
    if way.own and way_total(case, over)(values) < way_total(case, way)(values):
        yield over


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
    return Way(f"hybrid, {fleet.name}", _split_said(own, api), fleet, tuple(own), tuple(api))


def _split_said(own: Sequence[Use], api: Sequence[Use]) -> str:
    said = ((own, "self-hosted"), (api, "at APIs"))
    return ", ".join(f"{_and([use.name for use in uses])} {where}" for uses, where in said if uses)


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def way_total(case: Case, way: Way) -> Callable[[Values], float]:
    """A way's euros over the horizon, as a function of the inputs."""
    asked = _asked(case, way, case.months)

    def total(values: Values) -> float:
        tokens = sum(use.api_total(values, case.months) for use in way.api)
        if way.fleet is None:
            return tokens
        if not way.spill:
            return tokens + horizon_total(way.fleet, asked.of_all, values, case.hours, case.months)
        now, more = _machines(case, way.fleet, values)
        months = asked.cheapest(*way.fleet.steps(values), more, asked.prices(values))
        return tokens + case.months * now + sum(count * more + euros for count, euros in months)

    return total


def first_month(case: Case, way: Way, values: Values) -> First:
    """What its peaks ask for, and what of them overflows."""
    if way.fleet is None:
        return First(0, {}, {})
    asked = _asked(case, way, 1)
    if not way.spill:
        return First(extra_nodes(way.fleet, asked.of_all, values), {}, {})
    plan = asked.plan(*way.fleet.steps(values), _machines(case, way.fleet, values)[1], asked.prices(values))
    return First(plan.added[0], plan.shares, plan.euros)


def _asked(case: Case, way: Way, months: int) -> Peaks:
    return Peaks(way.own, way.spill, months, bases(case.inputs))


def _machines(case: Case, fleet: Fleet, values: Values) -> tuple[float, float]:
    """Euros a month of the machines there are with all around them, and of one more."""
    now, one_more = (sum(month_lines(fleet, values, case.hours, case.months, extra).values()) for extra in (0, 1))
    return now, one_more - now


def served(way: Way, first: First) -> float:
    """Tokens per second that a way's machines serve on average in its first month."""
    return sum(use.mean_tokens_per_second * (1 - first.shares.get(use.name, 0.0)) for use in way.own)
