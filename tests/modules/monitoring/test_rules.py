"""Rules as Kubernetes takes them, and what they share with what they watch."""

import json
import re
from pathlib import Path

import pytest

from blueprint.catalog import Engine
from blueprint.environment import loading
from blueprint.monitoring import load
from blueprint.monitoring.builtin import NAMESPACE
from blueprint.monitoring.rendering import names
from modules.clusters.base import WEIGHTS_READER
from modules.monitoring.rules import rules
from tests.modules.platform import Platform, environment, platform

ENVIRONMENTS = Path(__file__).parents[3] / "environments"
SHIPPED = sorted(path.stem for path in ENVIRONMENTS.glob("*.yaml"))
HELM_LIMIT = 1_000_000  # a release is kept in a Secret


def told_in(name: str) -> list[str]:
    return [rule["alert"] for item in rules(loading.load(ENVIRONMENTS / f"{name}.yaml"), "monitoring") for rule in alerts_of(item)]


def alerts_of(item: object) -> list[dict[str, str]]:
    return [rule for group in item["spec"]["groups"] for rule in group["rules"] if "alert" in rule]  # type: ignore[index]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_alert_is_in_every_environment(name: str) -> None:
    assert set(told_in(name)) == set(load().alerts)


@pytest.mark.parametrize("name", SHIPPED)
def test_objects_have_names_kubernetes_takes_and_fit_a_release(name: str) -> None:
    found = rules(loading.load(ENVIRONMENTS / f"{name}.yaml"), "monitoring")
    assert all(re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", item["metadata"]["name"]) for item in found)
    assert len({item["metadata"]["name"] for item in found}) == len(found)
    assert len(json.dumps(found)) < HELM_LIMIT


def test_groups_are_called_differently() -> None:
    """Prometheus keys a group's state by its file and name; the operator writes one file per object."""
    found = [group["name"] for item in rules(loading.load(ENVIRONMENTS / "eu-prod.yaml"), "monitoring") for group in item["spec"]["groups"]]
    assert len(found) == len(set(found))


def test_rules_look_for_models_where_they_run() -> None:
    assert WEIGHTS_READER.namespace == NAMESPACE


def engine_series(expr: str) -> set[str]:
    return {name for name in names(expr) if name.startswith("vllm:")}


def test_autoscaling_counts_what_the_queue_is_recorded_from() -> None:
    """KEDA asks the engine's own series (modules/serving/autoscaling.py says why), for what alerts and dashboards call load."""
    recorded = {one.record: one.expr for one in load().recorded()}
    assert recorded["model:llm_inflight:sum"] == "model:llm_queue:sum + model:llm_running:sum"
    triggers = platform("eu-prod").object("ScaledObject", "analysis")["spec"]["triggers"]
    asked = {one["name"]: engine_series(one["metadata"].get("query", "")) for one in triggers}
    assert asked["requests"] == engine_series(recorded["model:llm_queue:sum"]) | engine_series(recorded["model:llm_running:sum"])
    assert asked["kv-cache"] == engine_series(recorded["model:llm_kv_use:max"]) == {"vllm:kv_cache_usage_perc"}


def test_an_empty_answer_is_still_an_error_to_keda() -> None:
    triggers = platform("eu-prod").object("ScaledObject", "analysis")["spec"]["triggers"]
    asked = [one["metadata"] for one in triggers if one["type"] == "prometheus"]
    assert all(one["ignoreNullValues"] == "false" and "vector(0)" not in one["query"] for one in asked)


def arguments(of: Platform) -> list[str]:
    found: list[str] = of.object("Deployment", "analysis")["spec"]["template"]["spec"]["containers"][0]["args"]
    return found


def test_engines_have_an_edge_where_a_figure_is() -> None:
    (option,) = [one for one in arguments(platform("eu-prod")) if one.startswith("--custom-histogram-buckets=")]
    buckets = json.loads(option.partition("=")[2])
    assert 0.08 in buckets["inter_token_latency"]
    assert buckets["inter_token_latency"] == sorted(set(buckets["inter_token_latency"]))


def test_an_engine_without_the_option_is_not_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "custom_buckets", None)
    assert not [one for one in arguments(Platform(environment("eu-prod"))) if "histogram" in one]
