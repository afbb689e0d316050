"""What a comparison is about: use cases with their prices, machines that could serve them, and every figure assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from blueprint.catalog.prices import Assumption, load_prices
from blueprint.cost.machines import Fleet, Stream, fleet_inputs
from blueprint.cost.nodes import environment_fleet, option_fleet
from blueprint.cost.tokens import TokenRate, blended_price, months_of_change, rate, token_cost
from blueprint.cost.uncertainty import Spread, Values
from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.workload import DEFAULT_API, Demand, Tokens, UseCase
from blueprint.workload.loading import nearest


@dataclass(frozen=True)
class Use:
    """A use case, priced: what it would cost at its API, and where it has to be or is declared to be."""

    name: str
    tokens: Tokens
    stream: Stream
    rate: TokenRate
    placement: str
    mean_tokens_per_second: float
    peak_factor: float = 1.0

    @cached_property
    def listed(self) -> float:
        """The first month at list price, in the list's currency."""
        return token_cost(self.tokens, self.rate.input, self.rate.output, self.rate.cached_input)

    def api_month(self, values: Values) -> float:
        """Euros of the first month at its API."""
        return self.listed * values["api_factor"] / (values["usd_per_eur"] if self.rate.currency == "USD" else 1)

    def api_total(self, values: Values, months: int) -> float:
        """Euros over a horizon in which it grows and prices decline."""
        return self.api_month(values) * months_of_change(self.stream.growth_per_year, values["api_decline_per_year"], months)

    def at(self, price: TokenRate) -> "Use":
        """The same at another API."""
        return replace(self, rate=price)


@dataclass(frozen=True)
class Case:
    """All a comparison starts from. `gaps` name what has no price; `effective_factor` is what was really paid over the list price."""

    name: str
    uses: tuple[Use, ...]
    fleets: tuple[Fleet, ...]
    rate: TokenRate
    others: tuple[TokenRate, ...]
    assumptions: Mapping[str, Assumption]
    hours: float
    months: int
    gaps: tuple[str, ...]
    people: int
    bill: float | None
    declared: bool

    @property
    def inputs(self) -> dict[str, Spread]:
        """Every uncertain figure by name: assumptions, and the machines' prices."""
        assumed = {name: Spread(figure.low, figure.base, figure.high) for name, figure in self.assumptions.items()}
        return assumed | dict(fleet_inputs(self.fleets))

    @property
    def tokens(self) -> Tokens:
        """All use cases' tokens of the first month; without any, a million of the assumed mix."""
        if not self.uses:
            written = self.assumptions["output_share"].base * 1e6
            return Tokens(1e6 - written, written)
        each = [use.tokens for use in self.uses]
        return Tokens(sum(one.input for one in each), sum(one.output for one in each), sum(one.cached for one in each))

    def api_price(self, values: Values) -> float:
        """Euros for a million tokens of this mix at list price, each use case at its own API."""
        if not self.uses or not self.tokens.total:
            price = self.rate
            blended = blended_price(self.tokens, price.input, price.output, price.cached_input)
            return blended / (values["usd_per_eur"] if price.currency == "USD" else 1)
        return sum(use.api_month({**values, "api_factor": 1.0}) for use in self.uses) / self.tokens.total * 1e6


def demand_case(demand: Demand, name: str) -> Case:
    """A demand alone, on its own options or the catalogue's."""
    options = demand.options or load_prices().options
    fleets = tuple(_with_data(option_fleet(key, option), demand) for key, option in options.items())
    gaps = [f"{fleet.name}: server, network and place (hosting_eur_per_gpu_month)" for fleet in fleets if fleet.pricing == "owned"]
    unplaced = "hosting_eur_per_gpu_month" not in demand.assumptions
    return _case(name, demand, _uses(demand, {}), fleets, tuple(gaps) if unplaced else (), declared=False)


def environment_case(env: Environment, demand: Demand | None) -> Case:
    """An environment as declared; with a demand, its use cases are the environment's models and APIs.

    Raises:
        BlueprintError: a use case is neither a model nor an API of the environment.
    """
    fleet, unpriced = environment_fleet(env)
    apis = {name: f"{api.provider}/{api.model}" for name, api in env.apis.items()}
    if demand is None:
        demand = Demand.model_construct(workload={}, api=next((api for api in apis.values() if _has_price(api)), DEFAULT_API))
    for name in demand.workload:
        if name not in env.models and name not in apis:
            known = [*env.models, *apis]
            hint = nearest(name, known) or f"choose one of {', '.join(known)}"
            raise BlueprintError(f"workload.{name}: {env.name} has neither a model nor an API of this name", hint)
    fleets = (_with_data(fleet, demand), *(_with_data(option_fleet(key, option), demand) for key, option in demand.options.items()))
    return _case(env.name, demand, _uses(demand, apis), fleets, tuple(unpriced), declared=True)


def _case(name: str, demand: Demand, uses: Sequence[Use], fleets: tuple[Fleet, ...], gaps: tuple[str, ...], *, declared: bool) -> Case:
    assumptions = {key: _assumed(figure, demand) for key, figure in load_prices().assumptions.items()}
    others = tuple(_named("apis", other) for other in demand.apis if other != demand.api)
    return Case(
        name=name,
        uses=tuple(uses),
        fleets=fleets,
        rate=_named("api", demand.api),
        others=others,
        assumptions=assumptions,
        hours=demand.hours_per_month,
        months=demand.horizon_months,
        gaps=gaps,
        people=demand.people,
        bill=demand.bill_eur_per_month,
        declared=declared,
    )


def _assumed(figure: Assumption, demand: Demand) -> Assumption:
    own = demand.assumptions.get(figure.name)
    if own is None:
        return figure
    bounds = {"low": own.base if own.low is None else own.low, "base": own.base, "high": own.base if own.high is None else own.high}
    return figure.model_copy(update={**bounds, "source": own.source, "as_of": own.as_of or "now", "status": "current"})


def _uses(demand: Demand, apis: Mapping[str, str]) -> list[Use]:
    return [_use(name, use, demand, apis) for name, use in demand.workload.items()]


def _use(name: str, use: UseCase, demand: Demand, apis: Mapping[str, str]) -> Use:
    tokens = use.tokens(demand.hours_per_month)
    return Use(
        name=name,
        tokens=tokens,
        stream=Stream(use.peak_tokens_per_second(demand.hours_per_month), use.growth_per_year),
        rate=_rate(name, use.api or apis.get(name) or demand.api),
        placement=use.placement if use.placement != "any" or name not in apis else "api",
        mean_tokens_per_second=tokens.total / (3600 * demand.hours_per_month),
        peak_factor=use.peak_factor,
    )


def _named(key: str, api: str) -> TokenRate:
    try:
        return rate(api)
    except BlueprintError as unknown:
        raise BlueprintError(f"{key}: {unknown}", unknown.next_step) from None


def _rate(name: str, api: str) -> TokenRate:
    try:
        return rate(api)
    except BlueprintError as unknown:
        raise BlueprintError(f"workload.{name}: {unknown}", f"{unknown.next_step}, and give it as `api:` of the use case") from None


def _with_data(fleet: Fleet, demand: Demand) -> Fleet:
    return replace(fleet, stored_gib=demand.stored_gib, egress_gib_per_month=demand.egress_gib_per_month)


def _has_price(name: str) -> bool:
    try:
        rate(name)
    except BlueprintError:
        return False
    return True
