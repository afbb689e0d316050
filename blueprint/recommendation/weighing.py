"""Placements weighed by everything they cost: machines and their people, tokens at APIs, tokens that overflow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Kind, Option, Placement, WayCost, WeighedPlacement

KINDS: tuple[tuple[Placement, Kind], ...] = (
    ("self-hosted", "self-hosted"),
    ("hybrid", "self-hosted"),
    ("managed", "managed"),
    ("api", "api"),
)
RECOMMENDED, AT_APIS, ON_MACHINES = "as recommended", "everything at APIs", "everything on machines"
PEAKS_AT_APIS = f"{ON_MACHINES}, peaks at APIs"
NO_OVERFLOW = "machines would take its whole peak, so nothing would overflow"


@dataclass(frozen=True)
class Whole:
    """Euros of the first month and over the horizon, those of the first month that overflow, and cards of our own to begin with."""

    month: float
    total: float
    overflow: float
    gpus: float


def whole(picture: Picture, kinds: Mapping[str, Kind | None], spill: frozenset[str]) -> Whole:
    """All use cases so placed, the peaks of `spill` at APIs where that costs less than machines for them."""
    family = "self-hosted" if "self-hosted" in kinds.values() else picture.decision.family
    money = picture.money(family)
    own = [name for name, kind in kinds.items() if kind == family]
    rest = [name for name, kind in kinds.items() if kind == "api"]
    apart = [name for name, kind in kinds.items() if kind == "managed" and name not in own]
    plan, months = money.plan(own, spill, 1), money.case.months
    return Whole(
        month=money.month(own, rest, spill) + sum(picture.endpoint(name) for name in apart),
        total=money.total(own, rest, spill) + sum(picture.endpoint(name, months) for name in apart),
        overflow=sum(plan.euros.values()),
        gpus=money.gpus(own, plan.added[0]),
    )


def ways(picture: Picture) -> Iterator[WayCost]:
    """The decision beside everything at APIs, everything on machines, and everything on machines with its peaks at APIs."""
    names = list(picture.subjects)
    open_api, open_own = (frozenset(name for name in names if picture.option(name, kind)) for kind in ("api", "self-hosted"))
    asked: dict[str, tuple[Mapping[str, Kind | None], frozenset[str], frozenset[str]]] = {
        RECOMMENDED: (picture.decision.kinds, picture.spill, frozenset(names)),
        AT_APIS: (dict.fromkeys(names, "api"), frozenset(), open_api),
        ON_MACHINES: (dict.fromkeys(names, "self-hosted"), frozenset(), open_own),
        PEAKS_AT_APIS: (dict.fromkeys(names, "self-hosted"), open_api & {*picture.uses}, open_own),
    }
    for name, (kinds, spill, allowed) in asked.items():
        cost = whole(picture, kinds, spill)
        barred = tuple(each for each in names if each not in allowed)
        yield WayCost(name, round(cost.gpus, 2), cost.month, cost.overflow, cost.total, barred)


def weighed_placements(picture: Picture, name: str) -> Iterator[WeighedPlacement]:
    """Each placement of a use case with what all use cases cost together then, the others as recommended; nothing without prices."""
    if not picture.priced or name not in picture.uses:
        return
    chosen = "hybrid" if _overflows(picture, name, picture.decision.kinds, picture.spill) else picture.decision.kinds[name]
    for placement, kind in KINDS:
        closed = _closed(picture, name, placement, kind)
        kinds = {**picture.decision.kinds, name: kind}
        spill = picture.spill - {name} | ({name} if placement == "hybrid" else frozenset())
        if not closed and placement == "hybrid" and not _overflows(picture, name, kinds, spill):
            closed = NO_OVERFLOW
        if closed:
            yield WeighedPlacement(placement, closed=closed)
            continue
        cost = whole(picture, kinds, spill)
        share = picture.money("self-hosted").plan(_own(kinds), spill, 1).shares[name] if placement == "hybrid" else None
        yield WeighedPlacement(placement, round(cost.gpus, 2), cost.month, cost.total, share, chosen=placement == chosen)


def month_at(picture: Picture, name: str, option: Option) -> float:
    """Euros a month an open option adds to what the others cost where they go; on machines with those for its peaks."""
    if option.kind == "api":
        return picture.api_month(name, option)
    others = [other for other in picture.own() if other != name]
    if option.kind == "managed" and picture.decision.family == "self-hosted" and others:
        return picture.endpoint(name)
    money, spill = picture.money(option.kind), picture.spill - {name}
    return money.month([*others, name], (), spill) - money.month(others, (), spill)


def _own(kinds: Mapping[str, Kind | None]) -> list[str]:
    return [name for name, kind in kinds.items() if kind == "self-hosted"]


def _overflows(picture: Picture, name: str, kinds: Mapping[str, Kind | None], spill: frozenset[str]) -> bool:
    return name in spill and picture.overflowing(_own(kinds), spill)[name] > 0


def _closed(picture: Picture, name: str, placement: Placement, kind: Kind) -> str:
    """Why a use case may not be placed so; empty where it may."""
    needed: tuple[Kind, ...] = ("self-hosted", "api") if placement == "hybrid" else (kind,)
    for each in needed:
        if picture.option(name, each) is None:
            options = [option for option in picture.subjects[name].left if option.kind == each]
            return options[0].closed if options else "nothing of the kind is offered here"
    return "" if placement != "hybrid" or picture.subjects[name].weighed() else "nobody said that an open model is good enough"
