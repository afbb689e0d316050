"""Autoscaling: queries KEDA accepts, errors that never scale down, clocks that end on the right day."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from blueprint.environment import Schedule
from blueprint.sizing import size_deployment
from modules.serving.autoscaling import clock
from tests.modules.platform import Object, environment, platform


def spec(name: str = "analysis") -> Object:
    found: Object = platform("eu-prod").object("ScaledObject", name)["spec"]
    return found


def triggers(name: str = "analysis") -> dict[str, Any]:
    return {trigger["name"]: trigger for trigger in spec(name)["triggers"]}


@pytest.mark.parametrize("name", ["analysis", "classify", "nightly"])
def test_every_query_gives_one_number_for_this_model_only(name: str) -> None:
    for trigger in (triggers(name)["requests"], triggers(name)["kv-cache"]):
        query = trigger["metadata"]["query"]
        selectors = query.count("vllm:")
        assert query.count("sum(vllm:") + query.count("max(vllm:") == selectors > 0
        assert query.count(f'model_name="{name}"') == query.count('namespace="inference"') == selectors


@pytest.mark.parametrize("name", ["analysis", "classify", "nightly"])
def test_an_empty_answer_is_never_taken_for_zero_by_keda(name: str) -> None:
    assert triggers(name)["requests"]["metadata"]["ignoreNullValues"] == "false"
    assert triggers(name)["kv-cache"]["metadata"]["ignoreNullValues"] == "false"


def test_the_queue_target_is_seventy_percent_of_what_a_replica_holds() -> None:
    sizing = size_deployment(environment("eu-prod"), "analysis")
    held = min(sizing.max_concurrency, int(sizing.flags["max_num_seqs"]))
    assert float(triggers()["requests"]["metadata"]["threshold"]) == pytest.approx(0.7 * held, abs=0.05)
    assert triggers()["requests"]["metricType"] == "AverageValue"
    assert (triggers()["kv-cache"]["metricType"], triggers()["kv-cache"]["metadata"]["threshold"]) == ("Value", "0.8")


def test_errors_keep_the_replicas_there_are() -> None:
    assert spec()["fallback"] == {"failureThreshold": 3, "replicas": 1, "behavior": "currentReplicasIfHigher"}


def test_a_sleeping_model_is_woken_by_the_clock_alone() -> None:
    """No fallback (it would wake the model whenever Prometheus fails), and no series means no load."""
    nightly = spec("nightly")
    assert nightly["minReplicaCount"] == 0
    assert "fallback" not in nightly
    assert all(triggers("nightly")[name]["metadata"]["query"].endswith(" or vector(0)") for name in ("requests", "kv-cache"))
    assert triggers("nightly")["schedule"]["type"] == "cron"


def test_a_model_that_never_sleeps_does_not_hide_missing_series() -> None:
    assert not any("vector" in trigger["metadata"].get("query", "") for trigger in triggers().values())


def test_replicas_are_added_one_by_one_and_given_back_slowly() -> None:
    behavior = spec()["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behavior["scaleUp"]["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 120}]
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] >= 600


def test_keda_may_not_read_the_api_keys_of_the_models_it_scales() -> None:
    """Unrestricted it resolves the whole environment of the pods it scales (KEDA 2.20, pkg/scaling/resolver)."""
    assert platform("eu-prod").values("keda")["permissions"]["operator"]["restrict"]["secret"] is True


def test_bounds_are_the_environments() -> None:
    assert (spec()["minReplicaCount"], spec()["maxReplicaCount"]) == (1, 2)


@pytest.mark.parametrize(
    ("start", "end", "days", "awake", "asleep"),
    [
        ("07:00", "19:00", "weekdays", ["Mon 07:00", "Fri 18:59"], ["Mon 06:59", "Fri 19:00", "Sat 12:00"]),
        ("22:00", "05:00", "daily", ["Mon 23:00", "Tue 04:59", "Sat 22:00", "Sun 02:00"], ["Tue 05:00", "Tue 21:59", "Sun 12:00"]),
        (
            "22:00",
            "05:00",
            "weekdays",
            ["Mon 22:00", "Tue 03:00", "Fri 23:30", "Sat 04:59"],
            ["Mon 03:00", "Sat 05:00", "Sat 23:00", "Sun 12:00"],
        ),
    ],
)
def test_the_clock_runs_on_the_right_days(start: str, end: str, days: Any, awake: list[str], asleep: list[str]) -> None:
    trigger = clock(Schedule(start=start, end=end, timezone="Europe/Amsterdam", days=days))["metadata"]
    assert [moment for moment in awake if not within(trigger, moment)] == []
    assert [moment for moment in asleep if within(trigger, moment)] == []


def within(trigger: dict[str, str], moment: str) -> bool:
    """KEDA's own rule: the window is open when its next end comes before its next start (pkg/scalers/cron_scaler.go)."""
    monday = datetime(2026, 11, 2)
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    day, _, time = moment.partition(" ")
    hour, minute = map(int, time.split(":"))
    now = monday + timedelta(days=days.index(day), hours=hour, minutes=minute)
    return upcoming(trigger["end"], now) < upcoming(trigger["start"], now)


def upcoming(cron: str, now: datetime) -> datetime:
    minute, hour, _, _, weekdays = cron.split()
    first, _, last = (("0-6") if weekdays == "*" else weekdays).partition("-")
    moment = now + timedelta(minutes=1)
    while not (moment.minute == int(minute) and moment.hour == int(hour) and int(first) <= moment.isoweekday() % 7 <= int(last)):
        moment += timedelta(minutes=1)
    return moment
