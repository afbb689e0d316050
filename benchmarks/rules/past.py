"""History for a Prometheus that has not run: OpenMetrics, cut into pieces, made into blocks."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.alerts.servers import add_history
from tests.modules.monitoring.standin.world import World

SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
PIECE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Past:
    """Of one name: its series as written with the value each has now, how far back it reaches, and seconds between two samples.
    Counters have risen all the time; everything else was as it is."""

    name: str
    now: Mapping[str, float]
    back: float
    step: int
    rising: bool

    def lines(self, begin: float, end: float) -> Iterator[str]:
        """Between two moments."""
        first = begin + -begin % self.step
        yield f"# TYPE {self.name} {'unknown' if self.rising else 'gauge'}"
        for number, (labels, value) in enumerate(self.now.items()):
            speed = 0.1 + number % 7 if self.rising else 0.0
            moment = first
            while moment < end:
                yield f"{self.name}{{{labels}}} {value + speed * (moment - end + self.back):.8g} {moment:.0f}"
                moment += self.step


def of_targets(world: World, names: set[str]) -> dict[str, dict[str, float]]:
    """Name → its series as Prometheus would store them."""
    found: dict[str, dict[str, float]] = {name: {} for name in names}
    for target, text in world.show().items():
        outer = {**world.targets[target].labels, "cluster": world.cluster, "instance": target}
        for name, labels, value in SAMPLE.findall(text):
            if name in names:
                merged = {**outer, **dict(LABEL.findall(labels))}
                found[name][",".join(f'{key}="{merged[key]}"' for key in sorted(merged))] = float(value)
    return found


def write(folder: Path, pasts: Iterable[Past], now: float) -> None:
    """From the furthest back until now, a day after the other."""
    known = list(pasts)
    end = now
    while reaching := [past for past in known if now - past.back < end]:
        begin = end - PIECE_SECONDS
        add_history(folder, (line for past in reaching for line in past.lines(max(begin, now - past.back), end)))
        end = begin
