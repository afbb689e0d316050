"""What Prometheus answers to the queries of a rendered dashboard, with Grafana's variables filled in as for "All"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.dashboards.day import HOURS
from tests.e2e.dashboards.store import Store

SPAN = int(HOURS * 3600)
STEP_SECONDS = 60
# Four scrapes, as Grafana chooses it.
FILLED = {"$__rate_interval": "2m", "$__range_s": str(SPAN), "$__range": f"{SPAN}s", "$__interval": "1m"}
VARIABLE = re.compile(r'=~"\$\w+"')


@dataclass(frozen=True)
class Line:
    """One series of a panel: moments and values, the last one only where the panel asks for now."""

    legend: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        return self.points[-1][1]


def filled(expression: str) -> str:
    """The query as Grafana sends it."""
    for variable, text in FILLED.items():
        expression = expression.replace(variable, text)
    return VARIABLE.sub('=~".*"', expression)


def ask(store: Store, panel: Mapping[str, Any]) -> list[Line]:
    """All series of a panel."""
    return [line for target in panel["targets"] for line in _target(store, target)]


def _target(store: Store, target: Mapping[str, Any]) -> list[Line]:
    query = filled(target["expr"])
    found = store.now(query) if target["instant"] else store.range(query, SPAN, STEP_SECONDS)
    return [_line(target["legendFormat"], series) for series in found]


def _line(legend: str, series: Mapping[str, Any]) -> Line:
    labels = {name: text for name, text in series["metric"].items() if name != "__name__"}
    points = series.get("values") or [series["value"]]
    said = re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend)
    shown = ", ".join(f"{name}={text}" for name, text in sorted(labels.items())) or "value"
    return Line(shown if legend == "__auto" else said, labels, tuple((float(at), float(value)) for at, value in points))
