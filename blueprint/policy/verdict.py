"""What a rule says about one resource."""

from enum import StrEnum
from typing import Any, NamedTuple

from blueprint.facts import Found, Resource, Unknown


class Status(StrEnum):
    """The three answers. UNRESOLVED: nobody can tell before apply."""

    passed = "PASS"
    failed = "FAIL"
    unresolved = "UNRESOLVED"


class Verdict(NamedTuple):
    """One answer about one place of one resource. `found` is printable: secrets are not in it."""

    status: Status
    resource: Resource
    path: str = ""
    found: str = ""
    allowed: str = ""
    why: str = ""
    next: str = ""


def passes(resource: Resource, path: str = "", found: Any = "") -> Verdict:
    """The resource keeps the rule."""
    return Verdict(Status.passed, resource, path, shown(found))


def fails(resource: Resource, path: str, found: Any, why: str, allowed: str = "", next: str = "") -> Verdict:
    """The resource breaks the rule: what was found, why that is not allowed, what is."""
    return Verdict(Status.failed, resource, path, shown(found), allowed, why, next)


def unresolved(resource: Resource, path: str, why: str | Unknown, allowed: str = "", next: str = "") -> Verdict:
    """Nobody can tell: the value is not known before apply, or the type is not in the registry."""
    reason = why.reason if isinstance(why, Unknown) else why
    return Verdict(Status.unresolved, resource, path, "(unknown)", allowed, reason, next)


def shown(value: Any) -> str:
    """A value as it may be printed."""
    value = value.value if isinstance(value, Found) else value
    return value.reason if isinstance(value, Unknown) else str(value)
