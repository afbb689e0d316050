"""All that a report shows, from one environment and one demand: results first, charts made of them, then what they rest on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blueprint.capacity import Capacity, capacity, replica
from blueprint.catalog import load_catalog
from blueprint.cost.answer import answer
from blueprint.cost.case import environment_case
from blueprint.cost.comparison import SEED, Comparison, Row, compare
from blueprint.cost.render import energy, history, seats
from blueprint.environment import Environment
from blueprint.hosting import provider
from blueprint.recommendation import Recommendation, recommend
from blueprint.recommendation.render import SHARED
from blueprint.recommendation.result import WayCost
from blueprint.report.assumptions import Assumed, assumptions
from blueprint.report.chart import Chart
from blueprint.report.plots.day import day_of
from blueprint.report.plots.horizon import total_by_month
from blueprint.report.plots.memory import memory_stacks
from blueprint.report.plots.tornado import tornado
from blueprint.report.plots.utilization import cost_by_utilization
from blueprint.report.plots.volume import cost_by_volume
from blueprint.report.wording import euros, percent, said
from blueprint.sizing import Sizing, size_deployment
from blueprint.workload import Demand

SECTIONS = {
    "answer": "Answer",
    "dimensions": "Five dimensions",
    "cost": "Cost",
    "cases": "Use cases",
    "machines": "Memory and capacity",
    "checklist": "Checklist",
    "next": "Measure next",
    "contradictions": "Published figures",
    "assumptions": "Assumptions",
}
ASK = 3  # of the widest swings


@dataclass(frozen=True)
class Tile:
    """A figure one looks for first."""

    figure: str
    what: str


@dataclass(frozen=True)
class Report:
    """What the template writes down."""

    env: Environment
    command: str
    place: str
    advice: Recommendation
    comparison: Comparison
    sizings: Mapping[str, Sizing]
    capacities: Mapping[str, Capacity]
    cost_charts: tuple[Chart, ...]
    memory: Chart
    days: tuple[Chart, ...]
    assumptions: tuple[Assumed, ...]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Anchors and titles of what there is."""
        return [(id, title) for id, title in SECTIONS.items() if id != "contradictions" or self.advice.contradictions]

    @property
    def months(self) -> int:
        """The horizon."""
        return self.comparison.case.months

    @property
    def gaps(self) -> tuple[str, ...]:
        """What has no price."""
        return self.comparison.case.gaps

    @property
    def cost_said(self) -> list[str]:
        """The cost model's own sentences."""
        return answer(self.comparison)

    @property
    def stack(self) -> Row | None:
        """The way with machines that costs least, to be shown line by line."""
        return next((row for row in self.comparison.rows if row.hardware and not row.why_not), None)

    @property
    def tiles(self) -> list[Tile]:
        """The figures of the answer; a figure that is not known is left out."""
        costs = self.advice.costs
        if costs is None:
            return []
        amounts = {
            "EUR a month as recommended": costs.recommended,
            "EUR a month, everything at APIs (list price)": costs.all_api,
            "EUR a month, everything on own machines": costs.all_own,
            "EUR a month on the bill": costs.bill,
            f"EUR over {costs.horizon_months} months as recommended": costs.recommended_total,
        }
        return [Tile(euros(amount), what) for what, amount in amounts.items() if amount is not None]

    @property
    def shared(self) -> float | None:
        """Euros a month of machines and people that use cases share: what the amounts of all others leave of the whole."""
        whole, cases = self.advice.costs.recommended if self.advice.costs else None, self.advice.use_cases
        if whole is None or not any(case.placement in SHARED for case in cases):
            return None
        return whole - sum(case.apart or 0 for case in cases)

    @property
    def ways(self) -> list[WayCost]:
        """The recommendation beside other ways to place everything; one that costs what the one before does says nothing more."""
        found = self.advice.costs.ways if self.advice.costs else ()
        return [way for before, way in zip((None, *found), found, strict=False) if before is None or way.eur_total != before.eur_total]

    @property
    def beside(self) -> dict[str, list[str]]:
        """What the cost model says beside the comparison, by title."""
        found = {
            "Energy and emissions of the machines, per month": [line for row in self.comparison.rows if (line := energy(row))],
            "Licences per person": seats(self.comparison),
            "Prices of these machines that are no longer true or in doubt": history(self.comparison),
        }
        return {title: lines for title, lines in found.items() if lines}

    @property
    def next_steps(self) -> list[str]:
        """Measurements first, then questions, then the assumptions that move the result most."""
        unmeasured = [name for name, needed in self.capacities.items() if not needed.measured]
        steps = [
            f"Throughput of {name}: run guidellm or aiperf on one replica, then blueprint capacity {self.env.name} --measured {name}=FILE"
            for name in unmeasured
        ]
        steps += [
            f"Memory of {name}: start it once, then blueprint calibrate LOG"
            for name, sizing in self.sizings.items()
            if sizing.verdict != "fits"
        ]
        widest = [
            f"{said(swing.name)} (moves {euros(swing.width)} EUR over {self.months} months)" for swing in self.comparison.swings[:ASK]
        ]
        return [*steps, *self.advice.ask_next, *(["Narrow down what moves the result most: " + "; ".join(widest)] if widest else [])]


def gather(env: Environment, demand: Demand | None, command: str) -> Report:
    """Everything computed.

    Raises:
        BlueprintError: the demand names what the environment does not have, or a price is missing.
    """
    comparison = compare(environment_case(env, demand))
    capacities = dict(_capacities(env, demand)) if demand else {}
    sizings = {name: size_deployment(env, name) for name in env.models}
    cloud, advice = provider(env), recommend(env, demand)
    country, peaks = cloud.regions[env.cluster.region].country, dict(_overflows(advice))
    return Report(
        env=env,
        command=command,
        place=f"{env.cluster.region}, {load_catalog().countries[country].name}",
        advice=advice,
        comparison=comparison,
        sizings=sizings,
        capacities=capacities,
        cost_charts=tuple(_cost_charts(comparison)),
        memory=memory_stacks(sizings),
        days=tuple(
            day_of(name, env.models[name], demand.workload[name], needed, peaks.get(name, ""))
            for name, needed in capacities.items()
            if demand
        ),
        assumptions=assumptions(comparison),
    )


def _overflows(advice: Recommendation) -> Iterator[tuple[str, str]]:
    """Where peaks go that machines do not take, by use case."""
    for case in advice.use_cases:
        share = next((one.overflow_share for one in case.weighed if one.chosen), None)
        if case.overflow is not None and share:
            yield case.name, f"As recommended, {percent(share)} of its tokens, those of its peaks, go to {case.overflow.name}."


def _capacities(env: Environment, demand: Demand) -> Iterator[tuple[str, Capacity]]:
    for name in env.models:
        if name in demand.workload:
            yield name, capacity(env, name, demand.workload[name], replica(env, name), demand.hours_per_month)


def _cost_charts(comparison: Comparison) -> Iterator[Chart]:
    charts: Sequence[Chart | None] = (
        cost_by_volume(comparison),
        cost_by_utilization(comparison),
        tornado(comparison),
        total_by_month(comparison.case, SEED),
    )
    yield from (chart for chart in charts if chart is not None)
