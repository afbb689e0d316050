"""Measured throughput: what guidellm and aiperf wrote, and what follows for loads between their points.

At a measured load the answer is the measurement. Between them it is the roofline's, times what measurements nearby were to the
roofline (inverse squared distance, in the logarithms of prompt, output and concurrency), so that lengths nobody ran still count.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from typing import Any

from blueprint.errors import BlueprintError
from blueprint.throughput.roofline import Band, Load

NEXT = "give the JSON of `guidellm benchmark` (benchmarks.json) or of `aiperf profile` (profile_export_aiperf.json)"
NEAREST = 4


@dataclass(frozen=True)
class Point:
    """One run of one server: means of successful requests, output tokens per second of all of them."""

    load: Load
    output_tokens_per_second: float
    first_token_ms: float | None = None
    milliseconds_per_token: float | None = None


def read(path: Path) -> tuple[Point, ...]:
    """The points of a result file.

    Raises:
        BlueprintError: it is neither tool's, or a run in it has no throughput.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BlueprintError(f"{path} cannot be read: {error.strerror}", NEXT) from None
    except (ValueError, RecursionError) as error:
        raise BlueprintError(f"{path} cannot be read: {error}", NEXT) from None
    try:
        if isinstance(data, dict) and "benchmarks" in data:
            points = tuple(_guidellm(run["metrics"]) for run in data["benchmarks"])
        else:
            points = (_aiperf(data),)
    except KeyError as error:
        raise BlueprintError(f"{path} is no result of guidellm or aiperf: {error} is missing", NEXT) from None
    except (TypeError, ValueError, AttributeError):
        raise BlueprintError(
            f"{path} is no result of guidellm or aiperf: something else stands where its figures should be", NEXT
        ) from None
    if not points or any(min(point.output_tokens_per_second, *_shape(point.load)) <= 0 for point in points):
        raise BlueprintError(f"{path} holds a run without successful requests", "run it again, longer or with less load")
    return points


def interpolate(points: Sequence[Point], load: Load, expected: Callable[[Load], float]) -> Band:
    """Output tokens per second at a load. `expected` is the roofline's estimate; the band is as wide as neighbours disagree."""
    for point in points:
        if point.load == load:
            return Band(point.output_tokens_per_second, point.output_tokens_per_second, load.concurrency)
    near = sorted(points, key=lambda point: _distance(point.load, load))[:NEAREST]
    factors = [log(point.output_tokens_per_second / expected(point.load)) for point in near]
    weights = [1 / max(_distance(point.load, load), 1e-9) for point in near]
    mean = sum(weight * factor for weight, factor in zip(weights, factors, strict=True)) / sum(weights)
    spread = max(abs(factor - mean) for factor in factors)
    middle = expected(load) * exp(mean)
    return Band(middle / exp(spread), middle * exp(spread), load.concurrency)


def _guidellm(metrics: Mapping[str, Any]) -> Point:
    """guidellm 0.8, `benchmarks[].metrics`: distributions by status."""

    def mean(name: str) -> float:
        return float(metrics[name]["successful"]["mean"])

    load = Load(mean("prompt_token_count"), mean("output_token_count"), mean("request_concurrency"))
    return Point(load, mean("output_tokens_per_second"), mean("time_to_first_token_ms"), mean("inter_token_latency_ms"))


def _aiperf(data: Mapping[str, Any]) -> Point:
    """aiperf 0.13's summary: one block per metric. Concurrency is rate x latency (Little's law), as requests were really under way."""

    def mean(name: str) -> float:
        return float(data[name]["avg"])

    under_way = mean("request_throughput") * mean("request_latency") / 1e3
    load = Load(mean("input_sequence_length"), mean("output_sequence_length"), under_way)
    return Point(load, mean("output_token_throughput"), mean("time_to_first_token"), mean("inter_token_latency"))


def _shape(load: Load) -> tuple[float, float, float]:
    return load.input_tokens, load.output_tokens, load.concurrency


def _distance(one: Load, other: Load) -> float:
    return sum(log(a / b) ** 2 for a, b in zip(_shape(one), _shape(other), strict=True))
