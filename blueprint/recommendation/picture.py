"""Everything a recommendation looks at, put together once: use cases with their options and needs, the team, the money, the decision."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from blueprint.cost.comparison import Comparison, compare
from blueprint.cost.nodes import spared
from blueprint.cost.tokens import rate
from blueprint.environment import Environment
from blueprint.errors import BlueprintError
from blueprint.hosting import accelerator
from blueprint.recommendation.data import hosting
from blueprint.recommendation.decision import Decision, Family, Subject, decide
from blueprint.recommendation.models import advised_models, undeployed
from blueprint.recommendation.money import Money, money_of
from blueprint.recommendation.result import TEAMS, Kind, ModelAdvice, Option, Team
from blueprint.recommendation.subjects import NEEDS, subject
from blueprint.workload import Demand, UseCase

if TYPE_CHECKING:
    from blueprint.capacity import Capacity

MOST_SCENARIOS = 36


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
        return replace(found, kinds=self._carried(subjects, {**found.kinds, **stays}))

    def _carried(self, subjects: Mapping[str, Subject], kinds: Mapping[str, Kind | None]) -> Mapping[str, Kind | None]:
        """The same with use cases at their APIs most of whose tokens would overflow, the worst first: what is left of them on machines
        is not worth having both."""
        spill = self.spilling(subjects, kinds)
        over = self.overflowing([name for name, kind in kinds.items() if kind == "self-hosted"], spill)
        worst = max(spill, key=lambda name: (over[name], name), default=None)
        if worst is None or over[worst] <= 1 - hosting().carried.value:
            return kinds
        return self._carried(subjects, {**kinds, worst: "api"})

    def spilling(self, subjects: Mapping[str, Subject], kinds: Mapping[str, Kind | None]) -> frozenset[str]:
        """Use cases on our own machines whose peaks may go to an API: one is open to their data, and to all else they need."""
        if not self.priced:
            return frozenset()
        return frozenset(name for name in self.uses if kinds[name] == "self-hosted" and subjects[name].weighed())

    @cached_property
    def spill(self) -> frozenset[str]:
        """Those of the decision."""
        return self.spilling(self.subjects, self.decision.kinds)

    def spill_with(self, name: str) -> frozenset[str]:
        """The same with a use case that may join our own machines."""
        joins = self.decision.family == "self-hosted" and self.subjects[name].weighed()
        return self.spill | ({name} if joins else frozenset())

    def overflowing(self, own: Collection[str], spill: frozenset[str]) -> Mapping[str, float]:
        """The share of their cost at APIs over the horizon that still goes there."""
        money, question = self.money("self-hosted") if spill else None, (tuple(own), spill)
        if money is not None and question not in self._overflows:
            euros = money.plan(own, spill, money.case.months).euros
            self._overflows[question] = {name: euro / (money.total([], [name]) or 1) for name, euro in euros.items()}
        return self._overflows.get(question, {})

    @cached_property
    def _overflows(self) -> dict[tuple[tuple[str, ...], frozenset[str]], Mapping[str, float]]:
        return {}

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
            money = money_of(self.env, self.demand, family, apis, self.new_models)
            case = replace(money.case, fleets=(spared(self.env, money.case.fleets[0], self.bound), *money.case.fleets[1:]))
            self._moneys[family] = replace(money, case=case, slower=dict(self._slower(money)), bound=self.bound)
        return self._moneys[family]

    @property
    def bound(self) -> frozenset[str]:
        """Use cases no API may stand in for, so that a spare of their own has to."""
        return frozenset(name for name in self.subjects if self.option(name, "api") is None)

    def _slower(self, money: Money) -> Iterator[tuple[str, float]]:
        """Where a deployment may not have the replicas its peak asks for, and nobody gave a throughput, cards are counted by capacity."""
        assert self.demand is not None
        if "tokens_per_second_per_gpu" in self.demand.assumptions:
            return
        _, serves = money.fleet.steps(money.values)
        for name, needed in self.capacities.items():
            peak = money.uses[name].stream.peak_tokens_per_second
            if needed.replicas > needed.allowed and peak:
                machines = needed.replicas * needed.gpus_per_replica / accelerator(self.env, needed.pool).per_node
                yield name, max(1.0, machines * serves / peak)

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
        return joins is None or joins > self.endpoint(subject.name)

    def joining(self, name: str, kinds: Mapping[str, Kind | None]) -> float | None:
        """Euros a month that a use case adds to the machines of the others."""
        if not self.priced or name not in self.uses:
            return None
        money = self.money("self-hosted")
        others = [other for other, kind in kinds.items() if kind == "self-hosted" and other != name]
        return money.month([*others, name]) - money.month(others)

    def endpoint(self, name: str, months: int = 1) -> float:
        """Euros of the machines somebody else runs for a use case."""
        return self.money("managed").alone(name, months)

    def api_month(self, name: str, option: Option) -> float:
        """Euros of the first month with all of a use case at one API."""
        money = self.money(self.decision.family)
        return money.uses[name].at(rate(option.api)).api_month(money.values)

    def option(self, name: str, kind: Kind) -> Option | None:
        """The first open option of a kind."""
        return next((option for option in self.subjects[name].left if option.open and option.kind == kind), None)

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
    return Picture(env, demand, on, {name: subject(env, name, demand, on) for name in names})
