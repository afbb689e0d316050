"""What is wrong with `monitoring:` although every value is allowed on its own."""

from collections.abc import Iterator

from blueprint import monitoring, places
from blueprint.environment import Environment
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.environment.document import Place
from blueprint.facts import Unknown
from blueprint.monitoring import clock, histograms, objectives
from blueprint.residency_catalog import today


def settings(env: Environment) -> Iterator[Finding]:
    """Figures and objectives somebody reads."""
    known = {parameter.setting for _, parameter in monitoring.load().parameters() if parameter.setting}
    for section, what in (("thresholds", "figure of an alert"), ("objectives", "objective")):
        names = sorted(path.rpartition(".")[2] for path in known if path.startswith(f"monitoring.{section}."))
        for name in getattr(env.monitoring, section):
            if name not in names:
                yield unknown(("monitoring", section, name), what, name, names, "`blueprint alerts` lists them")


def reachable_objectives(env: Environment) -> Iterator[Finding]:
    """An objective is strict enough for its fastest burn to be possible: nothing is worse than everything going wrong."""
    for name, percent in env.monitoring.objectives.items():
        if percent <= objectives.lowest():
            message = f"at {percent:g} % the error budget cannot be used up {objectives.FASTEST:g} times too fast: nobody would be paged"
            yield Finding(("monitoring", "objectives", name), message, f"above {objectives.lowest():.1f}, below 100")


def edges(env: Environment) -> Iterator[Finding]:
    """A figure that a histogram is compared with is one of its edges, or the engine can be given it."""
    for histogram, figure, setting in sorted(set(histograms.not_on_an_edge(monitoring.load(), env))):
        near = sorted(sorted(histograms.pinned()[histogram], key=lambda edge: abs(edge - figure))[:4])
        message = f"{histogram} has no bucket that ends at {figure:g}, so nobody can tell what is above it"
        yield Finding(tuple(setting.split(".")), message, f"{', '.join(f'{edge:g}' for edge in near)}, …")


def business_hours(env: Environment) -> Iterator[Finding]:
    """PromQL can be told the time zone."""
    try:
        clock.offset(env.monitoring.business_hours.timezone, today().year)
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
