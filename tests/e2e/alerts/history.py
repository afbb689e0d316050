"""What baselines compare with: days and weeks in which all was as it is now.

Recordings that are read with an offset get samples around each of these moments of the past. Their values are those of the present,
worked out over the little that has been seen: over an hour of which a quarter is known, rates would be a quarter.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.e2e.alerts.servers import Prometheus
from tests.e2e.alerts.shortened import DURATION, seconds

READ_WITH_OFFSET = re.compile(rf"([a-z_]+:\w+:\w+)(?:\{{[^}}]*\}})?(?:\[({DURATION})\])? offset ({DURATION})")
WINDOW = re.compile(rf"(?<=\[){DURATION}(?=\])")
# How long the drive may take, and between two samples; less than a lookback.
DRIVE_SECONDS, STEP_SECONDS = 240, 2


def of(rules: Mapping[str, Any], prometheus: Prometheus, now: float, seen_seconds: int) -> Iterator[str]:
    """OpenMetrics lines, a metric after the other."""
    recorded = {rule["record"]: rule["expr"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}
    for name, moments in sorted(_wanted(rules, now).items()):
        yield f"# TYPE {name} gauge"
        for series in prometheus.query(_within(recorded[name], seen_seconds)):
            labels = ",".join(f'{key}="{value}"' for key, value in series["metric"].items() if key != "__name__")
            yield from (f"{name}{{{labels}}} {series['value'][1]} {moment:.3f}" for moment in moments)


def _within(expression: str, seconds_: int) -> str:
    """With no window longer than that."""
    return WINDOW.sub(lambda found: f"{min(seconds(found[0]), seconds_) * 1000:.0f}ms", expression)


def _wanted(rules: Mapping[str, Any], now: float) -> dict[str, list[float]]:
    """Recording → moments, rising."""
    found: dict[str, set[float]] = {}
    for group in rules["groups"]:
        for rule in group["rules"]:
            for name, window, offset in READ_WITH_OFFSET.findall(rule["expr"]):
                found.setdefault(name, set()).update(_moments(seconds(window) if window else 0, seconds(offset), now))
    return {name: sorted(moment for moment in moments if moment < now - STEP_SECONDS) for name, moments in found.items()}


def _moments(window: float, offset: float, now: float) -> Iterator[float]:
    """Around `now - offset`, and twenty across the window before."""
    for step in range(DRIVE_SECONDS // STEP_SECONDS):
        yield round(now - offset + step * STEP_SECONDS, 3)
    for step in range(20 if window else 0):
        yield round(now - offset - window * (step + 1) / 21, 3)
