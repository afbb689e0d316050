"""Fills a Prometheus with a past, lets it scrape and evaluate, and reads how long evaluations took."""

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.rules import past
from benchmarks.rules.past import Past
from benchmarks.rules.series import windows
from blueprint.environment import Environment
from blueprint.monitoring import groups, load
from modules.monitoring.metrics import load as exporters
from modules.monitoring.metrics import series
from tests.e2e.alerts.servers import Prometheus, prometheus
from tests.e2e.alerts.shortened import seconds
from tests.modules.monitoring.cases import environment
from tests.modules.monitoring.standin.server import serving
from tests.modules.monitoring.standin.world import World

GOAL = 0.1
SCRAPE_SECONDS, RECORD_SECONDS, LOOK_SECONDS = 15, 60, 5
# Longer than the slowest group whose recordings are read over time (two minutes), which begins at a moment of its own.
FIRST_ROUND_SECONDS = 130
DRAW_SECONDS = 10  # new pages for those who scrape every 15 seconds


@dataclass(frozen=True)
class Cost:
    """Of evaluating one group, in seconds."""

    group: str
    rules: int
    interval: float
    median: float
    slowest: float

    @property
    def share(self) -> float:
        return self.slowest / self.interval


def measure(folder: Path, models: int, replicas: int, duration: float) -> tuple[list[Cost], int]:
    """Costs of all groups, and how many series there were."""
    names = [f"model-{number}" for number in range(models)]
    content = {"groups": [group.as_dict() for group in groups(load(), _environment(names))]}
    world = World(dict.fromkeys(names, 32), replicas=replicas)
    with serving(world, folder / "targets.json", every_seconds=DRAW_SECONDS) as server:
        _remember(folder / "prometheus", world, content)
        with prometheus(folder / "prometheus", server.file, content, scrape=f"{SCRAPE_SECONDS}s", lookback="5m") as found:
            return _watch(found, content, duration)


def _environment(names: list[str]) -> Environment:
    env = environment()
    wish = env.models["analysis"].model_copy(update={"max_context_tokens": 8192, "max_concurrent_requests": 32})
    return env.model_copy(update={"models": dict.fromkeys(names, wish)})


def _remember(folder: Path, world: World, content: dict[str, Any]) -> None:
    """A past for every raw series that is read over time, then for what is recorded from it."""
    rules = [rule for group in content["groups"] for rule in group["rules"]]
    back, raw, now = windows(rules), series(exporters()), time.time()
    world.advance(world.now + 5)
    seen = past.of_targets(world, {name for name in back if name in raw})
    pasts = [Past(name, found, back[name], SCRAPE_SECONDS, raw[name].type == "counter") for name, found in seen.items()]
    _write(folder, "scraped", pasts, now)
    recorded = _ask(folder, content, [name for name in back if name not in raw])
    _write(folder, "recorded", [Past(name, found, back[name], RECORD_SECONDS, False) for name, found in recorded.items()], now)


def _write(folder: Path, kind: str, pasts: list[Past], now: float) -> None:
    print(
        f"past of what is {kind}: {sum(len(one.now) for one in pasts):,} series, up to {max(one.back for one in pasts) / 86400:.1f} days",
        flush=True,
    )
    past.write(folder, pasts, now)


def _ask(folder: Path, content: dict[str, Any], names: list[str]) -> dict[str, dict[str, float]]:
    """Recordings as this Prometheus makes them from the scraped past."""
    (folder / "no-targets.json").write_text("[]")
    with prometheus(folder, folder / "no-targets.json", content, scrape="1h", lookback="15m") as found:
        time.sleep(FIRST_ROUND_SECONDS)
        answers = {name: found.query(name) for name in names}
    return {
        name: {
            ",".join(f'{key}="{value}"' for key, value in one["metric"].items() if key != "__name__"): float(one["value"][1])
            for one in answer
        }
        for name, answer in answers.items()
    }


def _watch(found: Prometheus, content: dict[str, Any], duration: float) -> tuple[list[Cost], int]:
    lasted: dict[str, list[float]] = defaultdict(list)
    end = time.monotonic() + duration
    time.sleep(3 * SCRAPE_SECONDS)
    while time.monotonic() < end:
        time.sleep(LOOK_SECONDS)
        for group in found.get("rules")["groups"]:
            if group["evaluationTime"]:  # 0 until it was evaluated for the first time
                lasted[group["name"]].append(float(group["evaluationTime"]))
    if unseen := [group["name"] for group in content["groups"] if group["name"] not in lasted]:
        raise SystemExit(f"not evaluated even once: {', '.join(unseen)}; give it more minutes")
    costs = [
        Cost(group["name"], len(group["rules"]), seconds(group["interval"]), median(lasted[group["name"]]), max(lasted[group["name"]]))
        for group in content["groups"]
    ]
    return costs, int(found.get("status/tsdb")["headStats"]["numSeries"])
