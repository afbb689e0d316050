"""Reads `modules/monitoring/`; every mistake of every file is told at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from blueprint.catalog.base import Entry
from blueprint.errors import BlueprintError
from blueprint.monitoring.models import Alert, Objective, Parameter, Recording, Recordings

FOLDER = Path(__file__).parents[2] / "modules" / "monitoring"

Kind = TypeVar("Kind", bound=Entry)


@dataclass(frozen=True)
class Rules:
    """Everything in the folder, by name."""

    recordings: dict[str, Recordings]
    alerts: dict[str, Alert]
    objectives: dict[str, Objective]

    def recorded(self) -> Iterator[Recording]:
        """Every recording of every group."""
        return (recording for group in self.recordings.values() for recording in group.rules)

    def parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every figure, with the name of the file it stands in."""
        files: list[Recordings | Alert | Objective] = [*self.recordings.values(), *self.alerts.values(), *self.objectives.values()]
        for file in files:
            yield from ((file.name, one) for one in file.parameters.values())
        for objective in self.objectives.values():
            yield from ((objective.name, one) for one in (objective.objective, objective.floor))


@cache
def load(folder: Path = FOLDER) -> Rules:
    """Read and check the folder, once per process.

    Raises:
        BlueprintError: files cannot be read or say something their format does not know.
    """
    rules, mistakes = read(folder)
    if mistakes:
        raise BlueprintError("\n".join(mistakes), "docs/decisions/0018-an-alert-is-three-files.md shows the format")
    return rules


def read(folder: Path = FOLDER) -> tuple[Rules, list[str]]:
    """All files that can be read, and what is wrong with the others."""
    mistakes: list[str] = []
    recordings = _read(folder, "recordings", Recordings, mistakes)
    return Rules(recordings, _read(folder, "alerts", Alert, mistakes), _read(folder, "slos", Objective, mistakes)), mistakes


def _read(folder: Path, kind: str, model: type[Kind], mistakes: list[str]) -> dict[str, Kind]:
    found = {}
    for path in sorted((folder / kind).glob("*.yaml")):
        try:
            found[path.stem] = model.model_validate({"name": path.stem, **_content(path)})
        except (ValidationError, ValueError, OSError, yaml.YAMLError) as error:
            mistakes += _told(f"{kind}/{path.name}", error)
    return found


def _content(path: Path) -> dict[str, Any]:
    content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise ValueError("is not a mapping of keys to values")
    return content


def _told(file: str, error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{file}  {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
    return [f"{file}  {error}"]
