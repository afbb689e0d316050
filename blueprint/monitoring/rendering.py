"""From files to the rule groups of one environment: figures put in, one rule per model where asked for, labels written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from blueprint.environment import Environment
from blueprint.monitoring import builtin, objectives, plan
from blueprint.monitoring.models import Alert, Each, Objective, Recording, Recordings
from blueprint.monitoring.reading import Rules
from blueprint.monitoring.settings import figures, fill

RUNBOOKS = "docs/runbooks"
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")

Rule = dict[str, Any]
Figures = Mapping[str, str]


@dataclass(frozen=True)
class Group:
    """Rules that Prometheus evaluates one after the other, every `interval`."""

    name: str
    interval: str
    rules: list[Rule] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As a rule file has it."""
        return {"name": self.name, "interval": self.interval, "rules": self.rules}


def groups(rules: Rules, env: Environment) -> list[Group]:
    """Every group of an environment: recordings, objectives, then alerts by their group.

    Raises:
        BlueprintError: an expression names a figure nobody declares.
    """
    recorded = [Group(f"{name}.recordings", group.interval, recordings(group, env)) for name, group in rules.recordings.items()]
    promised = [group for objective in rules.objectives.values() for group in objective_groups(objective, env)]
    names = sorted({alert.group for alert in rules.alerts.values()})
    told = [Group(f"{name}.alerts", "30s", [one for alert in _of(rules, name) for one in alerts(alert, env)]) for name in names]
    return [*recorded, Group("plan.recordings", "1m", plan.recordings(env)), *promised, *told]


def _of(rules: Rules, group: str) -> Iterator[Alert]:
    return (alert for alert in rules.alerts.values() if alert.group == group)


def recordings(group: Recordings, env: Environment) -> list[Rule]:
    """A group's recordings for an environment."""
    own = figures(group.parameters, env)
    return [_recording(one, known, group.name) for one in group.rules for known in _known(one.each, own, env)]


def _recording(recording: Recording, known: Figures, file: str) -> Rule:
    labels = {name: fill(text, known, file) for name, text in recording.labels.items()}
    return {"record": recording.record, "expr": fill(recording.expr, known, file)} | ({"labels": labels} if labels else {})


def objective_groups(objective: Objective, env: Environment) -> list[Group]:
    """An objective's recordings, in a group for each interval."""
    found = objectives.records(objective, env)
    labels = {"slo": objective.name}
    return [
        Group(f"slo.{objective.name}.{interval}", interval, [{"record": name, "expr": expr, "labels": labels} for name, expr in of])
        for interval, of in found.items()
    ]


def alerts(alert: Alert, env: Environment) -> Iterator[Rule]:
    """An alert for an environment: one rule, or one per self-hosted model, which its labels then name."""
    return (_alert(alert, known, env) for known in _known(alert.each, figures(alert.parameters, env), env))


def _known(each: Each | None, own: Figures, env: Environment) -> Iterator[Figures]:
    """What expressions know: the environment's figures and the file's own, once or for each model."""
    common = {**builtin.of_environment(env), **own}
    if each is None:
        yield common
    else:
        yield from ({**builtin.of_model(env, model), **common} for model in env.models)


def _alert(alert: Alert, known: Figures, env: Environment) -> Rule:
    rule: Rule = {"alert": alert.name, "expr": fill(alert.expr, known, alert.name)}
    rule |= {"for": alert.for_} if alert.for_ != "0s" else {}
    rule |= {"keep_firing_for": alert.keep_firing_for} if alert.keep_firing_for else {}
    labels = {"namespace": "$namespace", "model_name": "$model"} if alert.each else {}
    labels = {name: fill(text, known, alert.name) for name, text in {**labels, **alert.labels}.items()}
    annotations = {"summary": fill(alert.summary, known, alert.name), "runbook_url": runbook(alert.name, env)}
    return rule | {"labels": {"severity": alert.severity, "team": alert.team, **labels}, "annotations": annotations}


def runbook(alert: str, env: Environment) -> str:
    """Where an alert's runbook is read: in the browser where the environment says so, otherwise in the checkout."""
    return f"{env.monitoring.runbooks or RUNBOOKS}/{alert}.md"


def names(expr: str) -> list[str]:
    """All that may be the name of a series in an expression."""
    return sorted(set(NAME.findall(expr)))


def rule_file(rules: Rules, env: Environment) -> str:
    """All groups as a rule file, as `promtool check rules` and a Prometheus without the operator read it."""
    content = {"groups": [group.as_dict() for group in groups(rules, env)]}
    return yaml.dump(content, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=120)


class _Readable(yaml.SafeDumper):
    """Expressions of several lines stay lines."""


def _as_lines(dumper: _Readable, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _as_lines)
