"""A chart as data: a frame with marks in it, a legend, and the same numbers as a table. The template only writes it down.

A drawing is 400 units wide, at which its letters can be read on a phone. Legends stand outside it, as text that wraps, and places are
named by a letter in a circle, so that nothing in it can collide.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from blueprint.report.scales import Scale

WIDTH, HEIGHT, BELOW = 400, 270, 46
ROW = 40  # so high is a bar with its name
PIN = 17  # a pin is so wide
LETTER = 6  # so wide is a letter beside an axis, on average
Point = tuple[float, float]
Style = Literal["line", "dashed", "band", "bar", "rule", "pin"]
Tone = Literal["api", "own", "bill", "plain", "weights", "overhead", "kv", "free", "low", "high"]


@dataclass(frozen=True)
class Mark:
    """Something drawn: `path` in the drawing's units; `style` and `tone` are classes of the style sheet."""

    path: str
    style: Style
    tone: Tone


@dataclass(frozen=True)
class Label:
    """A word in the drawing. In a circle where `pin` is set."""

    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "middle"
    pin: bool = False


@dataclass(frozen=True)
class Entry:
    """A line of the legend; `letter` where it explains a pin."""

    style: Style
    tone: Tone
    text: str
    letter: str = ""


@dataclass(frozen=True)
class Table:
    """The numbers of a chart, for those who read or listen."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Frame:
    """What is drawn in: takes marks in the data's own units."""

    x: Scale
    y: Scale
    left: float = 62
    right: float = WIDTH - 16
    top: float = 28
    bottom: float = HEIGHT - BELOW
    marks: list[Mark] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    legend: list[Entry] = field(default_factory=list)

    def place(self, point: Point) -> Point:
        """A point of the data in the drawing."""
        x, y = self.x.share(point[0]), self.y.share(point[1])
        return self.left + x * (self.right - self.left), self.bottom - y * (self.bottom - self.top)

    def line(self, points: Iterable[Point], tone: Tone, text: str, style: Style = "line") -> None:
        """A line through the points."""
        self._draw(_path(map(self.place, points)), style, tone, text)

    def stairs(self, points: Sequence[Point], tone: Tone, text: str, style: Style = "line") -> None:
        """A line that keeps each value until the next point."""
        self.line(stepped(points), tone, text, style)

    def band(self, lower: Sequence[Point], upper: Sequence[Point], tone: Tone, text: str) -> None:
        """What lies between two lines."""
        self._draw(_path(map(self.place, [*lower, *reversed(upper)])) + "Z", "band", tone, text)

    def bar(self, corner: Point, opposite: Point, tone: Tone, text: str) -> None:
        """A rectangle."""
        (x1, y1), (x2, y2) = self.place(corner), self.place(opposite)
        self._draw(f"M{x1:.1f} {y1:.1f}H{x2:.1f}V{y2:.1f}H{x1:.1f}Z", "bar", tone, text)

    def rule(self, start: Point, end: Point, tone: Tone = "plain") -> None:
        """A thin line that marks a value."""
        self._draw(_path(map(self.place, (start, end))), "rule", tone, "")

    def word(self, point: Point, text: str, anchor: Literal["start", "middle", "end"] = "start", above: float = 4) -> None:
        """A word at a point."""
        x, y = self.place(point)
        self.labels.append(Label(x, y - above, text, anchor))

    def pin(self, point: Point, text: str, tone: Tone = "plain") -> None:
        """A place worth naming: the next letter there, or beside it where another pin is, its meaning in the legend."""
        pins = [label for label in self.labels if label.pin]
        letter, (x, y) = "ABCDEFGH"[len(pins)], self.place(point)
        beside = x
        while any(abs(beside - other.x) < PIN and abs(y - other.y) < PIN for other in pins):
            beside += PIN / 2
        if beside > x:
            self.marks.append(Mark(_path([(x, y), (beside, y)]), "rule", tone))
        self.labels.append(Label(beside, y, letter, pin=True))
        self.legend.append(Entry("pin", tone, text, letter))

    def _draw(self, path: str, style: Style, tone: Tone, text: str) -> None:
        self.marks.append(Mark(path, style, tone))
        entry = Entry(style, tone, text)
        if text and entry not in self.legend:
            self.legend.append(entry)


@dataclass(frozen=True)
class Chart:
    """A drawing with all that is said beside it; `id` is unique on a page. Axes without a title have no ticks."""

    id: str
    title: str
    description: str
    frame: Frame
    table: Table
    x_title: str
    y_title: str = ""
    x_text: Callable[[float], str] = "{:g}".format
    y_text: Callable[[float], str] = "{:,.0f}".format
    note: str = ""

    @property
    def x_ticks(self) -> list[tuple[float, str, str]]:
        """Round values below the drawing, each with its anchor: what would stick out at an edge stays inside, and what would run into the
        one before is not written."""
        ticks: list[tuple[float, str, str]] = []
        end = -float(LETTER)
        for value in self.frame.x.ticks:
            x, text = self.frame.place((value, self.frame.y.low))[0], self.x_text(value)
            wide, anchor = len(text) * LETTER, _anchor(x, len(text) * LETTER / 2)
            start = x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            fits = start >= end + LETTER
            end = start + wide if fits else end
            ticks.append((x, text if fits else "", anchor))
        return ticks

    @property
    def y_ticks(self) -> list[tuple[float, str]]:
        """Round values beside the drawing."""
        if not self.y_title:
            return []
        return [(self.frame.place((self.frame.x.low, value))[1], self.y_text(value)) for value in self.frame.y.ticks]

    @property
    def height(self) -> float:
        """Of the drawing, with room for what stands below the axis."""
        return self.frame.bottom + BELOW


def stepped(points: Sequence[Point]) -> list[Point]:
    """The corners of stairs."""
    corners = [(x, before[1]) for before, (x, _) in pairwise(points)]
    return [point for pair in zip(points, [*corners, points[-1]], strict=True) for point in pair]


def bars(x: Scale, count: int) -> Frame:
    """A frame for bars that lie one under another, each in a row of height one with its name above it."""
    return Frame(x, Scale(0, count), left=8, top=8, bottom=8 + count * ROW)


def _anchor(x: float, half: float) -> Literal["start", "middle", "end"]:
    if x < half:
        return "start"
    return "end" if x + half > WIDTH else "middle"


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
