"""A recommendation, step by step: places, needs, cost and people decide; the rest explains, warns and asks."""

from collections.abc import Iterator
from datetime import date

from blueprint.environment import Environment
from blueprint.recommendation.advice import advice
from blueprint.recommendation.answer import answer, ask_next
from blueprint.recommendation.checklist import checklist
from blueprint.recommendation.contradictions import contradictions
from blueprint.recommendation.costs import costs
from blueprint.recommendation.dimensions import dimensions
from blueprint.recommendation.mistakes import mistakes
from blueprint.recommendation.picture import Picture, picture_of
from blueprint.recommendation.result import Recommendation
from blueprint.recommendation.review import review
from blueprint.residency_catalog import today
from blueprint.workload import Demand


def recommend(environment: Environment, demand: Demand | None, on: date | None = None) -> Recommendation:
    """Where each use case of an environment should run. Without a demand only hard constraints decide.

    Raises:
        BlueprintError: the demand names a use case the environment does not have, or a price nobody knows.
    """
    picture = picture_of(environment, demand, on or today())
    advices = tuple(advice(picture, name) for name in picture.subjects)
    money = costs(picture)
    return Recommendation(
        environment=environment.name,
        on=picture.on,
        zone=str(environment.data_residency.perimeter),
        answer=answer(picture, advices, money),
        use_cases=advices,
        dimensions=dimensions(picture, advices, money),
        checklist=checklist(picture, advices, money),
        mistakes=mistakes(picture, advices, money),
        contradictions=contradictions(frozenset(_topics(picture))),
        heuristics=tuple(one.heuristic for one in advices),
        costs=money,
        review=review(picture, advices),
        ask_next=ask_next(picture, advices),
        team=picture.team,
        tokens_per_month={one.name: one.tokens_per_month for one in advices if one.tokens_per_month is not None},
    )


def _topics(picture: Picture) -> Iterator[str]:
    """What the recommendation speaks of that published figures contradict."""
    if picture.demand is None or not picture.uses:
        return
    yield "break-even"
    if picture.demand.bill_eur_per_month:
        yield "bill"
    if picture.own():
        yield "machines"
    if picture.capacities:
        yield "capacity"
    if any(deployment.model.startswith("llama") for deployment in picture.env.models.values()):
        yield "memory"
    if picture.demand.people:
        yield "people"
