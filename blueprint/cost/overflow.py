"""What a hybrid sends to an API: tokens that come while more is asked for than its machines take.

Of a demand only mean and peak are known (`peak_factor` f). Sorted from its busiest moment on (a load duration curve, as power plants are
planned with) it is taken as the power curve that has both, peak x (1 - u)^(f - 1) at the share u of its hours. Machines that take the
share c of the peak leave over, of all tokens,

    1 - f c + (f - 1) c^(f / (f - 1))

and whatever the curve is, at least max(0, 1 - f c) (a steady demand) and at most 1 - c (all of it at the peak, nothing between).

Use cases that share machines do so in the merit order that power plants are called by. Load is cut into slices by the share of hours in
which it is there, and machines take those first that would cost most at an API for the tokens per second they occupy: what is there all
the time before peaks, tokens of a dear API before those of a cheap one.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

SLICES = 50  # of two in a hundred hours each; within one the curve itself is used
NARROWEST = 1e-6  # of the peak: what is thinner than that joins the slice above it
_by_worth = itemgetter(0)


def overflow_share(taken: float, peak_factor: float) -> float:
    """The share of all tokens that is left over by machines that take `taken` of the peak."""
    if taken >= 1:
        return 0.0
    if peak_factor <= 1:
        return 1 - taken
    power = peak_factor / (peak_factor - 1)
    return max(0.0, 1 - peak_factor * taken + (peak_factor - 1) * math.pow(taken, power))


def overflow_bounds(taken: float, peak_factor: float) -> tuple[float, float]:
    """The least and the most it can be for any demand of that peak and mean."""
    return max(0.0, 1 - peak_factor * taken), max(0.0, 1 - taken)


@dataclass(frozen=True)
class Load:
    """A use case in one month: tokens per second at its busiest time, and what all its tokens cost at its API."""

    name: str
    peak: float
    peak_factor: float
    euros: float


class Slice(NamedTuple):
    """The part of a load between two shares of its peak: euros that machines which take it save for each token per second it occupies,
    those tokens per second, and the shares of all tokens that are left over by machines up to each."""

    worth: float
    width: float
    load: Load
    low: float
    high: float
    left_low: float
    left_high: float

    def partly(self, free: float) -> float:
        """The same where only so many tokens per second of them are free."""
        taken = min(self.high, self.low + free / self.load.peak)
        return self.load.euros * (self.left_low - overflow_share(taken, self.load.peak_factor))


@cache
def _shape(peak_factor: float) -> list[tuple[float, float, float, float, float]]:
    """The slices of any load of that peak over mean, each with tokens per share of the peak, the fullest first."""
    levels = [0.0]
    for step in range(1, SLICES) if peak_factor > 1 else ():
        level = math.pow(step / SLICES, peak_factor - 1)
        levels += [level] if level - levels[-1] > NARROWEST else []
    left = [overflow_share(level, peak_factor) for level in (*levels, 1.0)]
    parts = zip(levels, [*levels[1:], 1.0], left, left[1:], strict=False)
    return [((more - less) / (high - low), low, high, more, less) for low, high, more, less in parts]


@dataclass(frozen=True)
class MeritOrder:
    """Loads of a month, and which of them machines take first."""

    loads: tuple[Load, ...]

    @cached_property
    def slices(self) -> list[Slice]:
        """Those first that cost most at an API for what they occupy."""
        found = [
            Slice(full * load.euros / load.peak, (high - low) * load.peak, load, low, high, more, less)
            for load in self.loads
            if load.peak > 0
            for full, low, high, more, less in _shape(load.peak_factor)
        ]
        return sorted(found, key=_by_worth, reverse=True) if len(self.loads) > 1 else found

    @cached_property
    def _reach(self) -> list[float]:
        return list(accumulate([one[1] for one in self.slices]))

    @cached_property
    def _saved(self) -> list[float]:
        return list(accumulate([one[0] * one[1] for one in self.slices], initial=0.0))

    def worth_having(self, euros: float) -> float:
        """Tokens per second of machines up to which slices are worth that many euros for each of them."""
        count = bisect_right(self.slices, -euros, key=lambda one: -one.worth)
        return self._reach[count - 1] if count else 0.0

    def left(self, capacity: float) -> float:
        """Euros of the tokens that machines of so many tokens per second leave to APIs."""
        count = bisect_right(self._reach, capacity)
        saved, before = self._saved[count], self._reach[count - 1] if count else 0.0
        if count < len(self.slices):
            saved += self.slices[count].partly(max(0.0, capacity - before))
        return max(0.0, self._saved[-1] - saved)

    def taken(self, capacity: float) -> dict[str, float]:
        """The share of each load's peak that machines of so many tokens per second take."""
        found, free = {load.name: 0.0 for load in self.loads}, capacity
        for one in self.slices:
            if free <= 0:
                break
            found[one.load.name] = min(one.high, one.low + free / one.load.peak)
            free -= one.width
        return found
