"""When to decide again."""

from datetime import date

import pytest

from blueprint.recommendation.picture import picture_of
from blueprint.recommendation.recommend import recommend
from blueprint.recommendation.review import later, review
from tests.blueprint.recommendation.cases import DAY, demand, environment, picture, residing


def test_quarterly_unless_something_ends_earlier() -> None:
    assert review(picture({"retrieval": {}})).on == date(2027, 2, 21)


def test_a_declaration_that_expires_brings_it_forward() -> None:
    env = residing(environment(), zone="adequate", data_class="personal", dpf_recipients={"Microsoft": date(2026, 1, 10)})
    found = review(picture_of(env, None, DAY))
    assert found.on == date(2027, 1, 10)
    assert "12 months" in found.because


def test_what_has_expired_already_is_due_today() -> None:
    env = residing(environment(), zone="adequate", data_class="personal", dpf_recipients={"Microsoft": date(2025, 1, 10)})
    assert review(picture_of(env, None, DAY)).on == DAY


def test_growth_that_makes_machines_pay_brings_it_forward() -> None:
    fast = {"tokens_per_second_per_gpu": 30_000}
    near = {"input_tokens_per_month": 3e9, "output_tokens_per_month": 3.75e8}
    growing = recommend(environment(), demand({"analysis": {**near, "growth_per_year": 2}}, assumptions=fast), DAY)
    assert growing.use_cases[0].placement == "api"
    assert growing.review.on == date(2027, 1, 21)  # 1.2 times the volume, at three times a year
    assert "analysis then costs no more" in growing.review.because
    steady = recommend(environment(), demand({"analysis": {**near, "growth_per_year": 0}}, assumptions=fast), DAY)
    assert steady.review.on == date(2027, 2, 21)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [(date(2026, 11, 30), 3, date(2027, 2, 28)), (date(2026, 12, 1), 1, date(2027, 1, 1)), (date(2027, 11, 30), 3, date(2028, 2, 29))],
)
def test_months_end_where_they_end(day: date, months: int, then: date) -> None:
    assert later(day, months) == then
