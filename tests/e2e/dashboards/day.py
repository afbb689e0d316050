"""Some hours of a small platform: an office's traffic over three models and a hosted API, a canary, and an hour in which things go wrong.

The stand-ins live through it on a clock of their own, much faster than time, and what they show is written down as Prometheus would
have scraped it.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from blueprint.environment import Environment
from tests.modules.monitoring import cases
from tests.modules.monitoring.standin import faults, world
from tests.modules.monitoring.standin.world import World

HOURS, SCRAPE_SECONDS = 2.0, 30.0
# Requests are counted in steps; longer ones than the stand-ins' own are fine enough for pictures and much faster.
STEP_SECONDS = 0.25
# The stand-ins take a leap of more than ten seconds for a machine that was asleep.
HOPS = 5
SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Incident:
    """What breaks, from and to which minute before the end."""

    breaks: faults.Break
    name: str
    begins: float
    ends: float


INCIDENTS = (
    Incident(faults.SWITCHES["crowd"].breaks, "classify", 80, 65),
    Incident(faults.engine(seconds_to_first_token=0.9), "analysis", 50, 38),
    Incident(faults.model(bad_status="502", bad_share=0.3), "classify", 34, 26),
    Incident(faults.model(answered_by="drafting"), "analysis", 24, 12),
    Incident(faults.model(bad_status="500", bad_share=0.25), "analysis-next", 20, -1),
    Incident(faults.SWITCHES["strangers"].breaks, "", 30, 20),
    Incident(faults.both(faults.card(celsius=88), faults.count("DCGM_FI_DEV_THERMAL_VIOLATION", growing=4e8)), "spare", 15, -1),
    Incident(faults.count("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", jump=1), "free", 10, -1),
    Incident(faults.card(xids={"79": 1.0}), "spare", 10, -1),
    Incident(faults.target("external-secrets", answers=False), "", 8, -1),
)
# Requests per second at noon.
TRAFFIC = {"analysis": 3.0, "classify": 8.0, "analysis-next": 0.6}


@cache
def environment() -> Environment:
    """The one alerts are tested in, with a canary beside its first model."""
    env = cases.environment()
    return env.model_copy(update={"models": {**env.models, "analysis-next": env.models["analysis"]}})


def lived(end: float) -> Iterator[str]:
    """OpenMetrics lines of the hours before `end`, as scraped."""
    with _coarse():
        start = end - HOURS * 3600
        platform = _platform(start)
        mended: dict[Incident, faults.Mend] = {}
        for step in range(int(HOURS * 3600 / SCRAPE_SECONDS)):
            now = start + step * SCRAPE_SECONDS
            _traffic(platform, now, end)
            _incidents(platform, mended, (end - now) / 60)
            for part in range(1, HOPS + 1):
                platform.advance(now - SCRAPE_SECONDS * (1 - part / HOPS))
            yield from _scraped(platform, now)


@contextmanager
def _coarse() -> Iterator[None]:
    before = world.STEP_SECONDS
    world.STEP_SECONDS = STEP_SECONDS
    try:
        yield
    finally:
        world.STEP_SECONDS = before


def _platform(start: float) -> World:
    made = World(dict.fromkeys(TRAFFIC, 32), cards=["spare", "free"], certificates=["gateway"], cluster=environment().name)
    made.now = made.clock = start
    made.models["analysis-next"].route = "analysis"
    made.models["classify"].consumer = "search"
    made.cards["free"].pod = ""
    made.cards["free"].activity = made.cards["free"].busy = 0.0
    return made


def _traffic(platform: World, now: float, end: float) -> None:
    for number, (name, most) in enumerate(TRAFFIC.items()):
        engine = platform.models[name].engine
        if engine.requests_per_second < 50:  # not while a crowd is there
            engine.requests_per_second = most * (0.7 + 0.3 * math.sin((end - now) / 2400 + number))
        for card in platform.models[name].cards:
            card.activity = 0.15 + 0.5 * min(1, len(engine.running) / 20)


def _incidents(platform: World, mended: dict[Incident, faults.Mend], left: float) -> None:
    for one in INCIDENTS:
        if one not in mended and one.ends < left <= one.begins:
            mended[one] = one.breaks(platform, one.name)
        elif one in mended and left <= one.ends:
            mended[one]()


def _scraped(platform: World, now: float) -> Iterator[str]:
    """Every page with the labels of its target; what the page says about a label counts. `up` is what Prometheus adds."""
    for name, target in platform.targets.items():
        if not target.listed:
            continue
        own = {**target.labels, "cluster": platform.cluster, "instance": name}
        yield _line("up", own, str(int(target.answers)), now)
        if target.answers:
            target.refresh()
            for page in target.pages:
                for line in page.text().splitlines():
                    if found := SAMPLE.match(line):
                        yield _line(found[1], {**own, **dict(LABEL.findall(found[2] or ""))}, found[3], now)


def _line(name: str, labels: dict[str, str], value: str, now: float) -> str:
    inside = ",".join(f'{label}="{text}"' for label, text in sorted(labels.items()))
    return f"{name}{{{inside}}} {value} {now:.3f}"
