"""Who hears of alerts: inside the zone, and somebody at all."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.environment import Environment, checks, loading
from blueprint.errors import EnvironmentInvalid
from blueprint.secrets import required
from tests.blueprint.monitoring.test_rendering import ENVIRONMENTS, environment

PAGER = {"kind": "webhook", "severity": "page", "url": "https://oncall.acme.internal/alertmanager"}
MAIL = {
    "kind": "email",
    "severity": "ticket",
    "to": ["ops@acme.example"],
    "sender": "alerts@acme.example",
    "host": "smtp.acme.internal",
}


def told(monitoring: dict[str, Any]) -> list[tuple[str, str]]:
    found = checks.run(environment(**monitoring))
    return [(".".join(map(str, finding.place)), finding.message) for finding in found if finding.place[0] == "monitoring"]


def test_receivers_inside_are_fine() -> None:
    assert told({"receivers": {"on-call": PAGER, "mail": MAIL}, "heartbeat": {"url": "https://heartbeat.acme.internal/eu-prod"}}) == []


def test_an_environment_that_pages_nobody_is_warned_about() -> None:
    warning = ("monitoring.receivers", "nobody is paged: alerts are seen by those who look at Grafana or Alertmanager")
    assert told({}) == [warning]
    assert told({"receivers": {"mail": MAIL}}) == [warning]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://hooks.slack.com/services/T0/B0/x", "Slack"),
        ("https://events.pagerduty.com/v2/enqueue", "PagerDuty"),
        ("https://intake.logz.io/alerts", "Logz.io"),
    ],
)
def test_a_receiver_outside_the_zone_is_refused_at_its_address(url: str, said: str) -> None:
    found = told({"receivers": {"on-call": {**PAGER, "url": url}}})
    assert found[0][0] == "monitoring.receivers.on-call.url"
    assert said in found[0][1]


def test_a_receiver_nobody_knows_the_place_of_is_refused() -> None:
    found = told(
        {"receivers": {"on-call": PAGER, "mail": {**MAIL, "host": "smtp.example.com"}}, "heartbeat": {"url": "https://beat.example.com"}}
    )
    assert [place for place, _ in found] == ["monitoring.receivers.mail.host", "monitoring.heartbeat.url"]
    assert all(message.startswith("nobody knows where") for _, message in found)


def test_tokens_and_passwords_are_secrets_of_the_environment() -> None:
    receivers = {"on-call": {**PAGER, "token": True}, "mail": {**MAIL, "user": "alerts"}, "open": PAGER}
    heartbeat = {"url": "https://heartbeat.acme.internal/eu-prod", "token": True}
    env = environment(receivers=receivers, heartbeat=heartbeat)
    assert list(env.monitoring.secrets()) == ["receiver-on-call", "receiver-mail", "heartbeat"]
    assert {"receiver-on-call", "receiver-mail", "heartbeat"} <= {secret.name for secret in required(env)}


@pytest.mark.parametrize("name", ["eu-prod", "eu-staging", "fr-prod", "dc-prod", "dev"])
def test_in_every_environment_we_ship_somebody_is_told(name: str) -> None:
    receivers = loading.load(ENVIRONMENTS / f"{name}.yaml").monitoring.receivers
    assert {one.severity for one in receivers.values()} == {"page", "ticket"}


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"start": "18:00", "end": "08:00"}, "business_hours: end 08:00 is not after start 18:00"),
        ({"holidays": ["13-01"]}, "business_hours.holidays[0]: 13-01 is in no calendar"),
        ({"holidays": ["2027-02-29"]}, "business_hours.holidays[0]: 2027-02-29 is in no calendar"),
        ({"holidays": ["Easter"]}, "a date such as 2027-03-29, or a day of every year such as 12-25"),
        ({"timezone": "Amsterdam"}, "Amsterdam is not an IANA time zone"),
    ],
)
def test_business_hours_that_cannot_be_are_told(tmp_path: Path, hours: dict[str, Any], said: str) -> None:
    document = yaml.safe_load((ENVIRONMENTS / "eu-prod.yaml").read_text())
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump({**document, "monitoring": {"business_hours": hours}}))
    with pytest.raises(EnvironmentInvalid) as refused:
        loading.load(path)
    assert said in str(refused.value)


def test_a_holiday_of_every_year_and_one_of_this_year_are_both_taken() -> None:
    env: Environment = environment(business_hours={"holidays": ["12-25", "2027-03-29"]}, receivers={"on-call": PAGER})
    assert list(map(str, env.monitoring.business_hours.holidays)) == ["12-25", "2027-03-29"]
