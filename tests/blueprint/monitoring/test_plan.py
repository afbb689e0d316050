"""What was planned, as series: the figures are the catalogue's and the environment's, each once."""

from typing import Any

import pytest

from blueprint.catalog.prices import load_prices
from blueprint.cost.nodes import average_nodes
from blueprint.cost.tokens import rate
from blueprint.monitoring import plan
from blueprint.sizing import size_deployment
from blueprint.sizing.deployment import TARGET_SHARE
from tests.modules.platform import environment

SHIPPED = ["eu-prod", "eu-staging", "fr-prod", "dc-prod", "dev"]


def planned(name: str, record: str) -> dict[tuple[str, ...], float]:
    """A recording's values by its labels other than cluster and namespace."""
    rules = [rule for rule in plan.recordings(environment(name)) if rule["record"] == record]
    return {key(rule["labels"]): float(rule["expr"].removeprefix("vector(").removesuffix(")")) for rule in rules}


def key(labels: dict[str, Any]) -> tuple[str, ...]:
    return tuple(text for name, text in sorted(labels.items()) if name not in ("cluster", "namespace"))


def test_a_replica_is_planned_to_hold_what_autoscaling_aims_at() -> None:
    sizing = size_deployment(environment("eu-prod"), "analysis")
    aim = TARGET_SHARE * min(sizing.max_concurrency, int(sizing.flags["max_num_seqs"]))
    assert planned("eu-prod", "model:replica_requests:planned")["analysis",] == pytest.approx(aim, rel=1e-5)


def test_tokens_of_a_hosted_api_cost_their_list_price_in_eur() -> None:
    listed = rate("azure-openai/gpt-5.4-mini")
    euro = load_prices().assumptions["usd_per_eur"].base
    assert listed.currency == "USD"
    prices = planned("eu-prod", "model:token_eur:list")
    assert prices["input", "drafting"] == pytest.approx(listed.input / euro / 1e6, rel=1e-5)
    assert prices["output", "drafting"] == pytest.approx(listed.output / euro / 1e6, rel=1e-5)


def test_an_api_is_called_as_the_gateway_calls_it() -> None:
    """At Azure by the name of its deployment, elsewhere by the model's."""
    azure = {model for model, _, _ in planned("eu-prod", "model:destination:info")}
    assert {"retrieval", "summaries", "agents", "drafting"} <= azure
    elsewhere = {model for model, operator, _ in planned("fr-prod", "model:destination:info") if operator == "Scaleway"}
    assert elsewhere == {api.model for api in environment("fr-prod").apis.values()}


def test_every_model_and_api_has_a_destination() -> None:
    env = environment("eu-prod")
    operators = {model: operator for model, operator, _ in planned("eu-prod", "model:destination:info")}
    assert operators == {**dict.fromkeys(env.models, "our own cluster"), **dict.fromkeys(env.apis, "Microsoft")}


def test_nodes_are_those_of_the_cost_comparison() -> None:
    env = environment("eu-prod")
    nodes = planned("eu-prod", "pool:gpu_nodes:planned")
    assert nodes == {(pool,): pytest.approx(average_nodes(env, pool), rel=1e-5) for pool in env.cluster.gpu_pools}


def test_every_team_has_the_class_it_may_send() -> None:
    declared = environment("eu-prod").gateway.teams
    assert planned("eu-prod", "consumer:data_class:info").keys() == {(name, team.data_class) for name, team in declared.items()}


@pytest.mark.parametrize("name", SHIPPED)
def test_no_series_is_written_twice(name: str) -> None:
    series = [(rule["record"], *sorted(rule["labels"].items())) for rule in plan.recordings(environment(name))]
    assert len(set(series)) == len(series)


def test_two_apis_of_one_model_are_one_series() -> None:
    env = environment("fr-prod")
    name, api = next(iter(env.apis.items()))
    twice = env.model_copy(update={"apis": {name: api, f"{name}-again": api}})
    assert plan.recordings(twice) == plan.recordings(env)


def test_a_price_nobody_has_written_down_is_no_series() -> None:
    assert planned("fr-prod", "model:token_eur:list") == {}
