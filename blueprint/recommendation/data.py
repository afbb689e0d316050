"""`catalog/decision/`: what articles and vendors say that a decision rests on, each figure with source and date."""

from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from blueprint.catalog.base import Entry, Figure, Sourced
from blueprint.errors import BlueprintError

FOLDER = Path(__file__).parents[2] / "catalog" / "decision"
T = TypeVar("T", bound=BaseModel)


class Bounds(Sourced):
    """A range somebody published; its unit is in the name of the field that holds it."""

    low: float
    high: float


class ManagedService(Sourced):
    """Machines somebody else runs with our weights on them, and what it ties to."""

    label: str
    ties: str


class Hosting(Entry):
    """Ways of hosting beside their prices."""

    managed: dict[str, ManagedService]
    api_hosts: dict[str, str]
    api_first_token_ms: Bounds
    own_first_token_ms: Bounds
    spiky: Figure
    clearly: Figure
    carried: Figure
    learning_months: Bounds
    review_months: Figure
    spend_eur_per_month: Bounds


class Task(Entry):
    """A kind of work and the open models for it, the one to try first first; `gpu` is what an article says they need."""

    label: str
    models: tuple[str, ...]
    gpu: str
    why: str


class Licence(Sourced):
    """Under which terms weights may be used; `eu` is what keeps a company in the EU from it."""

    name: str
    eu: str = ""


class Workloads(Sourced):
    """Tasks by name, and the licences of models by their name in the catalogue."""

    tasks: dict[str, Task]
    licences: dict[str, Licence]


@cache
def workloads() -> Workloads:
    """`catalog/decision/workloads.yaml`."""
    return read("workloads", Workloads)


@cache
def hosting() -> Hosting:
    """`catalog/decision/hosting.yaml`."""
    return read("hosting", Hosting)


def read(name: str, kind: type[T]) -> T:
    """One file of the folder.

    Raises:
        BlueprintError: it cannot be read, or says something else.
    """
    path = FOLDER / f"{name}.yaml"
    try:
        return kind.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BlueprintError(f"decision/{path.name} in the catalogue cannot be read: {error}", "correct the entry") from None
