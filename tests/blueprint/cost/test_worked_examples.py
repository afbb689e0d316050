"""Worked examples to the cent. The amounts were computed by a script of their own, from the sources' prices; nothing of ours was in it."""

from pathlib import Path
from typing import Any

import pytest

from blueprint.cost.case import Case, demand_case, environment_case
from blueprint.cost.comparison import compare
from blueprint.environment.loading import load
from blueprint.recommendation.result import WeighedPlacement
from blueprint.recommendation.weighing import weighed_placements
from blueprint.workload import Demand
from blueprint.workload.loading import load_demand
from tests.blueprint.recommendation.cases import picture

ROOT = Path(__file__).parents[3]
STEPS = {"bulk": {"input_tokens_per_month": 20e9, "output_tokens_per_month": 5e9, "peak_factor": 3, "growth_per_year": 0.5}}
CUSTOMER = {"documents": {"input_tokens_per_month": 85e6, "output_tokens_per_month": 22e6}}


def environment(name: str) -> Case:
    return environment_case(load(ROOT / "environments" / f"{name}.yaml"), load_demand(ROOT / "demand" / f"{name}.yaml"))


def made_up(workload: dict[str, Any], **more: Any) -> Case:
    return demand_case(Demand.model_validate({"workload": workload, **more}), "made up")


ROWS = {
    "eu-prod": {"API": (418.93, 7_289.57), "as declared": (31_979.19, 575_636.09), "eu-prod": (31_849.44, 573_289.97)},
    "fr-prod": {"API": (1_059.71, 16_620.88), "as declared": (18_361.23, 330_449.09), "fr-prod": (18_338.31, 330_089.54)},
    "customer": {
        "API": (471.12, 6_235.98),
        "azure-on-demand": (19_738.46, 355_292.25),
        "azure-reserved": (16_021.45, 288_386.09),
        "azure-spot": (15_412.34, 277_422.21),
        "scaleway": (12_435.09, 223_831.62),
        "managed-endpoint": (10_537.84, 189_681.11),
        "owned": (9_363.32, 168_539.81),
    },
    "machines in steps": {"API": (108_554.06, 1_877_785.55), "scaleway": (54_285.99, 1_265_919.03)},
}


def test_spares_cost_what_they_do_by_hand() -> None:
    """(6.98 + 9.772) / 2 x 730 / 1.1515 = 5,310.01 EUR a machine; analysis wants a second one in 108 of 168 hours, classify always."""
    machine = (6.98 + 9.772) / 2 * 730 / 1.1515
    lines = {row.name: row.lines for row in compare(environment("eu-prod"), 100).rows}["as declared"]
    assert lines["redundancy"] == pytest.approx((108 / 168 + 1) * machine)
    assert lines["redundancy"] == pytest.approx(8_723.59, abs=0.006)


@pytest.mark.parametrize("name", ROWS)
def test_every_way_costs_what_it_does_by_hand(name: str) -> None:
    fr_par = {"scaleway": {"instance": "H100-1-80G", "region": "fr-par", "nodes": 2}}
    made = {"customer": lambda: made_up(CUSTOMER), "machines in steps": lambda: made_up(STEPS, options=fr_par)}
    rows = {row.name: row for row in compare(made.get(name, lambda: environment(name))(), 100).rows}
    for way, (month, total) in ROWS[name].items():
        assert rows[way].per_month == pytest.approx(month, abs=0.006), way
        assert rows[way].total == pytest.approx(total, abs=0.006), way


def test_open_models_by_the_token_cost_what_they_do_by_hand() -> None:
    hosted = {"deepseek/v3.2": 15.68, "scaleway-generative/mistral-small-3.2-24b": 20.45}
    rows = {row.name: row for row in compare(made_up(CUSTOMER, apis=list(hosted)), 100).rows}
    for name, month in hosted.items():
        assert rows[name].per_month == pytest.approx(month, abs=0.006)


def test_a_hybrid_costs_what_it_does_by_hand() -> None:
    """analysis, which no API may stand in for, has a spare in the 108 hours a week in which one replica runs: 3,413.58 a month. It keeps 9
    tokens/s of the machines' 3,532; they take 33.1 % of classify's peak of 10,654, so 36.3 % of its tokens overflow."""
    uses: dict[str, dict[str, Any]] = {
        "analysis": {"frozen_model": True, "growth_per_year": 0},
        "classify": {"input_tokens_per_month": 6e9, "output_tokens_per_month": 1e9, "peak_factor": 4, "growth_per_year": 0},
    }
    seen = picture(uses, assumptions={"tokens_per_second_per_gpu": 2_000, "api_decline_per_year": 0})
    ways: dict[str, WeighedPlacement] = {one.placement: one for one in weighed_placements(seen, "classify")}
    by_hand = {"hybrid": 36_006.12, "self-hosted": 58_399.51, "api": 52_592.40}
    for placement, month in by_hand.items():
        assert ways[placement].eur_per_month == pytest.approx(month, abs=0.006), placement
    assert ways["hybrid"].overflow_share == pytest.approx(0.3634, abs=5e-5)
