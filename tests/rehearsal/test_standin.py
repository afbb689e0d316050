"""The stand-ins' own judgement, without Terraform: what is refused, what is filled in, what is replaced."""

import json
from pathlib import Path

import msgpack
import pytest

from blueprint.rehearsal.standin import SCHEMAS
from blueprint.rehearsal.standin.checks import refusals
from blueprint.rehearsal.standin.fakes import identify
from blueprint.rehearsal.standin.faults import Faults
from blueprint.rehearsal.standin.inventory import Inventory
from blueprint.rehearsal.standin.planning import planned, replacements
from blueprint.rehearsal.standin.provider import StandIn
from blueprint.rehearsal.standin.values import UNKNOWN, decode, encode, is_unknown
from blueprint.rehearsal.standin.wire import message
from tests.rehearsal.bench import Json

AZURERM = json.loads((SCHEMAS / "azurerm.json").read_text())
POOL = "azurerm_kubernetes_cluster_node_pool"


def messages(kind: str, **config: object) -> list[str]:
    return [f"{refusal.summary} {refusal.detail}".strip() for refusal in refusals(AZURERM["rules"][kind], dict(config))]


def plan(kind: str, prior: Json | None = None, **proposed: object) -> Json:
    return planned(AZURERM["resource_schemas"][kind]["block"], AZURERM["rules"][kind], prior, dict(proposed))


def test_a_value_outside_the_enumeration_is_refused() -> None:
    assert 'expected mode to be one of ["System" "User"], got Gpu' in messages(POOL, mode="Gpu")


def test_a_value_outside_the_range_is_refused_and_one_inside_is_not() -> None:
    assert messages("azurerm_key_vault_secret", value_wo="x", value_wo_version=0) == ["expected value_wo_version to be at least (1), got 0"]
    assert messages("azurerm_key_vault_secret", value_wo="x", value_wo_version=1) == []


def test_arguments_that_exclude_or_need_each_other_are_refused_once_each() -> None:
    assert messages("azurerm_key_vault_secret", value="a", value_wo="b", value_wo_version=1) == [
        'Invalid combination of arguments "value": only one of `value,value_wo` can be specified, but `value,value_wo` were specified.'
    ]
    assert messages("azurerm_key_vault_secret") == ['Invalid combination of arguments "value": one of `value,value_wo` must be specified']
    assert messages("azurerm_key_vault_secret", value_wo="b") == [
        'Missing required argument "value_wo": all of `value_wo_version` must be specified'
    ]


def test_an_argument_counts_in_its_own_group_whether_the_group_names_it_or_not() -> None:
    rules = {"application_id": {"exactly_one_of": ["user_id", "no_principal"]}}
    assert refusals(rules, {"application_id": "a"}) == []
    assert [found.summary for found in refusals(rules, {})] == ["Invalid combination of arguments"]
    assert [found.summary for found in refusals(rules, {"application_id": "a", "user_id": "b"})] == ["Invalid combination of arguments"]


def test_an_id_at_scaleway_starts_with_its_place() -> None:
    assert identify("scaleway_vpc", {"name": "one", "region": "fr-par"}, {}).startswith("fr-par/")
    assert identify("scaleway_vpc", {"name": "one", "region": "fr-par"}, {}) != identify(
        "scaleway_k8s_cluster", {"name": "one", "region": "fr-par"}, {}
    )


def test_a_value_known_only_after_apply_is_not_judged() -> None:
    assert messages(POOL, mode=UNKNOWN) == []
    assert messages("azurerm_key_vault_secret", value_wo=UNKNOWN, value_wo_version=UNKNOWN) == []


def test_a_mistake_in_a_nested_block_names_its_place() -> None:
    rules = AZURERM["rules"]["azurerm_kubernetes_cluster"]
    (refusal,) = [
        found for found in refusals(rules, {"network_profile": [{"network_data_plane": "ebpf"}]}) if "data_plane" in found.summary
    ]
    assert refusal.steps == ("network_profile", 0, "network_data_plane")


def test_defaults_are_planned_and_what_the_cloud_decides_is_unknown() -> None:
    expected = plan("azurerm_key_vault", name="kv")
    assert expected["soft_delete_retention_days"] == 90
    assert is_unknown(expected["vault_uri"])


def test_an_unchanged_thing_is_planned_as_it_is() -> None:
    state = plan("azurerm_resource_group", name="rg", location="westeurope") | {"id": "x"}
    assert plan("azurerm_resource_group", state, **state) == state


def test_write_only_values_end_at_the_plan() -> None:
    assert plan("azurerm_key_vault_secret", value_wo="secret", value_wo_version=1)["value_wo"] is None


def test_replacement_is_found_in_nested_blocks() -> None:
    block, rules = AZURERM["resource_schemas"]["azurerm_kubernetes_cluster"]["block"], AZURERM["rules"]["azurerm_kubernetes_cluster"]
    before = {"name": "a", "default_node_pool": [{"gpu_driver": "None", "node_count": 1}]}
    assert list(replacements(block, rules, before, {**before, "default_node_pool": [{"gpu_driver": "None", "node_count": 2}]})) == []
    after = {**before, "default_node_pool": [{"gpu_driver": "Install", "node_count": 1}]}
    assert list(replacements(block, rules, before, after)) == [("default_node_pool", 0, "gpu_driver")]


def test_ids_lie_below_their_parents() -> None:
    blocks = {kind: schema["block"] for kind, schema in AZURERM["resource_schemas"].items()}
    cluster = identify("azurerm_kubernetes_cluster", {"name": "aks", "resource_group_name": "rg"}, blocks["azurerm_kubernetes_cluster"])
    assert cluster.endswith("/resourceGroups/rg/providers/Microsoft.StandIn/kubernetes_cluster/aks")
    assert identify(POOL, {"name": "h100", "kubernetes_cluster_id": cluster}, blocks[POOL]).startswith(f"{cluster}/")


def test_things_without_a_name_get_an_id_of_their_own() -> None:
    block = AZURERM["resource_schemas"]["azurerm_role_assignment"]["block"]
    one, other = (identify("azurerm_role_assignment", {"scope": "/subscriptions/s", "principal_id": who}, block) for who in ("a", "b"))
    assert one != other


def test_the_same_thing_twice_is_refused(tmp_path: Path) -> None:
    stand_in = StandIn(AZURERM, Inventory(tmp_path), Faults())
    nothing, group = encode(None), encode(plan("azurerm_resource_group", name="rg", location="westeurope"))
    request = message("ApplyResourceChange.Request")(type_name="azurerm_resource_group", prior_state=nothing, planned_state=group)
    assert decode(stand_in.apply_resource_change(request).new_state)["id"].endswith("/resourceGroups/rg")
    assert "already exists" in stand_in.apply_resource_change(request).diagnostics[0].summary


def test_every_type_can_be_invented_completely(tmp_path: Path) -> None:
    stand_in = StandIn(AZURERM, Inventory(tmp_path), Faults())
    for kind in AZURERM["resource_schemas"]:
        request = message("ApplyResourceChange.Request")(
            type_name=kind, prior_state=encode(None), planned_state=encode(plan(kind, name="one", resource_group_name="rg"))
        )
        state = stand_in.apply_resource_change(request).new_state
        assert not any(isinstance(value, msgpack.ExtType) for value in decode(state).values()), kind


@pytest.mark.parametrize(
    ("wanted", "failing"), [("2", [False, True, False]), ("azurerm_subnet", [True] * 3), ("*.b", [False] * 3), ("", [False] * 3)]
)
def test_changes_fail_by_number_or_by_name(monkeypatch: pytest.MonkeyPatch, wanted: str, failing: list[bool]) -> None:
    monkeypatch.setenv("STANDIN_FAIL_APPLY", wanted)
    faults = Faults()
    assert [faults.refuses("azurerm_subnet", "a") for _ in range(3)] == failing


def test_schemas_carry_write_only_marks_and_ephemeral_types() -> None:
    response = StandIn(AZURERM, Inventory(Path()), Faults()).get_provider_schema(None)
    attributes = {attribute.name: attribute for attribute in response.resource_schemas["azurerm_key_vault_secret"].block.attributes}
    assert attributes["value_wo"].write_only
    assert not attributes["name"].write_only
    assert "azurerm_key_vault_secret" in response.ephemeral_resource_schemas
