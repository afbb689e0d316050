"""How sure an answer is, and what is asked next."""

from typing import Any

import pytest

from blueprint.recommendation.certainty import confidence, moving
from tests.blueprint.recommendation.cases import picture

FAST = {"tokens_per_second_per_gpu": 30_000}
MUCH: dict[str, Any] = {"input_tokens_per_month": 8e9, "output_tokens_per_month": 2e9}
EVERY = ("analysis", "classify", "nightly", "retrieval", "summaries", "agents", "drafting")
ALL: dict[str, Any] = {name: {} for name in EVERY}


def test_all_known_and_far_apart_is_firm() -> None:
    assert confidence(picture(ALL), "retrieval") == "firm"


def test_near_each_other_is_likely() -> None:
    near = picture({**ALL, "analysis": {"input_tokens_per_month": 4.5e9, "output_tokens_per_month": 6e8}}, assumptions=FAST)
    assert 0.05 < near.decision.shares["analysis"] < 0.95
    assert confidence(near, "analysis") == "likely"


@pytest.mark.parametrize("key", ["peak_factor", "growth_per_year", "capability"])
def test_a_missing_answer_of_its_own_makes_a_choice_by_cost_provisional(key: str) -> None:
    found = picture({**ALL, "analysis": {**MUCH, key: None}}, assumptions=FAST)
    assert confidence(found, "analysis") == "provisional"
    assert key in moving(found, "analysis")


@pytest.mark.parametrize("key", ["frozen_model", "first_token_ms"])
def test_a_missing_need_matters_where_it_could_close_the_place_and_only_there(key: str) -> None:
    at_an_api = picture({**ALL, "analysis": {key: None}})
    assert confidence(at_an_api, "analysis") == "provisional"
    assert key in moving(at_an_api, "analysis")
    on_machines = picture({**ALL, "analysis": {**MUCH, key: None}}, assumptions=FAST)  # cheaper there, and it may have to be there
    assert confidence(on_machines, "analysis") == "firm"


def test_a_missing_answer_of_another_use_case_does_so_where_it_could_move_the_machines() -> None:
    alone = {**ALL, "analysis": {"frozen_model": None}, "classify": {"task": "classification"}}
    found = picture(alone)  # frozen, analysis brings machines that classify would join
    assert confidence(found, "classify") == "provisional"
    assert confidence(found, "drafting") == "firm"


def test_a_figure_missing_anywhere_makes_costs_unknown_everywhere() -> None:
    found = picture({**ALL, "drafting": {"growth_per_year": None}})
    assert confidence(found, "retrieval") == "provisional"


def test_an_unknown_team_leaves_open_whose_machines_they_are() -> None:
    found = picture({"records": {}, "triage": {}, "drafting": {}}, team=None, env="fr-prod")
    assert confidence(found, "records") == "provisional"
    assert "team" in moving(found, "records")


def test_what_only_one_place_may_serve_is_firm_without_any_volume() -> None:
    found = picture({"analysis": {"peak_factor": None, "growth_per_year": None}}, team=None, env="dc-prod")
    assert confidence(found, "analysis") == "firm"
    assert moving(found, "analysis") == frozenset()
