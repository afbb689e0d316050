"""Tokens that machines do not take at their peaks: how many, held against the curve they come from, and what they cost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.cost.case import Case, environment_case
from blueprint.cost.comparison import Row, compare
from blueprint.cost.machines import Stream, monthly_peaks
from blueprint.cost.overflow import overflow_bounds, overflow_share, overflow_total
from blueprint.cost.uncertainty import bases
from blueprint.environment.loading import load
from blueprint.workload import Demand

ROOT = Path(__file__).parents[3]
KNOWN = {"usd_per_eur": 1, "api_decline_per_year": 0, "price_change": 1, "api_factor": 1}
FAST = {"tokens_per_second_per_gpu": 2_000, "headroom": 1.5}
SPIKY = {"input_tokens_per_month": 4e9, "output_tokens_per_month": 1e9, "peak_factor": 6}
ENV = load(ROOT / "environments" / "eu-prod.yaml")
MIDPOINTS = 20_000


def case(**use: Any) -> Case:
    said = {"workload": {"analysis": {**SPIKY, **use}}, "assumptions": KNOWN | FAST}
    return environment_case(ENV, Demand.model_validate(said))


def rows(one: Case) -> dict[str, Row]:
    return {row.name: row for row in compare(one, 100).rows}


@pytest.mark.parametrize("peak_factor", [1.5, 3, 12])
@pytest.mark.parametrize("taken", [0.05, 0.3, 0.8])
def test_the_share_is_the_area_above_what_machines_take(peak_factor: float, taken: float) -> None:
    rates = [peak_factor * (1 - (step + 0.5) / MIDPOINTS) ** (peak_factor - 1) for step in range(MIDPOINTS)]  # mean 1
    above = sum(max(0.0, rate - taken * peak_factor) for rate in rates) / MIDPOINTS
    assert sum(rates) / MIDPOINTS == pytest.approx(1, abs=1e-3)
    assert overflow_share(taken, peak_factor) == pytest.approx(above, abs=1e-3)


@given(st.floats(0, 1.5), st.floats(0, 1.5), st.floats(1, 1000))
def test_machines_that_take_more_leave_less_and_any_demand_is_within_the_bounds(one: float, other: float, peak_factor: float) -> None:
    less, more = sorted((one, other))
    assert overflow_share(more, peak_factor) <= overflow_share(less, peak_factor) + 1e-9
    least, most = overflow_bounds(less, peak_factor)
    assert least - 1e-9 <= overflow_share(less, peak_factor) <= most + 1e-9


def test_machines_that_take_the_peak_leave_nothing() -> None:
    assert overflow_share(1, 12) == overflow_share(2.5, 12) == 0
    assert overflow_share(0.4, 1) == pytest.approx(0.6)  # a steady demand


def test_tokens_that_overflow_are_priced_at_the_api_of_their_use_case() -> None:
    one = case()
    (use,), values = one.uses, bases(one.inputs)
    assert overflow_total(use, 0.3, values, 1) == pytest.approx(use.api_month(values) * overflow_share(0.3, 6))
    assert overflow_total(use, 0.3, values, 18) == pytest.approx(18 * overflow_total(use, 0.3, values, 1))


def test_a_demand_that_grows_leaves_more_of_itself_every_month() -> None:
    (use,), values = case(growth_per_year=1).uses, bases(case().inputs)
    by_hand = [2 ** (month / 12) * overflow_share(0.3 / 2 ** (month / 12), 6) for month in range(12)]
    assert overflow_total(use, 0.3, values, 12) == pytest.approx(use.api_month(values) * sum(by_hand))


def test_peaks_at_an_api_stand_beside_machines_for_the_peaks() -> None:
    found = rows(case())
    more, over = found["as declared"], found["as declared, peaks at APIs"]
    assert over.hardware is not None
    assert more.hardware is not None
    assert over.hardware.machines < more.hardware.machines
    assert over.lines["overflow, analysis"] > 0
    assert "overflow, analysis" not in more.lines
    assert over.per_month == pytest.approx(sum(over.lines.values()))
    assert over.total == pytest.approx(18 * over.per_month)


def test_machines_that_are_enough_leave_nothing_to_compare() -> None:
    assert not [name for name in rows(case(peak_factor=1, input_tokens_per_month=1e8, output_tokens_per_month=1e7)) if "peaks" in name]


def test_what_must_be_self_hosted_does_not_overflow() -> None:
    found = rows(case(placement="self-hosted"))["as declared, peaks at APIs"]
    assert found.why_not == "analysis must be self-hosted, at its peaks, too"


def test_machines_take_no_more_than_they_are_asked_to() -> None:
    stream = Stream(100, growth_per_year=1)
    assert monthly_peaks([replace(stream, most=120)], 13)[-1] == 120
    assert monthly_peaks([replace(stream, most=80, growth_per_year=0)], 13) == (80,)
    assert monthly_peaks([stream], 13)[-1] == pytest.approx(200)
