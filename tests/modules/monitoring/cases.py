"""The cases of an alert (`alerts/<AlertName>.yaml`) as files promtool runs.

The rules are the alert, rendered for `eu-test.yaml`, below the recordings it reads, in one group. An expected alert has the
labels of the series; `severity` and `team` are added where a case does not name them. A case that says nothing about
annotations does not check them; one that says `exp_annotations: {summary: …}` does.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from blueprint.environment import Environment, loading
from blueprint.monitoring import Alert, Rule, Rules
from blueprint.monitoring.reading import read
from blueprint.monitoring.rendering import RUNBOOKS, alerts, names, objective_groups, recordings
from tests.e2e.alerts.shortened import seconds
from tests.modules.monitoring.promtool import write

HERE = Path(__file__).parent
FOLDER = HERE / "alerts"
KINDS = ("fires", "quiet", "boundary", "flap", "absent")

Case = dict[str, Any]


@cache
def environment() -> Environment:
    """The environment all alerts are rendered for."""
    return loading.load(HERE / "eu-test.yaml")


@cache
def readable() -> Rules:
    """All rules that can be read: a mistake in one file is that file's (`test_every_file_can_be_read`)."""
    return read()[0]


@cache
def recorded(name: str) -> list[Rule]:
    """The rules that record a series; none if nothing does."""
    rules, env = readable(), environment()
    files = [group for group in rules.recordings.values() if any(one.record == name for one in group.rules)]
    found = [rule for group in files for rule in recordings(group, env)]
    if name.startswith("slo:"):
        found = [rule for one in rules.objectives.values() for group in objective_groups(one, env) for rule in group.rules]
    return [rule for rule in found if rule["record"] == name]


def rules(alert: Alert) -> list[Rule]:
    """What an alert needs to be evaluated: the recordings it reads, those they read, and itself."""
    own = list(alerts(alert, environment()))
    order: list[str] = []
    for rule in own:
        _read_first(rule["expr"], order, ())
    return [rule for name in order for rule in recorded(name)] + own


def _read_first(expr: str, order: list[str], above: tuple[str, ...]) -> None:
    """Add the recordings an expression reads to `order`, those they read before them."""
    for name in names(expr):
        if name not in above and name not in order and (found := recorded(name)):
            for rule in found:
                _read_first(rule["expr"], order, (*above, name))
            order.append(name)


@cache
def cases(alert: str) -> list[Case]:
    """An alert's cases, each with how often its rules are evaluated in it."""
    path = FOLDER / f"{alert}.yaml"
    assert path.exists(), f"{alert} has no cases: {path.relative_to(HERE.parents[2])}"
    content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return [{"evaluation_interval": content.get("evaluation_interval", "1m"), **case} for case in content["tests"]]


def evaluations(case: Case) -> float:
    """How often promtool evaluates the rules in a case."""
    last = max(seconds(str(check["eval_time"])) for kind in ("alert_rule_test", "promql_expr_test") for check in case.get(kind, []))
    return last / seconds(case["evaluation_interval"])


def lay_out(alert: Alert, own: list[Rule], folder: Path, chosen: Sequence[Case]) -> list[str]:
    """Write promtool's files for cases of an alert; those it is to be called with."""
    files: dict[tuple[str, str], list[Case]] = {}
    for case in chosen:
        kind = "annotated" if _annotated(case) else "plain"
        files.setdefault((kind, case["evaluation_interval"]), []).append(_complete(case, alert))
    for kind in {kind for kind, _ in files}:
        shown = own if kind == "annotated" else [{key: value for key, value in rule.items() if key != "annotations"} for rule in own]
        write(folder / f"{kind}.rules.yaml", {"groups": [{"name": alert.name, "rules": shown}]})
    for (kind, interval), told in files.items():
        head = {"rule_files": [f"{kind}.rules.yaml"], "evaluation_interval": interval}
        write(folder / f"{kind}-{interval}.yaml", {**head, "tests": told})
    return [f"{kind}-{interval}.yaml" for kind, interval in files]


def _complete(case: Case, alert: Alert) -> Case:
    case = deepcopy({key: value for key, value in case.items() if key != "evaluation_interval"})
    for check in case.get("alert_rule_test", []):
        check.setdefault("alertname", alert.name)
    own = {name: text for name, text in alert.labels.items() if "$" not in text}
    for expected in _expected(case):
        expected["exp_labels"] = {"severity": alert.severity, "team": alert.team, **own, **expected.get("exp_labels", {})}
        if "exp_annotations" in expected:
            expected["exp_annotations"].setdefault("runbook_url", f"{RUNBOOKS}/{alert.name}.md")
    return case


def _expected(case: Case) -> Iterator[dict[str, Any]]:
    return (expected for check in case.get("alert_rule_test", []) for expected in check.get("exp_alerts") or [])


def _annotated(case: Case) -> bool:
    return any("exp_annotations" in expected for expected in _expected(case))
