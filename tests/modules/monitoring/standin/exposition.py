"""A page of metrics that can only say what its inventory knows: an unknown name, label or value is an error here, not silence later."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, product

from modules.monitoring.metrics import Exporter, Metric, edges

Labels = tuple[tuple[str, str], ...]


@dataclass
class Histogram:
    """Observations per bucket, the last one beyond all edges."""

    counts: list[float]
    total: float = 0.0


@dataclass
class Page:
    """What one program shows at /metrics. `always` are labels every series of it has, where its metric knows them; `edges` are
    those a deployment sets itself."""

    exporter: Exporter
    always: Mapping[str, str] = field(default_factory=dict)
    edges: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    values: dict[str, dict[Labels, float]] = field(default_factory=dict)
    histograms: dict[str, dict[Labels, Histogram]] = field(default_factory=dict)
    prefixes: dict[tuple[str, Labels], list[str]] = field(default_factory=dict)
    keys: dict[tuple[str, Labels], Labels] = field(default_factory=dict)

    def set(self, name: str, value: float, /, **labels: str) -> None:
        self.values.setdefault(name, {})[self._labels(name, labels)] = value

    def add(self, name: str, amount: float = 1.0, /, **labels: str) -> None:
        series, key = self.values.setdefault(name, {}), self._labels(name, labels)
        series[key] = series.get(key, 0.0) + amount

    def observe(self, name: str, value: float, times: float = 1.0, /, **labels: str) -> None:
        histogram = self._histogram(name, self._labels(name, labels))
        histogram.counts[bisect_left(self._edges(name), value)] += times
        histogram.total += value * times

    def drop(self, name: str, /, **labels: str) -> None:
        """Take away the series of a metric that have these labels."""
        wanted = set(labels.items())
        for series in (self.values.get(name, {}), self.histograms.get(name, {})):
            for key in [key for key in series if wanted <= set(key)]:
                del series[key]

    def declare(self, *, without: frozenset[str] = frozenset(), **labels: str) -> None:
        """Every metric of the inventory at zero, once per combination of the values its labels can have."""
        for name, metric in self.exporter.metrics.items():
            for chosen in () if name in without else _combinations(metric):
                known = {key: value for key, value in labels.items() if key in self._known(name)}
                key = self._labels(name, {**known, **chosen})
                if metric.type == "histogram":
                    self._histogram(name, key)
                elif metric.type != "summary":
                    self.values.setdefault(name, {}).setdefault(key, 0.0)

    def text(self) -> str:
        return "\n".join(line for name, metric in self.exporter.metrics.items() for line in self._family(name, metric)) + "\n"

    def _family(self, name: str, metric: Metric) -> Iterator[str]:
        values, histograms = self.values.get(name, {}), self.histograms.get(name, {})
        if values or histograms:
            yield f"# HELP {name} {metric.help}\n# TYPE {name} {metric.type}"
        for key, value in values.items():
            yield self._prefix(name, key)[0] + repr(value)
        for key, histogram in histograms.items():
            numbers = [*accumulate(histogram.counts), sum(histogram.counts), histogram.total]
            yield "\n".join(prefix + repr(number) for prefix, number in zip(self._prefix(name, key), numbers, strict=True))

    def _prefix(self, name: str, key: Labels) -> list[str]:
        """What stands before each number of a series, for a histogram one per bucket, count and sum."""
        found = self.prefixes.get((name, key))
        if found is None:
            if self.exporter.metrics[name].type == "histogram":
                marks = edges(self._edges(name), self.exporter.le)
                parts = [_written(f"{name}_bucket", (*key, ("le", mark))) for mark in marks]
                found = [*parts, _written(f"{name}_count", key), _written(f"{name}_sum", key)]
            else:
                found = [_written(name, key)]
            self.prefixes[name, key] = found
        return found

    def _histogram(self, name: str, key: Labels) -> Histogram:
        series = self.histograms.setdefault(name, {})
        if key not in series:
            series[key] = Histogram([0.0] * (len(self._edges(name)) + 1))
        return series[key]

    def _edges(self, name: str) -> tuple[float, ...]:
        return self.edges.get(name) or self.exporter.metrics[name].buckets

    def _known(self, name: str) -> dict[str, tuple[str, ...]]:
        return {**dict.fromkeys(self.exporter.target, ()), **self.exporter.labels, **self.exporter.metrics[name].labels}

    def _labels(self, name: str, labels: Mapping[str, str]) -> Labels:
        asked = (name, tuple(labels.items()))
        if asked not in self.keys:
            self.keys[asked] = self._checked(name, labels)
        return self.keys[asked]

    def _checked(self, name: str, labels: Mapping[str, str]) -> Labels:
        known = self._known(name)
        for label, value in labels.items():
            if label not in known or (known[label] and value not in known[label]):
                raise KeyError(f'{self.exporter.name}: {name} cannot have {label}="{value}"')
        merged = {**{label: value for label, value in self.always.items() if label in known}, **labels}
        return tuple(sorted((label, value) for label, value in merged.items() if value))


def _combinations(metric: Metric) -> Iterator[dict[str, str]]:
    closed = {label: values for label, values in metric.labels.items() if values}
    return (dict(zip(closed, chosen, strict=True)) for chosen in product(*closed.values()))


def _written(name: str, labels: Labels) -> str:
    inside = ",".join(f'{label}="{value}"' for label, value in sorted(labels))
    return f"{name}{{{inside}}} " if inside else f"{name} "
