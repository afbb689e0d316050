"""Which data may be where: data class x zone, with the conditions and the law of each answer (`catalog/residency/matrix.yaml`).

The column is the innermost zone of the place, not the zone an environment was given: a server in Paris stays a server in
Paris where more would be allowed. Conditions are facts of contracts, which no code can see; they are declared with their date.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args

from blueprint import residency_catalog as catalog
from blueprint.conditions import certified, conditions, in_force
from blueprint.places import Place
from blueprint.zones import ZONES, Zone, ZoneName, countries_in_words, innermost

DataClass = Literal["public", "internal", "confidential", "personal", "special", "regulated-function"]
CLASSES: tuple[DataClass, ...] = get_args(DataClass)
PERSONAL: tuple[DataClass, ...] = CLASSES[CLASSES.index("personal") :]

# What data is in when it moves. content: prompts, outputs, embeddings, caches and the disks under them.
Kind = Literal["content", "logs", "metrics", "state", "backup", "failover", "fine-tuned weights", "weights", "image"]


class Outcome(StrEnum):
    """The three answers of the matrix. conditional: allowed once what is missing has been signed and declared."""

    allowed = "allowed"
    conditional = "conditions missing"
    denied = "denied"


@dataclass(frozen=True)
class Answer:
    """Whether data may be at a place: why in one sentence, the law in another, and what is still to be declared."""

    outcome: Outcome
    why: str
    basis: str
    missing: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the place itself is allowed. Missing declarations are a matter of the environment, told once, not per place."""
        return self.outcome is not Outcome.denied


def class_of(data_class: DataClass, kind: Kind) -> DataClass:
    """The class of what is derived from data of a class; the strictest reading where there are two.

    metrics are those without identifiers in their labels; with them they are logs.
    """
    if kind in ("weights", "image"):
        return "public"
    if kind == "metrics":
        return CLASSES[max(CLASSES.index(data_class) - 1, 0)]
    return strictest([data_class, "confidential"]) if kind == "state" else data_class


def strictest(classes: Iterable[DataClass]) -> DataClass:
    """The strictest of some data classes."""
    return max(classes, key=CLASSES.index)


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: `needs` are names of conditions."""

    verdict: Literal["allow", "conditions", "exception", "deny"]
    basis: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """What holds for one data class: its cells, what is needed because of who operates a place, and the law outside the zone."""

    zones: Mapping[ZoneName, Cell]
    outside: str
    operator: tuple[str, ...] = ()
    foreign_operator: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()


@cache
def rows() -> Mapping[str, Row]:
    """The matrix by data class."""
    path = "residency/matrix.yaml"
    return {name: _row(path, name, fields) for name, fields in catalog.table(path)["classes"].items()}


def _row(path: str, name: str, fields: dict[str, Any]) -> Row:
    zones = {zone: catalog.entry(Cell, path, f"{name}.{zone}", cell) for zone, cell in fields["zones"].items()}
    return catalog.entry(Row, path, name, {**fields, "zones": zones})


def judge(data_class: DataClass, place: Place, zone: Zone, declared: Mapping[str, str], on: date) -> Answer:
    """Whether data of a class may be at a place, in a zone, with the conditions declared by a day.

    Outside the zone is denied whatever the class: the zone is what the environment promises.
    """
    zone = replace(zone, on=on, recipients=certified(declared, on))
    row, column = rows()[data_class], innermost(place, zone)
    cell = row.zones[column]
    if objection := zone.objection(place):
        return Answer(Outcome.denied, objection, row.outside if cell.verdict == "allow" else cell.basis)
    if cell.verdict == "deny":
        return Answer(Outcome.denied, f"{data_class} data may not be {where(place)}", cell.basis)
    missing = tuple(name for name in _needed(row, column, place, zone) if not in_force(name, declared.get(name, ""), on))
    if cell.verdict == "exception" and missing:
        return Answer(Outcome.denied, f"{data_class} data may be {where(place)} only with {_list(missing)}", cell.basis, missing)
    if missing:
        return Answer(Outcome.conditional, f"{data_class} data may be {where(place)}, with {_list(missing)}", cell.basis, missing)
    return Answer(Outcome.allowed, f"{data_class} data may be {where(place)}", cell.basis)


def _needed(row: Row, column: ZoneName, place: Place, zone: Zone) -> tuple[str, ...]:
    """Conditions of the cell, of the operator, and of a certification that stands in for an adequacy decision; each once."""
    needed = [*row.zones[column].needs]
    if place.operator:
        needed += row.operator
    reaching = replace(zone, name="eea" if ZONES.index(column) < ZONES.index("eea") else column, country="")
    if place.jurisdiction and not reaching.contains(place.jurisdiction, place.operator):
        needed += row.foreign_operator
    if column == "adequate" and not replace(zone, country="", recipients=frozenset(), name=column).admits(place):
        needed += row.framework
    return tuple(dict.fromkeys(needed))


def where(place: Place) -> str:
    """A place in words, with who runs it."""
    if place.countries is None:
        return f"at {place.label}, which may be in any country"
    if not place.countries:
        return f"at {place.label}, inside the cluster's network"
    return f"at {place.label} in {countries_in_words(place.countries)}{f', run by {place.operator}' if place.operator else ''}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(conditions()[name].what for name in names)
