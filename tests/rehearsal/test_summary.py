"""What the summary counts."""

from pathlib import Path
from typing import Any

import pytest

from blueprint.environment import Environment
from blueprint.environment.loading import load
from blueprint.rehearsal.cost import HOURS_PER_MONTH, monthly_cost
from blueprint.rehearsal.summary import render, summarize

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
STACK: dict[str, Any] = {
    "terraform": {"required_providers": {"azurerm": {}, "helm": {}}, "backend": {"azurerm": {"storage_account_name": "acmetf"}}},
    "resource": {
        "azurerm_resource_group": {"group": {"location": "westeurope"}},
        "azurerm_subnet": {"one": {}, "two": {}},
        "azurerm_key_vault": {"us": {"location": "eastus"}, "later": {"location": "${azurerm_resource_group.group.location}"}},
        "azurerm_container_registry": {"acr": {"location": "westeurope", "georeplications": [{"location": "eastus"}]}},
        "helm_release": {"keda": {}},
    },
}


@pytest.fixture
def env() -> Environment:
    return load(ENVIRONMENTS / "eu-prod.yaml")


def test_regions_and_zones_of_scaleway_are_places_too() -> None:
    resources = {"scaleway_vpc": {"one": {"region": "fr-par"}}, "scaleway_vpc_public_gateway": {"one": {"zone": "fr-par-2"}}}
    stack = {**STACK, "resource": resources, "terraform": {**STACK["terraform"], "backend": {"s3": {"bucket": "tf"}}}}
    summary = summarize(load(ENVIRONMENTS / "fr-prod.yaml"), stack, "Terraform 1.11.4")
    assert summary.places == {"fr-par (France)": 2}
    assert summary.outside == 0


def test_resources_are_counted_by_type_and_place(env: Environment) -> None:
    summary = summarize(env, STACK, "Terraform 1.11.4")
    assert summary.resources["azurerm_subnet"] == 2
    assert summary.places == {
        "westeurope (the Netherlands)": 2,
        "eastus (the United States)": 2,
        "part of another resource": 2,
        "location known only after apply": 1,
        "in the cluster": 1,
    }


def test_what_is_outside_the_zone_or_may_be_is_counted_as_outside(env: Environment) -> None:
    assert summarize(env, STACK, "Terraform 1.11.4").outside == 3  # two in eastus, one whose place nobody knows yet


def test_gpus_now_and_at_most_follow_the_pools(env: Environment) -> None:
    (gpus,) = summarize(env, STACK, "Terraform 1.11.4").gpus
    pools = env.cluster.gpu_pools.values()
    assert (gpus.now, gpus.most) == (sum(pool.min for pool in pools), sum(pool.max for pool in pools))
    assert "H100 NVL" in gpus.card


def test_cost_spans_the_prices_that_disagree(env: Environment) -> None:
    cost = monthly_cost(env)
    (now,), (most,) = cost.now, cost.most
    system = env.cluster.system_pool.min * 0.452
    assert now.low == round((2 * 6.98 + system) * HOURS_PER_MONTH)
    assert now.high == round((2 * 9.772 + system) * HOURS_PER_MONTH)
    assert now.currency == "USD"
    assert most.low > now.high


def test_cost_says_what_has_no_price(env: Environment) -> None:
    pool = env.cluster.gpu_pools["batch"].model_copy(update={"instance": "Standard_NC80adis_H100_v5"})
    cluster = env.cluster.model_copy(update={"gpu_pools": {**env.cluster.gpu_pools, "batch": pool}})
    cost = monthly_cost(env.model_copy(update={"cluster": cluster}))
    assert cost.unpriced == ("batch (Standard_NC80adis_H100_v5)",)


def test_people_read_where_the_state_will_be_and_the_command_to_deploy(env: Environment) -> None:
    text = dict(render(summarize(env, STACK, "Terraform 1.11.4")))
    assert "acmetf" in text["Next"][1]
    assert text["Next"][2].startswith("npx cdktf deploy eu-prod")
