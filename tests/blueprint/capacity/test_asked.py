"""What a use case asks of a deployment: requests met at a random moment, held against requests drawn one by one."""

from random import Random

import pytest

from blueprint.capacity.asked import asked
from blueprint.workload import UseCase

CONTEXT = 1_000_000
SPREAD = {"prompt_tokens": 2000, "prompt_tokens_p95": 5000, "output_tokens": 400, "output_tokens_p95": 900}


def use(**said: float) -> UseCase:
    return UseCase.model_validate({"requests_per_second": 1, "prompt_tokens": 2000, "output_tokens": 400} | said)


def test_requests_that_are_all_alike_are_alike_at_any_moment() -> None:
    found = asked(use(), CONTEXT, 730)
    assert found.under_way == found.load
    assert (found.variety, found.load.variety) == (1, 1)


def test_requests_met_at_a_random_moment_are_the_longer_ones() -> None:
    found, generator = asked(use(**SPREAD), CONTEXT, 730), Random(7)
    prompts = [generator.choice(found.prompts.each) for _ in range(100_000)]
    outputs = [generator.choice(found.outputs.each) for _ in range(100_000)]
    time = sum(outputs)  # a request stays as long as it writes
    met = sum((prompt + output) * output for prompt, output in zip(prompts, outputs, strict=True)) / time
    squares = sum((prompt + output) ** 2 * output for prompt, output in zip(prompts, outputs, strict=True)) / time
    size = found.under_way.input_tokens + found.under_way.output_tokens
    assert size == pytest.approx(met, rel=0.02)
    assert size > 2400
    assert found.variety == pytest.approx(squares / met**2, rel=0.02)


def test_the_mean_request_does_not_change_with_the_spread() -> None:
    found = asked(use(**SPREAD), CONTEXT, 730)
    assert (found.load.input_tokens, found.load.output_tokens) == (2000, 400)


def test_requests_at_once_are_told_as_requests_a_second() -> None:
    at_once = UseCase(concurrent_requests=50, seconds_per_request=60, prompt_tokens=2000, output_tokens=400)
    assert asked(at_once, CONTEXT, 730).notes == ("50 requests at once of 60 s each are 0.833 requests a second (Little's law)",)


@pytest.mark.parametrize(
    ("said", "often"), [({"prompt_tokens": 9000}, "most"), ({"prompt_tokens": 4000, "prompt_tokens_p95": 9000}, "some")]
)
def test_requests_longer_than_the_context_are_named(said: dict[str, float], often: str) -> None:
    (note,) = asked(use(**said), 8192, 730).notes
    assert note.startswith(f"{often} requests are longer than the 8,192 tokens")
