"""Every figure a report rests on, with source and date, as rows of one table."""

from collections.abc import Iterator
from dataclasses import dataclass

from blueprint.cost.comparison import Comparison
from blueprint.cost.tokens import TokenRate
from blueprint.report.wording import said


@dataclass(frozen=True)
class Assumed:
    """A row; figures that are known exactly have no `low` and `high`."""

    name: str
    low: str
    base: str
    high: str
    unit: str
    status: str
    source: str
    as_of: str


def assumptions(comparison: Comparison) -> tuple[Assumed, ...]:
    """The assumptions in use, then prices of tokens, then prices of machines."""
    return (*_figures(comparison), *_tokens(comparison), *_machines(comparison))


def _figures(comparison: Comparison) -> Iterator[Assumed]:
    for name, figure in comparison.case.assumptions.items():
        if name in comparison.used:
            yield Assumed(
                said(name), *_range(figure.low, figure.base, figure.high), figure.unit, figure.status, figure.source, figure.as_of
            )


def _tokens(comparison: Comparison) -> Iterator[Assumed]:
    case = comparison.case
    rates = {rate.name: rate for rate in (case.rate, *case.others, *(use.rate for use in case.uses))}
    for rate in rates.values():
        for side, price in _prices(rate):
            yield Assumed(
                f"{rate.label}, {side}", "", f"{price:g}", "", f"{rate.currency} per million tokens", rate.status, rate.source, rate.as_of
            )


def _prices(rate: TokenRate) -> Iterator[tuple[str, float]]:
    yield "input", rate.input
    if rate.cached_input is not None:
        yield "cached input", rate.cached_input
    yield "output", rate.output


def _machines(comparison: Comparison) -> Iterator[Assumed]:
    for fleet in comparison.case.fleets:
        for pool in fleet.pools:
            if pool.price is None and pool.sources:
                yield Assumed(fleet.label, "", "", "", "", "current", "; ".join(pool.sources), "")
            elif pool.price:
                price = _range(pool.price.low, pool.price.base, pool.price.high)
                yield Assumed(
                    f"{pool.machine}, pool {pool.name}", *price, f"{pool.currency} per hour", "current", "; ".join(pool.sources), ""
                )


def _range(low: float, base: float, high: float) -> tuple[str, str, str]:
    same = low == high
    return "" if same else f"{low:,g}", f"{base:,g}", "" if same else f"{high:,g}"
