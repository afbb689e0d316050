"""Interpolation between measured points, each point left out once: what the others and the roofline say about it."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.throughput.rows import Score
from blueprint.throughput import Load
from blueprint.throughput.measured import Point, interpolate

FEWEST = 4


def leave_one_out(scores: Sequence[Score]) -> dict[str, Any]:
    """Relative errors over servers with enough points of a closed loop at different loads."""
    servers: dict[tuple[object, ...], dict[Load, Score]] = defaultdict(dict)
    for each in scores:
        if each.kind == "closed loop" and each.load and each.truth and each.low and not each.marked:
            servers[each.model, each.gpu, each.cards, each.ways, each.format][each.load] = each
    errors = sorted(error for points in servers.values() if len(points) >= FEWEST for error in _errors(points))
    return {"n": len(errors), "median": median(errors) if errors else None, "p90": errors[int(0.9 * (len(errors) - 1))] if errors else None}


def _errors(points: dict[Load, Score]) -> list[float]:
    truth = {load: each.truth or 0.0 for load, each in points.items()}
    expected = {load: each.expected or 0.0 for load, each in points.items()}
    left_out = {load: [Point(other, truth[other]) for other in points if other != load] for load in points}
    return [abs(interpolate(others, load, expected.__getitem__).middle / truth[load] - 1) for load, others in left_out.items()]
