"""Prices of tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.cost.tokens import blended_price, effective_price, months_of_change, rate, token_cost
from blueprint.errors import BlueprintError
from blueprint.workload import Tokens

counts = st.floats(0, 1e12)
prices = st.floats(0, 100)


def test_a_month_of_tokens_is_priced_to_the_cent() -> None:
    assert token_cost(Tokens(85e6, 22e6), 2.50, 15) == 542.50


def test_cached_tokens_have_a_price_of_their_own_where_one_is_known() -> None:
    half_cached = Tokens(100e6, 0, cached=50e6)
    assert token_cost(half_cached, 2.50, 15, 0.25) == 137.50
    assert token_cost(half_cached, 2.50, 15) == 250.00


def test_no_tokens_have_no_price() -> None:
    assert blended_price(Tokens(0, 0), 1, 1) == effective_price(100, Tokens(0, 0)) == 0


@given(given_=counts, written=counts, more=counts, price=prices, other=prices)
def test_more_tokens_never_cost_less(given_: float, written: float, more: float, price: float, other: float) -> None:
    less = token_cost(Tokens(given_, written), price, other)
    assert token_cost(Tokens(given_ + more, written), price, other) >= less
    assert token_cost(Tokens(given_, written + more), price, other) >= less


def test_months_that_change_nothing_count_one_each() -> None:
    assert months_of_change(0, 0, 18) == 18
    assert months_of_change(1, 0.5, 18) == pytest.approx(18)


def test_prices_that_halve_in_a_year_make_a_year_worth_less_than_nine_months() -> None:
    by_hand = sum(0.5 ** (month / 12) for month in range(12))
    assert months_of_change(0, 0.5, 12) == pytest.approx(by_hand)
    assert 8 < by_hand < 9.1


def test_prices_are_found_by_provider_and_model_wherever_they_are_written() -> None:
    assert (rate("azure-openai/gpt-5.4").input, rate("azure-openai/gpt-5.4").cached_input) == (2.5, 0.25)
    assert rate("deepseek/v3.2").kind == "managed-open"


def test_an_unknown_model_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(BlueprintError, match=r"gpt5\.4") as refused:
        rate("azure-openai/gpt5.4")
    assert "azure-openai/gpt-5.4" in refused.value.next_step


def test_contradicted_prices_stay_visible_as_such() -> None:
    assert rate("openai/gpt-5.4-mini").status == rate("together/llama-4-70b").status == "contradicted"
    assert rate("openai/gpt-5.4-mini").input != rate("azure-openai/gpt-5.4-mini").input
