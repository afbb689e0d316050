"""What an environment's nodes cost per month, as low and high as the catalogue's prices disagree.

Only nodes are priced: what else is created has no price in the catalogue, and hosted models are paid by use.
"""

from dataclasses import dataclass

from blueprint.catalog import Price
from blueprint.cost.nodes import pools, prices_of
from blueprint.environment import Environment, Pool
from blueprint.hosting import provider

HOURS_PER_MONTH = 730


@dataclass(frozen=True)
class Amount:
    """Money per month, to the unit."""

    low: int
    high: int
    currency: str


@dataclass(frozen=True)
class MonthlyCost:
    """`now`: every pool at its minimum, `most`: at its maximum; one amount per currency. `priced_in` are the regions whose
    prices stand in where the environment's own has none."""

    now: tuple[Amount, ...]
    most: tuple[Amount, ...]
    priced_in: tuple[str, ...]
    unpriced: tuple[str, ...]


def monthly_cost(env: Environment) -> MonthlyCost:
    """The nodes of all pools at list price, 730 hours a month."""
    instances = provider(env).instances
    priced: list[tuple[Pool, list[Price]]] = []
    unpriced = []
    for name, pool in pools(env):
        kind = "spot" if getattr(pool, "spot", False) else "on-demand"
        if prices := prices_of(instances[pool.instance], kind=kind, region=env.cluster.region):
            priced.append((pool, prices))
        else:
            unpriced.append(f"{name} ({pool.instance})")
    return MonthlyCost(
        now=_total([(pool.min, prices) for pool, prices in priced]),
        most=_total([(pool.max, prices) for pool, prices in priced]),
        priced_in=tuple(sorted({price.region or "a region the source does not name" for _, prices in priced for price in prices})),
        unpriced=tuple(unpriced),
    )


def _total(nodes: list[tuple[int, list[Price]]]) -> tuple[Amount, ...]:
    """The sum over all nodes, with the cheapest and with the dearest price for each."""
    totals: dict[str, tuple[float, float]] = {}
    for count, prices in nodes:
        low, high = totals.get(prices[0].currency, (0.0, 0.0))
        hours = count * HOURS_PER_MONTH
        amounts = [price.amount for price in prices]
        totals[prices[0].currency] = low + hours * min(amounts), high + hours * max(amounts)
    return tuple(Amount(round(low), round(high), currency) for currency, (low, high) in sorted(totals.items()))
