"""The drive: a healthy platform, then every switch at once, each mended as soon as its alert has fired.

Prometheus, Alertmanager and the rules are the genuine ones; what they watch are stand-ins (tests/modules/monitoring/standin). Every
duration in the rules is divided by `FACTOR`, and so are the intervals of scraping and evaluating.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blueprint.environment import Environment, Monitoring
from blueprint.monitoring import Group, groups, load
from modules import alertmanager as routing
from tests.e2e.alerts import history
from tests.e2e.alerts.servers import Alertmanager, Prometheus, Receiver, add_history, alertmanager, prometheus, receiver
from tests.e2e.alerts.shortened import INTERVAL_SECONDS, everywhere, rules
from tests.modules.monitoring.cases import environment as test_environment
from tests.modules.monitoring.standin import faults
from tests.modules.monitoring.standin.server import Server, serving

WARM_UP_SECONDS, CALM_SECONDS, PATIENCE_SECONDS = 18, 8, 240
# 15 s would be 250 ms, too much for two cores; five minutes are five seconds.
PACE = {"scrape": "1s", "lookback": "5s"}
# A fault stays this long after its alerts have fired: tickets are collected for five minutes before they go out.
STAY_SECONDS = 8
# Something that fails to evaluate when an exporter is scraped twice.
FRAGILE = Group("drive.fragile", "30s", [{"record": "drive:mlflow:product", "expr": 'up{job="mlflow"} * on (job) up{job="mlflow"}'}])
Labels = tuple[tuple[str, str], ...]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WATCHED = {
    "business_hours": {"timezone": "Etc/UTC", "start": "00:00", "end": "23:59", "days": DAYS},
    "receivers": {
        "on-call": {"kind": "webhook", "severity": "page", "url": "https://receiver/on-call"},
        "desk": {"kind": "webhook", "severity": "ticket", "url": "https://receiver/desk"},
    },
    "heartbeat": {"url": "https://receiver/heartbeat"},
}


@dataclass
class Story:
    """What happened to one alert; moments are seconds since 1970. `waited`: from the evaluation that first found it to the one that
    made it fire, as Prometheus itself has written down."""

    broken: float | None = None
    mended: float | None = None
    fired: float | None = None
    over: bool = False
    waited: float | None = None


@dataclass(frozen=True)
class Drive:
    """All that was seen. `calm`: what fired before anything was broken; `missed`: the share of scrapes and evaluations this machine was
    too busy for."""

    stories: Mapping[str, Story]
    receiver: Receiver
    calm: list[str]
    held_back: set[tuple[str, str]]
    missed: float


def environment() -> Environment:
    """A model per switch, all alike; people are always at work."""
    env = test_environment()
    wish = env.models["analysis"].model_copy(update={"max_context_tokens": 8192})
    places = {name: switch.places for name, switch in faults.SWITCHES.items() if switch.places}
    models = {name: wish.model_copy(update={"max_concurrent_requests": places[name]}) for name in places}
    return env.model_copy(update={"models": models, "monitoring": Monitoring.model_validate(WATCHED)})


@contextmanager
def driven(folder: Path) -> Iterator[Drive]:
    """Everything, from the first scrape to the last alert that is over."""
    env = environment()
    shortened = rules([*groups(load(), env), FRAGILE])
    with ExitStack() as stack:
        server = stack.enter_context(serving(faults.world(env.name), folder / "targets.json"))
        told = stack.enter_context(receiver())
        router = stack.enter_context(alertmanager(folder / "alertmanager", routes(env, told)))
        with prometheus(folder / "prometheus", server.file, shortened, **PACE) as first:
            time.sleep(WARM_UP_SECONDS)
            past = [*history.of(shortened, first, time.time(), WARM_UP_SECONDS - 2)]
        add_history(folder / "prometheus", past)
        watching = stack.enter_context(prometheus(folder / "prometheus", server.file, shortened, router.address, **PACE))
        yield Run(server, watching, router, told).drive()


def routes(env: Environment, told: Receiver) -> Any:
    """The environment's, faster, and to a receiver of ours."""
    return _replaced(everywhere(routing.config(env.monitoring)), "https://receiver", told.url)


def _replaced(content: Any, old: str, new: str) -> Any:
    if isinstance(content, Mapping):
        return {key: _replaced(value, old, new) for key, value in content.items()}
    if isinstance(content, list):
        return [_replaced(value, old, new) for value in content]
    return content.replace(old, new) if isinstance(content, str) else content


@dataclass
class Run:
    """The time between the first fault and the last alert."""

    server: Server
    prometheus: Prometheus
    router: Alertmanager
    receiver: Receiver
    stories: dict[str, Story] = field(
        default_factory=lambda: {alert: Story() for switch in faults.SWITCHES.values() for alert in switch.alerts}
    )
    mends: dict[str, faults.Mend] = field(default_factory=dict)
    held_back: set[tuple[str, str]] = field(default_factory=set)

    def drive(self) -> Drive:
        time.sleep(CALM_SECONDS)
        calm = sorted(self._firing())
        started = time.time()
        while time.time() - started < PATIENCE_SECONDS and not all(story.over for story in self.stories.values()):
            self._look()
            for name, switch in faults.SWITCHES.items():
                self._go_on(name, switch)
            time.sleep(INTERVAL_SECONDS / 2)
        self._read()
        return Drive(self.stories, self.receiver, calm, self.held_back, self._missed())

    def _look(self) -> None:
        firing = self._firing()
        for alert, story in self.stories.items():
            if alert in firing and story.broken:
                story.fired = story.fired or time.time()
            story.over |= bool(story.fired) and alert not in firing
        self.held_back |= self.router.suppressed()

    def _go_on(self, name: str, switch: faults.Switch) -> None:
        """Break, or mend once all have told."""
        own = [self.stories[alert] for alert in switch.alerts]
        if own[0].broken is None and (switch.after is None or self.stories[switch.after].over):
            self._throw(lambda: self.mends.update({name: switch.breaks(self.server.world, name)}))
            for story in own:
                story.broken = time.time()
        elif (
            own[0].broken
            and own[0].mended is None
            and all(story.fired and time.time() - story.fired > STAY_SECONDS + switch.stays for story in own)
        ):
            self._throw(self.mends[name])
            for story in own:
                story.mended = time.time()

    def _throw(self, switch: faults.Mend) -> None:
        with self.server.world.lock:
            switch()
            self.server.list_targets()

    def _firing(self) -> set[str]:
        alerts = self.prometheus.get("alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing" and is_meant(alert["labels"])}

    def _read(self) -> None:
        for alert, story in self.stories.items():
            since = self._series(f'ALERTS_FOR_STATE{{alertname="{alert}"}}', story)
            firing = self._series(f'ALERTS{{alertname="{alert}",alertstate="firing"}}', story)
            began = [(min(samples), labels) for labels, samples in firing.items() if samples]
            if began:
                moment, labels = min(began)
                story.waited = moment - since[labels][moment]

    def _missed(self) -> float:
        evaluations = "sum(prometheus_rule_group_iterations_missed_total) / sum(prometheus_rule_group_iterations_total)"
        scrapes = '1 - avg(avg_over_time(up{job=~"inference/.+",instance!~".*(vanished|out-of-memory)"}[2m]))'
        return max(float(self.prometheus.query(one)[0]["value"][1]) for one in (evaluations, scrapes))

    def _series(self, selector: str, story: Story) -> dict[Labels, dict[float, float]]:
        """Values by moment since the alert's switch was thrown, of each thing it fires for; of several, each waits on its own."""
        found = {}
        for one in self.prometheus.query(f"{selector}[10m]"):
            if is_meant(one["metric"]):
                labels = tuple(sorted((key, text) for key, text in one["metric"].items() if key not in ("__name__", "alertstate")))
                found[labels] = {moment: float(value) for moment, value in one["values"] if moment > (story.broken or 0)}
        return found


def is_meant(labels: Mapping[str, str]) -> bool:
    """Is it about what its switch broke, or about everything? A switch breaks more than one thing, and others may tell, too."""
    named = {value for value in labels.values() if value in faults.SWITCHES}
    alert = labels["alertname"]
    return not named or alert in faults.WITHOUT or faults.switch_of(alert) in named
