"""What the tables of `catalog/residency/types/` say about a resource type: one table per provider, read when it is first asked for.

A table names every type of its provider or says with a pattern what the rest is. A type that is in none is unknown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, cast

from blueprint import residency_catalog as catalog
from blueprint.patterns import fits
from blueprint.whereabouts.model import Role

Kind = Literal["located", "inherits", "part-of", "members", "served", "anywhere", "opaque", "generic", "none", "reads"]
Reading = Literal[
    "region",
    "pair",
    "own",
    "copies",
    "destination",
    "addresses",
    "image",
    "geography",
    "country",
    "country-or-region",
    "eu-data-zone",
    "any-region",
    "anywhere",
    "nobody-knows",
]
FOLDER = "residency/types"


@dataclass(frozen=True)
class Trace:
    """A further place of a type; `catalog/residency/types/azurerm.yaml` explains the fields."""

    role: Role
    to: Reading
    why: str
    at: str = ""
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    default: Any = None
    only: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    operator: str = ""
    told_by: str = ""
    next: str = ""

    def concerns(self, value: Any) -> bool:
        """Whether a value of the attribute is one of those the trace is about."""
        text = written_value(value).lower()
        named = not self.when or any(fits(text, pattern.lower()) for pattern in self.when)
        return named and not any(fits(text, pattern.lower()) for pattern in self.unless)


@dataclass(frozen=True)
class Text:
    """A text that means a place wherever it stands: by its group `region`, or by being there at all."""

    role: Role
    pattern: re.Pattern[str]
    to: Reading
    why: str


@dataclass(frozen=True)
class Table:
    """One provider's types. `region`: attributes that name a region; `from_provider`: the provider block may name it instead.

    What means the same on every type: `everywhere`, names of attributes; `named`, patterns of names of attributes that hold
    regions; `texts`; `hosts`, whether addresses of known services are called. `areas`: names of more than a region, or of a
    service's own regions, with their countries. `clouds`: whose regions are meant, by the host of the provider block's `auth_url`.
    """

    cloud: str
    region: tuple[str, ...]
    from_provider: bool
    everywhere: Mapping[str, Role]
    named: tuple[tuple[str, Role], ...]
    texts: tuple[Text, ...]
    hosts: bool
    areas: Mapping[str, tuple[str, ...]]
    geographies: Mapping[str, tuple[str, ...] | None]
    operators: Mapping[str, catalog.Operator]
    types: Mapping[str, str]
    also: Mapping[str, Any]
    data: Mapping[str, str]
    clouds: Mapping[str, str]


@dataclass(frozen=True)
class Semantics:
    """What is known of a type: where its data is (`kind`, by the attributes `at`), and where else (`traces`). `parent` names what
    a generic one belongs to; one that must say so `itself` is not where its provider block says."""

    kind: Kind
    table: Table
    at: tuple[str, ...] = ()
    default: Any = None
    unless: tuple[str, ...] = ()
    role: Role = Role.primary
    parent: str = ""
    traces: tuple[Trace, ...] = ()
    itself: bool = False


@cache
def semantics(type: str) -> Semantics | None:
    """What the tables say of a type as Terraform spells it (`data.` and `ephemeral.` in front of what is only read); None: nothing."""
    reads, _, name = type.rpartition(".")
    table = _table_with(name)
    if table is None:
        return None
    entry = _entry(table.data, name) if reads else _entry(table.types, name)
    if entry is None:
        return Semantics("reads", table, at=table.region) if reads else None
    traces = () if reads else tuple(_trace(trace) for pattern, found in table.also.items() if fits(name, pattern) for trace in found)
    return _semantics(entry, table, traces)


def table_of(provider: str) -> Table | None:
    """The table of a provider by its local name (`google-beta` is Google's, too)."""
    return _table(provider.partition("-")[0])


def written_value(value: Any) -> str:
    """A value as it is compared with the tables: Terraform's spelling of booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _semantics(entry: str, table: Table, traces: tuple[Trace, ...]) -> Semantics:
    """What a line of a table says after the type: a kind, attributes, and pairs of words."""
    first, *words = entry.split()
    kind = cast(Kind, first)
    said, more = words[:1], dict(zip(words[1::2], words[2::2], strict=True))
    if kind == "anywhere":
        return Semantics(kind, table, role=Role(said[0] if said else "primary"), traces=traces)
    at = tuple(said[0].split(",")) if said else table.region
    unless = (more["unless"],) if "unless" in more else ()
    itself = more.get("from") == "itself"
    role, parent = Role(more.get("role", "primary")), more.get("parent", "")
    return Semantics(kind, table, at, more.get("default"), unless, role, parent, traces, itself)


def _trace(fields: Mapping[str, Any]) -> Trace:
    lists = {key: tuple(map(written_value, fields[key])) for key in ("when", "unless") if key in fields}
    return catalog.entry(Trace, FOLDER, "also", {**fields, **lists, "role": Role(fields["role"])})


def _entry(entries: Mapping[str, str], name: str) -> str | None:
    if name in entries:
        return entries[name]
    return next((entry for pattern, entry in entries.items() if "*" in pattern and fits(name, pattern)), None)


def _table_with(type: str) -> Table | None:
    """The table of a provider is named like it; small providers without a cloud share one."""
    found = _table(type.partition("_")[0])
    shared = _table("tools")
    return found or (shared if shared and any(fits(type, pattern) for pattern in (*shared.types, *shared.data)) else None)


@cache
def _table(provider: str) -> Table | None:
    path = f"{FOLDER}/{provider}.yaml"
    if not (catalog.FOLDER / path).is_file():
        return None
    content = catalog.table(path)
    return Table(
        cloud=content.get("cloud", ""),
        region=tuple(content.get("region", ())),
        from_provider=content.get("from_provider", False),
        everywhere={name: Role(role) for role, names in content.get("everywhere", {}).items() for name in names},
        named=tuple((pattern, Role(role)) for role, patterns in content.get("named", {}).items() for pattern in patterns),
        texts=tuple(Text(Role(one["role"]), re.compile(one["pattern"]), one["to"], one["why"]) for one in content.get("texts", ())),
        hosts=content.get("hosts", False),
        areas={name.lower(): _countries(countries) for name, countries in content.get("areas", {}).items()},
        geographies={name.lower(): countries and tuple(countries) for name, countries in content.get("geographies", {}).items()},
        operators={name: catalog.Operator(name, **fields) for name, fields in content.get("operators", {}).items()},
        types={**_lines(content, "types"), **_lines(content, "earlier")},
        also=content.get("also", {}),
        data=_lines(content, "data"),
        clouds=content.get("clouds", {}),
    )


def _countries(written: Any) -> tuple[str, ...]:
    """Countries as a list, or a membership that stands for its members."""
    return tuple(catalog.members(written)) if isinstance(written, str) else tuple(written)


def _lines(content: Mapping[str, Any], section: str) -> dict[str, str]:
    """A section of lines by their first word; plain text, because a thousand entries of YAML take longer to read than to judge."""
    return {name: entry for line in content.get(section, "").splitlines() for name, _, entry in [line.partition(" ")]}
