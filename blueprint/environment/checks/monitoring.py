"""What is wrong with `monitoring:` although every value is allowed on its own."""

from collections.abc import Iterator

from blueprint import local_time, places
from blueprint.environment import Environment
from blueprint.environment.checks.finding import Finding
from blueprint.environment.document import Place
from blueprint.facts import Unknown
from blueprint.residency_catalog import today


def figures(env: Environment) -> Iterator[Finding]:
    """Figures and objectives of its own. An environment that changes none has ours, which the tests hold to the same."""
    if env.monitoring.thresholds or env.monitoring.objectives:
        from blueprint.environment.checks import figures  # reads every alert, which most commands can do without

        yield from (*figures.named(env), *figures.reachable(env), *figures.edges(env))


def business_hours(env: Environment) -> Iterator[Finding]:
    """PromQL can be told the time zone."""
    try:
        local_time.offset(env.monitoring.business_hours.timezone, today().year)
    except ValueError as error:
        yield Finding(("monitoring", "business_hours", "timezone"), str(error), "a time zone of the EU, such as Europe/Paris")


def receivers(env: Environment) -> Iterator[Finding]:
    """Alerts name models, teams and machines: they go to places somebody knows. Known ones are judged with all other addresses."""
    for place, address in _addresses(env):
        if isinstance(found := places.host(address), Unknown):
            step = "name a host inside, or add it: catalog/residency/hosts/monitoring.yaml"
            yield Finding(place, f"nobody knows where {address} is: {found.reason}", next=step)
    if not any(receiver.severity == "page" for receiver in env.monitoring.receivers.values()):
        message = "nobody is paged: alerts are seen by those who look at Grafana or Alertmanager"
        yield Finding(("monitoring", "receivers"), message, next="add a receiver with severity: page", severity="warning")


def _addresses(env: Environment) -> Iterator[tuple[Place, str]]:
    for name, receiver in env.monitoring.receivers.items():
        key = "url" if receiver.kind == "webhook" else "host"
        yield ("monitoring", "receivers", name, key), getattr(receiver, key)
    if env.monitoring.heartbeat:
        yield ("monitoring", "heartbeat", "url"), env.monitoring.heartbeat.url
