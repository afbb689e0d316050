"""What placements cost, from the cost model: machines are shared and come in steps, tokens are paid one by one.

Which use cases machines should take is asked of every draw of the assumptions: use cases join one after the other, those first whose
model is there already, then those whose API asks most per token. In each draw the cheapest cut of that order is taken; how often a use
case is inside the cut is how sure the answer is. The order does not look at machines' prices, and each cut needs no fewer machines than
the one before: a lower price of machines can only move the cut outwards. Use cases that an API is open to may overflow to it: what machines
take of their peaks is what costs least (blueprint/cost/peaks.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from typing import Literal

from blueprint.cost.case import Case, Use, environment_case
from blueprint.cost.machines import Fleet, machines_beyond, month_lines, price_per_hour
from blueprint.cost.nodes import spared
from blueprint.cost.peaks import Peaks, Plan
from blueprint.cost.tokens import rate
from blueprint.cost.uncertainty import Values, bases, draws
from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.workload import DEFAULT_API, Demand, UseCase

DRAWS, SEED = 100, 7
ROUNDING = 1e-9  # sums that differ by less are equal
Family = Literal["self-hosted", "managed"]


@dataclass(frozen=True)
class Bought:
    """One draw's euros over the horizon: each use case at its API, and the machines there are without spares; and for a month one more,
    and a spare of each pool. `there` counts machines before demand asks for more, and `serves` are the tokens per second of each."""

    values: Values
    api: Mapping[str, float]
    machines: float
    one_more: float
    months: int
    there: float
    serves: float
    spare_month: tuple[float, ...]


@dataclass(frozen=True)
class Split:
    """What machines take and what APIs do: the names, what is asked of the machines, machines for new models, and spares by pool."""

    own: tuple[str, ...]
    rest: tuple[str, ...]
    asked: Peaks
    added: int
    spares: tuple[float, ...]


@dataclass(frozen=True)
class Money:
    """Costs of an environment's use cases. `new_models` are models nobody has deployed yet, with the cards one replica takes. `slower` says
    how many times the cards of the assumption a use case takes where capacity, which knows its model, asks for more than is allowed. No
    API may stand in for the use cases `bound` to machines: those want spares."""

    env: Environment
    case: Case
    family: Family
    new_models: Mapping[str, tuple[str, int]]
    slower: Mapping[str, float] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()

    @cached_property
    def fleet(self) -> Fleet:
        """The environment's machines, at the price of whoever runs them."""
        fleet = self.case.fleets[0]
        return replace(fleet, pricing="managed") if self.family == "managed" else fleet

    @property
    def has_prices(self) -> bool:
        """Whether machines with GPUs have a price at all."""
        return all(pool.price is not None for pool in self.case.fleets[0].pools if pool.gpus)

    @cached_property
    def uses(self) -> Mapping[str, Use]:
        """Use cases by name."""
        return {use.name: busier(use, self.slower.get(use.name, 1.0)) for use in self.case.uses}

    @cached_property
    def values(self) -> Values:
        """Every assumption at its base."""
        return bases(self.case.inputs)

    def month(self, own: Collection[str], rest: Collection[str] = (), spill: Collection[str] = ()) -> float:
        """Euros of the first month with `own` on machines and `rest` at their APIs, the peaks of `spill` where they cost less."""
        return self._total(self._base_month, self._split(own, rest, spill, 1))

    def total(self, own: Collection[str], rest: Collection[str] = (), spill: Collection[str] = ()) -> float:
        """Euros over the horizon, at the base of every assumption."""
        return self._total(self._base, self._split(own, rest, spill, self.case.months))

    def plan(self, own: Collection[str], spill: Collection[str], months: int) -> Plan:
        """Machines with GPUs beside those there are, and what overflows, at the base of every assumption."""
        split = self._split(own, (), spill, months)
        there, serves = self._base.there + split.added, self._base.serves
        if split.asked.highest <= serves * there:
            nothing = dict.fromkeys(split.asked.spill, 0.0)
            return Plan((0,) * months, dict.fromkeys(split.asked.spill, 1.0), nothing, nothing)
        return split.asked.plan(there, serves, self._base.one_more, split.asked.prices(self.values))

    def gpus(self, own: Collection[str], added: float) -> float:
        """Cards with so many machines added; those there are as they run on average over a week."""
        return self.fleet.gpus + (self._added(own) + added) * self.fleet.serving.gpus if own else 0.0

    def alone(self, name: str, months: int) -> float:
        """Euros of machines for one use case alone, as many as its peak of each month asks for; people come with the others."""
        use = self.uses.get(name)
        peaks = Peaks((use,), frozenset(), months, self.values).of_all if use else (0.0,)
        each = [max(1, machines_beyond(peak, self._base.serves, 0)) for peak in peaks]
        return months * self.machine_month() * sum(each) / len(each)

    def machine_month(self) -> float:
        """Euros of one more machine for a month."""
        return self._base.one_more

    def redundancy_month(self, own: Collection[str]) -> float:
        """Euros a month for machines that stand by for one that fails."""
        return _euros(self._base, self._spares(own))

    def changed(self, use: Use) -> "Money":
        """The same with another use case in the place of the one of its name."""
        uses = tuple(use if one.name == use.name else one for one in self.case.uses)
        return replace(self, case=replace(self.case, uses=uses))

    def order(self, movable: Collection[str]) -> list[str]:
        """In which order use cases join the machines; their prices do not matter for it."""
        return sorted(movable, key=lambda name: (name in self.new_models, -self._per_token(name), name))

    def shares(self, kept: Collection[str], movable: Collection[str]) -> dict[str, float]:
        """How often, of all draws, each movable use case is on machines where that costs least; `kept` are there anyway. What may move has
        an API, which takes peaks of our own machines, too."""
        ordered, months = self.order(movable), self.case.months
        spill = ordered if self.family == "self-hosted" else []
        splits = [self._split([*kept, *ordered[:cut]], ordered[cut:], spill, months) for cut in range(len(ordered) + 1)]
        cuts = [self._cut(draw, splits) for draw in self._drawn]
        return {name: sum(cut > index for cut in cuts) / len(cuts) for index, name in enumerate(ordered)}

    def _cut(self, draw: Bought, splits: Sequence[Split]) -> int:
        """How many of the ordered ones machines take where all together cost least; of equals, the fewer."""
        totals = [self._total(draw, split) for split in splits]
        least = min(totals) * (1 + ROUNDING)
        return next(cut for cut, total in enumerate(totals) if total <= least)

    @cached_property
    def _drawn(self) -> list[Bought]:
        return [self._bought(values, self.case.months) for values in draws(self.case.inputs, DRAWS, SEED)]

    @cached_property
    def _base(self) -> Bought:
        return self._bought(self.values, self.case.months)

    @cached_property
    def _base_month(self) -> Bought:
        return self._bought(self.values, 1)

    def _bought(self, values: Values, months: int) -> Bought:
        case = self.case
        plain = replace(self.fleet, pools=tuple(replace(pool, spare=0.0) for pool in self.fleet.pools))
        now, one_more = (sum(month_lines(plain, values, case.hours, case.months, extra).values()) for extra in (0, 1))
        api = {name: use.api_total(values, months) for name, use in self.uses.items()}
        spare_month = tuple(price_per_hour(plain, pool, values, case.hours) * case.hours for pool in plain.pools)
        there, serves = self.fleet.steps(values)
        return Bought(values, api, now * months, one_more - now, months, there, serves, spare_month)

    def _split(self, own: Collection[str], rest: Collection[str], spill: Collection[str], months: int) -> Split:
        asked = Peaks(tuple(self.uses[name] for name in own), frozenset(spill) & frozenset(own), months, self.values)
        return Split(tuple(own), tuple(rest), asked, self._added(own), self._spares(own))

    def _spares(self, own: Collection[str]) -> tuple[float, ...]:
        """Machines of each pool that stand by for one that fails, where machines take some use cases."""
        return tuple(pool.spare for pool in spared(self.env, self.fleet, self.bound & {*own}).pools)

    def _added(self, own: Collection[str]) -> int:
        cards = dict(self.new_models[name] for name in own if name in self.new_models)
        return ceil(sum(cards.values()) / self.fleet.serving.gpus)

    def _total(self, draw: Bought, split: Split) -> float:
        """Euros of a draw. Machines are linear in their number; beyond those there are, each month needs what its peak asks for."""
        tokens = sum([draw.api[name] for name in split.rest])
        if not split.own:
            return tokens
        there = draw.machines + (_euros(draw, split.spares) + draw.one_more * split.added) * draw.months
        return tokens + there + self._peaks(draw, split)

    def _peaks(self, draw: Bought, split: Split) -> float:
        """Euros of what peaks ask for beyond the machines there are; mostly nothing, which is quickly seen."""
        there = draw.there + split.added
        if split.asked.highest <= draw.serves * there:
            return 0.0
        months = split.asked.cheapest(there, draw.serves, draw.one_more, split.asked.prices(draw.values))
        return sum(count * draw.one_more + euros for count, euros in months)

    def _per_token(self, name: str) -> float:
        use = self.uses[name]
        return use.api_month(self.values) / (use.tokens.total or 1)


def _euros(draw: Bought, spares: tuple[float, ...]) -> float:
    """Of spares for a month."""
    return sum(count * month for count, month in zip(spares, draw.spare_month, strict=True))


def busier(use: Use, times: float) -> Use:
    """The same with so many times as many tokens per second at its busiest time."""
    return replace(use, stream=replace(use.stream, peak_tokens_per_second=use.stream.peak_tokens_per_second * times))


def money_of(env: Environment, demand: Demand, family: Family, apis: Mapping[str, str | None], new: Mapping[str, tuple[str, int]]) -> Money:
    """The cost model of a demand: each use case at the API that is open to it (`apis`; the one the demand names where none is), those
    without a volume as if they took nothing.

    Raises:
        BlueprintError: a use case is not the environment's, or a price is not known.
    """
    for name, use in demand.workload.items():
        _refuse_unknown_price(name, use.api)
    silent = UseCase(input_tokens_per_month=0, output_tokens_per_month=0)
    named = {name: demand.workload.get(name, silent) for name in {**apis, **demand.workload}}
    workload = {name: use.model_copy(update={"api": apis.get(name) or use.api or demand.api}) for name, use in named.items()}
    return Money(env, environment_case(env, demand.model_copy(update={"workload": workload})), family, new)


def _refuse_unknown_price(name: str, api: str | None) -> None:
    try:
        rate(api or DEFAULT_API)
    except BlueprintError as unknown:
        raise BlueprintError(f"workload.{name}.api: {unknown}", unknown.next_step) from None
