"""`catalog/decision/`: what articles and vendors say that a decision rests on, each figure with source and date."""

from functools import cache
from pathlib import Path

from blueprint.catalog.base import Entry, Figure, Sourced
from blueprint.catalog.folders import load

FOLDER = Path(__file__).parents[2] / "catalog" / "decision"


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
    return load(Workloads.model_validate, FOLDER / "workloads.yaml")


@cache
def hosting() -> Hosting:
    """`catalog/decision/hosting.yaml`."""
    return load(Hosting.model_validate, FOLDER / "hosting.yaml")
