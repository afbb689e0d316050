"""Every stack says where its data may be, and what has a place in it refuses to be planned elsewhere."""

from typing import Any

import pytest

from blueprint.environment import Environment
from modules import residency
from modules.resources.azurerm.governance import ResourceGroup
from modules.resources.engine import Part, Stack
from tests.modules.synth import environment, synth

CONTAINS = "${contains(local.data_residency_regions, self.location)}"


def built(env: Environment, **more: Any) -> dict[str, Any]:
    def build(stack: Stack) -> None:
        stack.use_provider("azurerm", "hashicorp/azurerm", "5.2.0", {"features": {}})
        group = ResourceGroup(name="rg", location="westeurope", tags={"environment": env.name})
        Part(stack, "cluster").add("group", group, ignore_changes=["tags"])
        residency.declare(stack, env, **more)

    return synth(build)


def test_a_stack_declares_zone_class_conditions_and_where_its_state_is() -> None:
    assert built(environment("eu-prod"))["output"]["data_residency"]["value"] == {
        "zone": "eu-resident",
        "data_class": "personal",
        "country": "",
        "conditions": {"processor_contract": "2026-03-01", "transfer_assessment": "2026-03-15"},
        "state": {"region": "westeurope", "storage_account": "acmeeuprodtf"},
    }


def test_a_located_resource_refuses_regions_outside_the_zone_and_keeps_what_it_said_before() -> None:
    stack = built(environment("eu-prod"))
    lifecycle = stack["resource"]["azurerm_resource_group"]["cluster_group"]["lifecycle"]
    assert lifecycle["ignore_changes"] == ["tags"]
    assert [guard["condition"] for guard in lifecycle["postcondition"]] == [CONTAINS]
    regions = stack["locals"]["data_residency_regions"]
    assert "westeurope" in regions
    assert not {"eastus", "uksouth", "switzerlandnorth"} & set(regions)


def test_a_country_narrows_the_regions() -> None:
    stack = built(environment("eu-prod", data_residency={"country": "NL"}))
    assert stack["locals"]["data_residency_regions"] == ["westeurope"]
    assert stack["output"]["data_residency"]["value"]["country"] == "NL"


@pytest.mark.parametrize("data_class", ["confidential", "internal"])
def test_a_stack_without_the_environments_data_says_so(data_class: str) -> None:
    assert built(environment("eu-prod"), data_class=data_class)["output"]["data_residency"]["value"]["data_class"] == data_class


def test_a_site_of_ones_own_has_no_regions_to_choose_from() -> None:
    stack = synth(lambda stack: residency.declare(stack, environment("dc-prod")))
    assert "locals" not in stack
    assert stack["output"]["data_residency"]["value"]["zone"] == "eu-sovereign"
