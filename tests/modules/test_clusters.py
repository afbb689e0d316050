"""The contract of a cloud target, held by every file in modules/clusters, and what AKS promises beyond it."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from blueprint.environment import Environment
from blueprint.environment.aks import Network
from modules import clusters
from modules.clusters.base import API_CALLER, SECRETS_READER, WEIGHTS_READER, Cluster
from tests.modules.synth import environment, synth
from tests.modules.terraform_schemas import complaints

TARGETS = sorted(path.stem for path in Path(clusters.__file__).parent.glob("*.py") if path.stem not in ("__init__", "base"))
EXAMPLES = {"aks": "eu-prod", "kapsule": "fr-prod", "onprem": "dc-prod"}


@cache
def built(name: str) -> tuple[Cluster, dict[str, Any]]:
    return build(environment(name))


def build(env: Environment) -> tuple[Cluster, dict[str, Any]]:
    """A cluster alone in a stack, and the JSON of it."""
    holder: list[Cluster] = []
    stack = synth(lambda stack: holder.append(clusters.build(stack, env)), env.name)
    return holder[0], stack


def only(stack: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = stack["resource"][kind].values()
    return dict(found)


@pytest.mark.parametrize("target", TARGETS)
class TestContract:
    def test_there_is_an_example_environment(self, target: str) -> None:
        assert environment(EXAMPLES[target]).cluster.target == target

    def test_every_gpu_pool_can_be_scheduled_on(self, target: str) -> None:
        cluster, _ = built(EXAMPLES[target])
        assert set(cluster.gpu_nodes) == set(cluster.env.cluster.gpu_pools)
        for nodes in cluster.gpu_nodes.values():
            assert nodes.gpus_per_node >= 1
            assert nodes.node_selector
            assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in nodes.tolerations

    def test_identities_belong_to_the_service_accounts_agreed_on(self, target: str) -> None:
        cluster, _ = built(EXAMPLES[target])
        assert cluster.secrets_identity.account == SECRETS_READER
        assert cluster.object_store.weights_identity.account == WEIGHTS_READER
        assert {api.identity.account for api in cluster.apis.values()} <= {API_CALLER}

    def test_every_api_of_the_environment_has_an_endpoint(self, target: str) -> None:
        cluster, _ = built(EXAMPLES[target])
        assert set(cluster.apis) == set(cluster.env.apis)

    def test_images_keep_their_upstream_path_in_the_private_registry(self, target: str) -> None:
        cluster, _ = built(EXAMPLES[target])
        assert cluster.image("quay.io/x/y") == f"{cluster.registry}/quay.io/x/y"
        assert "${" not in cluster.registry

    def test_the_providers_accept_it(self, target: str) -> None:
        assert complaints(built(EXAMPLES[target])[1]) == []


@pytest.fixture
def eu_prod() -> dict[str, Any]:
    return built("eu-prod")[1]


def test_the_api_server_is_private_and_knows_entra_accounts_only(eu_prod: dict[str, Any]) -> None:
    cluster = only(eu_prod, "azurerm_kubernetes_cluster")
    assert cluster["private_cluster_enabled"] is True
    assert cluster["private_cluster_public_fqdn_enabled"] is False
    assert cluster["local_account_disabled"] is True
    assert cluster["run_command_enabled"] is False
    assert cluster["azure_active_directory_role_based_access_control"]["azure_rbac_enabled"] is True


def test_nothing_leaves_but_through_the_firewall(eu_prod: dict[str, Any]) -> None:
    assert only(eu_prod, "azurerm_kubernetes_cluster")["network_profile"]["outbound_type"] == "userDefinedRouting"
    assert only(eu_prod, "azurerm_route")["address_prefix"] == "0.0.0.0/0"
    assert {subnet["default_outbound_access_enabled"] for subnet in eu_prod["resource"]["azurerm_subnet"].values()} == {False}


def test_the_cluster_waits_for_its_way_out(eu_prod: dict[str, Any]) -> None:
    waits = only(eu_prod, "azurerm_kubernetes_cluster")["depends_on"]
    assert "azurerm_route.cluster_network_route_out" in waits
    assert "azurerm_subnet_route_table_association.cluster_network_nodes_routed" in waits


def test_an_existing_firewall_replaces_our_own() -> None:
    _, stack = build(environment("eu-staging", cluster={"existing_firewall_ip": "10.0.0.4"}))
    assert "azurerm_firewall" not in stack["resource"]
    assert only(stack, "azurerm_route")["next_hop_in_ip_address"] == "10.0.0.4"


def test_an_isolated_cluster_has_no_way_out_and_starts_from_its_registry() -> None:
    _, stack = build(environment("eu-staging", cluster={"isolated": True}))
    cluster = only(stack, "azurerm_kubernetes_cluster")
    assert cluster["network_profile"]["outbound_type"] == "none"
    assert cluster["bootstrap_profile"]["artifact_source"] == "Cache"
    assert "azurerm_route" not in stack["resource"]
    assert complaints(stack) == []


def test_a_peer_is_joined_from_both_sides_and_resolves_every_private_name() -> None:
    hub = "/subscriptions/s/resourceGroups/rg-hub/providers/Microsoft.Network/virtualNetworks/vnet-hub"
    network = Network(peers={"hub": hub})
    _, stack = build(environment("eu-staging", cluster={"network": network}))
    peerings = stack["resource"]["azurerm_virtual_network_peering"].values()
    assert {peering["virtual_network_name"] for peering in peerings} >= {"vnet-hub"}
    linked = [
        link for link in stack["resource"]["azurerm_private_dns_zone_virtual_network_link"].values() if link["virtual_network_id"] == hub
    ]
    assert len(linked) == len(stack["resource"]["azurerm_private_dns_zone"])
    assert complaints(stack) == []


def test_every_disk_and_secret_is_encrypted_with_our_key(eu_prod: dict[str, Any]) -> None:
    cluster = only(eu_prod, "azurerm_kubernetes_cluster")
    assert cluster["disk_encryption_set_id"] == "${azurerm_disk_encryption_set.cluster_vault_disks.id}"
    assert cluster["key_management_service"]["key_vault_network_access"] == "Private"
    assert cluster["default_node_pool"]["host_encryption_enabled"] is True
    assert all(pool["host_encryption_enabled"] for pool in eu_prod["resource"]["azurerm_kubernetes_cluster_node_pool"].values())
    assert only(eu_prod, "azurerm_key_vault")["sku_name"] == "premium"


def test_gpu_pools_are_tainted_and_leave_the_driver_to_the_operator(eu_prod: dict[str, Any]) -> None:
    for pool in eu_prod["resource"]["azurerm_kubernetes_cluster_node_pool"].values():
        assert "nvidia.com/gpu=present:NoSchedule" in pool["node_taints"]
        assert pool["gpu_driver"] == "None"


def test_scarce_gpu_nodes_are_replaced_one_by_one_and_spot_nodes_have_no_upgrade_settings(eu_prod: dict[str, Any]) -> None:
    pools = {pool["name"]: pool for pool in eu_prod["resource"]["azurerm_kubernetes_cluster_node_pool"].values()}
    assert pools["h100"]["upgrade_settings"]["max_unavailable"] == "1"
    assert "max_surge" not in pools["h100"]["upgrade_settings"]
    assert "upgrade_settings" not in pools["batch"]
    assert pools["batch"]["priority"] == "Spot"
    assert pools["batch"]["eviction_policy"] == "Delete"


def test_a_gpu_node_with_a_small_local_disk_gets_a_larger_os_disk() -> None:
    pools = {"gpu": environment("eu-staging").cluster.gpu_pools["h100"].model_copy(update={"instance": "Standard_NC24ads_A100_v4"})}
    _, stack = build(environment("eu-staging", cluster={"gpu_pools": pools}))
    pool = only(stack, "azurerm_kubernetes_cluster_node_pool")
    assert (pool["os_disk_type"], pool["os_disk_size_gb"], pool["kubelet_disk_type"]) == ("Managed", 500, "OS")


@pytest.mark.parametrize(
    "kind",
    [
        "azurerm_key_vault",
        "azurerm_container_registry",
        "azurerm_storage_account",
        "azurerm_postgresql_flexible_server",
        "azurerm_cognitive_account",
    ],
)
def test_no_service_is_reachable_from_the_internet(kind: str, eu_prod: dict[str, Any]) -> None:
    assert {service["public_network_access_enabled"] for service in eu_prod["resource"][kind].values()} == {False}


def test_nothing_is_replicated_to_another_region(eu_prod: dict[str, Any]) -> None:
    assert only(eu_prod, "azurerm_storage_account")["account_replication_type"] in ("ZRS", "LRS")
    assert only(eu_prod, "azurerm_postgresql_flexible_server")["geo_redundant_backup_enabled"] is False
    assert "georeplications" not in only(eu_prod, "azurerm_container_registry")


def test_hosted_models_take_no_keys_and_are_deployed_one_after_the_other(eu_prod: dict[str, Any]) -> None:
    assert only(eu_prod, "azurerm_cognitive_account")["local_auth_enabled"] is False
    deployments = eu_prod["resource"]["azurerm_cognitive_deployment"]
    assert {deployment["sku"]["name"] for deployment in deployments.values()} == {"DataZoneStandard"}
    assert sum("depends_on" not in deployment for deployment in deployments.values()) == 1


def test_the_database_password_is_read_from_the_vault_and_never_stored(eu_prod: dict[str, Any]) -> None:
    server = only(eu_prod, "azurerm_postgresql_flexible_server")
    assert server["administrator_password_wo"] == "${ephemeral.azurerm_key_vault_secret.cluster_vault_read_mlflow_database_password.value}"
    assert "administrator_password" not in server


def test_the_lock_is_lifted_before_anything_it_protects_is_destroyed(eu_prod: dict[str, Any]) -> None:
    lock = only(eu_prod, "azurerm_management_lock")
    assert "azurerm_kubernetes_cluster.cluster_kubernetes_cluster" in lock["depends_on"]


def test_the_budget_starts_on_a_fixed_date(eu_prod: dict[str, Any]) -> None:
    assert only(eu_prod, "azurerm_consumption_budget_resource_group")["time_period"] == {"start_date": "2026-12-01T00:00:00Z"}


def test_only_the_providers_we_use_are_registered(eu_prod: dict[str, Any]) -> None:
    (azurerm,) = eu_prod["provider"]["azurerm"]
    assert azurerm["resource_provider_registrations"] == "none"
    assert "Microsoft.ContainerService" in azurerm["resource_providers_to_register"]
