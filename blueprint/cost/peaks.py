"""What peaks cost: more machines, or tokens at APIs where that is allowed, month by month whichever costs less."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from blueprint.cost.case import Use
from blueprint.cost.machines import machines_beyond, monthly_peaks
from blueprint.cost.overflow import Load, MeritOrder, overflow_share
from blueprint.cost.uncertainty import Values


@dataclass(frozen=True)
class Plan:
    """Machines to add in each month, and of each use case that may overflow: the share of its peak that machines take and of its tokens
    that overflow in the first month, and euros of what overflows in all months."""

    added: tuple[int, ...]
    taken: Mapping[str, float]
    shares: Mapping[str, float]
    euros: Mapping[str, float]


@dataclass(frozen=True)
class Peaks:
    """What use cases ask of shared machines over some months. Those in `spill` may overflow to their APIs, all others have to be served;
    `values` are those whose prices the merit order goes by."""

    uses: tuple[Use, ...]
    spill: frozenset[str]
    months: int
    values: Values

    @cached_property
    def of_all(self) -> tuple[float, ...]:
        """Tokens per second at the busiest time of each month; of one for all, where nothing grows."""
        return monthly_peaks([use.stream for use in self.uses], self.months)

    @cached_property
    def highest(self) -> float:
        """The busiest of all months."""
        return max(self.of_all)

    @cached_property
    def _firm(self) -> tuple[float, ...]:
        return monthly_peaks([use.stream for use in self.uses if use.name not in self.spill], self.months)

    @cached_property
    def _orders(self) -> dict[int, MeritOrder]:
        return {}

    def order(self, month: int) -> MeritOrder:
        """What may overflow in a month, counted from 0."""
        at = min(month, len(self.of_all) - 1)
        if at not in self._orders:
            self._orders[at] = MeritOrder(tuple(self._load(use, at) for use in self.uses if use.name in self.spill))
        return self._orders[at]

    def _load(self, use: Use, month: int) -> Load:
        grown = math.pow(1 + use.stream.growth_per_year, month / 12)
        return Load(use.name, use.stream.peak_tokens_per_second * grown, use.peak_factor, use.api_month(self.values) * grown)

    def spare(self, month: int, capacity: float) -> float:
        """What of machines' tokens per second is left for load that may overflow, when all other load is served."""
        return capacity - _at(self._firm, month)

    def prices(self, values: Values) -> list[float]:
        """What tokens that overflow cost in each month, in times what the merit order goes by."""
        now, then = (sum(use.api_month(one) for use in self.uses if use.name in self.spill) for one in (values, self.values))
        falling = math.pow(1 - values["api_decline_per_year"], 1 / 12)
        return [(now / then if then else 1.0) * falling**month for month in range(self.months)]

    def cheapest(self, there: float, serves: float, machine: float, prices: Sequence[float]) -> list[tuple[int, float]]:
        """Month by month machines to add, and euros of the tokens that still overflow, where both together cost least.

        Args:
            there: machines there are anyway.
            serves: tokens per second that one takes, headroom kept.
            machine: euros of one more for a month.
            prices: of each month, in times what the merit order goes by.
        """
        return [self._cheapest(month, there, serves, machine, price) for month, price in enumerate(prices)]

    def _cheapest(self, month: int, there: float, serves: float, machine: float, price: float) -> tuple[int, float]:
        order, most = self.order(month), machines_beyond(_at(self.of_all, month), serves, there)

        def left(count: int) -> float:
            return 0.0 if count >= most else price * order.left(self.spare(month, (there + count) * serves))

        low, high = machines_beyond(_at(self._firm, month), serves, there), most
        worth = order.worth_having(machine / (price * serves)) if price else 0.0
        guess = machines_beyond(_at(self._firm, month) + worth, serves, there)
        first = [guess, guess - 1]  # mostly the answer is there, else it is found by halving
        while low < high:  # every machine saves less than the one before
            middle = min(max(first.pop() if first else (low + high) // 2, low), high - 1)
            low, high = (middle + 1, high) if machine <= left(middle) - left(middle + 1) else (low, middle)
        return low, left(low)

    def plan(self, there: float, serves: float, machine: float, prices: Sequence[float]) -> Plan:
        """The same, with what overflows told by use case."""
        added = tuple(count for count, _ in self.cheapest(there, serves, machine, prices))
        taken = [self._taken(month, (there + count) * serves) for month, count in enumerate(added)]
        left = [self._left(month, shares) for month, shares in enumerate(taken)]
        of_all = {load.name: load.euros for load in self.order(0).loads}
        shares = {name: left[0][name] / whole if whole else 0.0 for name, whole in of_all.items()}
        euros = {name: sum(price * each[name] for each, price in zip(left, prices, strict=True)) for name in of_all}
        return Plan(added, taken[0], shares, euros)

    def _taken(self, month: int, capacity: float) -> dict[str, float]:
        """The share of each peak that machines of so many tokens per second take."""
        if capacity * (1 + 1e-9) >= _at(self.of_all, month):
            return dict.fromkeys(self.spill, 1.0)
        return self.order(month).taken(self.spare(month, capacity))

    def _left(self, month: int, taken: Mapping[str, float]) -> dict[str, float]:
        """Euros by use case of what machines leave over that take these shares of the peaks."""
        return {load.name: load.euros * overflow_share(taken[load.name], load.peak_factor) for load in self.order(month).loads}


def _at(months: tuple[float, ...], month: int) -> float:
    """A month's figure; one stands for all where nothing grows."""
    return months[min(month, len(months) - 1)]
