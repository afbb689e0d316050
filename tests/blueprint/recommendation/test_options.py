"""The places a use case could go to, and why each is open or closed."""

from datetime import date

import pytest

from blueprint import matrix
from blueprint.matrix import CLASSES, DataClass
from blueprint.recommendation.needs import Needs, restricted
from blueprint.recommendation.options import elsewhere, options
from blueprint.recommendation.result import Option
from tests.blueprint.recommendation.cases import DAY, demand, environment, residing

SIGNED = {"processor_contract": date(2026, 3, 1), "transfer_assessment": date(2026, 3, 15)}


def found(name: str, use: str, **said: object) -> dict[str, Option]:
    env = environment(name)
    asked = demand({use: said}, apis=["anthropic/claude-sonnet-4.6", "deepseek/v3.2", "flagship/closed"])
    return {option.api or option.kind: option for option in options(env, use, asked.workload[use], asked, DAY)}


def test_an_api_in_the_eu_is_open_to_personal_data_and_one_anywhere_is_not() -> None:
    each = found("eu-prod", "retrieval")
    assert each["azure-openai/gpt-5.4"].open
    assert each["azure-openai/gpt-5.4"].built
    assert "may be in any country" in each["anthropic/claude-sonnet-4.6"].closed
    assert "China" in each["deepseek/v3.2"].closed
    assert {each[name].closed_by for name in ("anthropic/claude-sonnet-4.6", "deepseek/v3.2")} == {"residency"}


def test_an_api_the_environment_has_for_another_use_case_is_taken_as_it_is_there() -> None:
    option = found("eu-prod", "analysis")["azure-openai/gpt-5.4"]
    assert option.built
    assert "DataZoneStandard" in option.name


def test_an_api_nobody_knows_the_place_of_is_closed() -> None:
    assert found("eu-prod", "retrieval")["flagship/closed"].closed == "nobody knows where it is"


def test_foreign_law_closes_an_api_in_the_sovereign_zone() -> None:
    each = found("fr-prod", "records")
    assert each["self-hosted"].open
    assert "under the law of the United States" in each["azure-openai/gpt-5.4"].closed


def test_the_zone_outweighs_what_the_class_alone_would_allow() -> None:
    assert found("eu-prod", "retrieval", data_class="public")["deepseek/v3.2"].closed_by == "residency"


def test_a_condition_nobody_declared_keeps_an_option_closed_and_is_named() -> None:
    env = residing(environment(), zone="eu-resident", data_class="special", conditions=SIGNED)
    option = options(env, "analysis", None, None, DAY)[0]
    assert not option.open
    assert option.missing == ("impact_assessment", "customer_keys")
    assert "nobody has declared" in option.closed


def test_data_stricter_than_the_environment_admits_goes_nowhere_in_it() -> None:
    each = found("eu-prod", "analysis", data_class="special")
    assert not any(option.open for option in each.values())
    assert each["self-hosted"].closed == "eu-prod admits personal data at most; this is special"


def test_a_lawful_api_of_another_cloud_is_not_offered() -> None:
    each = {option.kind: option for option in options(environment("dev"), "chat", None, None, DAY)}
    assert each["api"].closed_by == "offer"


def test_a_second_region_lies_in_the_zone_too() -> None:
    env = environment()
    option = next(one for one in options(env, "retrieval", None, None, DAY) if one.kind == "api")
    other = elsewhere(env, None, option, DAY)
    assert other is not None
    assert other.open
    assert {place.label for place in other.places} & {place.label for place in option.places} == set()


def test_needs_close_what_the_law_left_open() -> None:
    each = found("eu-prod", "retrieval")
    own, api = each["self-hosted"], each["azure-openai/gpt-5.4"]
    assert restricted(own, Needs(capability="frontier")).closed_by == "capability"
    assert restricted(api, Needs(capability="frontier")).open
    assert restricted(api, Needs(frozen_model=True)).closed_by == "frozen model"
    assert restricted(own, Needs(frozen_model=True)).open
    assert restricted(api, Needs(first_token_ms=99)).closed_by == "latency"
    assert restricted(api, Needs(first_token_ms=100)).open
    assert restricted(own, Needs(first_token_ms=99)).open
    assert restricted(own, Needs(first_token_ms=99, fastest_ms=120)).closed_by == "latency"
    assert restricted(api, Needs(placement="self-hosted")).closed_by == "stated"
    assert restricted(own, Needs(placement="api")).closed_by == "stated"
    assert restricted(found("eu-prod", "analysis")["self-hosted"], Needs(placement="api")).closed_by == "stated"
    assert restricted(each["deepseek/v3.2"], Needs(frozen_model=True)).closed_by == "residency"


def test_an_open_model_at_an_api_is_no_frontier_model() -> None:
    option = Option("api", "an open model somewhere", (), "", None, "", api="deepseek/v3.2")
    assert restricted(option, Needs(capability="frontier")).closed_by == "capability"


HOSTED = "scaleway-generative/mistral-small-3.2-24b"


@pytest.mark.parametrize("name", ["eu-prod", "fr-prod", "dc-prod"])
def test_an_open_model_at_another_cloud_is_open_where_the_law_allows(name: str) -> None:
    env = environment(name)
    use = next(iter(env.models))
    asked = demand({use: {}}, apis=[HOSTED])
    option = next(one for one in options(env, use, asked.workload[use], asked, DAY) if one.api == HOSTED)
    assert option.open
    assert {place.operator for place in option.places} == {"Scaleway"}
    assert not option.built
    assert restricted(option, Needs(capability="frontier")).closed_by == "capability"


def test_a_closed_model_without_a_route_stays_closed_wherever_it_would_be_lawful() -> None:
    env = residing(environment(), zone="global", data_class="public")
    asked = demand({"retrieval": {}}, apis=["anthropic/claude-sonnet-4.6", "deepseek/v3.2"])
    each = {one.api: one for one in options(env, "retrieval", asked.workload["retrieval"], asked, DAY)}
    assert each["anthropic/claude-sonnet-4.6"].closed_by == "offer"
    assert each["deepseek/v3.2"].open


@pytest.mark.parametrize("data_class", CLASSES)
@pytest.mark.parametrize("zone", ["eu-resident", "eea", "adequate", "global"])
def test_a_second_region_is_open_to_the_data_it_is_named_for(zone: str, data_class: DataClass) -> None:
    signed = {**SIGNED, "impact_assessment": DAY, "customer_keys": DAY, "dora_register": DAY, "exit_plan": DAY, "concentration_note": DAY}
    env = residing(environment(), zone=zone, data_class=data_class, conditions=signed)
    option = next(one for one in options(env, "retrieval", None, None, DAY) if one.kind == "api" and one.built)
    other = elsewhere(env, None, option, DAY)
    assert option.open
    assert other is not None
    frame = env.data_residency
    for place in other.places:
        assert matrix.judge(data_class, place, frame.perimeter, frame.declared, DAY).outcome is matrix.Outcome.allowed


def test_no_second_region_is_named_where_a_condition_is_missing_or_no_other_is_inside() -> None:
    option = next(one for one in options(environment(), "retrieval", None, None, DAY) if one.kind == "api" and one.built)
    unsigned = residing(environment(), zone="eu-resident", data_class="special", conditions=SIGNED)
    assert elsewhere(unsigned, None, option, DAY) is None
    at_home = residing(environment(), zone="eu-resident", data_class="internal", country="NL")
    assert elsewhere(at_home, None, option, DAY) is None


def test_an_api_known_by_its_host_has_no_second_region() -> None:
    asked = demand({"retrieval": {}}, apis=[HOSTED])
    option = next(one for one in options(environment(), "retrieval", None, asked, DAY) if one.api == HOSTED)
    assert elsewhere(environment(), None, option, DAY) is None
