"""The alerts as people list them: what each one is about, from which figure on, and where to read on."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from blueprint.environment import Environment
from blueprint.monitoring.models import Alert, Parameters
from blueprint.monitoring.reading import Rules
from blueprint.monitoring.rendering import RUNBOOKS, runbook
from blueprint.monitoring.settings import shown, value


@dataclass(frozen=True)
class Figure:
    """A figure of an alert; `setting` is empty where no environment changes it, `why` says the reason then."""

    name: str
    value: str
    unit: str
    setting: str
    why: str

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}".strip()


@dataclass(frozen=True)
class Line:
    """One alert. `after` is how long its condition holds before somebody is told."""

    name: str
    group: str
    severity: str
    team: str
    after: str
    per: str
    figures: tuple[Figure, ...]
    source: str
    runbook: str

    def as_dict(self) -> dict[str, Any]:
        """The stable JSON shape."""
        return asdict(self)


def lines(rules: Rules, env: Environment | None = None) -> list[Line]:
    """Every alert by group and name, with the environment's figures or, without one, those of the files."""
    return [_line(alert, env) for alert in sorted(rules.alerts.values(), key=lambda alert: (alert.group, alert.name))]


def _line(alert: Alert, env: Environment | None) -> Line:
    return Line(
        alert.name,
        alert.group,
        alert.severity,
        alert.team,
        alert.for_,
        alert.each or "",
        tuple(figures(alert.parameters, env)),
        alert.source,
        runbook(alert.name, env) if env else f"{RUNBOOKS}/{alert.name}.md",
    )


def figures(parameters: Parameters, env: Environment | None = None) -> Iterator[Figure]:
    """The figures of a file."""
    for name, one in parameters.items():
        figure = shown(value(one, env) if env else one.value)
        yield Figure(name, figure, one.unit or "", one.setting or "", one.why or "")


def text(found: list[Line]) -> Iterator[str]:
    """Lines for a terminal: one heading per group, three lines per alert."""
    group, width = "", max((len(line.name) for line in found), default=0)
    for line in found:
        if line.group != group:
            group = line.group
            yield f"{group}:"
        told = f"after {line.after}" if line.after != "0s" else "at once"
        yield f"  {line.name:<{width}}  {line.severity:<6}  {told:<9}  {', '.join(map(str, line.figures))}".rstrip()
        yield f"  {'':<{width}}  {line.source}"
        yield f"  {'':<{width}}  {line.runbook}"
