"""How sure a total is: what moves it when one input changes, and where it falls when all of them do.

Each input is a range whose base is its median: as likely above as below, and nearer to it more likely than far (a triangle on either
side). Draws are stratified (Latin hypercube: every input takes each of its quantiles once) and come in pairs, each with its mirror
image (antithetic), so that a few hundred do: where a result is linear and its ranges even, their median is the closed form itself.
The generator is seeded: same seed, same bits.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Values = Mapping[str, float]


@dataclass(frozen=True)
class Spread:
    """A range of an input; see the module."""

    low: float
    base: float
    high: float

    @property
    def known(self) -> bool:
        """Whether there is nothing to vary."""
        return self.low == self.high

    def quantile(self, share: float) -> float:
        """The value that `share` of all draws stay below."""
        if share < 0.5:
            return self.base - (self.base - self.low) * (1 - math.sqrt(2 * share))
        return self.base + (self.high - self.base) * (1 - math.sqrt(2 * (1 - share)))


@dataclass(frozen=True)
class Swing:
    """What a result is with one input at its low and at its high, all others at their base."""

    name: str
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """How far it moves."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Distribution:
    """A result's tenth, fiftieth and ninetieth percentile."""

    p10: float
    p50: float
    p90: float


def bases(spreads: Mapping[str, Spread]) -> dict[str, float]:
    """Every input at its base."""
    return {name: spread.base for name, spread in spreads.items()}


def swings(result: Callable[[Values], float], spreads: Mapping[str, Spread]) -> list[Swing]:
    """One input at a time, the widest swing first: a tornado's bars."""
    middle = bases(spreads)
    found = [
        Swing(name, result({**middle, name: spread.low}), result({**middle, name: spread.high}))
        for name, spread in spreads.items()
        if not spread.known
    ]
    return sorted((swing for swing in found if swing.width), key=lambda swing: (-swing.width, swing.name))


def draws(spreads: Mapping[str, Spread], count: int, seed: int) -> list[dict[str, float]]:
    """`count` draws of all inputs (one more if it is odd), independent of each other."""
    generator, half = random.Random(seed), (count + 1) // 2
    columns: dict[str, Sequence[float]] = {}
    for name, spread in sorted(spreads.items()):
        strata = list(range(half))
        generator.shuffle(strata)
        shares = [(stratum + generator.random()) / half for stratum in strata]
        columns[name] = [spread.quantile(share) for share in (*shares, *(1 - share for share in shares))]
    return [{name: column[index] for name, column in columns.items()} for index in range(2 * half)]


def distribution(results: Sequence[float]) -> Distribution:
    """Percentiles, interpolated between neighbours."""
    ordered = sorted(results)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

    return Distribution(at(0.1), at(0.5), at(0.9))


def probability(results: Sequence[float], others: Sequence[float]) -> float:
    """How often the first costs less than the second, draw by draw."""
    return sum(one < other for one, other in zip(results, others, strict=True)) / len(results)
