"""Ranges, tornado bars and draws."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.cost.uncertainty import Spread, bases, distribution, draws, probability, swings


def test_the_base_is_the_median_of_a_range_however_lopsided() -> None:
    spread = Spread(0.2, 0.28, 1)
    assert spread.quantile(0.5) == 0.28
    assert spread.quantile(0) == pytest.approx(0.2)
    assert spread.quantile(1) == pytest.approx(1)


@given(st.floats(0, 1), st.floats(0, 1))
def test_quantiles_grow_with_their_share(one: float, other: float) -> None:
    spread = Spread(1, 2, 7)
    assert (spread.quantile(one) <= spread.quantile(other)) == (one <= other) or spread.quantile(one) == spread.quantile(other)


@settings(max_examples=25, deadline=None)
@given(
    parts=st.dictionaries(st.sampled_from("abcde"), st.tuples(st.floats(10, 1000), st.floats(0, 0.9)), min_size=1),
    seed=st.integers(0, 2**32),
)
def test_the_middle_of_a_linear_cost_is_its_closed_form(parts: Mapping[str, tuple[float, float]], seed: int) -> None:
    spreads = {name: Spread(base * (1 - width), base, base * (1 + width)) for name, (base, width) in parts.items()}
    middle = distribution([sum(one.values()) for one in draws(spreads, 500, seed)]).p50
    assert middle == pytest.approx(sum(bases(spreads).values()), rel=0.01)


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not() -> None:
    spreads = {"a": Spread(1, 2, 3), "b": Spread(0, 5, 6)}
    assert draws(spreads, 100, 7) == draws(dict(reversed(spreads.items())), 100, 7)
    assert draws(spreads, 100, 7) != draws(spreads, 100, 8)


def test_draws_stay_within_their_range_and_take_every_part_of_it() -> None:
    found = sorted(one["a"] for one in draws({"a": Spread(1, 2, 3)}, 100, 7))
    assert 1 <= found[0] < 1.2
    assert 2.8 < found[-1] <= 3


def test_the_widest_swing_comes_first_and_what_moves_nothing_is_left_out() -> None:
    spreads = {"small": Spread(1, 2, 3), "large": Spread(0, 5, 10), "idle": Spread(1, 2, 3), "known": Spread(4, 4, 4)}
    found = swings(lambda values: values["small"] + values["large"] + values["known"], spreads)
    assert [(swing.name, swing.at_low, swing.at_high) for swing in found] == [("large", 6, 16), ("small", 10, 12)]


def test_a_draw_counts_where_the_first_is_cheaper() -> None:
    assert probability([1, 5, 2, 2], [2, 4, 3, 2]) == 0.5
