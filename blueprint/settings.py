"""Settings of Terraform resources that a rule refuses: a table in the rule, one verdict per value found.

Only what is written counts here. Where absence means the same as a refused value, the rule says so itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from blueprint.facts import Resource, Sensitive, Unknown
from blueprint.patterns import fits
from blueprint.policy import Verdict, fails, passes, unresolved
from blueprint.whereabouts.home import flat


@dataclass(frozen=True)
class Setting:
    """Values of an attribute that are refused on some types; patterns, compared without regard to case."""

    types: str
    path: str
    refused: tuple[str, ...]
    allowed: str
    why: str


@dataclass(frozen=True, eq=False)
class Settings:
    """A rule's table; compared by identity, so that finding what concerns a type is remembered cheaply."""

    table: tuple[Setting, ...]


def settings(*table: Setting) -> Settings:
    """A rule's table."""
    return Settings(table)


def judged(resource: Resource, settings: Settings) -> Iterator[Verdict]:
    """A verdict for every value a table is about."""
    for setting in _of(resource.type, settings):
        if setting.path.partition(".")[0] not in resource.attributes:
            continue
        for found in (value for where in resource.each(setting.path) for value in flat(where)):
            if isinstance(found.value, Unknown):
                yield unresolved(resource, found.path, found.value, setting.allowed, "write the value")
            elif _refused(found.value, setting):
                yield fails(resource, found.path, _spelled(found.value), setting.why, setting.allowed, f"set it to {setting.allowed}")
            else:
                yield passes(resource, found.path, _spelled(found.value))


def types_of(settings: Settings) -> list[str]:
    """The types a table is about, for `looks_at`."""
    return sorted({setting.types for setting in settings.table})


@cache
def _of(type: str, settings: Settings) -> list[Setting]:
    return [setting for setting in settings.table if fits(type, setting.types)]


def _refused(value: Any, setting: Setting) -> bool:
    plain = value.value if isinstance(value, Sensitive) else value
    spelled = _spelled(plain).lower()
    return any(fits(spelled, refused.lower()) for refused in setting.refused)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
