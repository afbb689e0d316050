"""Rules and routes in which every duration is divided by a factor: windows, offsets, `for`. Thresholds and loads stay.

A figure that is a duration in disguise (`deriv(…) * 600`) stays as well; such an alert is `factor` times as sensitive here.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from blueprint.monitoring import Group

FACTOR = 60
# Between two evaluations where it is 30 s for real; half as long would be too much for two cores.
INTERVAL_SECONDS = 1.0

DURATION = r"(?:\d+(?:ms|[smhdwy]))+"
PART = re.compile(r"(\d+)(ms|[smhdwy])")
IN_EXPRESSION = re.compile(rf"(?<=\[){DURATION}(?=[\]:])|(?<=:){DURATION}(?=\])|(?<=offset ){DURATION}|(?<=offset -){DURATION}")
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
# Keys of rule files and of Alertmanager's configuration that hold one.
KEYS = {"for", "keep_firing_for", "group_wait", "group_interval", "repeat_interval", "resolve_timeout"}


def seconds(duration: str) -> float:
    """Of a duration as Prometheus writes it."""
    return sum(int(number) * MILLISECONDS[unit] for number, unit in PART.findall(duration)) / 1000


def shorter(duration: str, factor: int = FACTOR) -> str:
    return f"{max(1, round(1000 * seconds(duration) / factor))}ms"


def expression(text: str, factor: int = FACTOR) -> str:
    """PromQL with its windows and offsets divided."""
    return IN_EXPRESSION.sub(lambda found: shorter(found[0], factor), text)


def everywhere(content: Any, factor: int = FACTOR) -> Any:
    """A rule file or a configuration with all its durations divided."""
    if isinstance(content, Mapping):
        return {key: _value(str(key), value, factor) for key, value in content.items()}
    return [everywhere(one, factor) for one in content] if isinstance(content, (list, tuple)) else content


def _value(key: str, value: Any, factor: int) -> Any:
    if key in KEYS and isinstance(value, str):
        return shorter(value, factor)
    return expression(value, factor) if key == "expr" else everywhere(value, factor)


def rules(groups: Iterable[Group]) -> dict[str, Any]:
    """A rule file."""
    return {"groups": [{**everywhere(group.as_dict()), "interval": _interval(group.interval)} for group in groups]}


def _interval(duration: str) -> str:
    return f"{round(1000 * max(INTERVAL_SECONDS, seconds(duration) / FACTOR))}ms"
