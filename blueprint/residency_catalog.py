"""The tables of `catalog/residency/` and the regions of clouds, read once and only where asked for.

Plain dataclasses instead of the catalogue's models: places are looked up by tools that must start in milliseconds. Every table,
or every entry of it, carries `source` and `as_of`; what is older than `FRESH_DAYS` is said to be (`stale`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from blueprint.errors import BlueprintError, Problem
from blueprint.facts.documents import load_yaml

FOLDER = Path(__file__).parent.parent / "catalog"
FRESH_DAYS = 180
SHORTEST_REGION = 6
DAY = re.compile(r"\d{4}-\d\d-\d\d")
AS_OF = re.compile(r"\bas_of: (\d{4}-\d\d-\d\d)\b")

Membership = Literal["eu", "eea", "adequate"]
T = TypeVar("T")


@dataclass(frozen=True)
class Country:
    """A country and why data may be there: `membership` None means only with safeguards of one's own.

    An adequacy decision holds from `valid_from` until `valid_until`. `framework` names what a recipient must be certified under
    where a decision covers recipients instead of the country.
    """

    name: str
    source: str = ""
    as_of: date | str = ""
    membership: Membership | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    scope: str = ""
    framework: str = ""

    def valid(self, on: date) -> bool:
        """Whether what the membership rests on is in force on a day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True)
class Operator:
    """Who runs a service and the country whose law can reach it."""

    name: str
    jurisdiction: str
    source: str = ""
    as_of: date | str = ""


@dataclass(frozen=True)
class Region:
    """A cloud's region; `pair` is where the cloud copies to when asked for geo-redundancy."""

    country: str
    pair: str | None = None


@dataclass(frozen=True)
class Cloud:
    """A cloud as far as places go."""

    name: str
    label: str
    operator: Operator
    regions: Mapping[str, Region]


@cache
def table(path: str) -> Any:
    """A file of the catalogue as plain data.

    Raises:
        BlueprintError: it cannot be read.
    """
    try:
        (content,) = load_yaml((FOLDER / path).read_text(encoding="utf-8"))
        return _dated(content)
    except (OSError, ValueError) as error:
        raise BlueprintError(f"catalog/{path} cannot be read: {error}", "restore the file from the repository") from None


def _dated(content: Any) -> Any:
    """The same with days as dates."""
    if isinstance(content, dict):
        return {name: _dated(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_dated(item) for item in content]
    return date.fromisoformat(content) if isinstance(content, str) and DAY.fullmatch(content) else content


def entry(kind: type[T], path: str, name: str, fields: Mapping[str, Any]) -> T:
    """One entry of a table.

    Raises:
        BlueprintError: it says something the catalogue does not know, or lacks something.
    """
    try:
        return kind(**fields)
    except TypeError as error:
        raise BlueprintError(f"catalog/{path}: {name}: {error}", "correct the entry") from None


@cache
def countries() -> Mapping[str, Country]:
    """Countries by ISO 3166 code."""
    path = "residency/countries.yaml"
    return {code: entry(Country, path, code, fields) for code, fields in table(path).items()}


@cache
def today() -> date:
    """The day to judge on. A clock that is behind our own tables is wrong (a fresh machine's), and would undo decisions in force."""
    return max(date.today(), *(country.as_of for country in countries().values() if isinstance(country.as_of, date)))


@cache
def members(membership: Membership) -> frozenset[str]:
    """The codes of all countries of a membership."""
    return frozenset(code for code, country in countries().items() if country.membership == membership)


@cache
def operators() -> Mapping[str, Operator]:
    """Operators of services by name; those of clouds stand with their regions."""
    path = "residency/operators.yaml"
    return {name: entry(Operator, path, name, {"name": name, **fields}) for name, fields in table(path).items()}


@cache
def clouds() -> Mapping[str, str]:
    """The file of each cloud that has a table of regions, by the cloud's name."""
    found = [*FOLDER.glob("providers/*.yaml"), *FOLDER.glob("residency/regions/*.yaml")]
    return {path.stem: path.relative_to(FOLDER).as_posix() for path in sorted(found)}


@cache
def cloud(name: str) -> Cloud | None:
    """A cloud with its regions, None if the catalogue has no table for it."""
    path = clouds().get(name)
    if path is None:
        return None
    content = table(path)
    regions = {
        region: entry(Region, path, region, {key: fields[key] for key in ("country", "pair") if key in fields})
        for region, fields in content["regions"].items()
    }
    return Cloud(name, content["label"], entry(Operator, path, "operator", content["operator"]), regions)


@cache
def spellings() -> Mapping[str, tuple[str, str]]:
    """Cloud and name of every region by its spellings: in small letters, with and without hyphens (`useast1`). Short names are words,
    too, and are left out."""
    found: dict[str, tuple[str, str]] = {}
    for known in filter(None, map(cloud, clouds())):
        for name in (name for name in known.regions if len(name) >= SHORTEST_REGION):
            for spelled in (name.lower(), name.lower().replace("-", "")):
                found.setdefault(spelled, (known.name, name))
    return found


@cache
def zone_endings() -> Mapping[str, str]:
    """What stands after a region's name in the names of its zones, by cloud."""
    return {name: fields["ending"] for name, fields in table("residency/zone_names.yaml").items()}


def stale(on: date) -> list[Problem]:
    """A warning for each table of `catalog/residency/` that nobody has looked at for `FRESH_DAYS` days.

    A table is as old as its oldest `as_of`. The text is searched, not parsed: this runs on every validation.
    """
    oldest = {path: min(AS_OF.findall(path.read_text(encoding="utf-8")), default="") for path in sorted(FOLDER.glob("residency/**/*.yaml"))}
    ages = {path: (on - date.fromisoformat(day)).days for path, day in oldest.items() if day}
    return [_too_old(path, days) for path, days in ages.items() if days > FRESH_DAYS]


def _too_old(path: Path, days: int) -> Problem:
    message = f"was last checked {days} days ago; laws, regions and hosts change"
    next_step = "check its entries against their sources and set as_of"
    return Problem(f"catalog/{path.relative_to(FOLDER).as_posix()}", 0, "", message, f"at most {FRESH_DAYS} days", next_step, "warning")
