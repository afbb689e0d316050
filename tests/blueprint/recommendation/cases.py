"""Environments and demands the tests of this folder start from."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.environment.residency import DataResidency
from blueprint.recommendation.picture import Picture, picture_of
from blueprint.workload import Demand

ROOT = Path(__file__).parents[3]
DAY = date(2026, 11, 21)
KNOWN: dict[str, Any] = {
    "input_tokens_per_month": 10e6,
    "output_tokens_per_month": 2e6,
    "peak_factor": 2,
    "growth_per_year": 0.2,
    "capability": "open",
    "frozen_model": False,
    "first_token_ms": 1000,
}


@cache
def environment(name: str = "eu-prod") -> Environment:
    """A shipped environment."""
    return load(ROOT / "environments" / f"{name}.yaml")


def residing(env: Environment, **said: Any) -> Environment:
    """The environment under another legal frame."""
    return env.model_copy(update={"data_residency": DataResidency.model_validate(said)})


def demand(uses: Mapping[str, Mapping[str, Any]], team: str | None = "dedicated", **more: Any) -> Demand:
    """A demand of use cases that differ from `KNOWN` by what is given; None removes an answer."""
    workload = {name: {key: value for key, value in {**KNOWN, **use}.items() if value is not None} for name, use in uses.items()}
    ready = {**({"mlops": team} if team else {}), **more.pop("readiness", {})}
    return Demand.model_validate({"workload": workload, "readiness": ready, **more})


def picture(uses: Mapping[str, Mapping[str, Any]], team: str | None = "dedicated", env: str = "eu-prod", **more: Any) -> Picture:
    """The picture of a shipped environment and a demand."""
    return picture_of(environment(env), demand(uses, team, **more), DAY)
