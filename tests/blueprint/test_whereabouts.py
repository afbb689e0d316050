"""Where data is: by its own region, its parent's or its provider's, by defaults, references and hosts; unknown where nobody can tell."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blueprint.facts import Facts, Unknown
from blueprint.facts.reading import read
from blueprint.places import Place
from blueprint.residency_catalog import members
from blueprint.whereabouts import Residence, Role, whereabouts

Reader = Callable[..., Facts]
ACCOUNT = {"name": "acme", "resource_group_name": "rg", "account_tier": "Standard", "account_replication_type": "LRS"}


@pytest.fixture
def facts(tmp_path: Path) -> Reader:
    """Reads a stack of the given blocks."""

    def read_stack(**blocks: Any) -> Facts:
        (tmp_path / "cdk.tf.json").write_text(json.dumps(blocks))
        return read(tmp_path)[0]

    return read_stack


def of(facts: Facts, address: str, *roles: Role) -> list[Residence]:
    found = whereabouts(facts.by_address[address])
    return [residence for residence in found if residence.role in (roles or tuple(Role))]


def countries(facts: Facts, address: str, *roles: Role) -> list[Any]:
    """The countries of each place: `unknown` where nobody can tell, None where it is any."""
    places = [residence.place for residence in of(facts, address, *roles)]
    return ["unknown" if isinstance(place, Unknown) else place.countries for place in places]


def elsewhere(facts: Facts, address: str, *roles: Role) -> list[Any]:
    """The same without what stays where it is."""
    return [found for found in countries(facts, address, *roles) if found != set()]


@pytest.mark.parametrize(("location", "country"), [("westeurope", "NL"), ("Sweden Central", "SE"), ("EASTUS", "US")])
def test_a_resource_is_where_its_location_says(facts: Reader, location: str, country: str) -> None:
    stack = facts(resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": location}}})
    assert countries(stack, "azurerm_storage_account.a", Role.primary) == [{country}]


@pytest.mark.parametrize("location", ["europe", "germany", "westeurope2", ""])
def test_a_location_that_is_no_region_is_unknown(facts: Reader, location: str) -> None:
    stack = facts(resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": location}}})
    assert countries(stack, "azurerm_storage_account.a", Role.primary) == ["unknown"]


def test_a_list_in_a_list_is_looked_into(facts: Reader) -> None:
    stack = facts(resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": [["eastus"]]}}})
    (residence,) = of(stack, "azurerm_storage_account.a", Role.primary)
    assert residence.path == "location[0][0]"
    assert isinstance(residence.place, Place)


def test_what_has_a_parent_is_where_the_parent_is(facts: Reader) -> None:
    blob = {"storage_container_id": "${azurerm_storage_container.c.id}", "name": "b"}
    stack = facts(
        resource={
            "azurerm_storage_account": {"a": {**ACCOUNT, "location": "italynorth"}},
            "azurerm_storage_container": {"c": {"name": "c", "storage_account_id": "${azurerm_storage_account.a.id}"}},
            "azurerm_storage_blob": {"b": blob},
        }
    )
    (residence,) = of(stack, "azurerm_storage_blob.b")
    assert isinstance(residence.place, Place)
    assert residence.place.countries == frozenset({"IT"})
    assert residence.path == "storage_container_id → azurerm_storage_container.c.storage_account_id → azurerm_storage_account.a.location"


@pytest.mark.parametrize("name", ["${azurerm_cosmosdb_account.c.name}", "cosmos"])
def test_a_parent_may_be_given_by_name(facts: Reader, name: str) -> None:
    account = {"name": "cosmos", "location": "spaincentral", "geo_location": [], "offer_type": "Standard"}
    stack = facts(
        resource={
            "azurerm_cosmosdb_account": {"c": account},
            "azurerm_cosmosdb_sql_database": {"d": {"name": "d", "resource_group_name": "rg", "account_name": name}},
        }
    )
    assert countries(stack, "azurerm_cosmosdb_sql_database.d") == [{"ES"}]


def test_a_parent_outside_the_stack_is_unknown_and_says_what_to_do(facts: Reader) -> None:
    vault = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v"
    stack = facts(resource={"azurerm_key_vault_secret": {"s": {"name": "s", "key_vault_id": vault}}})
    (residence,) = of(stack, "azurerm_key_vault_secret.s")
    assert isinstance(residence.place, Unknown)
    assert vault in residence.place.reason
    assert "--plan" in residence.next


def test_parents_that_go_in_a_circle_are_unknown(facts: Reader) -> None:
    stack = facts(
        resource={
            "azurerm_storage_container": {"c": {"name": "c", "storage_account_id": "${azurerm_storage_share.s.id}"}},
            "azurerm_storage_share": {"s": {"name": "s", "quota": 1, "storage_account_id": "${azurerm_storage_container.c.id}"}},
        }
    )
    assert countries(stack, "azurerm_storage_container.c") == ["unknown"]


def test_a_service_without_a_region_may_be_anywhere(facts: Reader) -> None:
    stack = facts(resource={"azurerm_cdn_frontdoor_profile": {"f": {"name": "f", "resource_group_name": "rg", "sku_name": "x"}}})
    (residence,) = of(stack, "azurerm_cdn_frontdoor_profile.f")
    assert (residence.role, residence.place) == (Role.transit, Place("Microsoft Azure, any region", None, "Microsoft", "US"))


@pytest.mark.parametrize("type", ["azurerm_role_assignment", "random_password", "helm_release", "azurerm_subnet"])
def test_what_holds_no_data_is_nowhere(facts: Reader, type: str) -> None:
    assert of(facts(resource={type: {"x": {"name": "x"}}}), f"{type}.x") == []


def test_a_type_nobody_classified_is_unknown(facts: Reader) -> None:
    (residence,) = of(facts(resource={"azurerm_brand_new": {"x": {"location": "westeurope"}}}), "azurerm_brand_new.x")
    assert isinstance(residence.place, Unknown)
    assert "azurerm_brand_new" in residence.place.reason


def test_a_provisioner_can_do_anything(facts: Reader) -> None:
    stack = facts(resource={"null_resource": {"x": {"provisioner": [{"local-exec": {"command": "true"}}]}}})
    assert [residence.role for residence in of(stack, "null_resource.x")] == [Role.deployer]


def test_regions_inside_a_template_are_read_and_the_rest_stays_unknown(facts: Reader) -> None:
    content = json.dumps({"resources": [{"type": "x", "location": "japaneast"}]})
    stack = facts(resource={"azurerm_resource_group_template_deployment": {"t": {"name": "t", "template_content": content}}})
    assert countries(stack, "azurerm_resource_group_template_deployment.t") == [{"JP"}, "unknown"]


def test_a_generic_resource_is_judged_by_its_body_else_by_its_parent(facts: Reader) -> None:
    stack = facts(
        resource={
            "azurerm_storage_account": {"a": {**ACCOUNT, "location": "polandcentral"}},
            "azapi_resource": {
                "named": {"type": "x", "body": {"location": "eastus"}},
                "child": {"type": "x", "parent_id": "${azurerm_storage_account.a.id}", "body": {}},
                "neither": {"type": "x", "parent_id": "/subscriptions/0", "body": {}},
            },
        }
    )
    found = [countries(stack, f"azapi_resource.{name}")[0] for name in ("named", "child", "neither")]
    assert found == [{"US"}, {"PL"}, "unknown"]


def test_without_a_region_of_its_own_a_resource_is_where_its_provider_says(facts: Reader) -> None:
    stack = facts(
        provider={"scaleway": [{"region": "fr-par", "zone": "fr-par-2"}, {"alias": "nl", "region": "nl-ams"}]},
        resource={
            "scaleway_object_bucket": {
                "one": {"name": "a"},
                "two": {"name": "b", "provider": "scaleway.nl"},
                "own": {"name": "c", "region": "pl-waw"},
            },
            "scaleway_instance_server": {"s": {"type": "PRO2-S"}},
        },
    )
    found = {name: countries(stack, f"scaleway_object_bucket.{name}") for name in ("one", "two", "own")}
    assert found == {"one": [{"FR"}], "two": [{"NL"}], "own": [{"PL"}]}
    (server,) = of(stack, "scaleway_instance_server.s")
    assert (server.path, server.found) == ("provider.scaleway.zone", "fr-par-2")


def test_without_any_region_the_environment_may_set_one(facts: Reader) -> None:
    stack = facts(provider={"scaleway": [{}]}, resource={"scaleway_object_bucket": {"b": {"name": "a"}}})
    assert countries(stack, "scaleway_object_bucket.b") == ["unknown"]


def test_a_zone_elsewhere_than_the_region_is_a_place_of_its_own(facts: Reader) -> None:
    pool = {"cluster_id": "x", "node_type": "PRO2-S", "size": 1, "region": "fr-par", "zone": "nl-ams-1"}
    assert countries(facts(resource={"scaleway_k8s_pool": {"p": pool}}), "scaleway_k8s_pool.p", Role.primary) == [{"NL"}, {"FR"}]


def test_a_variable_s_default_proves_nothing(facts: Reader) -> None:
    stack = facts(
        variable={"l": {"default": "westeurope"}}, resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": "${var.l}"}}}
    )
    (residence,) = of(stack, "azurerm_storage_account.a", Role.primary)
    assert isinstance(residence.place, Unknown)
    assert "var.l" in residence.place.reason


def test_a_variable_through_a_local_is_still_one(facts: Reader) -> None:
    stack = facts(
        variable={"l": {"default": "westeurope"}},
        locals={"l": "${lower(var.l)}"},
        resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": "${local.l}"}}},
    )
    assert countries(stack, "azurerm_storage_account.a", Role.primary) == ["unknown"]


def test_a_validation_that_lists_regions_is_judged_region_by_region(facts: Reader) -> None:
    validation = {"condition": '${contains(["westeurope", "uksouth"], var.l)}', "error_message": "x"}
    stack = facts(
        variable={"l": {"default": "westeurope", "validation": validation}},
        resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": "${var.l}"}}},
    )
    assert countries(stack, "azurerm_storage_account.a", Role.primary) == [{"NL"}, {"GB"}]


def test_a_validation_that_excludes_regions_proves_nothing(facts: Reader) -> None:
    validation = {"condition": '${!contains(["eastus"], var.l)}', "error_message": "x"}
    stack = facts(
        variable={"l": {"default": "westeurope", "validation": validation}},
        resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": "${var.l}"}}},
    )
    assert countries(stack, "azurerm_storage_account.a", Role.primary) == ["unknown"]


def test_geo_redundancy_is_in_the_paired_region(facts: Reader) -> None:
    stack = facts(resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": "westeurope", "account_replication_type": "RAGRS"}}})
    assert elsewhere(stack, "azurerm_storage_account.a", Role.replica) == [{"IE"}]


def test_a_region_without_a_pair_keeps_its_copies(facts: Reader) -> None:
    stack = facts(resource={"azurerm_storage_account": {"a": {**ACCOUNT, "location": "italynorth", "account_replication_type": "GRS"}}})
    assert elsewhere(stack, "azurerm_storage_account.a", Role.replica) == [{"IT"}]


@pytest.mark.parametrize(
    ("type", "arguments", "role"),
    [
        ("azurerm_recovery_services_vault", {"sku": "Standard"}, Role.backup),
        ("azurerm_cosmosdb_account", {"offer_type": "Standard"}, Role.backup),
        ("azurerm_mssql_managed_instance", {}, Role.backup),
        ("azurerm_iothub_dps", {}, Role.replica),
        ("azurerm_key_vault", {"sku_name": "standard"}, Role.replica),
    ],
)
def test_what_is_not_written_counts_as_the_default(facts: Reader, type: str, arguments: dict[str, Any], role: Role) -> None:
    stack = facts(resource={type: {"x": {"name": "x", "location": "northeurope", **arguments}}})
    assert {"NL"} in elsewhere(stack, f"{type}.x", role)


@pytest.mark.parametrize(
    ("sku", "location", "found"),
    [
        ("Standard", "swedencentral", {"SE"}),
        ("ProvisionedManaged", "eastus", {"US"}),
        ("GlobalStandard", "swedencentral", None),
        ("GlobalBatch", "swedencentral", None),
        ("DataZoneStandard", "norwayeast", None),
        ("SomethingNew", "swedencentral", "unknown"),
    ],
)
def test_the_sku_of_a_deployment_decides_where_prompts_are_processed(facts: Reader, sku: str, location: str, found: Any) -> None:
    deployment = {"name": "d", "cognitive_account_id": "${azurerm_cognitive_account.a.id}", "sku": {"name": sku}, "model": {"name": "m"}}
    account = {"name": "a", "location": location, "kind": "OpenAI", "sku_name": "S0"}
    stack = facts(resource={"azurerm_cognitive_account": {"a": account}, "azurerm_cognitive_deployment": {"d": deployment}})
    assert elsewhere(stack, "azurerm_cognitive_deployment.d", Role.processing) == [found]


def test_a_data_zone_of_an_account_in_a_member_state_is_the_eu(facts: Reader) -> None:
    deployment = {"name": "d", "cognitive_account_id": "${azurerm_cognitive_account.a.id}", "sku": [{"name": "DataZoneStandard"}]}
    account = {"name": "a", "location": "swedencentral", "kind": "OpenAI", "sku_name": "S0"}
    stack = facts(resource={"azurerm_cognitive_account": {"a": account}, "azurerm_cognitive_deployment": {"d": deployment}})
    (found,) = elsewhere(stack, "azurerm_cognitive_deployment.d", Role.processing)
    assert len(found) == 27


def test_every_resource_a_reference_may_mean_is_followed(facts: Reader) -> None:
    either = "${var.far ? azurerm_log_analytics_workspace.far.id : azurerm_log_analytics_workspace.near.id}"
    stack = facts(
        variable={"far": {"type": "bool"}},
        resource={
            "azurerm_log_analytics_workspace": {
                "near": {"name": "n", "location": "westeurope"},
                "far": {"name": "f", "location": "eastus"},
            },
            "azurerm_monitor_diagnostic_setting": {"d": {"name": "d", "target_resource_id": "x", "log_analytics_workspace_id": either}},
        },
    )
    found = countries(stack, "azurerm_monitor_diagnostic_setting.d", Role.telemetry)
    assert {"US"} in found
    assert {"NL"} in found


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("arn:aws:kms:us-east-1:111122223333:key/x", {"US"}),
        ("arn:aws:kms:eu-west-3:111122223333:key/x", {"FR"}),
        ("alias/acme", {"FR"}),
        ("5f0c", "unknown"),
    ],
)
def test_an_id_that_names_its_region_is_read(facts: Reader, key: str, found: Any) -> None:
    stack = facts(provider={"aws": [{"region": "eu-west-3"}]}, resource={"aws_ebs_volume": {"v": {"size": 1, "kms_key_id": key}}})
    assert countries(stack, "aws_ebs_volume.v", Role.key) == [found]


def test_an_image_without_a_registry_is_docker_hub_s(facts: Reader) -> None:
    stack = facts(resource={"azurerm_container_group": {"g": {"location": "westeurope", "container": [{"image": "nginx:1"}]}}})
    assert countries(stack, "azurerm_container_group.g", Role.source) == [None]


def test_a_host_named_after_a_resource_of_the_stack_is_where_that_is(facts: Reader) -> None:
    stack = facts(
        resource={
            "azurerm_container_registry": {"r": {"name": "acme", "location": "francecentral", "sku": "Premium"}},
            "azurerm_container_group": {"g": {"location": "westeurope", "container": {"image": "acme.azurecr.io/app:1"}}},
        }
    )
    assert countries(stack, "azurerm_container_group.g", Role.source) == [{"FR"}]


def test_a_data_source_that_is_told_where_to_read_is_judged(facts: Reader) -> None:
    stack = facts(ephemeral={"scaleway_secret_version": {"s": {"secret_id": "x", "region": "us-east-1"}}})
    assert countries(stack, "ephemeral.scaleway_secret_version.s") == ["unknown"]


def test_a_partner_s_service_is_anywhere_under_the_partner_s_law(facts: Reader) -> None:
    stack = facts(resource={"azurerm_datadog_monitor": {"m": {"name": "m", "location": "westeurope"}}})
    (residence,) = of(stack, "azurerm_datadog_monitor.m", Role.telemetry)
    assert isinstance(residence.place, Place)
    assert (residence.place.countries, residence.place.jurisdiction) == (None, "US")


AWS = {"aws": [{"region": "eu-central-1"}]}


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("us.anthropic.claude-sonnet-4", [None]),
        ("global.amazon.nova-pro-v1:0", [None]),
        ("eu.anthropic.claude-sonnet-4", []),
        ("anthropic.claude-sonnet-4", []),
        ("arn:aws:bedrock:eu-central-1:1:inference-profile/us.anthropic.claude", [None]),
    ],
)
def test_a_profile_of_another_geography_processes_anywhere(facts: Reader, model: str, found: list[Any]) -> None:
    stack = facts(provider=AWS, resource={"aws_bedrockagent_agent": {"a": {"agent_name": "a", "foundation_model": model}}})
    assert countries(stack, "aws_bedrockagent_agent.a", Role.processing) == found


@pytest.mark.parametrize(("location", "country"), [("EU", None), ("EUR4", {"FI", "NL"}), ("US", {"US"}), ("europe-west3", {"DE"})])
def test_an_area_of_a_cloud_is_all_its_countries(facts: Reader, location: str, country: set[str] | None) -> None:
    stack = facts(provider={"google": [{}]}, resource={"google_storage_bucket": {"b": {"name": "b", "location": location}}})
    assert countries(stack, "google_storage_bucket.b", Role.primary)[0] == (members("eu") if country is None else country)


def test_a_type_nobody_has_looked_at_is_where_it_says_itself_and_not_where_its_provider_is(facts: Reader) -> None:
    new = {"a": {"location": "europe-west3"}, "b": {"name": "b"}}
    stack = facts(provider={"google": [{"region": "europe-west1"}]}, resource={"google_new_thing": new})
    assert countries(stack, "google_new_thing.a", Role.primary) == [{"DE"}]
    assert countries(stack, "google_new_thing.b", Role.primary) == ["unknown"]


def test_a_region_however_deep_and_an_arn_are_places(facts: Reader) -> None:
    new = {"a": {"rules": [{"copy": {"target_region": "us-east-1"}}], "topic": "arn:aws:sns:us-west-2:1:t"}}
    stack = facts(provider=AWS, resource={"aws_new_thing": new})
    assert countries(stack, "aws_new_thing.a", Role.replica, Role.transit) == [{"US"}, {"US"}]


def test_what_is_repeated_over_a_variable_hangs_on_it(facts: Reader) -> None:
    account = {**ACCOUNT, "for_each": "${toset(var.places)}", "location": "${each.value}"}
    stack = facts(variable={"places": {"default": ["westeurope"]}}, resource={"azurerm_storage_account": {"a": account}})
    assert countries(stack, 'azurerm_storage_account.a["westeurope"]', Role.primary) == ["unknown"]
