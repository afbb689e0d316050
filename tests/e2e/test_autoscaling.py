"""The closed loop: what our ScaledObjects do with the genuine KEDA, HPA and Prometheus (`autoscaling/loop.py` says what stands in).

The first test runs in real time. For the others one minute stands for fifteen (`autoscaling/emitted.py`); their models run side by
side from one start.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.autoscaling.emitted import FACTOR
from tests.e2e.autoscaling.loop import closed_loop

HELD = 8  # requests one replica holds at once; the target is 70 % of it
SCALE_UP_S, SCALE_DOWN_S = 120 / FACTOR, 900 / FACTOR
SLACK_S = 15  # for what does not shrink with the factor: processes that start, answers that take two seconds


def model(least: int, most: int, **more: Any) -> dict[str, Any]:
    return {"max_concurrent_requests": HELD, "replicas": {"min": least, "max": most}, "priority": "batch", **more}


def test_a_burst_gets_a_replica_within_window_poll_and_fifteen_seconds(tmp_path: Path) -> None:
    with closed_loop(tmp_path) as loop:
        loop.deploy({"analysis": model(1, 2)})
        loop.until(lambda: loop.answers("analysis") == {"requests": [0], "kv-cache": [0]}, 60)
        spec = loop.spec("analysis")
        window = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleUp"]["stabilizationWindowSeconds"]
        with loop.load("analysis", users=2 * HELD):
            assert loop.replicas("analysis") == 1
            loop.until(lambda: loop.replicas("analysis") == 2, window + spec["pollingInterval"] + 15)
            loop.until(lambda: len(loop.bridge.of("analysis")) == 2, SLACK_S)


class Day:
    """Hours of scaling in three minutes. `blind` loses its series and `deaf` its Prometheus while both have two replicas; on the
    full minute `office` closes, `night` ends and `morning` begins. Moments are `time.time()`."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.loop = stack.enter_context(closed_loop(folder, FACTOR))
        now = datetime.now(UTC)
        turn = (now + timedelta(seconds=100)).replace(second=0, microsecond=0)  # clocks have no seconds
        self.turn = turn.timestamp()
        open_until, open_from = _daily(now - timedelta(hours=1), turn), _daily(turn, now + timedelta(hours=1))
        models = {
            **dict.fromkeys(("steady", "busy"), model(1, 3)),
            **dict.fromkeys(("full", "blind", "deaf"), model(1, 2)),
            "office": model(1, 2, schedule={**open_until, "replicas": 2}),
            "night": model(0, 1, schedule=open_until),
            "morning": model(0, 1, schedule=open_from),
        }
        with self.loop.prometheus_beside() as other:
            self.loop.bridge.pretend["full"] = {"running-requests": 1, "waiting-requests": 0, "kv-cache-usage": 0.95}
            self.loop.deploy(models, ask={"deaf": other})
            stack.enter_context(self.loop.load("steady", users=10, think_seconds=3))
            stack.enter_context(self.loop.load("busy", users=5 * HELD))
            with self.loop.load("blind", users=2 * HELD), self.loop.load("deaf", users=2 * HELD):
                self.loop.until(lambda: self.loop.replicas("blind") == self.loop.replicas("deaf") == 2, 60)
            self.loop.bridge.hide("blind")
        self.lost = time.time()

    def wait_until(self, moment: float) -> None:
        time.sleep(max(0.0, moment - time.time()))


def _daily(start: datetime, end: datetime) -> dict[str, Any]:
    return {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}", "timezone": "UTC"}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    with ExitStack() as stack:
        yield Day(stack, tmp_path_factory.mktemp("day"))


@pytest.mark.parametrize(("name", "why"), [("blind", "target may be lost"), ("deaf", "connection refused")])
def test_replicas_stay_when_metrics_vanish_and_events_say_why(day: Day, name: str, why: str) -> None:
    """The load is gone as well: whoever took silence for zero would scale down."""
    day.wait_until(day.lost + SCALE_DOWN_S + SLACK_S)
    assert [change.replicas for change in day.loop.history[name]] == [1, 2]
    assert any(event.startswith("KEDAScalerFailed") and why in event for event in day.loop.events(name))
    assert day.loop.condition("scaledobject", name, "Fallback")["status"] == "True"


def test_idle_replicas_are_given_back_once_metrics_are_back(day: Day) -> None:
    """The other half of the test before: it was the silence that held them."""
    day.loop.bridge.show("blind")
    day.loop.until(lambda: day.loop.replicas("blind") == 1, SCALE_DOWN_S + SLACK_S)


def test_replicas_are_added_one_at_a_time_up_to_the_bound_and_no_further(day: Day) -> None:
    changes = day.loop.history["busy"]
    assert [change.replicas for change in changes] == [1, 2, 3]
    assert changes[2].at - changes[1].at > SCALE_UP_S - 1
    assert time.time() - changes[2].at > 5 * SCALE_UP_S
    limited = day.loop.condition("hpa", "busy", "ScalingLimited")
    assert (limited["status"], limited["reason"]) == ("True", "TooManyReplicas")


def test_a_full_kv_cache_adds_a_replica_though_few_requests_run(day: Day) -> None:
    assert [change.replicas for change in day.loop.history["full"]] == [1, 2]


def test_every_query_gives_one_number_however_many_replicas_there_are(day: Day) -> None:
    assert len(day.loop.prometheus.query('vllm:num_requests_running{model_name="busy"}')) == 3
    assert {name: len(values) for name, values in day.loop.answers("busy").items()} == {"requests": 1, "kv-cache": 1}
    assert "multiple elements" not in "".join(day.loop.events("busy"))  # what KEDA says to more than one number


def test_the_clock_is_a_lower_bound_while_it_runs(day: Day) -> None:
    day.loop.until(lambda: len(day.loop.history["office"]) == 3, day.turn - time.time() + SCALE_DOWN_S + SLACK_S)
    first, opened, closed = day.loop.history["office"]
    assert (first.replicas, opened.replicas, closed.replicas) == (1, 2, 1)
    assert opened.at - first.at < SLACK_S
    assert closed.at > day.turn


def test_models_that_may_sleep_wake_and_sleep_by_the_clock(day: Day) -> None:
    day.loop.until(lambda: day.loop.replicas("night") == 0, day.turn - time.time() + SCALE_DOWN_S + SLACK_S)
    awake, asleep = day.loop.history["night"]
    assert (awake.replicas, asleep.replicas, asleep.at > day.turn) == (1, 0, True)
    first, slept, woke = day.loop.history["morning"]
    assert (first.replicas, slept.replicas, woke.replicas) == (1, 0, 1)
    assert slept.at < day.turn < woke.at < day.turn + SLACK_S


def test_load_that_wavers_around_the_target_does_not_make_replicas_come_and_go(day: Day) -> None:
    changes = day.loop.history["steady"]
    day.wait_until(changes[0].at + 2 * SCALE_DOWN_S + SLACK_S)
    assert all(before.replicas < after.replicas for before, after in pairwise(changes))
