"""Who hears of which alert, and when: `monitoring.receivers` as Alertmanager's configuration.

Pages go out at once, tickets in business hours; `severity: info` goes to nobody. What Kubernetes' own rules report (the chart's
`warning` and `critical`) is a ticket: nobody is woken by an alert that has no runbook here. Addresses stand in the configuration,
where policies see them (R03); tokens and passwords are files from the secret store.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blueprint.environment import BusinessHours, Monitoring, Receiver, Webhook

NOBODY, HEARTBEAT = "nobody", "heartbeat"
WATCHDOG = 'alertname="Watchdog"'
# Tokens and passwords of those who hear of alerts, and where the operator mounts them.
RECEIVER_LOGINS = "receiver-logins"
LOGINS = f"/etc/alertmanager/secrets/{RECEIVER_LOGINS}"

SEVERITIES = {"page": 'severity="page"', "ticket": 'severity=~"ticket|warning|critical"'}
# How long alerts are collected into one message, and when a message that changed nothing is repeated.
PACE = {
    "page": {"group_wait": "15s", "group_interval": "1m", "repeat_interval": "1h"},
    "ticket": {"group_wait": "5m", "group_interval": "15m", "repeat_interval": "24h"},
}
BEAT = {"group_wait": "0s", "group_interval": "1m", "repeat_interval": "1m"}
WORKING, HOLIDAYS = "business-hours", "holidays"

Config = dict[str, Any]


def config(monitoring: Monitoring) -> Config:
    """The whole of alertmanager.yaml."""
    receivers = monitoring.receivers.items()
    beat = monitoring.heartbeat
    beats = [{"name": HEARTBEAT, **_webhook(beat.url, _token(HEARTBEAT, beat.token), False)}] if beat else []
    routes = [
        {"receiver": HEARTBEAT if beat else NOBODY, "matchers": [WATCHDOG], **BEAT},
        *(_route(name, receiver, monitoring.business_hours) for name, receiver in receivers),
    ]
    return {
        "global": {"resolve_timeout": "5m"},
        "route": {"receiver": NOBODY, "group_by": ["cluster", "alertname"], **PACE["ticket"], "routes": routes},
        "inhibit_rules": [*_inhibitions()],
        "receivers": [{"name": NOBODY}, *beats, *({"name": name, **_receiver(name, receiver)} for name, receiver in receivers)],
        "time_intervals": [*_intervals(monitoring.business_hours)],
    }


def _route(name: str, receiver: Receiver, hours: BusinessHours) -> Config:
    """`continue`: several receivers may hear of the same alert."""
    matchers = [SEVERITIES[receiver.severity], *([f'team="{receiver.team}"'] if receiver.team else [])]
    waits: Config = {"active_time_intervals": [WORKING]} | ({"mute_time_intervals": [HOLIDAYS]} if hours.holidays else {})
    by_day = receiver.severity == "ticket" and not receiver.always
    return {"receiver": name, "matchers": matchers, "continue": True, **PACE[receiver.severity], **(waits if by_day else {})}


def _receiver(name: str, receiver: Receiver) -> Config:
    if isinstance(receiver, Webhook):
        return _webhook(receiver.url, _token(f"receiver-{name}", receiver.token))
    login = {"auth_username": receiver.user, "auth_password_file": f"{LOGINS}/receiver-{name}"} if receiver.user else {}
    smarthost = f"{receiver.host}:{receiver.port}"
    mail = {"to": ", ".join(receiver.to), "from": receiver.sender, "smarthost": smarthost, "require_tls": True, "send_resolved": True}
    return {"email_configs": [mail | login]}


def _token(secret: str, wanted: bool) -> Config:
    return {"http_config": {"authorization": {"credentials_file": f"{LOGINS}/{secret}"}}} if wanted else {}


def _webhook(url: str, login: Mapping[str, Any], send_resolved: bool = True) -> Config:
    return {"webhook_configs": [{"url": url, "send_resolved": send_resolved, **login}]}


def _inhibitions() -> Iterator[Config]:
    """What need not be told while something else is. It stays visible in Alertmanager, and comes once the other is over."""
    # More replicas do not help where something other than computing is the limit; where it is memory bandwidth, they do.
    stuck = ['alertname="QueueGrowsWhileGpuIsFlat"', 'cause!="memory_bandwidth"']
    yield _mutes(stuck, ['advice="scale_out"'], "cluster", "namespace", "model_name")
    # Somebody is at it already. The cause of a queue stays: it is what that somebody wants to read.
    for thing in (["model_name"], ["route"], ["node", "gpu"]):
        known = [f'{label}!=""' for label in thing]
        tickets = ['severity="ticket"', 'alertname!="QueueGrowsWhileGpuIsFlat"', *known]
        yield _mutes(['severity="page"', *known], tickets, "cluster", *thing)
    # An outage of all (`labels: {scope: cluster}`) is one message, not one per model and route.
    for label in ("model_name", "route"):
        yield _mutes(['scope="cluster"'], ['scope!="cluster"', f'{label}!=""'], "cluster")
    # As the chart has it: the milder of two about the same thing.
    yield _mutes(['severity="critical"'], ['severity=~"warning|info"'], "namespace", "alertname")


def _mutes(source: Sequence[str], target: Sequence[str], *equal: str) -> Config:
    return {"source_matchers": list(source), "target_matchers": list(target), "equal": list(equal)}


def _intervals(hours: BusinessHours) -> Iterator[Config]:
    """In local time: summer time begins and ends without anybody changing this."""
    times = [{"start_time": hours.start, "end_time": hours.end}]
    working = {"times": times, "weekdays": [day.lower() for day in hours.days], "location": hours.timezone}
    yield {"name": WORKING, "time_intervals": [working]}
    if hours.holidays:
        yield {"name": HOLIDAYS, "time_intervals": [{**_day(day), "location": hours.timezone} for day in hours.holidays]}


def _day(day: str) -> Config:
    """A date, or a day of every year (12-25)."""
    *year, month, of_month = day.split("-")
    return ({"years": year} if year else {}) | {"months": [str(int(month))], "days_of_month": [str(int(of_month))]}
