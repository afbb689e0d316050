"""Who hears of which alert, by the configuration as Alertmanager reads it."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml

from blueprint.environment import Monitoring
from blueprint.policy import checking
from blueprint.policy.declared import Options
from blueprint.policy.registry import rules
from modules import alertmanager
from tests.modules.monitoring import cases
from tests.modules.platform import Platform, environment, platform
from tools.build import program

PAGER = {"kind": "webhook", "severity": "page", "url": "https://oncall.acme.internal/hook"}
DESK = {
    "kind": "email",
    "severity": "ticket",
    "to": ["a@acme.example", "b@acme.example"],
    "sender": "c@acme.example",
    "host": "mail.acme.internal",
}
BEAT = {"url": "https://heartbeat.acme.internal:8443/eu"}
Labels = Mapping[str, str]


def monitoring(**changes: Any) -> Monitoring:
    return Monitoring.model_validate({"receivers": {"pager": PAGER, "desk": DESK}, "heartbeat": BEAT, **changes})


def config(**changes: Any) -> dict[str, Any]:
    return alertmanager.config(monitoring(**changes))


def matches(matchers: list[str], labels: Labels) -> bool:
    """As Alertmanager: all of them, and a label that is not there is empty."""
    for matcher in matchers:
        found = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher)
        assert found, matcher
        value = labels.get(found[1], "")
        if {"=": value == found[3], "!=": value != found[3], "=~": re.fullmatch(found[3], value) is not None}[found[2]] is False:
            return False
    return True


def hears(of: dict[str, Any], **labels: str) -> list[str]:
    """The receivers an alert is routed to."""
    found = []
    for route in of["route"]["routes"]:
        if matches(route["matchers"], labels):
            found.append(route["receiver"])
            if not route.get("continue"):
                break
    return found or [of["route"]["receiver"]]


def mutes(source: Labels, target: Labels) -> bool:
    """Whether the target stays untold while the source fires."""
    return any(
        matches(rule["source_matchers"], source)
        and matches(rule["target_matchers"], target)
        and all(source.get(label, "") == target.get(label, "") for label in rule["equal"])
        for rule in config()["inhibit_rules"]
    )


def alert(name: str, **labels: str) -> Labels:
    """An alert of ours with the labels its file gives it."""
    found = cases.readable().alerts[name]
    return {"alertname": name, "severity": found.severity, "team": found.team, "cluster": "c", **found.labels, **labels}


def amtool() -> str | None:
    built = program("amtool")
    return which("amtool") or (str(built.path) if built and built.built else None)


needs_amtool = pytest.mark.skipif(
    amtool() is None, reason="amtool is not installed: apt install prometheus-alertmanager, or `make e2e-tools`"
)


def ask_amtool(folder: Path, *arguments: str) -> str:
    (folder / "alertmanager.yaml").write_text(yaml.safe_dump(config()))
    tool = amtool()
    assert tool is not None
    result = subprocess.run([tool, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_a_page_goes_to_the_pager_and_a_ticket_to_the_desk() -> None:
    assert hears(config(), severity="page", team="platform") == ["pager"]
    assert hears(config(), severity="ticket", team="platform") == ["desk"]


def test_information_and_what_is_unknown_go_to_nobody() -> None:
    assert hears(config(), severity="info") == [alertmanager.NOBODY]
    assert hears(config(), alertname="x") == [alertmanager.NOBODY]


def test_alerts_of_the_chart_wake_nobody() -> None:
    assert hears(config(), severity="critical") == hears(config(), severity="warning") == ["desk"]


def test_the_watchdog_beats_every_minute_and_nobody_else_hears_it() -> None:
    assert hears(config(), alertname="Watchdog", severity="page") == [alertmanager.HEARTBEAT]
    route = config()["route"]["routes"][0]
    assert (route["group_wait"], route["repeat_interval"]) == ("0s", "1m")
    (beat,) = (one for one in config()["receivers"] if one["name"] == alertmanager.HEARTBEAT)
    assert beat["webhook_configs"] == [{"url": "https://heartbeat.acme.internal:8443/eu", "send_resolved": False}]


def test_without_a_heartbeat_the_watchdog_goes_to_nobody() -> None:
    assert hears(config(heartbeat=None), alertname="Watchdog", severity="page") == [alertmanager.NOBODY]


def test_a_team_hears_of_its_own_alerts_and_whoever_has_no_team_of_all() -> None:
    receivers = {"pager": PAGER, "search": {**PAGER, "team": "search"}}
    assert hears(config(receivers=receivers), severity="page", team="search") == ["pager", "search"]
    assert hears(config(receivers=receivers), severity="page", team="platform") == ["pager"]


def test_tickets_wait_for_business_hours_and_pages_do_not() -> None:
    page, ticket = config(business_hours={"holidays": ["12-25"]})["route"]["routes"][1:]
    assert not {"active_time_intervals", "mute_time_intervals"} & page.keys()
    assert ticket["active_time_intervals"] == ["business-hours"]
    assert ticket["mute_time_intervals"] == ["holidays"]


def test_who_wants_tickets_at_any_hour_gets_them() -> None:
    (_, ticket) = config(receivers={"desk": {**DESK, "always": True}})["route"]["routes"]
    assert not {"active_time_intervals", "mute_time_intervals"} & ticket.keys()


def test_hours_are_those_of_the_wall_clock() -> None:
    hours = {"timezone": "Europe/Lisbon", "start": "09:30", "end": "17:00", "days": ["Monday", "Saturday"]}
    (interval,) = config(business_hours=hours)["time_intervals"]
    times = [{"start_time": "09:30", "end_time": "17:00"}]
    assert interval["time_intervals"] == [{"times": times, "weekdays": ["monday", "saturday"], "location": "Europe/Lisbon"}]


def test_a_holiday_is_a_date_or_a_day_of_every_year() -> None:
    holidays = config(business_hours={"timezone": "Europe/Berlin", "holidays": ["2027-03-29", "12-25"]})["time_intervals"][1]
    assert holidays["time_intervals"] == [
        {"years": ["2027"], "months": ["3"], "days_of_month": ["29"], "location": "Europe/Berlin"},
        {"months": ["12"], "days_of_month": ["25"], "location": "Europe/Berlin"},
    ]


def test_a_queue_that_gpus_do_not_help_silences_the_advice_to_add_some() -> None:
    stuck = alert("QueueGrowsWhileGpuIsFlat", namespace="inference", model_name="analysis", cause="kv_memory")
    advising = [name for name, found in cases.readable().alerts.items() if found.labels.get("advice") == "scale_out"]
    assert "QueueDeep" in advising
    for name in advising:
        assert mutes(stuck, alert(name, namespace="inference", model_name="analysis"))
        assert not mutes(stuck, alert(name, namespace="inference", model_name="classify"))


def test_where_memory_bandwidth_is_the_limit_more_replicas_are_still_advised() -> None:
    stuck = alert("QueueGrowsWhileGpuIsFlat", namespace="inference", model_name="analysis", cause="memory_bandwidth")
    assert not mutes(stuck, alert("QueueDeep", namespace="inference", model_name="analysis"))


def test_a_page_silences_tickets_about_the_same_model_route_or_card_only() -> None:
    down = alert("ModelDown", namespace="inference", model_name="analysis")
    assert mutes(down, alert("ThroughputDrop", namespace="inference", model_name="analysis"))
    assert not mutes(down, alert("ThroughputDrop", namespace="inference", model_name="classify"))
    assert not mutes(down, alert("GpuHot", node="n", gpu="0"))
    assert mutes(alert("RequestsFailing", route="analysis"), alert("RequestsInvalid", route="analysis"))
    assert mutes(alert("GpuXid", node="n", gpu="0"), alert("GpuHot", node="n", gpu="0"))
    assert not mutes(alert("GpuXid", node="n", gpu="0"), alert("GpuHot", node="n", gpu="1"))


def test_a_page_silences_neither_another_page_nor_the_cause_of_the_queue() -> None:
    down = alert("ModelDown", namespace="inference", model_name="analysis")
    assert not mutes(down, alert("ErrorBudgetBurnsFast", model_name="analysis"))
    assert not mutes(down, alert("QueueGrowsWhileGpuIsFlat", namespace="inference", model_name="analysis", cause="kv_memory"))


def test_an_outage_of_all_is_told_once() -> None:
    outage = alert("GatewayErrors")
    assert outage["scope"] == "cluster"
    assert mutes(outage, alert("RequestsFailing", route="analysis"))
    assert mutes(outage, alert("ThroughputDrop", namespace="inference", model_name="analysis"))
    assert not mutes(outage, outage)
    assert not mutes(outage, alert("GpuDoubleBitError", node="n", gpu="0"))
    assert not mutes(outage, {**alert("RequestsFailing", route="analysis"), "cluster": "d"})


def test_no_alert_of_ours_silences_itself() -> None:
    """One that is its own source would never be told."""
    things = [{"model_name": "m", "namespace": "inference"}, {"route": "m"}, {"node": "n", "gpu": "0"}]
    for name in cases.readable().alerts:
        for thing in things:
            assert not mutes(alert(name, **thing), alert(name, **thing)), f"{name} {thing}"


def test_tokens_and_passwords_are_files_and_never_values() -> None:
    receivers = {"pager": {**PAGER, "token": True}, "desk": {**DESK, "user": "alerts"}}
    of = config(receivers=receivers, heartbeat={**BEAT, "token": True})
    found = {one["name"]: one for one in of["receivers"]}
    folder = f"/etc/alertmanager/secrets/{alertmanager.RECEIVER_LOGINS}"
    assert found["pager"]["webhook_configs"][0]["http_config"] == {"authorization": {"credentials_file": f"{folder}/receiver-pager"}}
    assert found["heartbeat"]["webhook_configs"][0]["http_config"] == {"authorization": {"credentials_file": f"{folder}/heartbeat"}}
    mail = found["desk"]["email_configs"][0]
    assert (mail["auth_username"], mail["auth_password_file"]) == ("alerts", f"{folder}/receiver-desk")
    assert (mail["to"], mail["smarthost"], mail["require_tls"]) == ("a@acme.example, b@acme.example", "mail.acme.internal:587", True)


def test_a_receiver_outside_the_zone_is_seen_by_the_policies(tmp_path: Path) -> None:
    """Whatever its kind: an address in a secret would not be."""
    receivers = {"pager": {**PAGER, "url": "https://events.pagerduty.com/x"}, "desk": {**DESK, "host": "smtp.gmail.com"}}
    chart = {"alertmanager": {"config": config(receivers=receivers)}}
    release = {"name": "stack", "chart": "kube-prometheus-stack", "values": [yaml.safe_dump(chart)]}
    (tmp_path / "cdk.tf.json").write_text(json.dumps({"resource": {"helm_release": {"stack": release}}}))
    (r03,) = (rule for rule in rules() if rule.id == "R03")
    report = checking.check(tmp_path, Options(zone="eu-resident", data_class="personal"), environment={}, rules=[r03])
    assert {failure.found for failure in report.failures} == {"events.pagerduty.com", "smtp.gmail.com"}


def test_the_files_come_from_the_secret_store() -> None:
    wish = {"receivers": {"pager": {**PAGER, "token": True}}, "heartbeat": {**BEAT, "token": True}}
    found = Platform(environment("eu-prod", monitoring=wish))
    data = found.object("ExternalSecret", alertmanager.RECEIVER_LOGINS)["spec"]["data"]
    assert {one["secretKey"]: one["remoteRef"]["key"] for one in data} == {"receiver-pager": "receiver-pager", "heartbeat": "heartbeat"}
    assert found.values("kube-prometheus-stack")["alertmanager"]["alertmanagerSpec"]["secrets"] == [alertmanager.RECEIVER_LOGINS]


def test_without_logins_nothing_is_asked_of_the_secret_store() -> None:
    assert not [one for one in platform("eu-prod").objects("ExternalSecret") if one["metadata"]["name"] == alertmanager.RECEIVER_LOGINS]
    assert platform("eu-prod").values("kube-prometheus-stack")["alertmanager"]["alertmanagerSpec"]["secrets"] == []


def test_the_chart_is_given_the_whole_configuration() -> None:
    """What it has by default is merged with ours; nothing of it may be left, such as a route of its own."""
    given = platform("eu-prod").values("kube-prometheus-stack")["alertmanager"]["config"]
    assert given == alertmanager.config(environment("eu-prod").monitoring)
    assert given["route"].keys() == {"receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "routes"}


@needs_amtool
def test_amtool_finds_nothing_wrong(tmp_path: Path) -> None:
    assert "SUCCESS" in ask_amtool(tmp_path, "check-config", "alertmanager.yaml")


@needs_amtool
@pytest.mark.parametrize(
    "labels", [{"severity": "page"}, {"severity": "ticket"}, {"severity": "warning"}, {"severity": "info"}, {"alertname": "Watchdog"}]
)
def test_amtool_routes_as_we_do(labels: dict[str, str], tmp_path: Path) -> None:
    pairs = [f"{name}={value}" for name, value in labels.items()]
    told = ask_amtool(tmp_path, "config", "routes", "test", "--config.file=alertmanager.yaml", *pairs)
    assert told.strip().split(",") == hears(config(), **labels)
