"""Shared machines: what joins them, in which order, and how often that costs least."""

from typing import Any

import pytest

from blueprint.cost.ways import way_total, ways_of
from blueprint.recommendation.varied import grown
from tests.blueprint.recommendation.cases import picture

FAST = {"tokens_per_second_per_gpu": 30_000}
MUCH = {"input_tokens_per_month": 8e9, "output_tokens_per_month": 2e9}


def test_totals_are_those_of_the_cost_model() -> None:
    found = picture({"analysis": MUCH, "retrieval": {}}, assumptions={"tokens_per_second_per_gpu": 2_000})
    money = found.money("self-hosted")
    assert found.demand is not None
    case = money.case
    ways = {way.name: way for way in ways_of(case, money.values)}
    assert money.total(["analysis"], ["retrieval"]) == pytest.approx(way_total(case, ways["as declared"])(money.values))
    assert money.total([], ["analysis", "retrieval"]) == pytest.approx(way_total(case, ways["API"])(money.values))


def test_machines_that_are_there_are_free_until_a_peak_asks_for_more() -> None:
    money = picture({"analysis": {}, "classify": {}}).money("self-hosted")
    assert money.month(["analysis", "classify"]) == money.month(["analysis"])
    assert grown(money, "classify", 1e5).month(["analysis", "classify"]) > money.month(["analysis"])


def test_what_no_api_may_stand_in_for_brings_its_spare_and_what_one_may_does_not() -> None:
    money = picture({"analysis": {"frozen_model": True}, "classify": {}}).money("self-hosted")
    assert money.redundancy_month(["analysis"]) == pytest.approx(108 / 168 * money.machine_month())
    assert money.redundancy_month(["classify"]) == 0
    assert money.month(["analysis"]) - money.month(["classify"]) == pytest.approx(money.redundancy_month(["analysis"]))


def test_a_model_nobody_has_deployed_takes_cards_of_its_own_once() -> None:
    found = picture({name: {"task": "retrieval"} for name in ("analysis", "retrieval", "summaries")})
    money = found.money("self-hosted")
    assert set(found.new_models) >= {"retrieval", "summaries"}
    one = money.month(["analysis", "retrieval"]) - money.month(["analysis"])
    assert one == pytest.approx(money.machine_month())
    assert money.month(["analysis", "retrieval", "summaries"]) == pytest.approx(money.month(["analysis", "retrieval"]))


def test_a_task_whose_model_is_deployed_joins_it() -> None:
    assert "agents" not in picture({"agents": {"task": "agents"}}).new_models  # Qwen 3.5 27B, as analysis


def test_the_order_of_joining_does_not_look_at_machines() -> None:
    cheap = {"cached_share": 0.9}
    uses: dict[str, dict[str, Any]] = {"classify": cheap, "retrieval": {}, "summaries": {}, "agents": {**cheap, "task": "agents"}}
    orders = [picture(uses, assumptions={"price_change": price}).money("self-hosted").order(list(uses)) for price in (0.01, 1, 10)]
    assert orders[0] == orders[1] == orders[2]
    assert set(orders[0][:2]) == {"classify", "agents"}  # their models are there, though retrieval's API asks more


def test_much_volume_on_fast_cards_is_cheaper_on_machines_and_little_is_not() -> None:
    large = picture({"analysis": MUCH}, assumptions=FAST).decision
    small = picture({"analysis": {}}, assumptions=FAST).decision
    assert large.kinds["analysis"] == "self-hosted"
    assert large.shares["analysis"] > 0.9
    assert small.kinds["analysis"] == "api"
    assert small.shares["analysis"] == 0.0


def test_an_endpoint_costs_its_premium_and_fewer_people() -> None:
    found = picture({"analysis": {}})
    ours, theirs = found.money("self-hosted"), found.money("managed")
    assert theirs.machine_month() == pytest.approx(1.3 * ours.machine_month())
