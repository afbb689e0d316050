"""Where machines begin to pay, and whether they can serve that much."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.cost.breakeven import break_even, cost_ratio, crossover, parity_utilization, utilization_curve

money = st.floats(0.01, 1e6)


def test_the_crossing_is_reached_with_the_machines_there_are() -> None:
    # 4,000 fixed and one machine of 1,000 a month against 5 per million: 5,000 / 5 = 1,000 M, and it serves 2,000 M.
    found = break_even(5, 4_000, 1_000, 2e9)
    assert (found.tokens_per_month, found.machines) == (1e9, 1)


def test_a_crossing_beyond_one_machine_is_found_on_a_later_step() -> None:
    # One machine serves 500 M, worth 2,500 of tokens, and costs 1,000: each brings 1,500 towards 4,000 fixed, so three are needed.
    found = break_even(5, 4_000, 1_000, 5e8)
    assert (found.tokens_per_month, found.machines) == (1.4e9, 3)
    assert 1e9 < 1.4e9 <= 1.5e9  # three machines are needed for it, and serve it


def test_machines_that_cost_more_when_full_than_the_tokens_never_pay() -> None:
    found = break_even(0.30, 0.01, 1_900, 2.88e9)
    assert found.tokens_per_month is None
    assert found.why == "never: a full machine alone costs 0.66 per million tokens, the API 0.30"


@pytest.mark.parametrize(("price", "capacity"), [(0, 1e9), (5, 0)])
def test_without_a_price_or_capacity_there_is_no_crossing(price: float, capacity: float) -> None:
    assert break_even(price, 1, 1, capacity).tokens_per_month is None


@given(price=money, fixed=money, machine=money, capacity=st.floats(1e6, 1e12), machines=st.integers(1, 50))
def test_at_the_crossing_both_cost_the_same_and_the_machines_serve_it(
    price: float, fixed: float, machine: float, capacity: float, machines: int
) -> None:
    found = break_even(price, fixed, machine, capacity, machines)
    if found.tokens_per_month is None:
        assert fixed + machines * machine > price * machines * capacity / 1e6
        assert machine >= price * capacity / 1e6
        return
    assert found.machines is not None
    assert fixed + found.machines * machine == pytest.approx(price * found.tokens_per_month / 1e6)
    assert found.tokens_per_month <= found.machines * capacity * (1 + 1e-6)
    if found.machines > machines:  # with one machine fewer it would not have paid
        assert fixed + (found.machines - 1) * machine >= price * (found.machines - 1) * capacity / 1e6 * (1 - 1e-6)


@given(price=money, cheaper=st.floats(0, 1), fixed=money, machine=money)
def test_cheaper_machines_never_move_the_crossing_up(price: float, cheaper: float, fixed: float, machine: float) -> None:
    dear, cheap = (break_even(price, fixed, cost, 1e9).tokens_per_month for cost in (machine, machine * cheaper))
    assert (cheap if cheap is not None else math.inf) <= (dear if dear is not None else math.inf) * (1 + 1e-9)


def test_the_primers_function_says_whether_the_gpus_can_serve_it() -> None:
    assert not crossover(0.30, 2.50, 4e6, 1).reachable
    assert crossover(1.00, 2.50, 4e6, 1).reachable
    assert crossover(0.30, 2.50, 4e6, 1, hours_per_month=730).monthly_gpu_cost == 1_825


def test_half_of_parity_is_twice_the_cost() -> None:
    # 9,000 a month against 5 per million and 4 B of capacity: worth 20,000 when full.
    parity = parity_utilization(5, 9_000, 4e9)
    assert parity == 0.45
    assert cost_ratio(0.225, parity) == 2
    assert utilization_curve(parity)[0.45] == pytest.approx(1)
