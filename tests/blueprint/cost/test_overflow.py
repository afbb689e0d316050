"""Tokens that machines do not take at their peaks: how many, held against the curve they come from, and what they cost."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.cost.case import Case, environment_case
from blueprint.cost.comparison import Row, compare
from blueprint.cost.overflow import Load, MeritOrder, overflow_bounds, overflow_share
from blueprint.cost.peaks import Peaks
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


KNOWN_VALUES = bases(case().inputs)


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


ONE, OTHER = Load("one", 100, 4, 1_000), Load("other", 300, 6, 90)


@given(st.floats(0, 150), st.floats(1, 100))
def test_one_load_alone_leaves_what_the_curve_says(capacity: float, peak_factor: float) -> None:
    order = MeritOrder((replace(ONE, peak_factor=peak_factor),))
    assert order.left(capacity) == pytest.approx(1_000 * overflow_share(capacity / 100, peak_factor), abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(1, 1e4), st.floats(1, 50), st.floats(0, 1e5)), min_size=1, max_size=5), st.floats(0, 1), st.floats(0, 1)
)
def test_more_machines_never_leave_more_and_what_each_takes_adds_up(
    asked: list[tuple[float, float, float]], one: float, other: float
) -> None:
    order = MeritOrder(tuple(Load(f"{index}", *load) for index, load in enumerate(asked)))
    peak, euros = sum(load.peak for load in order.loads), sum(load.euros for load in order.loads)
    less, more = sorted((one * peak, other * peak))
    assert order.left(more) <= order.left(less) + 1e-6
    assert order.left(0) == pytest.approx(euros)
    assert order.left(peak * 1.001) == pytest.approx(0, abs=1e-6)
    taken = order.taken(less)
    assert sum(taken[load.name] * load.peak for load in order.loads) == pytest.approx(less, rel=1e-6, abs=1e-6)
    by_name = sum(load.euros * overflow_share(taken[load.name], load.peak_factor) for load in order.loads)
    assert by_name == pytest.approx(order.left(less), rel=1e-6, abs=1e-6)


def test_machines_take_tokens_of_the_dear_api_first_and_peaks_last() -> None:
    taken = MeritOrder((ONE, OTHER)).taken(60)
    assert taken["one"] > 0.5 > taken["other"]
    none_at_once = min(MeritOrder((ONE, OTHER)).left(60), 1_000 * overflow_share(0.6, 4) + 90)
    assert MeritOrder((ONE, OTHER)).left(60) <= none_at_once


def test_what_overflows_costs_no_more_than_sharing_machines_out_in_any_other_way() -> None:
    least = min(
        1_000 * overflow_share(share * 120 / 100, 4) + 90 * overflow_share((1 - share) * 120 / 300, 6)
        for share in (step / 1000 for step in range(1001))
    )
    assert MeritOrder((ONE, OTHER)).left(120) == pytest.approx(least, rel=1e-3)


@given(
    st.floats(1e8, 1e10),
    st.floats(1, 30),
    st.floats(0, 2),
    st.floats(0, 0.9),
    st.sampled_from([500, 5_000]),
    st.lists(st.floats(0.01, 10), min_size=2, max_size=2),
)
@settings(max_examples=60, deadline=None)
def test_cheaper_tokens_never_raise_the_cost_and_no_count_of_machines_is_cheaper(
    tokens: float, peak_factor: float, growth: float, decline: float, machine: float, prices: list[float]
) -> None:
    use = case(input_tokens_per_month=tokens, peak_factor=peak_factor, growth_per_year=growth).uses[0]
    asked = Peaks((use,), frozenset({"analysis"}), 6, KNOWN_VALUES)
    cheap, dear = ([price * (1 - decline) ** (month / 12) for month in range(6)] for price in sorted(prices))
    less, more = (asked.cheapest(1.5, 1_333, machine, each) for each in (cheap, dear))
    total = [sum(count * machine + euros for count, euros in each) for each in (less, more)]
    assert total[0] <= total[1] * (1 + 1e-9)
    for month, (count, euros) in enumerate(more):
        for other in {max(0, count - 1), count + 1, 0}:
            left = dear[month] * asked.order(month).left((1.5 + other) * 1_333)
            assert count * machine + euros <= (other * machine + left) * (1 + 1e-6) + 0.01


def test_what_may_not_overflow_is_served_first() -> None:
    uses = tuple(replace(case().uses[0], name=name) for name in ("bound", "free"))
    asked = Peaks(uses, frozenset({"free"}), 1, KNOWN_VALUES)
    ((count, euros),) = asked.cheapest(0, 1_333, 1e9, [1.0])
    peak = uses[0].stream.peak_tokens_per_second
    assert count == -(-peak // 1_333)  # as many machines as its peak asks for, whatever they cost
    assert 0 < euros < uses[1].api_month(KNOWN_VALUES)


def test_a_demand_that_grows_leaves_more_of_itself_every_month() -> None:
    (use,) = case(growth_per_year=1).uses
    plan = Peaks((use,), frozenset({"analysis"}), 12, KNOWN_VALUES).plan(1, 1_333, 1e9, [1.0] * 12)
    peak = use.stream.peak_tokens_per_second
    by_hand = [2 ** (month / 12) * overflow_share(1_333 / peak / 2 ** (month / 12), 6) for month in range(12)]
    assert plan.added == (0,) * 12
    assert plan.euros["analysis"] == pytest.approx(use.api_month(KNOWN_VALUES) * sum(by_hand))
    assert plan.shares["analysis"] == pytest.approx(by_hand[0])


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
