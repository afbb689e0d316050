"""What a check found, and whether that is a failure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from blueprint.errors import Problem
from blueprint.policy.rule import Rule, Severity
from blueprint.policy.verdict import Status, Verdict

READING = "R00"


class Result(NamedTuple):
    """One verdict of one rule in one stack. `counts`: it makes the check fail."""

    rule: str
    title: str
    stack: str
    address: str
    construct: str
    status: Status
    severity: Severity
    counts: bool
    path: str = ""
    found: str = ""
    allowed: str = ""
    why: str = ""
    next: str = ""
    basis: str = ""
    controls: tuple[str, ...] = ()
    file: str = ""
    within: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON shape of a result."""
        first = ("rule", "address", "construct", "status", "found", "allowed", "why", "basis", "controls")
        more = ("path", "next", "file", "severity")
        values = {name: getattr(self, name) for name in (*first, *more)}
        return {**values, "status": self.status.value, "controls": list(self.controls)}


def result(rule: Rule, verdict: Verdict, stack: str, regulated: bool) -> Result:
    """A rule's verdict, counted: what nobody can tell is a failure where data is personal or stricter."""
    resource = verdict.resource
    return Result(
        rule=rule.id,
        title=rule.title,
        stack=stack,
        address=resource.address,
        construct=resource.construct,
        status=verdict.status,
        severity=rule.severity,
        counts=verdict.status is Status.failed or (verdict.status is Status.unresolved and regulated),
        path=verdict.path,
        found=verdict.found,
        allowed=verdict.allowed,
        why=verdict.why,
        next=verdict.next,
        basis=rule.basis,
        controls=rule.controls,
        file=resource.file,
        within=resource.within,
    )


def unread(problem: Problem, stack: str = "") -> Result:
    """Something that could not be read, or not be used as it is: always a failure."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return Result(
        rule=READING,
        title="everything can be read",
        stack=stack,
        address=place,
        construct="",
        status=Status.failed,
        severity="CRITICAL",
        counts=True,
        path=problem.path,
        allowed=problem.allowed,
        why=problem.message,
        next=problem.next,
        file=problem.file,
    )


@dataclass(frozen=True)
class Census:
    """That every resource was looked at: `unchecked` are the addresses nobody has an answer for."""

    resources: int
    checked: int
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waived:
    """A failure somebody answers for until a day."""

    result: Result
    waiver: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        return {**self.result.as_dict(), **self.waiver}


@dataclass(frozen=True)
class Report:
    """All of it. `notes` are said to people and change nothing; `scopes` are what each stack was judged in."""

    results: Sequence[Result]
    census: Census
    waived: Sequence[Waived] = ()
    notes: Sequence[str] = ()
    scopes: Mapping[str, str] = field(default_factory=dict)
    rules: Sequence[Rule] = ()

    @property
    def failures(self) -> list[Result]:
        """What makes the check fail, worst first."""
        return sorted((result for result in self.results if result.counts), key=_order)

    @property
    def ok(self) -> bool:
        return not self.failures and not self.census.unchecked

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON shape."""
        census = {"resources": self.census.resources, "checked": self.census.checked, "unchecked": list(self.census.unchecked)}
        return {
            "results": [result.as_dict() for result in self.results],
            "census": census,
            "waived": [waived.as_dict() for waived in self.waived],
        }


def _order(result: Result) -> tuple[Any, ...]:
    rank = ("CRITICAL", "HIGH", "MEDIUM", "LOW").index(result.severity)
    return (result.stack, rank, int(result.rule[1:]), result.address, result.path)
