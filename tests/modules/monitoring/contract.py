"""Every query there is, with the file and place it stands in, and every series it may read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from blueprint.catalog import load_catalog
from blueprint.monitoring import Group, Rule, groups, histograms
from modules.monitoring import dashboards, metrics
from modules.monitoring.dashboards import grafana
from modules.monitoring.metrics import Series
from tests.modules.monitoring.cases import environment, readable
from tests.modules.monitoring.promql import check, names, parses, result_labels, type_of
from tests.modules.platform import platform

ROOT = Path(__file__).parents[3]
RUNBOOKS = ROOT / "docs" / "runbooks"
QUERY_BLOCK = re.compile(r"^```promql\n(.*?)^```", re.MULTILINE | re.DOTALL)

Known = Mapping[str, Series]


@dataclass(frozen=True)
class Query:
    """One expression and where a person finds it."""

    file: str
    place: str
    expression: str

    def problems(self, known: Known) -> list[str]:
        return [f"{self.file}, {self.place}: {problem}" for problem in check(self.expression, known)]


@cache
def exported() -> dict[str, Series]:
    """The series of all exporters, as this environment's figures have them configured."""
    exporters = metrics.load()
    engine = exporters["vllm"]
    changed = {name: engine.metrics[name].model_copy(update={"buckets": edges}) for name, edges in _own_edges().items()}
    return metrics.series({**exporters, "vllm": engine.model_copy(update={"metrics": {**engine.metrics, **changed}})})


def _own_edges() -> dict[str, tuple[float, ...]]:
    """Histograms of the engine that are given edges of our own (`--custom-histogram-buckets`)."""
    settable = load_catalog().engines["vllm"].custom_buckets
    chosen = histograms.custom(readable(), environment())
    return {name: tuple(chosen[family]) for name, family in settable.families.items() if family in chosen} if settable else {}


@cache
def _groups() -> list[Group]:
    return groups(readable(), environment())


def known(raw: Known) -> dict[str, Series]:
    """The series of these exporters and what is recorded of them. What reads something that does not exist does not exist either,
    so that a broken recording is told at every panel and alert that reads it."""
    found, broken = dict(raw), set[str]()
    waiting = [rule for group in _groups() for rule in group.rules if "record" in rule]
    while waiting:
        undecided = {rule["record"] for rule in waiting} - found.keys() - broken
        ready = [rule for rule in waiting if not names(rule["expr"]) & undecided]
        if not ready:
            raise ValueError(f"these recordings need each other: {', '.join(sorted(undecided))}")
        for rule in ready:
            if names(rule["expr"]) <= found.keys():
                found[rule["record"]] = _recorded(rule, found)
            else:
                broken.add(rule["record"])
        waiting = [rule for rule in waiting if rule not in ready]
    return found | {name: _of_alerts(found[name], found) for name in ("ALERTS", "ALERTS_FOR_STATE")}


def _of_alerts(series: Series, found: Known) -> Series:
    """What Prometheus writes for alerts has the labels of each alert."""
    rules = [rule for group in _groups() for rule in group.rules if "alert" in rule and names(rule["expr"]) <= found.keys()]
    labels = {label for rule in rules for label in (*result_labels(rule["expr"], found), *rule["labels"])}
    return replace(series, labels={**dict.fromkeys(sorted(labels), ()), **series.labels})


@cache
def everything() -> dict[str, Series]:
    """All that queries may read."""
    return known(exported())


def _recorded(rule: Rule, found: Known) -> Series:
    """A recording counts as a gauge: its values can fall, whatever it is made of. Only the largest of counters is still one.
    Recorded twice, it has both sets of labels."""
    computed = dict.fromkeys(sorted(result_labels(rule["expr"], found)), ())
    labels = {**computed, **{name: (value,) for name, value in rule.get("labels", {}).items()}}
    before = found[rule["record"]].labels if rule["record"] in found else {}
    both = {name: (*before[name], *labels[name]) if before[name] and labels[name] else () for name in before.keys() & labels.keys()}
    return Series(rule["record"], type_of(rule["expr"], found), {**before, **labels, **both})


def without(raw: Known, name: str, renamed: str) -> dict[str, Series]:
    """The same exporters after an upgrade that renamed a series."""
    return {key if key != name else renamed: one if key != name else replace(one, name=renamed) for key, one in raw.items()}


def queries() -> Iterator[Query]:
    """Everything that asks Prometheus something."""
    yield from rules()
    yield from scaling()
    yield from panels()
    yield from runbooks()


def rules() -> Iterator[Query]:
    for group in _groups():
        for rule in group.rules:
            yield Query(_file(group.name, rule), str(rule.get("record", "expr")), rule["expr"])


def _file(group: str, rule: Rule) -> str:
    if "alert" in rule:
        return f"modules/monitoring/alerts/{rule['alert']}.yaml"
    name = group.removesuffix(".recordings")
    if name == "plan":
        return "blueprint/monitoring/plan.py"
    objective = re.fullmatch(r"slo-(.+)-[0-9]+[smh]", name)
    return f"modules/monitoring/slos/{objective[1]}.yaml" if objective else f"modules/monitoring/recordings/{name}.yaml"


def scaling() -> Iterator[Query]:
    for item in platform("eu-prod").objects("ScaledObject"):
        for trigger in item["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                place = f"{item['metadata']['name']}, trigger {trigger['name']}"
                yield Query("modules/serving/autoscaling.py", place, trigger["metadata"]["query"])


def panels() -> Iterator[Query]:
    """Every query of every dashboard, as Grafana is given it."""
    for name, dashboard in dashboards.load().items():
        for place, expression in grafana.expressions(grafana.render(dashboard, environment())):
            yield Query(f"modules/monitoring/dashboards/{name}.yaml", place, expression)


def runbooks() -> Iterator[Query]:
    for page in sorted(RUNBOOKS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for block in QUERY_BLOCK.finditer(text):
            place = f"line {text.count(chr(10), 0, block.start()) + 1}"
            yield from (Query(f"docs/runbooks/{page.name}", place, expression) for expression in split(block[1]))


def split(block: str) -> Iterator[str]:
    """The queries of a block: one a line, or longer ones between empty lines."""
    for paragraph in re.split(r"\n\s*\n", block.strip()):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        yield from [paragraph] if parses(paragraph) else lines
