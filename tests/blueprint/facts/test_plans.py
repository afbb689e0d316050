"""A plan as facts: what Terraform 1.11.4 really printed for the stack in `data/plan.json`, and plans made by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.facts import Facts, Sensitive, Unknown
from blueprint.facts.reading import read
from tests.blueprint.facts.writing import DATA, Json, resources, stack

REAL = DATA / "plan.json"


def plan(folder: Path, **content: Any) -> Facts:
    path = folder / "plan.json"
    path.write_text(json.dumps({"format_version": "1.2", "planned_values": {"root_module": {}}, **content}))
    (facts,) = read(path)
    return facts


def planned(*entries: Json, **content: Any) -> Json:
    """A plan's document in which these resources exist unchanged."""
    full = [{"mode": "managed", "type": entry["address"].split(".")[0], **entry} for entry in entries]
    return {"planned_values": {"root_module": {"resources": full}}, **content}


def test_what_a_plan_forgets_is_a_removal_that_destroys_nothing(tmp_path: Path) -> None:
    change = {"actions": ["forget"], "before": {"location": "eastus"}, "after": None}
    facts = plan(tmp_path, resource_changes=[{"address": "azurerm_storage_account.a", "type": "azurerm_storage_account", "change": change}])
    (removed,) = facts.of("removed")
    assert removed.first("from") == "azurerm_storage_account.a"
    assert removed.first("lifecycle.destroy") is False


def test_what_was_moved_by_hand_is_there_as_it_is_now(tmp_path: Path) -> None:
    moved = {"actions": ["update"], "before": {"location": "westeurope"}, "after": {"location": "eastus"}}
    tagged = {"actions": ["update"], "before": {"tags": {}}, "after": {"tags": {"a": "b"}}}
    kind = {"mode": "managed", "type": "azurerm_storage_account"}
    drift = [
        {**kind, "address": "azurerm_storage_account.a", "change": moved},
        {**kind, "address": "azurerm_storage_account.b", "change": tagged},
    ]
    found = [(one.address, one.first("location")) for one in plan(tmp_path, resource_drift=drift).of("azurerm_storage_account")]
    assert found == [("azurerm_storage_account.a (as it is now)", "eastus")]


@pytest.mark.parametrize("part", [{"complete": False}, {"deferred_changes": [{"reason": "instance_count_unknown"}]}])
def test_a_plan_that_left_changes_out_is_a_problem(part: Json, tmp_path: Path) -> None:
    assert "not complete" in plan(tmp_path, **part).problems[0].message


def test_values_unknowns_and_secrets_of_a_real_plan() -> None:
    (facts,) = read(REAL)
    assert not facts.problems
    first = facts.by_address["terraform_data.one"]
    assert first.first("input.location") == "eastus"
    assert first.first("input.token") == Sensitive("hunter2secret")
    assert isinstance(first.first("id"), Unknown)
    assert facts.by_address["terraform_data.two[1]"].referred("input") is first
    assert facts.by_address['terraform_data.three["a"]'].referred("input.id") is facts.by_address["terraform_data.two[0]"]
    assert "hunter2" not in repr(facts)


def test_a_real_plans_modules_variables_outputs_and_actions() -> None:
    (facts,) = read(REAL)
    inner = facts.by_address["module.child.terraform_data.inner"]
    assert inner.first("input.location") == "eastus"
    assert inner.referred("input.id") is facts.by_address["terraform_data.one"]
    assert inner.variables("input") == ("var.region",)
    assert facts.by_address["module.child"].first("source") == "./child"
    assert isinstance(facts.by_address["module.child"].first("place"), Unknown)
    region = facts.by_address["var.region"]
    assert (region.first("set"), region.first("value"), region.first("default")) == (True, Sensitive("eastus"), "westeurope")
    assert facts.by_address["output.secret"].first("value") == Sensitive("hunter2secret")
    assert facts.declaration.zone == "eu-resident"
    assert facts.changes["terraform_data.one"] == ("create",)


def test_a_plan_beside_its_stack_gives_values_and_the_stack_gives_constructs(tmp_path: Path) -> None:
    body = {"location": "${var.r}", "server": "id-${cloud_thing.b.id}", "//": {"metadata": {"path": "eu/a"}}}
    document = {"variable": {"r": {"default": "westeurope"}}, "terraform": {"backend": {"s3": {"region": "fr-par"}}}}
    stack(tmp_path, {**document, **resources(cloud_thing={"a": body, "b": {}})}, stray__tf="")
    change = {"actions": ["create"], "after": {"location": "eastus"}, "after_unknown": {"server": True}}
    entry = {"address": "cloud_thing.a", "values": {"location": "eastus"}}
    content = planned(
        entry, {"address": "cloud_thing.b"}, resource_changes=[{"address": "cloud_thing.a", "type": "cloud_thing", "change": change}]
    )
    file = tmp_path.parent / f"{tmp_path.name}.json"
    file.write_text(json.dumps({"format_version": "1.2", **content}))
    (facts,) = read(tmp_path, file)
    found = facts.by_address["cloud_thing.a"]
    assert (found.first("location"), found.construct, found.variables("location")) == ("eastus", "eu/a", ("var.r",))
    assert found.referred("server") is facts.by_address["cloud_thing.b"]
    assert found.first("server").text == "id-⟨cloud_thing.b⟩"
    assert {"terraform.backend.s3", "file.stray.tf"} <= facts.by_address.keys()


def test_a_variable_of_the_plan_beats_the_default_in_the_stack(tmp_path: Path) -> None:
    provider = {"cloud": {"region": "${lower(var.r)}"}}
    stack(tmp_path, {"variable": {"r": {"default": "fr-par"}}, "provider": provider, **resources(cloud_thing={"a": {}})})
    file = tmp_path.parent / f"{tmp_path.name}.json"
    file.write_text(
        json.dumps({"format_version": "1.2", "variables": {"r": {"value": "US-EAST-1"}}, **planned({"address": "cloud_thing.a"})})
    )
    (facts,) = read(tmp_path, file)
    assert facts.by_address["provider.cloud"].first("region") == "us-east-1"


def test_a_plan_of_another_stack_is_judged_for_itself(tmp_path: Path) -> None:
    stack(tmp_path, resources(cloud_thing={"a": {}}))
    assert [facts.name for facts in read(tmp_path, REAL)] == [tmp_path.name, "plan"]


def test_unchanged_resources_are_there_and_deleted_ones_are_only_noted(tmp_path: Path) -> None:
    after = {"location": "eastus"}
    changes = [
        {"address": "cloud_thing.same", "type": "cloud_thing", "change": {"actions": ["no-op"], "before": after, "after": after}},
        {"address": "cloud_thing.gone", "type": "cloud_thing", "change": {"actions": ["delete"], "before": after, "after": None}},
    ]
    facts = plan(tmp_path, resource_changes=changes, resource_drift=[{"address": "cloud_thing.same"}])
    assert [(resource.address, resource.first("location")) for resource in facts.resources] == [("cloud_thing.same", "eastus")]
    assert facts.changes == {"cloud_thing.same": ("no-op",), "cloud_thing.gone": ("delete",)}
    assert facts.drifted == ("cloud_thing.same",)


def test_provider_settings_are_constants_or_unknown_with_their_variable(tmp_path: Path) -> None:
    expressions = {
        "region": {"constant_value": "us-east-1"},
        "zone": {"references": ["var.zone"]},
        "endpoints": [{"s3": {"constant_value": "x"}}],
    }
    config = {
        "provider_config": {"cloud": {"name": "cloud", "expressions": expressions}, "module.m:cloud.eu": {"name": "cloud", "alias": "eu"}}
    }
    facts = plan(tmp_path, configuration=config)
    provider = facts.by_address["provider.cloud"]
    assert (provider.first("region"), provider.first("endpoints.s3"), provider.variables("zone")) == ("us-east-1", "x", ("var.zone",))
    assert isinstance(provider.first("zone"), Unknown)
    assert facts.by_address["module.m.provider.cloud.eu"].first("alias") == "eu"


def test_data_sources_that_were_read_have_values(tmp_path: Path) -> None:
    entry = {"address": "data.cloud_group.g", "mode": "data", "type": "cloud_group", "values": {"location": "eastus"}}
    facts = plan(tmp_path, prior_state={"values": {"root_module": {"resources": [entry]}}})
    (found,) = facts.of("data.cloud_group")
    assert found.first("location") == "eastus"


def test_one_secret_element_of_a_set_hides_all(tmp_path: Path) -> None:
    entry = {"address": "cloud_thing.a", "values": {"set": [{"v": "one"}, {"v": "two"}]}, "sensitive_values": {"set": [{}, {"v": True}]}}
    facts = plan(tmp_path, **planned(entry))
    assert [found.value for found in facts.by_address["cloud_thing.a"].each("set.v")] == [Sensitive("one"), Sensitive("two")]


def test_outputs_of_modules_lead_to_the_resource_inside(tmp_path: Path) -> None:
    module = {
        "resources": [{"address": "cloud_thing.inner"}],
        "outputs": {"id": {"expression": {"references": ["cloud_thing.inner.id", "cloud_thing.inner"]}}},
    }
    outer = {"address": "cloud_thing.a", "expressions": {"target": {"references": ["module.m.id", "module.m"]}}}
    change = {"actions": ["create"], "after": {}, "after_unknown": {"target": True}}
    content = planned(
        {"address": "cloud_thing.a", "values": {}},
        {"address": "module.m.cloud_thing.inner", "type": "cloud_thing"},
        configuration={"root_module": {"resources": [outer], "module_calls": {"m": {"module": module}}}},
        resource_changes=[{"address": "cloud_thing.a", "type": "cloud_thing", "change": change}],
    )
    facts = plan(tmp_path, **content)
    assert facts.by_address["cloud_thing.a"].referred("target") is facts.by_address["module.m.cloud_thing.inner"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"format_version": "2.0"}, "'2.0' is not understood"),
        ({"format_version": 1}, "1 is not understood"),
        ({"errored": True}, "failed half-way"),
        ({"complete": False, "deferred_changes": [{}]}, "not complete"),
    ],
)
def test_a_plan_that_cannot_be_trusted_is_a_problem_and_nothing_of_it_is_judged(tmp_path: Path, content: Json, expected: str) -> None:
    facts = plan(tmp_path, **content)
    assert expected in str(facts.problems[0])
    assert not facts.resources


def test_a_state_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"format_version": "1.0", "values": {}}')
    (facts,) = read(tmp_path / "state.json")
    assert "neither a stack nor a plan" in str(facts.problems[0])


def test_a_plan_that_is_missing_is_a_problem_beside_the_stack(tmp_path: Path) -> None:
    stack(tmp_path, resources(cloud_thing={"a": {}}))
    found = read(tmp_path, tmp_path.parent / "missing.json")
    assert any(facts.problems for facts in found)
