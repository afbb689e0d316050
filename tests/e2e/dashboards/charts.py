"""Lines, areas and heat maps as SVG."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.e2e.dashboards.answers import Line
from tests.e2e.dashboards.values import COLUMN, LINE, Panel, shown

COLORS = ("#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#b877d9", "#8ab8ff", "#ffb357", "#96d98d", "#ca95e5", "#ffee52")
AXIS = 48  # pixels for what heights mean
FAR = 4  # a limit further off than this many times the data is left out

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Frame:
    """From moments and values to pixels."""

    width: float
    height: float
    start: float
    end: float
    low: float
    top: float

    def at(self, moment: float, value: float) -> str:
        across = (moment - self.start) / ((self.end - self.start) or 1)
        up = (value - self.low) / ((self.top - self.low) or 1)
        return f"{AXIS + across * (self.width - AXIS - 4):.1f},{self.height - up * (self.height - 6):.1f}"

    def line(self, points: Sequence[tuple[float, float]], style: str) -> str:
        return f'<polyline points="{" ".join(self.at(*point) for point in points)}" fill="none" {style}/>'


def lines(panel: Panel, series: Sequence[Line]) -> str:
    """A time series panel with its legend."""
    shapes = _stacked(series) if panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal" else _plain(series)
    values = [value for _, points in shapes for _, value in points]
    limits = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"] if step["value"] is not None]
    frame = _frame(panel, series, values, [limit for limit in limits if limit <= FAR * max(values)])
    drawn = "".join(_shape(frame, COLORS[number % len(COLORS)], *shape) for number, shape in enumerate(shapes))
    ends = [[(frame.start, limit), (frame.end, limit)] for limit in limits if frame.low <= limit <= frame.top]
    dashed = "".join(frame.line(points, 'stroke="#f2495c" stroke-dasharray="6 4"') for points in ends)
    return f'<svg width="{frame.width}" height="{frame.height}">{_axis(panel, frame)}{drawn}{dashed}</svg>{_legend(panel, series)}'


def _frame(panel: Panel, series: Sequence[Line], values: Sequence[float], limits: Sequence[float]) -> Frame:
    place, field = panel["gridPos"], panel["fieldConfig"]["defaults"]
    moments = [at for line in series for at, _ in line.points]
    top = field.get("max") or 1.08 * max([*values, *limits]) or 1
    low = min(field.get("min", min(values)), *values)
    return Frame(place["w"] * COLUMN - 30, place["h"] * LINE - 84, min(moments), max(moments), low, top)


def _axis(panel: Panel, frame: Frame) -> str:
    heights = [frame.low + part * (frame.top - frame.low) for part in (0, 0.5, 0.95)]
    places = [frame.at(frame.start, value).split(",")[1] for value in heights]
    return "".join(_text(place, shown(panel, value)) for place, value in zip(places, heights, strict=True))


def _text(down: str, text: str) -> str:
    return f'<text x=2 y="{down}" fill="#7b8087" font-size=9>{text}</text>'


def _plain(series: Sequence[Line]) -> list[tuple[Points, Points]]:
    return [([], [point for point in line.points if math.isfinite(point[1])]) for line in series]


def _stacked(series: Sequence[Line]) -> list[tuple[Points, Points]]:
    """Lower and upper edge of every area."""
    below = dict.fromkeys(sorted({at for line in series for at, _ in line.points}), 0.0)
    found = []
    for line in series:
        values = {at: value for at, value in line.points if math.isfinite(value)}
        above = {at: height + values.get(at, 0.0) for at, height in below.items()}
        found.append((list(below.items()), list(above.items())))
        below = above
    return found


def _shape(frame: Frame, paint: str, below: Points, points: Points) -> str:
    around = " ".join(frame.at(*point) for point in [*points, *reversed(below)])
    area = f'<polygon points="{around}" fill="{paint}" opacity=".25"/>' if below else ""
    return area + frame.line(points, f'stroke="{paint}" stroke-width="1.3"')


def _legend(panel: Panel, series: Sequence[Line]) -> str:
    entries = (
        f'<span><b style="color:{COLORS[number % len(COLORS)]}">—</b> {escape(line.legend)} {shown(panel, line.last)}</span>'
        for number, line in enumerate(series)
    )
    return f"<div class=l>{''.join(entries)}</div>"


def heat(panel: Panel, series: Sequence[Line]) -> str:
    """Buckets below one another, the highest on top."""
    width, height = panel["gridPos"]["w"] * COLUMN - 30, panel["gridPos"]["h"] * LINE - 44
    rows = [(edge, points) for edge, points in _buckets(series) if any(points.values())]
    most = max(value for _, points in rows for value in points.values())
    tall = height / len(rows)
    drawn = "".join(_row(panel, edge, points, most, number * tall, tall, width) for number, (edge, points) in enumerate(reversed(rows)))
    return f'<svg width="{width}" height="{height}">{drawn}</svg>'


def _buckets(series: Sequence[Line]) -> list[tuple[float, dict[float, float]]]:
    """What each bucket holds beyond the one below it."""
    found, before = [], dict[float, float]()
    for line in sorted(series, key=lambda line: float(line.legend)):
        now = dict(line.points)
        found.append((float(line.legend), {at: max(0.0, value - before.get(at, 0.0)) for at, value in now.items()}))
        before = now
    return found


def _row(panel: Panel, edge: float, points: Mapping[float, float], most: float, down: float, tall: float, width: float) -> str:
    wide = (width - AXIS - 4) / len(points)
    cells = (
        f'<rect x="{AXIS + number * wide:.1f}" y="{down:.1f}" width="{wide:.1f}" height="{tall - 1:.1f}" fill="#ff9830"'
        f' opacity="{(value / most) ** 0.5:.2f}"/>'
        for number, value in enumerate(points.values())
        if value
    )
    return _text(f"{down + tall / 2 + 3:.0f}", shown(panel, edge)) + "".join(cells)
