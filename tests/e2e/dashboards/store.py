"""A genuine Prometheus that holds those hours, with everything recorded that our rules record."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from blueprint.monitoring import Rule, groups, load
from tests.e2e.dashboards.day import HOURS, environment, lived
from tests.e2e.harness.processes import free_port, running
from tests.e2e.harness.tools import tool
from tests.modules.monitoring.promql import names

RULE_SECONDS = 60


@dataclass(frozen=True)
class Store:
    """Prometheus and the last moment it knows."""

    url: str
    end: float

    def now(self, query: str) -> list[dict[str, Any]]:
        return self._ask("query", query=query, time=self.end)

    def range(self, query: str, seconds: float, step: float) -> list[dict[str, Any]]:
        return self._ask("query_range", query=query, start=self.end - seconds, end=self.end, step=step)

    def _ask(self, kind: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/api/v1/{kind}", params=parameters, timeout=60)
        content = answer.json()
        if content["status"] != "success":
            raise ValueError(f"{content['error']}: {parameters['query']}")
        found: list[dict[str, Any]] = content["data"]["result"]
        return found


@contextmanager
def filled(folder: Path) -> Iterator[Store]:
    """Hours of data, then every recording after those it reads, and every alert as if it had no `for`."""
    end = float(int(time.time()) - 60)
    _blocks(folder, "openmetrics", *_written(folder / "scraped.om", lived(end)))
    for number, level in enumerate(_levels()):
        rules = folder / f"rules-{number}.yaml"
        rules.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": level}]}))
        with _running(folder, end) as store:
            span = (f"--start={end - HOURS * 3600:.0f}", f"--end={end:.0f}", f"--eval-interval={RULE_SECONDS}s")
            _blocks(folder, "rules", *span, f"--url={store.url}", f"--output-dir={folder}/data", str(rules))
    with _running(folder, end) as store:
        yield store


def _written(file: Path, lines: Iterator[str]) -> tuple[str, str]:
    with file.open("w") as written:
        written.writelines(f"{line}\n" for line in lines)
        written.write("# EOF\n")
    return str(file), str(file.parent / "data")


def _blocks(folder: Path, kind: str, *arguments: str) -> None:
    command = [str(tool("promtool")), "tsdb", "create-blocks-from", kind, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, f"{result.stdout[-2000:]}\n{result.stderr[-2000:]}"


def _levels() -> Iterator[Sequence[Rule]]:
    """Recordings that only read what is there already; then those that read these; then alerts."""
    every = [rule for group in groups(load(), environment()) for rule in group.rules]
    waiting = [rule for rule in every if "record" in rule]
    while waiting:
        undecided = {rule["record"] for rule in waiting}
        level = [rule for rule in waiting if not names(rule["expr"]) & undecided - {rule["record"]}]
        yield level
        waiting = [rule for rule in waiting if rule not in level]
    yield [_fired(rule) for rule in every if "alert" in rule]


def _fired(rule: Rule) -> Rule:
    labels = {name: text for name, text in rule["labels"].items() if "{{" not in text}
    return {
        "record": "ALERTS",
        "expr": f"({rule['expr']}) * 0 + 1",
        "labels": {**labels, "alertname": rule["alert"], "alertstate": "firing"},
    }


@contextmanager
def _running(folder: Path, end: float) -> Iterator[Store]:
    config, port = folder / "prometheus.yaml", free_port()
    config.write_text("{}\n")
    url = f"http://127.0.0.1:{port}"
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"]

    def ready() -> bool:
        try:
            return requests.get(f"{url}/-/ready", timeout=1).ok
        except requests.RequestException:
            return False

    with running([tool("prometheus"), *options, "--storage.tsdb.retention.time=10y", "--log.level=warn"], folder / "log", ready=ready):
        yield Store(url, end)
