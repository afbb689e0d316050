"""The least time to a first token, by hand."""

import pytest

from blueprint.recommendation.performance import fastest_first_token_ms
from blueprint.workload import UseCase
from tests.blueprint.recommendation.cases import environment

LONG = UseCase(requests_per_second=1, prompt_tokens=30_000, output_tokens=10)


def test_a_prompt_takes_two_operations_per_token_and_weight_at_the_cards_peak() -> None:
    # Qwen 3.5 27B in FP8 on an H100 NVL: 2 x 30,000 x 26.035 billion weights (all but the embedding) / 1,671 TFLOPS
    active = 1_271_398_400 + 7_239_761_920 + 17_112_760_320 + 411_070_464
    expected = 1000 * 2 * 30_000 * active / 1671e12
    assert fastest_first_token_ms(environment(), "analysis", LONG) == pytest.approx(expected)


def test_nothing_is_ruled_out_where_the_prompt_or_the_model_is_not_known() -> None:
    monthly = UseCase(input_tokens_per_month=1e9, output_tokens_per_month=1e6)
    assert fastest_first_token_ms(environment(), "analysis", monthly) == 0
    assert fastest_first_token_ms(environment(), "retrieval", LONG) == 0
    assert fastest_first_token_ms(environment(), "analysis", None) == 0
