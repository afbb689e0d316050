"""How much more volume it takes until machines cost no more than a use case's API, and when growth brings it there."""

from collections.abc import Callable
from math import log, sqrt

from blueprint.recommendation.money import Money
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.varied import grown

MOST = 1e6  # times today's volume: beyond it nothing is a plan
STRIDE, HALVINGS = 8, 12
ROUNDING = 1e-6


def weighed(picture: Picture, name: str) -> bool:
    """Whether cost decides where a use case goes."""
    return picture.priced and name in picture.uses and picture.subjects[name].weighed()


def others_on_machines(picture: Picture, name: str) -> list[str]:
    """The use cases it would share machines with."""
    return [other for other in picture.own() if other != name]


def crossing(picture: Picture, name: str) -> float | None:
    """The least multiple of today's volume at which joining the machines costs less than its API, at the base of every assumption.
    None: never."""
    money, others = picture.money(picture.decision.family), others_on_machines(picture, name)
    if not money.uses[name].tokens.total:
        return None
    spill = picture.spill_with(name)
    return least(lambda times: pays(grown(money, name, times), name, others, spill))


def least(holds: Callable[[float], bool]) -> float | None:
    """The least factor from one on with which something holds: multiplied until it does, then halved between, both by logarithms.
    None: with none."""
    low, high = 1.0, float(STRIDE)
    while high < MOST and not holds(high):
        low, high = high, high * STRIDE
    if high >= MOST:
        return None
    for _ in range(HALVINGS):
        middle = sqrt(low * high)
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def months_until(times: float, growth_per_year: float) -> int:
    """Whole months until growth makes a volume so many times as large."""
    return int(12 * log(times) / log(1 + growth_per_year))


def pays(money: Money, name: str, others: list[str], spill: frozenset[str]) -> bool:
    """Whether joining the machines costs less than its API. What overflows as a whole costs the same, but for rounding."""
    at_api = money.total([], [name])
    return money.total([*others, name], (), spill) < money.total(others, (), spill) + at_api * (1 - ROUNDING)


def over(money: Money, name: str, others: list[str], spill: frozenset[str]) -> float:
    """Euros over the horizon of what overflows of a use case that joins the machines."""
    return money.plan([*others, name], spill, money.case.months).euros[name] if name in spill else 0.0
