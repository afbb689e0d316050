"""Which series rules read over time, how far back, and whether any rule makes series without a bound."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from blueprint.monitoring import groups, load
from modules.monitoring.metrics import load as exporters
from modules.monitoring.metrics import series
from tests.e2e.alerts.shortened import DURATION, seconds
from tests.modules.monitoring.cases import environment

OVER_TIME = re.compile(rf"([a-zA-Z_:][\w:]*)(?:\{{[^}}]*\}})?(?:\[({DURATION})[^\]]*\])?(?:\s+offset\s+({DURATION}))?")
# Labels with a value per request, person or process: nothing bounds how many there are. Pods of models are bounded by their pools.
PER_REQUEST = frozenset({"instance", "uid", "container_id", "user", "request_id", "trace_id", "remote_address"})


def windows(rules: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Name of a series → the furthest any rule looks back at it, in seconds; only those that are looked back at."""
    found: dict[str, float] = {}
    for rule in rules:
        for name, window, offset in OVER_TIME.findall(rule["expr"]):
            back = sum(seconds(part) for part in (window, offset) if part)
            if back:
                found[name] = max(found.get(name, 0), back)
    return found


def unbounded() -> Iterator[str]:
    """Recordings that group by such a label, or copy a raw series as it is."""
    raw = series(exporters())
    for group in groups(load(), environment()):
        for rule in group.rules:
            kept = {label for labels in re.findall(r"\bby \(([^)]*)\)", rule["expr"]) for label in re.split(r",\s*", labels)}
            bare = rule["expr"] in raw
            if "record" in rule and (kept & PER_REQUEST or bare):
                yield rule["record"]
