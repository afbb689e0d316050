"""The answer in sentences, first what to do, and the questions that would make it surer."""

from collections.abc import Iterator, Sequence

from blueprint.cost.wording import counted, euros
from blueprint.recommendation.certainty import moving
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import Costs, Placement, UseCaseAdvice
from blueprint.recommendation.weighing import ON_MACHINES, RECOMMENDED

WORDS: dict[Placement, str] = {
    "self-hosted": "on machines of your own",
    "hybrid": "on machines of your own with peaks at an API",
    "managed": "on a managed endpoint",
    "api": "at APIs",
    "none": "nowhere yet",
}
OWN: tuple[Placement, ...] = ("self-hosted", "hybrid", "managed")
QUESTIONS = {
    "capability": "is an open model good enough? (capability: open or frontier)",
    "frozen_model": "may a provider change the model? (frozen_model: true or false)",
    "first_token_ms": "how long may the first token take? (first_token_ms)",
    "volume": "how many tokens a month? (workload)",
    "peak_factor": "how many times the mean is the busiest minute? (peak_factor)",
    "growth_per_year": "how fast does it grow? (growth_per_year)",
}
TEAM = "who would run machines: nobody, a few people beside other work, a dedicated team? (readiness.mlops)"


def answer(picture: Picture, advices: Sequence[UseCaseAdvice], costs: Costs | None) -> tuple[str, ...]:
    """What to do, why, what it costs, and how sure that is."""
    return (_what(picture, advices), *_money(picture, costs), *_price_of_needs(advices, costs), *_bill(costs), *_sure(advices))


def _what(picture: Picture, advices: Sequence[UseCaseAdvice]) -> str:
    placed = {place: [one.name for one in advices if one.placement == place] for place in WORDS}
    said = [f"{_and(names)} {WORDS[place]}" for place, names in placed.items() if names]
    return f"{picture.env.name}: {_head({place for place, names in placed.items() if names})}: {'; '.join(said)}."


def _head(used: set[Placement]) -> str:
    """The advice in a word or two."""
    if "hybrid" in used or ("api" in used and used & {*OWN}):
        return "Hybrid"
    if used & {*OWN}:
        return "Self-host" if used & {"self-hosted"} else "Use managed endpoints"
    return "Stay on APIs" if "api" in used else "Not yet"


def _money(picture: Picture, costs: Costs | None) -> Iterator[str]:
    if costs is None:
        yield f"Cost was not asked, as no demand is given: blueprint recommend {picture.env.name} --demand FILE."
        return
    if costs.recommended is None:
        yield "Cost was not asked, as the machines have no price."
        return
    closed = [name for name in picture.uses if picture.option(name, "api") is None]
    allowed = f", if {_and(closed)} might be there" if closed else ""
    beside = f"everything at APIs {costs.all_api:,.0f} at list price{allowed}; everything on machines {euros(costs.all_own)}"
    cards = {way.name: f" on {counted(way.gpus, 'GPU')}" if way.gpus else "" for way in costs.ways}
    spares = f" ({costs.redundancy:,.0f} of it for spares of realtime models)" if costs.redundancy else ""
    yield f"It costs {costs.recommended:,.0f} EUR a month to begin with{cards[RECOMMENDED]}{spares}; {beside}{cards[ON_MACHINES]}."
    never, _, why = costs.break_even.partition("never: ")
    yield (
        f"By cost alone this mix pays for machines from {costs.break_even}."
        if never
        else f"By cost alone machines never pay for this mix: {why}."
    )


def _price_of_needs(advices: Sequence[UseCaseAdvice], costs: Costs | None) -> Iterator[str]:
    """What it costs that some use cases may not be at an API."""
    bound = [advice for advice in advices if advice.placement in OWN and advice.reasons[0].stage != "cost"]
    if bound and costs is not None and costs.recommended is not None and costs.recommended > costs.all_api:
        stages = _and(list(dict.fromkeys(advice.reasons[0].stage for advice in bound)))
        names = _and([advice.name for advice in bound])
        yield f"What keeps {names} off APIs ({stages}) costs {costs.recommended - costs.all_api:,.0f} EUR a month."


def _bill(costs: Costs | None) -> Iterator[str]:
    """The recommendation beside the invoice, and the invoice beside the list price."""
    if costs is None or not costs.bill:
        return
    if costs.recommended is not None:
        more = costs.recommended - costs.bill
        yield f"As recommended it is {abs(more):,.0f} EUR a month {'more' if more > 0 else 'less'} than the bill of {costs.bill:,.0f}."
    if costs.all_api and costs.bill > 3 * costs.all_api:
        yield f"The bill is {costs.bill / costs.all_api:,.0f} times the list price of this volume: find out what else is in it first."


def _sure(advices: Sequence[UseCaseAdvice]) -> Iterator[str]:
    open_ones = [advice.name for advice in advices if advice.confidence == "provisional"]
    if len(open_ones) == len(advices):
        yield "All of it is provisional: answers that could move it are missing."
    elif open_ones:
        yield f"Provisional for {_and(open_ones)}: answers that could move it are missing."


def ask_next(picture: Picture, advices: Sequence[UseCaseAdvice]) -> tuple[str, ...]:
    """Missing inputs that could move a use case, those of most use cases first."""
    unsure = [one.name for one in advices if one.confidence == "provisional"]
    asked = {key: [name for name in unsure if key in moving(picture, name)] for key in (*QUESTIONS, "team")}
    ordered = sorted(((key, names) for key, names in asked.items() if names), key=lambda one: -len(one[1]))
    return tuple(f"{_and(names)}: {TEAM if key == 'team' else QUESTIONS[key]}" for key, names in ordered)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
