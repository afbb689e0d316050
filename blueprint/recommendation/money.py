"""What placements cost, from the cost model: machines are shared and come in steps, tokens are paid one by one.

Which use cases machines should take is asked of every draw of the assumptions: use cases join one after the other, those first whose
model is there already, then those whose API asks most per token. In each draw the cheapest cut of that order is taken; how often a use
case is inside the cut is how sure the answer is. The order does not look at machines' prices, and each cut needs no fewer machines than
the one before: a lower price of machines can only move the cut outwards.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Literal

from blueprint.cost.case import Case, Use, environment_case
from blueprint.cost.machines import Fleet, extra_nodes, month_lines, monthly_peaks
from blueprint.cost.tokens import rate
from blueprint.cost.uncertainty import Values, bases, draws
from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.workload import DEFAULT_API, Demand, Tokens, UseCase

DRAWS, SEED = 100, 7
Family = Literal["self-hosted", "managed"]


@dataclass(frozen=True)
class Bought:
    """One draw's euros over the horizon: each use case at its API, the machines there are, and one more."""

    values: Values
    api: Mapping[str, float]
    machines: float
    one_more: float


@dataclass(frozen=True)
class Split:
    """What machines take and what APIs do: tokens per second at the busiest time of each month, machines for new models."""

    own: tuple[str, ...]
    rest: tuple[str, ...]
    peaks: tuple[float, ...]
    highest: float
    added: int


@dataclass(frozen=True)
class Money:
    """Costs of an environment's use cases. `new_models` are models nobody has deployed yet, with the cards one replica takes."""

    case: Case
    family: Family
    new_models: Mapping[str, tuple[str, int]]

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
        return {use.name: use for use in self.case.uses}

    @cached_property
    def values(self) -> Values:
        """Every assumption at its base."""
        return bases(self.case.inputs)

    def month(self, own: Collection[str], rest: Collection[str] = ()) -> float:
        """Euros of the first month with `own` on machines and `rest` at their APIs."""
        return self._total(self._base_month, self._split(own, rest, 1))

    def total(self, own: Collection[str], rest: Collection[str] = ()) -> float:
        """Euros over the horizon, at the base of every assumption."""
        return self._total(self._base, self._split(own, rest, self.case.months))

    def machine_month(self) -> float:
        """Euros of one more machine for a month."""
        return self._base_month.one_more

    def grown(self, name: str, times: float) -> "Money":
        """The same with one use case's volume, at its peaks too, so many times as large."""
        use = self.uses[name]
        tokens = Tokens(use.tokens.input * times, use.tokens.output * times, use.tokens.cached * times)
        stream = replace(use.stream, peak_tokens_per_second=use.stream.peak_tokens_per_second * times)
        larger = replace(use, tokens=tokens, stream=stream, mean_tokens_per_second=use.mean_tokens_per_second * times)
        return self._with({name: larger})

    def relieved(self, taken: Mapping[str, float]) -> "Money":
        """The same with machines that take no more than these shares of use cases' peaks of today."""
        if not taken:
            return self
        now = {name: self.uses[name].stream for name in taken}
        streams = {name: replace(stream, most=taken[name] * stream.peak_tokens_per_second) for name, stream in now.items()}
        return self._with({name: replace(self.uses[name], stream=stream) for name, stream in streams.items()})

    def _with(self, changed: Mapping[str, Use]) -> "Money":
        return replace(self, case=replace(self.case, uses=tuple(changed.get(one.name, one) for one in self.case.uses)))

    def order(self, movable: Collection[str]) -> list[str]:
        """In which order use cases join the machines; their prices do not matter for it."""
        return sorted(movable, key=lambda name: (name in self.new_models, -self._per_token(name), name))

    def shares(self, kept: Collection[str], movable: Collection[str]) -> dict[str, float]:
        """How often, of all draws, each movable use case is on machines where that costs least; `kept` are there anyway."""
        ordered = self.order(movable)
        splits = [self._split([*kept, *ordered[:cut]], ordered[cut:], self.case.months) for cut in range(len(ordered) + 1)]
        cuts = [self._cut(draw, splits) for draw in self._drawn]
        return {name: sum(cut > index for cut in cuts) / len(cuts) for index, name in enumerate(ordered)}

    def _cut(self, draw: Bought, splits: Sequence[Split]) -> int:
        """How many of the ordered ones machines take where all together cost least; of equals, the more."""
        totals = [self._total(draw, split) for split in splits]
        return max(range(len(totals)), key=lambda cut: (-totals[cut], cut))

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
        now, one_more = (sum(month_lines(self.fleet, values, case.hours, case.months, extra).values()) for extra in (0, 1))
        api = {name: use.api_total(values, months) for name, use in self.uses.items()}
        return Bought(values, api, now * months, (one_more - now) * months)

    def _split(self, own: Collection[str], rest: Collection[str], months: int) -> Split:
        streams = [self.uses[name].stream for name in own]
        peaks = monthly_peaks(streams, months)
        cards = dict(self.new_models[name] for name in own if name in self.new_models)
        added = ceil(sum(cards.values()) / self.fleet.serving.gpus)
        return Split(tuple(own), tuple(rest), peaks, max(peaks), added)

    def _total(self, draw: Bought, split: Split) -> float:
        """Euros of a draw. Machines are linear in their number; beyond those there are, each month needs what its peak asks for."""
        tokens = sum([draw.api[name] for name in split.rest])
        return tokens + draw.machines + draw.one_more * (split.added + self._extra(split, draw.values)) if split.own else tokens

    def _extra(self, split: Split, values: Values) -> float:
        """Machines the months' peaks ask for on average; mostly none, which is quickly seen."""
        serves = values["tokens_per_second_per_gpu"] / values["headroom"]
        idle = split.highest <= serves * (self.fleet.gpus + split.added * self.fleet.serving.gpus)
        return 0 if idle else extra_nodes(self._fleet_with(split.added), split.peaks, values)

    def _fleet_with(self, added: int) -> Fleet:
        if added not in self._fleets:
            serving = self.fleet.serving
            pools = tuple(replace(pool, nodes=pool.nodes + added) if pool is serving else pool for pool in self.fleet.pools)
            self._fleets[added] = replace(self.fleet, pools=pools)
        return self._fleets[added]

    @cached_property
    def _fleets(self) -> dict[int, Fleet]:
        return {0: self.fleet}

    def _per_token(self, name: str) -> float:
        use = self.uses[name]
        return use.api_month(self.values) / (use.tokens.total or 1)


def money_of(env: Environment, demand: Demand, family: Family, apis: Mapping[str, str | None], new: Mapping[str, tuple[str, int]]) -> Money:
    """The cost model of a demand: each use case at the API that is open to it (`apis`; the demand's own where none is), those without
    a volume as if they took nothing.

    Raises:
        BlueprintError: a use case is not the environment's, or a price is not known.
    """
    for name, use in demand.workload.items():
        _refuse_unknown_price(name, use.api)
    silent = UseCase(input_tokens_per_month=0, output_tokens_per_month=0)
    named = {name: demand.workload.get(name, silent) for name in {**apis, **demand.workload}}
    workload = {name: use.model_copy(update={"api": apis.get(name) or demand.api}) for name, use in named.items()}
    return Money(environment_case(env, demand.model_copy(update={"workload": workload})), family, new)


def _refuse_unknown_price(name: str, api: str | None) -> None:
    try:
        rate(api or DEFAULT_API)
    except BlueprintError as unknown:
        raise BlueprintError(f"workload.{name}.api: {unknown}", unknown.next_step) from None
