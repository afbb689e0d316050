"""Everything a recommendation looks at, put together once: use cases with their options and needs, the team, the money, the decision."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from blueprint.cost.comparison import Comparison, compare
from blueprint.cost.tokens import rate
from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.recommendation.decision import Decision, Family, Subject, decide
from blueprint.recommendation.models import advised_models, undeployed
from blueprint.recommendation.money import Money, money_of
from blueprint.recommendation.needs import Needs, needs_of
from blueprint.recommendation.options import options
from blueprint.recommendation.performance import fastest_first_token_ms
from blueprint.recommendation.result import TEAMS, Kind, ModelAdvice, Option, Team
from blueprint.workload import Demand, UseCase

if TYPE_CHECKING:
    from blueprint.capacity import Capacity

NEEDS = ("capability", "frozen_model", "first_token_ms")
MOST_SCENARIOS = 36
STATED = ("peak_factor", "growth_per_year")  # have defaults, which are not answers


@dataclass(frozen=True)
class Picture:
    """An environment, what is asked of it, and the day."""

    env: Environment
    demand: Demand | None
    on: date
    subjects: Mapping[str, Subject] = field(default_factory=dict)

    @property
    def team(self) -> Team:
        """Who would run it, as the hosting primer grades a team."""
        return (self.demand.readiness.mlops if self.demand else None) or "unknown"

    @cached_property
    def uses(self) -> Mapping[str, UseCase]:
        """What is asked of each use case, as far as anybody said."""
        return self.demand.workload if self.demand else {}

    @cached_property
    def models(self) -> Mapping[str, tuple[ModelAdvice, ...]]:
        """Open models for each use case whose task is known."""
        return {name: advised_models(self.env, name, self.uses.get(name)) for name in self.subjects}

    @cached_property
    def decision(self) -> Decision:
        """Where everything goes."""
        return self.decided(self.subjects, self.team)

    @cached_property
    def by_team(self) -> Mapping[Team, Decision]:
        """Where everything would go with another team."""
        return {team: self.decided(self.subjects, team) for team in TEAMS}

    def decided(self, subjects: Mapping[str, Subject], team: Team) -> Decision:
        """Where everything would go with these needs and this team."""
        found = decide(subjects.values(), team, self._shares if self.priced else None)
        stays: dict[str, Kind | None] = {
            name: "managed" for name, subject in subjects.items() if self._keeps_endpoint(subject, found.kinds)
        }
        return replace(found, kinds={**found.kinds, **stays})

    @cached_property
    def costs_unknown(self) -> bool:
        """Whether a figure that costs rest on is missing; machines are shared, so of any use case."""
        return any(set(subject.unknown) - set(NEEDS) for subject in self.subjects.values())

    @cached_property
    def scenarios(self) -> tuple[Decision, ...] | None:
        """The decision for all ways the unknown needs and the team could turn out; None where those are too many to be worth it."""
        teams = TEAMS if self.team == "unknown" else (self.team,)
        turns = [subject.turns() for subject in self.subjects.values()]
        if prod([len(teams), *map(len, turns)]) > MOST_SCENARIOS:
            return None
        return tuple(self.decided({one.name: one for one in subjects}, team) for team in teams for subjects in product(*turns))

    @cached_property
    def priced(self) -> bool:
        """Whether there are volumes, and prices of machines to weigh them against."""
        return bool(self.uses) and self.money("self-hosted").has_prices

    def money(self, family: Family) -> Money:
        """What placements cost with machines of ours, or of an endpoint."""
        if family not in self._moneys:
            assert self.demand is not None
            apis = {name: subject.lawful_api() for name, subject in self.subjects.items()}
            self._moneys[family] = money_of(self.env, self.demand, family, apis, self.new_models)
        return self._moneys[family]

    @cached_property
    def comparison(self) -> Comparison:
        """The cost model's own answer for the same case; few draws, as only its figures at base are asked for."""
        return compare(self.money("self-hosted").case, 2)

    @cached_property
    def _moneys(self) -> dict[Family, Money]:
        return {}

    @cached_property
    def new_models(self) -> Mapping[str, tuple[str, int]]:
        """Models no deployment serves yet, by use case, with the cards one replica takes."""
        return undeployed(self.env, self.models)

    def _shares(self, family: Family, kept: Collection[str], movable: Collection[str]) -> Mapping[str, float]:
        question = family, tuple(sorted(kept)), tuple(sorted(name for name in movable if name in self.uses))
        if question not in self._answered:
            self._answered[question] = self.money(family).shares(*question[1:])
        return self._answered[question]

    @cached_property
    def _answered(self) -> dict[tuple[Family, tuple[str, ...], tuple[str, ...]], Mapping[str, float]]:
        return {}

    def _keeps_endpoint(self, subject: Subject, kinds: Mapping[str, Kind | None]) -> bool:
        """An endpoint the environment has already stays, unless our machines take its work for less."""
        if kinds[subject.name] != "self-hosted" or not subject.rivals():
            return False
        joins = self.joining(subject.name, kinds)
        return joins is None or joins > self.endpoint_month()

    def joining(self, name: str, kinds: Mapping[str, Kind | None]) -> float | None:
        """Euros a month that a use case adds to the machines of the others."""
        if not self.priced or name not in self.uses:
            return None
        money = self.money("self-hosted")
        others = [other for other, kind in kinds.items() if kind == "self-hosted" and other != name]
        return money.month([*others, name]) - money.month(others)

    def endpoint_month(self) -> float:
        """Euros a month of one machine somebody else runs."""
        return self.money("managed").machine_month()

    def option(self, name: str, kind: Kind) -> Option | None:
        """The first open option of a kind."""
        return next((option for option in self.subjects[name].left if option.open and option.kind == kind), None)

    def month_at(self, name: str, option: Option) -> float:
        """Euros a month an open option adds to what the others cost where they go."""
        if option.kind == "api":
            money = self.money(self.decision.family)
            return money.uses[name].at(rate(option.api)).api_month(money.values)
        others = [other for other in self.own() if other != name]
        if option.kind == "managed" and self.decision.family == "self-hosted" and others:
            return self.endpoint_month()
        money = self.money(option.kind)
        return money.month([*others, name]) - money.month(others)

    @cached_property
    def capacities(self) -> "Mapping[str, Capacity]":
        """What the environment's deployments need for their use cases, as far as their cards' speed is known."""
        from blueprint.capacity import capacity, replica

        found = {}
        for name in (name for name in self.env.models if name in self.uses):
            with suppress(BlueprintError):
                found[name] = capacity(self.env, name, self.uses[name], replica(self.env, name), self.hours)
        return found

    @property
    def hours(self) -> float:
        """Hours of a month."""
        return self.demand.hours_per_month if self.demand else 0.0

    def own(self) -> list[str]:
        """Use cases on our own models, those without a volume too: the machines are there for them."""
        return [name for name, kind in self.decision.kinds.items() if kind in ("self-hosted", "managed")]


def picture_of(env: Environment, demand: Demand | None, on: date) -> Picture:
    """The picture of an environment and a demand: every model and API of the environment is a use case."""
    names = dict.fromkeys([*env.models, *env.apis, *(demand.workload if demand else ())])
    return Picture(env, demand, on, {name: _subject(env, name, demand, on) for name in names})


def _subject(env: Environment, name: str, demand: Demand | None, on: date) -> Subject:
    use = demand.workload.get(name) if demand else None
    needs = needs_of(use, fastest_first_token_ms(env, name, use))
    return Subject(name, options(env, name, use, demand, on), needs, _unknown(use, needs))


def _unknown(use: UseCase | None, needs: Needs) -> tuple[str, ...]:
    """Inputs that could move a use case and that nobody gave."""
    if use is None:
        return ("volume", *NEEDS, *STATED)
    missing = [name for name in NEEDS if getattr(needs, name) is None]
    return (*missing, *(name for name in STATED if name not in use.model_fields_set))
