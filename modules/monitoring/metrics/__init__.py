"""The metric contract: every series of the exporters we pin, with type, labels and bucket edges.

One file per exporter. Whatever queries Prometheus (recordings, alerts, dashboards, KEDA, runbooks) is held against these files
by tests/modules/monitoring/test_contract.py, so a metric that an upgrade renames is found by a test and not by a night without
an alert. `type` is what the values are, not what the exporter calls them: where the two differ, `note` says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import model_validator

from blueprint.catalog.base import Entry, Sentence, Sourced

FOLDER = Path(__file__).parent

# Label → the values it can have; empty where any is possible.
Labels = dict[str, tuple[str, ...]]


class Metric(Entry):
    """One metric family. `labels` come on top of the exporter's own."""

    type: Literal["counter", "gauge", "histogram", "summary"]
    help: Sentence
    labels: Labels = {}
    buckets: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    note: Sentence | None = None

    @model_validator(mode="after")
    def edges_of_a_histogram(self) -> "Metric":
        if bool(self.buckets) != (self.type == "histogram"):
            raise ValueError("a histogram has `buckets`, and nothing else has")
        if list(self.buckets) != sorted(set(self.buckets)):
            raise ValueError("bucket edges must rise")
        return self


class Exporter(Sourced):
    """What one program of one version exposes. `labels` are on every series, `target` is added by the scrape
    (modules/monitoring/monitors.py); `le` says how the program writes bucket edges: Python "10.0", Go "10"."""

    name: str
    version: str
    labels: Labels = {}
    target: tuple[str, ...] = ("namespace", "pod", "container", "job", "instance", "endpoint")
    le: Literal["python", "go"] = "go"
    metrics: dict[str, Metric]


@dataclass(frozen=True)
class Series:
    """One name a query can select. `edges` are the texts of `le`, where it has any."""

    name: str
    type: Literal["counter", "gauge"]
    labels: Mapping[str, tuple[str, ...]]
    bucket: bool = False


# On every series: `cluster` comes from Prometheus (modules/addons/kube_prometheus_stack.py).
EVERYWHERE: Labels = {"cluster": ()}


@cache
def load(folder: Path = FOLDER) -> dict[str, Exporter]:
    """All exporters by file name."""
    read = {path.stem: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in sorted(folder.glob("*.yaml"))}
    return {name: Exporter.model_validate({"name": name, **content}) for name, content in read.items()}


def series(exporters: Mapping[str, Exporter]) -> dict[str, Series]:
    """Every series of these exporters by name: a histogram has three names, a summary too."""
    families = ((exporter, name, metric) for exporter in exporters.values() for name, metric in exporter.metrics.items())
    return {one.name: one for family in families for one in expand(*family)}


def expand(exporter: Exporter, name: str, metric: Metric) -> Iterator[Series]:
    """The series of one metric family."""
    labels = {**EVERYWHERE, **dict.fromkeys(exporter.target, ()), **exporter.labels, **metric.labels}
    if metric.type in ("counter", "gauge"):
        yield Series(name, metric.type, labels)
        return
    yield Series(f"{name}_sum", "counter", labels)
    yield Series(f"{name}_count", "counter", labels)
    if metric.type == "histogram":
        yield Series(f"{name}_bucket", "counter", {**labels, "le": edges(metric.buckets, exporter.le)}, bucket=True)
    elif metric.quantiles:
        yield Series(name, "gauge", {**labels, "quantile": tuple(map(_go, metric.quantiles))})


def edges(buckets: tuple[float, ...], style: Literal["python", "go"]) -> tuple[str, ...]:
    """Bucket edges as text. Prometheus 3 rewrites whole numbers to "10.0" when it scrapes, 2.x does not."""
    return (*(str(float(edge)) if style == "python" else _go(edge) for edge in buckets), "+Inf")


def _go(value: float) -> str:
    """As Go prints a float: shortest, whole numbers without a point, exponents from 1e+21 and below 1e-04."""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(value)
