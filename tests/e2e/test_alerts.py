"""Every alert, on the genuine Prometheus and Alertmanager: a switch is thrown, the alert is pending, fires, arrives, and is over.

Sixty times as fast as for real (`alerts/shortened.py`): windows, offsets and `for` are divided, thresholds and loads are not. One run
for all; it takes less than three minutes, and the two cores it wants to itself.
"""

from collections.abc import Iterator

import pytest

from blueprint.monitoring import load
from tests.e2e.alerts.drive import Drive, driven
from tests.e2e.alerts.shortened import FACTOR, INTERVAL_SECONDS, seconds
from tests.modules.monitoring.standin import faults

ALERTS = sorted(alert for switch in faults.SWITCHES.values() for alert in switch.alerts)
MOST_MISSED = 0.02
SLACK_SECONDS = 0.1  # what is written down is rounded


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drive]:
    with driven(tmp_path_factory.mktemp("alerts")) as found:
        if found.missed > MOST_MISSED:
            pytest.skip(f"this machine was too busy: {found.missed:.0%} of scrapes or evaluations did not happen in time")
        yield found


def test_a_healthy_platform_fires_nothing_but_the_watchdog(drive: Drive) -> None:
    assert drive.calm == ["Watchdog"]


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_fires_within_its_wait_and_two_intervals_and_ends_with_its_cause(drive: Drive, name: str) -> None:
    story, wait = drive.stories[name], seconds(load().alerts[name].for_) / FACTOR
    assert story.waited is not None, "it never fired"
    assert wait <= story.waited + SLACK_SECONDS
    assert story.waited <= wait + 2 * INTERVAL_SECONDS + SLACK_SECONDS
    assert story.over, "it still fired when the drive ended"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_arrives_where_its_severity_is_routed_unless_a_greater_one_is_told(drive: Drive, name: str) -> None:
    wanted = {"page": "on-call", "ticket": "desk"}[load().alerts[name].severity]
    receivers = {notice.receiver for notice in drive.receiver.told(name, "firing")}
    assert receivers == {wanted} or (not receivers and name in {alert for alert, _ in drive.held_back})


def test_the_heartbeat_comes_all_the_time(drive: Drive) -> None:
    beats = [notice for notice in drive.receiver.told("Watchdog", "firing") if notice.receiver == "heartbeat"]
    assert len(beats) > 30


def test_an_alert_that_asks_for_replicas_is_held_back_where_replicas_do_not_help(drive: Drive) -> None:
    assert ("AutoscalerAtLimit", "crowd") in drive.held_back
    assert "crowd" not in {notice.labels.get("model_name") for notice in drive.receiver.told("AutoscalerAtLimit", "firing")}
