"""What becomes of the files for one environment."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.monitoring import groups, load, rule_file
from blueprint.monitoring.models import Alert, Recordings
from blueprint.monitoring.rendering import alerts, recordings
from blueprint.monitoring.settings import edge, shown

ENVIRONMENTS = Path(__file__).parents[3] / "environments"


def environment(**monitoring: Any) -> Environment:
    document = yaml.safe_load((ENVIRONMENTS / "eu-prod.yaml").read_text())
    return Environment.model_validate({"name": "eu-prod", **document, "monitoring": monitoring})


def alert(**changes: Any) -> Alert:
    parameters = {"depth": {"value": 50, "setting": "monitoring.thresholds.queue_depth"}, "time": {"value": "10m", "why": "a test"}}
    content = {
        "name": "QueueLong",
        "group": "queue",
        "severity": "page",
        "source": "a test",
        "parameters": parameters,
        "for": "2m",
        "expr": "avg_over_time(model:llm_queue:sum[$time]) > $depth",
        "summary": "{{ $labels.model_name }}: {{ $value }} wait, more than $depth",
    }
    return Alert.model_validate(content | changes)


def test_figures_stand_where_their_names_did() -> None:
    (rule,) = alerts(alert(), environment())
    assert rule == {
        "alert": "QueueLong",
        "expr": "avg_over_time(model:llm_queue:sum[10m]) > 50",
        "for": "2m",
        "labels": {"severity": "page", "team": "platform"},
        "annotations": {
            "summary": "{{ $labels.model_name }}: {{ $value }} wait, more than 50",
            "runbook_url": "docs/runbooks/QueueLong.md",
        },
    }


def test_an_environment_has_figures_of_its_own_and_its_runbooks_where_they_are_read() -> None:
    (rule,) = alerts(alert(), environment(thresholds={"queue_depth": 12.5}, runbooks="https://git.acme.internal/blueprint/docs/runbooks"))
    assert rule["expr"].endswith("> 12.5")
    assert rule["annotations"]["runbook_url"] == "https://git.acme.internal/blueprint/docs/runbooks/QueueLong.md"


def test_a_figure_nobody_declared_is_told_with_those_that_are() -> None:
    with pytest.raises(BlueprintError, match=r"QueueLong: \$dept is no figure of this file") as refused:
        list(alerts(alert(expr="model:llm_queue:sum > $dept"), environment()))
    assert "depth" in refused.value.next_step


def test_a_setting_no_environment_has_is_told() -> None:
    with pytest.raises(BlueprintError, match=r"an environment has no monitoring\.queue\.depth"):
        list(alerts(alert(parameters={"depth": {"value": 1, "setting": "monitoring.queue.depth"}}, expr="a > $depth"), environment()))


def test_one_alert_per_model_is_labelled_with_it() -> None:
    found = list(alerts(alert(each="model", expr='absent(up{model_name="$model"}) and vector($max_num_seqs) > 1'), environment()))
    assert [rule["labels"]["model_name"] for rule in found] == ["analysis", "classify", "nightly"]
    assert {rule["labels"]["namespace"] for rule in found} == {"inference"}
    assert found[0]["expr"] == 'absent(up{model_name="analysis"}) and vector(24) > 1'


def test_recordings_come_in_the_order_of_their_file() -> None:
    rules = [{"record": f"a:b:{name}", "expr": "$floor", "what": "a test", "unit": "requests"} for name in "zyx"]
    group = Recordings.model_validate({"name": "test", "parameters": {"floor": {"value": 0.1, "why": "a test"}}, "rules": rules})
    assert [rule["record"] for rule in recordings(group, environment())] == ["a:b:z", "a:b:y", "a:b:x"]


@pytest.mark.parametrize(("figure", "text"), [(50, "50"), (50.0, "50"), (0.08, "0.08"), ("10m", "10m"), (1e6, "1000000")])
def test_figures_are_written_as_people_do(figure: float | str, text: str) -> None:
    assert shown(figure) == text


@pytest.mark.parametrize(("figure", "text"), [(0.5, r"0\\.5"), (10.0, r"10(\\.0)?"), (10.24, r"10\\.24")])
def test_an_edge_is_matched_as_python_and_go_write_it(figure: float, text: str) -> None:
    assert edge(figure) == text


def test_a_rule_file_says_what_the_groups_say() -> None:
    env = environment()
    assert yaml.safe_load(rule_file(load(), env)) == {"groups": [group.as_dict() for group in groups(load(), env)]}


def test_the_same_environment_gives_the_same_rules() -> None:
    assert rule_file(load(), environment()) == rule_file(load(), environment())


def test_a_setting_has_one_default_wherever_it_is_read() -> None:
    known: dict[str, set[tuple[Any, ...]]] = {}
    for _, one in load().parameters():
        if one.setting:
            known.setdefault(one.setting, set()).add((one.value, one.histogram))
    assert {setting: found for setting, found in known.items() if len(found) > 1} == {}
