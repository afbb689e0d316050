"""Scales and ticks: where a value stands on an axis, and which round values are written beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

NICE = (1, 2, 2.5, 5, 10)
MOST_TICKS = 6


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`; `log` where equal steps are equal factors; `step` where round values are not of ten (hours, months)."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def share(self, value: float) -> float:
        """How far along the axis a value stands, 0 to 1; values outside stand at its ends."""
        clipped = min(max(value, self.low), self.high)
        if self.log:
            return math.log(clipped / self.low) / math.log(self.high / self.low)
        return (clipped - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        """A few round values from end to end."""
        if self.log:
            return _powers(self.low, self.high)
        step = self.step or _step(self.high - self.low)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [count * step for count in range(first, last + 1)]


def linear(values: Sequence[float], *, from_zero: bool = True) -> Scale:
    """A scale of round ends around the values."""
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        high = low + 1
    step = _step(high - low)
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)


def logarithmic(values: Sequence[float]) -> Scale:
    """A scale between powers of ten around the positive values."""
    positive = [value for value in values if value > 0] or [1.0]
    low, high = (10.0**rounded for rounded in (math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))))
    return Scale(low, high if high > low else low * 10, log=True)


def _step(span: float) -> float:
    rough = span / (MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in NICE if nice * power >= rough * (1 - 1e-9))


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten, thinned out where there are many; between them 2 and 5 where there are few."""
    first, last = round(math.log10(low)), round(math.log10(high))
    every = -(-(last - first) // MOST_TICKS)
    within = (1, 2, 5) if last - first <= 2 else (1,)
    found = [factor * 10.0**power for power in range(first, last + 1, every) for factor in within]
    return [value for value in found if value <= high * (1 + 1e-9)]
