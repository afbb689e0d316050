"""From a demand file to a `Demand`, or to all that is wrong with it at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from blueprint.catalog.prices import Assumption, Option, load_prices
from blueprint.errors import EnvironmentInvalid
from blueprint.residency_catalog import table
from blueprint.workload import Demand, Range, Readiness, UseCase

if TYPE_CHECKING:
    from blueprint.environment.document import Document

# What a kind of pydantic's complaints means, in words.
WORDS = {
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "tuple_type": "a list",
    "dict_type": "a mapping of names",
    "model_type": "a mapping",
    "string_type": "text",
    "bool_parsing": "true, false or unknown",
    "bool_type": "true, false or unknown",
    "too_short": "at least one",
    "finite_number": "a finite number",
}
PATTERNS = {"country": "a country's two letters, such as DE", "as_of": "a day, a month or a year, such as 2026-11-20"}


EXAMPLE = "demand/eu-prod.yaml for one, docs/how-to/decide.md for its keys"


def load_demand(path: Path) -> Demand:
    """Read a demand file.

    Raises:
        EnvironmentInvalid: with all that is wrong with it, by line.
    """
    from blueprint.environment.document import read

    document = read(path)
    if not path.exists():
        document.problems = [replace(found, next=f"give --demand FILE, or write this one: see {EXAMPLE}") for found in document.problems]
    demand = _checked(document) if document.data is not None else None
    if demand is None or document.problems:
        problems = [
            replace(found, next=found.next.replace("environments/dev.yaml for the smallest one", EXAMPLE)) for found in document.problems
        ]
        raise EnvironmentInvalid(sorted(problems, key=lambda found: (found.line, found.path)))
    return demand


def _checked(document: "Document") -> Demand | None:
    """The demand a document holds, or None; what is wrong with it is noted there."""
    known = load_prices().assumptions
    own = document.data.get("assumptions")
    for name in own if isinstance(own, dict) else ():
        if name not in known:
            document.problem(("assumptions", name), "unknown assumption", ", ".join(sorted(known)), nearest(name, sorted(known)))
    _tasks(document)
    try:
        demand = Demand.model_validate(document.data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            document.problem(
                details["loc"], *_told(details["loc"], details["type"], details["input"], details["msg"], details.get("ctx", {}))
            )
        return None
    for name in {*demand.assumptions} & {*known}:
        _bound(document, known[name], demand.assumptions[name])
    return demand


def _tasks(document: "Document") -> None:
    """Tasks are those of catalog/decision/workloads.yaml."""
    known = sorted(table("decision/workloads.yaml")["tasks"])
    uses = document.data.get("workload")
    for name, use in uses.items() if isinstance(uses, dict) else ():
        task = use.get("task", "unknown") if isinstance(use, dict) else "unknown"
        if isinstance(task, str) and task not in (*known, "unknown"):
            document.problem(("workload", name, "task"), f"unknown task {task!r}", ", ".join(known), nearest(task, known))


def _bound(document: "Document", figure: Assumption, own: Range) -> None:
    absurd = [value for value in (own.low, own.base, own.high) if value is not None and not figure.least <= value <= figure.most]
    if absurd:
        allowed = f"{figure.least:g} to {figure.most:,g} {figure.unit}"
        document.problem(("assumptions", figure.name), f"{absurd[0]:g} cannot be meant", allowed, _percent(absurd[0], figure.most))


def _told(place: tuple[str | int, ...], kind: str, found: Any, message: str, limits: Mapping[str, Any]) -> tuple[str, str, str]:
    """What was found, what is allowed, and what to write."""
    if kind == "missing":
        return "this key is required", "", f"add `{place[-1]}`"
    if kind == "extra_forbidden":
        known = _keys(place)
        return "unknown key", ", ".join(known), nearest(str(place[-1]), known)
    text = message.removeprefix("Value error, ").removeprefix("Input should be ")
    if kind == "value_error":
        return text, "", ""
    bounds = {"ge": "greater than or equal to", "gt": "greater than", "le": "less than or equal to"}
    allowed = next(
        (f"{word} {limits[key]:{',.0f' if limits[key] == int(limits[key]) else ',g'}}" for key, word in bounds.items() if key in limits),
        WORDS.get(kind, text),
    )
    if kind == "string_pattern_mismatch":
        allowed = PATTERNS.get(str(place[-1]), text)
    said = "nothing" if found is None else found.isoformat() if isinstance(found, date) else repr(found)
    return f"{said} is not allowed", allowed, _percent(found, limits.get("le"))


def _percent(found: Any, most: Any) -> str:
    """What a percentage is as a share."""
    try:
        percent = float(str(found).strip().removesuffix("%"))
    except ValueError:
        return ""
    meant = most == 1 if isinstance(found, int | float) else str(found).strip().endswith("%")
    return f"write {percent / 100:g} for {percent:g} %" if meant and 1 < percent <= 100 else ""


def _keys(place: tuple[str | int, ...]) -> list[str]:
    sections: dict[str, type[BaseModel]] = {"workload": UseCase, "options": Option, "assumptions": Range, "readiness": Readiness}
    section: type[BaseModel] = Demand if len(place) == 1 else sections.get(str(place[0]), Demand)
    return sorted(section.model_fields)


def nearest(word: str, known: list[str]) -> str:
    """A hint at the name that may have been meant, or nothing."""
    close = get_close_matches(word, known, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
