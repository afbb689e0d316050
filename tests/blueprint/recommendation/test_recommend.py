"""The whole recommendation of the shipped environments, and of demands that each show one thing."""

from datetime import date
from typing import Any

import pytest

from blueprint.recommendation import Recommendation, recommend
from blueprint.recommendation.result import UseCaseAdvice
from blueprint.workload.loading import load_demand
from tests.blueprint.recommendation.cases import DAY, ROOT, demand, environment, residing


def shipped(name: str) -> Recommendation:
    return recommend(environment(name), load_demand(ROOT / "demand" / f"{name}.yaml"), DAY)


def advised(uses: dict[str, dict[str, Any]], team: str | None = "dedicated", env: str = "eu-prod", **more: Any) -> dict[str, UseCaseAdvice]:
    return {one.name: one for one in recommend(environment(env), demand(uses, team, **more), DAY).use_cases}


def test_the_articles_customer_gets_the_articles_hybrid_with_the_reason_it_rests_on() -> None:
    found = shipped("eu-prod")
    placed = {one.name: one.placement for one in found.use_cases}
    assert {name for name, placement in placed.items() if placement == "self-hosted"} == {"analysis", "classify", "nightly"}
    assert {name for name, placement in placed.items() if placement == "api"} == {"retrieval", "summaries", "agents", "drafting"}
    first = {one.name: one.reasons[0].stage for one in found.use_cases}
    assert first["analysis"] == "frozen model"
    assert first["classify"] == "cost"
    assert first["agents"] == "capability"
    assert found.answer[0].startswith("eu-prod: Hybrid: analysis, classify and nightly on machines of your own")
    assert any("times the list price" in sentence for sentence in found.answer)


def test_sovereign_special_data_stays_with_operators_under_eu_law() -> None:
    found = shipped("fr-prod")
    assert {one.placement for one in found.use_cases} <= {"self-hosted", "managed"}
    assert {place.operator for one in found.use_cases if one.option for place in one.option.places} == {"Scaleway"}


def test_all_five_dimensions_and_nine_points_are_answered() -> None:
    found = shipped("dc-prod")
    assert [one.name for one in found.dimensions] == [
        "Total cost of ownership",
        "Performance",
        "Regulatory compliance",
        "Operational readiness",
        "Vendor and platform risk",
    ]
    assert len(found.checklist) == 9
    assert all(one.why for one in found.checklist)


def test_costs_of_the_parts_add_up() -> None:
    found = shipped("eu-prod")
    assert found.costs is not None
    at_apis = sum(one.eur_per_month or 0 for one in found.use_cases if one.placement == "api")
    assert found.costs.recommended == pytest.approx(
        23_125.85 + 3_413.58 + at_apis, abs=0.01
    )  # `blueprint cost eu-prod`, and analysis' spare
    assert found.costs.redundancy == pytest.approx(3_413.58, abs=0.01)  # an API may stand in for classify
    assert "3,414 of it for spares" in found.answer[1]


def test_a_use_case_no_api_may_stand_in_for_is_told_to_keep_a_spare_and_the_other_is_not() -> None:
    before = {one.name: " ".join(one.before) for one in shipped("eu-prod").use_cases}
    assert "keep 2 replicas running (models.analysis.replicas.min is 1), as is priced" in before["analysis"]
    assert "replicas" not in before["classify"]
    assert (
        "allow 2 replicas (models.triage.replicas.max is 1): 1 for the peak, one may fail"
        in {one.name: " ".join(one.before) for one in shipped("fr-prod").use_cases}["triage"]
    )


def test_without_a_demand_only_hard_constraints_decide_and_everything_else_is_asked() -> None:
    found = recommend(environment(), None, DAY)
    assert found.costs is None
    assert {one.placement for one in found.use_cases} == {"api"}
    assert {one.confidence for one in found.use_cases} == {"provisional"}
    assert {one.answer for one in found.checklist if "spend" in one.question} == {"unknown"}
    assert any("how many tokens" in question for question in found.ask_next)


def test_only_what_could_move_something_is_asked() -> None:
    found = recommend(environment("dc-prod"), None, DAY)
    assert [question.rpartition("(")[2] for question in found.ask_next] == ["capability: open or frontier)"]


def test_needs_that_contradict_each_other_lead_nowhere_and_say_why() -> None:
    one = advised({"analysis": {"capability": "frontier", "frozen_model": True}})["analysis"]
    assert one.placement == "none"
    assert one.where == "nowhere yet"
    assert {reason.stage for reason in one.reasons} >= {"capability", "frozen model"}
    assert all(text.startswith("nothing is open") for text in one.before)
    assert one.fallback.option is None


def test_every_placement_has_a_fallback_of_another_kind_or_place() -> None:
    for name in ("eu-prod", "fr-prod", "dc-prod"):
        for one in shipped(name).use_cases:
            assert one.fallback.text
            if one.fallback.separate:
                assert one.fallback.option is not None
                assert one.fallback.option.open
                assert one.option is not None
                assert one.fallback.option.name != one.option.name
            else:
                assert "queue" in one.fallback.text


def test_machines_do_not_stand_by_for_apis_alone() -> None:
    plans = {name: one.fallback.option for name, one in advised({"retrieval": {}, "summaries": {}}).items()}
    assert all(plan is not None and plan.kind == "api" for plan in plans.values())


def test_what_would_move_a_use_case_is_found_by_trying() -> None:
    one = advised({"retrieval": {}}, assumptions={"tokens_per_second_per_gpu": 30_000})["retrieval"]
    moves = {change.what: change.placement for change in one.changes}
    assert moves["its weights must not change unless we change them"] == "self-hosted"
    assert moves["its first token must come in less than 100 ms"] == "self-hosted"
    volume = next(change for change in one.changes if change.what.startswith("its volume is"))
    assert volume.placement == "self-hosted"


def test_the_volume_said_to_move_it_does() -> None:
    fast = {"tokens_per_second_per_gpu": {"low": 30_000, "base": 30_000, "high": 30_000}}
    one = advised({"analysis": {}}, assumptions=fast)["analysis"]
    times = float(
        next(change.what for change in one.changes if change.what.startswith("its volume is")).split(", ")[-1].split()[0].replace(",", "")
    )
    grown = {"input_tokens_per_month": 10e6 * times * 4, "output_tokens_per_month": 2e6 * times * 4}
    assert advised({"analysis": grown}, assumptions=fast)["analysis"].placement in ("self-hosted", "hybrid")
    shrunk = {"input_tokens_per_month": 10e6 * times / 4, "output_tokens_per_month": 2e6 * times / 4}
    assert advised({"analysis": shrunk}, assumptions=fast)["analysis"].placement == "api"


def test_a_missing_declaration_is_told_as_what_would_open_a_place() -> None:
    env = residing(environment(), zone="eu-resident", data_class="personal", conditions={"processor_contract": date(2026, 3, 1)})
    one = {one.name: one for one in recommend(env, demand({"retrieval": {}}), DAY).use_cases}["retrieval"]
    assert one.placement == "none"
    assert [(change.what, change.placement) for change in one.changes] == [("you declare a transfer assessment", "api")]


def test_the_primers_rule_stands_beside_and_says_why_ours_differs() -> None:
    found = {one.name: one.heuristic for one in shipped("eu-prod").use_cases}
    assert (found["analysis"].says, found["analysis"].agrees) == ("self-hosted", True)
    assert (found["drafting"].says, found["drafting"].agrees) == ("self-hosted", False)
    assert "frontier" in found["drafting"].because


def test_the_primers_rule_is_told_both_ways_where_the_team_is_unknown() -> None:
    rule = advised({"retrieval": {"data_class": "internal", "input_tokens_per_month": 2e9}}, team=None)["retrieval"].heuristic
    assert rule.says == "api-inference or self-hosted (by team, which is unknown)"


def test_an_endpoint_that_is_there_stays_unless_machines_take_its_work_for_less() -> None:
    uses: dict[str, dict[str, Any]] = {"records": {}, "triage": {}, "drafting": {"api": "openai/gpt-5.4-mini"}}
    assert advised(uses, env="fr-prod")["drafting"].placement == "self-hosted"
    silent = {name: use for name, use in uses.items() if name != "drafting"}  # nobody knows what machines would take for it
    assert advised(silent, env="fr-prod")["drafting"].placement == "managed"


def test_an_endpoint_costs_the_machines_its_peak_asks_for() -> None:
    uses: dict[str, dict[str, Any]] = {"records": {}, "triage": {}, "drafting": {"api": "openai/gpt-5.4-mini", "growth_per_year": 0}}
    small, large = (
        next(option.eur_per_month for option in found.options if option.kind == "managed")
        for volume in (1e7, 1e11)
        for found in [advised({**uses, "drafting": {**uses["drafting"], "input_tokens_per_month": volume}}, env="fr-prod")["drafting"]]
    )
    assert small is not None
    assert large is not None
    assert large > 10 * small


def test_a_team_of_nobody_gets_endpoints_where_they_are_lawful() -> None:
    found = advised({"records": {}, "triage": {}, "drafting": {"api": "openai/gpt-5.4-mini"}}, team="none", env="fr-prod")
    assert {one.placement for one in found.values()} == {"managed"}
    alone = advised({"analysis": {}}, team="none", env="dc-prod")["analysis"]
    assert alone.placement == "self-hosted"
    assert alone.before[0].startswith("find people")


HOSTED = "scaleway-generative/mistral-small-3.2-24b"


def test_an_open_model_at_another_cloud_is_taken_where_nothing_else_is_lawful_and_its_route_is_to_be_built() -> None:
    one = advised({"records": {"placement": "api"}}, env="fr-prod", apis=[HOSTED])["records"]
    assert (one.placement, one.option and one.option.api) == ("api", HOSTED)
    assert any(text.startswith("open a route to api.scaleway.ai at the gateway") for text in one.before)
    assert one.eur_per_month is not None


def test_hosted_open_models_are_offered_with_their_price_where_an_open_one_does() -> None:
    asked: dict[str, dict[str, Any]] = {
        "retrieval": {},
        "summaries": {"frozen_model": True},
        "agents": {"capability": None},
        "drafting": {"capability": "frontier"},
    }
    found = advised(asked)
    offered = {name: [option.api for option in one.offers] for name, one in found.items()}
    assert HOSTED in offered["retrieval"]
    assert offered["summaries"] == offered["agents"] == offered["drafting"] == []
    assert all(option.open and option.eur_per_month is not None for option in found["retrieval"].offers)
    assert found["retrieval"].option is not None
    assert found["retrieval"].option.api == "azure-openai/gpt-5.4"  # an offer moves nobody


def test_what_is_named_is_an_option_and_no_offer() -> None:
    one = advised({"retrieval": {}}, apis=[HOSTED])["retrieval"]
    assert HOSTED not in [option.api for option in one.offers]
    assert next(option for option in one.options if option.api == HOSTED).open


def test_nothing_is_offered_outside_the_country() -> None:
    env = residing(environment(), zone="eu-resident", data_class="internal", country="NL")
    assert all(not one.offers for one in recommend(env, demand({"retrieval": {}}), DAY).use_cases)


def test_another_service_is_a_fallback_and_another_model_of_the_same_one_is_none() -> None:
    env = residing(environment("fr-prod"), zone="global", data_class="public")
    same, other = [HOSTED, "scaleway-generative/llama-3.3-70b"], [HOSTED, "deepseek/v3.2"]
    alone, beside = (
        next(one for one in recommend(env, demand({"records": {"placement": "api"}}, apis=apis), DAY).use_cases if one.name == "records")
        for apis in (same, other)
    )
    assert alone.option is not None
    assert alone.option.api == HOSTED
    assert "queue" in alone.fallback.text
    assert beside.fallback.option is not None
    assert beside.fallback.option.api == "deepseek/v3.2"
