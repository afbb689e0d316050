"""The nine points, each answered by inputs; what nobody said is unknown."""

from dataclasses import replace
from typing import Any

import pytest

from blueprint.catalog import load_catalog
from blueprint.recommendation.checklist import checklist
from blueprint.recommendation.recommend import recommend
from blueprint.workload import Readiness
from tests.blueprint.recommendation.cases import DAY, demand, environment, picture

SPEND, STEADY, TEAM, QUALITY, LATENCY, MATH, PLAN, FREE, AGAIN = range(9)


def answers(uses: dict[str, dict[str, Any]], team: str | None = "dedicated", env: str = "eu-prod", **more: Any) -> list[str]:
    return [one.answer for one in recommend(environment(env), demand(uses, team, **more), DAY).checklist]


def every(**said: Any) -> dict[str, dict[str, Any]]:
    return dict.fromkeys(("analysis", "classify", "nightly", "retrieval", "summaries", "agents", "drafting"), said)


@pytest.mark.parametrize(("bill", "answer"), [(18_500, "yes"), (5_000, "yes"), (4_999, "no"), (None, "no")])
def test_spend_is_the_bill_or_else_the_list_price(bill: float | None, answer: str) -> None:
    assert answers(every(), bill_eur_per_month=bill)[SPEND] == answer


def test_a_list_price_just_below_the_threshold_leaves_the_spend_unknown() -> None:
    assert answers({"retrieval": {"input_tokens_per_month": 1e9, "output_tokens_per_month": 4e7}})[SPEND] == "unknown"


@pytest.mark.parametrize(("peak", "answer"), [(3, "yes"), (12, "no"), (None, "unknown")])
def test_steadiness_needs_a_stated_peak(peak: float | None, answer: str) -> None:
    assert answers(every(peak_factor=peak))[STEADY] == answer


def test_use_cases_nobody_measured_leave_spend_and_steadiness_unknown() -> None:
    found = answers({"retrieval": {}})
    assert (found[SPEND], found[STEADY]) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("ready", "answer"),
    [
        ({"mlops": "dedicated"}, "yes"),
        ({"can_hire": True}, "yes"),
        ({"mlops": "none", "can_hire": False}, "no"),
        ({"mlops": "limited", "can_hire": False, "gpu_operations": True}, "yes"),
        ({"mlops": "limited", "can_hire": False}, "no"),
        ({"mlops": "limited"}, "unknown"),
        ({"mlops": "unknown", "can_hire": "unknown"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_expertise_is_what_the_team_is_or_may_hire(ready: dict[str, Any], answer: str) -> None:
    found = picture({"retrieval": {}}, team=None)
    assert found.demand is not None
    told = found.demand.model_copy(update={"readiness": Readiness.model_validate(ready)})
    assert checklist(replace(found, demand=told), (), None)[TEAM].answer == answer


def test_quality_is_yes_only_where_it_was_said_of_every_use_case() -> None:
    assert answers(every())[QUALITY] == "yes"
    assert answers({"retrieval": {}})[QUALITY] == "unknown"
    assert answers({"retrieval": {"capability": "frontier"}})[QUALITY] == "no"


def test_latency_below_what_is_typical_has_to_be_measured() -> None:
    assert answers(every(first_token_ms=500))[LATENCY] == "yes"
    assert answers(every(first_token_ms=300))[LATENCY] == "unknown"
    assert answers(every(first_token_ms=None))[LATENCY] == "unknown"


def test_latency_below_what_the_card_can_read_is_no() -> None:
    by_request = {"requests_per_second": 1, "prompt_tokens": 30_000, "output_tokens": 10, "first_token_ms": 300}
    silent = {"input_tokens_per_month": None, "output_tokens_per_month": None}
    assert answers({"analysis": {**by_request, **silent}})[LATENCY] == "no"


def test_the_law_mandates_one_path_where_only_one_kind_is_lawful() -> None:
    assert answers(every())[FREE] == "yes"
    assert answers({"analysis": {}}, env="dc-prod")[FREE] == "no"


def test_math_without_volumes_or_with_prices_missing_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answers(every())[MATH] == "yes"
    assert [one.answer for one in recommend(environment(), None, DAY).checklist][MATH] == "no"
    machines = load_catalog().providers["scaleway"].instances
    monkeypatch.setitem(machines, "POP2-8C-32G", machines["POP2-8C-32G"].model_copy(update={"prices": ()}))
    assert answers({"records": {}, "drafting": {"api": "openai/gpt-5.4-mini"}}, env="fr-prod")[MATH] == "no"


def test_a_fallback_that_is_only_more_of_the_same_is_no_plan() -> None:
    assert answers({"analysis": {}}, env="dc-prod")[PLAN] == "no"


@pytest.mark.parametrize(("said", "answer"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_revisiting_is_a_promise_somebody_made(said: bool | None, answer: str) -> None:
    told = demand(every(), None).model_copy(update={"readiness": Readiness(quarterly_review=said)})
    assert [one.answer for one in recommend(environment(), told, DAY).checklist][AGAIN] == answer


def warned(uses: dict[str, dict[str, Any]], team: str | None = "dedicated", env: str = "eu-prod", **more: Any) -> set[str]:
    found = recommend(environment(env), demand(uses, team, **more), DAY)
    return {one.name for one in found.mistakes}


def test_mistakes_are_told_where_the_inputs_show_them() -> None:
    assert "Cost math without operational cost" in warned(every(), assumptions={"operations_fte": 0})
    assert "Cost math without operational cost" not in warned(every())
    assert "Modelling today's volume, not the projected one" in warned(every(growth_per_year=None))
    assert "Self-hosting too early" in warned(every())
    assert "Self-hosting too early" not in warned(
        {"analysis": {"frozen_model": True}, "classify": {"frozen_model": True}, "nightly": {"frozen_model": True}}
    )
    assert "Frontier quality from small open models" in warned({"analysis": {"capability": None}}, env="dc-prod")
    assert "Under-investing in optimization" not in warned(every(), assumptions={"tokens_per_second_per_gpu": 2100})
    assert "Not reconsidering" not in warned(every(), readiness={"quarterly_review": True})


def test_real_time_work_on_spot_machines_is_warned_of_and_batch_is_not() -> None:
    env = environment()
    frozen = demand({"nightly": {"frozen_model": True}})
    assert not any("Spot" in one.name for one in recommend(env, frozen, DAY).mistakes)
    live = env.models["nightly"].model_copy(update={"priority": "realtime"})
    moved = env.model_copy(update={"models": {**env.models, "nightly": live}})
    assert any("Spot" in one.name for one in recommend(moved, frozen, DAY).mistakes)
