"""Use cases as a decision sees them: where they could go, what they need, and what nobody said."""

from datetime import date

from blueprint.environment import Environment
from blueprint.recommendation.decision import Subject
from blueprint.recommendation.needs import Needs, needs_of
from blueprint.recommendation.options import options
from blueprint.recommendation.performance import fastest_first_token_ms
from blueprint.workload import Demand, UseCase

NEEDS = ("capability", "frozen_model", "first_token_ms")
STATED = ("peak_factor", "growth_per_year")  # have defaults, which are not answers


def subject(env: Environment, name: str, demand: Demand | None, on: date) -> Subject:
    """A use case by its name: its options, its needs, and what nobody said of it."""
    use = demand.workload.get(name) if demand else None
    needs = needs_of(use, fastest_first_token_ms(env, name, use))
    return Subject(name, options(env, name, use, demand, on), needs, _unknown(use, needs))


def _unknown(use: UseCase | None, needs: Needs) -> tuple[str, ...]:
    """Inputs that could move a use case and that nobody gave."""
    if use is None:
        return ("volume", *NEEDS, *STATED)
    missing = [name for name in NEEDS if getattr(needs, name) is None]
    return (*missing, *(name for name in STATED if name not in use.model_fields_set))
