"""Why a use case goes where it goes, the deciding step first."""

from collections.abc import Iterator, Sequence

from blueprint.recommendation.data import hosting
from blueprint.recommendation.overflow import overflow
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Kind, Option, Reason, Stage
from blueprint.zones import is_third_country

STAGES: tuple[Stage, ...] = ("residency", "offer", "stated", "capability", "frozen model", "latency")
OWN: tuple[Kind, ...] = ("self-hosted", "managed")


def reasons(picture: Picture, name: str) -> Iterator[Reason]:
    """What decided, then what speaks for and against the place."""
    subject, kind = picture.subjects[name], picture.decision.kinds[name]
    left, settled = subject.left, subject.settled()
    if settled == "none":
        yield from (Reason(_stage(option), f"{option.name}: {option.closed}") for option in left)
        return
    if settled == "own":
        yield _closed([option for option in left if option.kind == "api"], "no API is offered for it")
    elif settled == "api":
        yield _closed([option for option in left if option.kind in OWN], "nothing of our own is offered for it")
    else:
        yield _cost(picture, name)
    if kind in OWN:
        yield from _readiness(picture, name, kind)
    option = picture.option(name, kind) if kind else None
    if option is not None:
        yield Reason("residency", _lawful(option))
        yield from _vendor(option)


def _stage(option: Option) -> Stage:
    return option.closed_by or "residency"


def _closed(options: Sequence[Option], otherwise: str) -> Reason:
    """The objection to the option that came nearest to being open."""
    if not options:
        return Reason("offer", otherwise)
    nearest = max(options, key=lambda option: (STAGES.index(_stage(option)), option.built))
    return Reason(_stage(nearest), nearest.closed)


def _cost(picture: Picture, name: str) -> Reason:
    if not picture.subjects[name].weighed():
        return Reason("capability", "nobody said that an open model is good enough, so it stays at an API")
    if not picture.priced or name not in picture.uses:
        why = "no volume is given" if name not in picture.uses else "its machines have no price"
        return Reason("cost", f"{why}, and an API costs nothing until it is used")
    decision, money, spill = picture.decision, picture.money(picture.decision.family), picture.spill_with(name)
    others, tokens = [other for other in picture.own() if other != name], f"{money.month([], [name]):,.0f} EUR a month at its API"
    if decision.kinds[name] == "api" and decision.shares[name] >= hosting().clearly.value:
        over = picture.overflowing([*others, name], spill)[name]
        return Reason("cost", f"{tokens}; {over:.0%} of that would stay there beside machines, too much to have both")
    joins = money.month([*others, name], (), spill) - money.month(others, (), spill)
    machines = f"{joins:,.0f} more on machines that are there anyway" if others else f"{joins:,.0f} on machines of its own"
    peaks = ", its peaks at its API" if overflow(picture, name) else ""
    return Reason("cost", f"{tokens}, {machines}{peaks}; these cost less in {decision.shares[name]:.0%} of draws")


def _readiness(picture: Picture, name: str, kind: Kind) -> Iterator[Reason]:
    team, both = picture.team, {"self-hosted", "managed"} <= picture.subjects[name].kinds()
    if kind == "managed" and both:
        yield Reason("readiness", _managed(picture, name))
    elif kind == "self-hosted" and team == "none":
        yield Reason("readiness", "nobody runs machine learning here, and no endpoint may take it: people come first")
    elif kind == "self-hosted" and team == "unknown":
        yield Reason("readiness", "whether anybody can run it is unknown" + (", and an endpoint is open, too" if both else ""))


def _managed(picture: Picture, name: str) -> str:
    if picture.decision.family == "managed":
        return f"the team is {picture.team}: somebody else runs the machines, the weights are ours"
    joins = picture.joining(name, picture.decision.kinds)
    if joins is None:
        return "the endpoint is there already, and nobody knows what our machines would take for it"
    return f"the endpoint is there already, for {picture.endpoint(name):,.0f} EUR a month; our machines would take {joins:,.0f}"


def _lawful(option: Option) -> str:
    return f"it may be at {option.name}: {option.law}"


def _vendor(option: Option) -> Iterator[Reason]:
    foreign = sorted({place.operator for place in option.places if place.jurisdiction and is_third_country(place.jurisdiction)})
    if foreign:
        yield Reason("vendor risk", f"{', '.join(foreign)} is under third-country law; a foreign order reaches what it runs")
