"""What is synthesized is what the real providers accept; a planted mistake of each kind is found."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.modules.terraform_schemas import complaints

# Arguments that would keep a secret in the plan and in the state.
SECRET_ARGUMENTS = {
    "azurerm_key_vault_secret": "value",
    "azurerm_postgresql_flexible_server": "administrator_password",
    "scaleway_secret_version": "data",
    "scaleway_rdb_instance": "password",
    "helm_release": "set_sensitive",
}


def test_every_resource_is_accepted_by_its_provider(stack: dict[str, Any]) -> None:
    assert complaints(stack) == []


def test_every_region_is_a_literal(stack: dict[str, Any]) -> None:
    found = [arguments for kind in stack["resource"].values() for arguments in kind.values()]
    places = {arguments[key] for arguments in found for key in ("location", "region", "zone") if key in arguments}
    assert places or set(stack["resource"]) == {"helm_release"}, "a cloud's resources have places"
    assert not [place for place in places if "${" in place]


def test_no_secret_stands_in_the_synthesized_json(stack: dict[str, Any]) -> None:
    """Secrets are write-only and random: no argument that could hold one is set."""
    for kind, argument in SECRET_ARGUMENTS.items():
        assert not [name for name, arguments in stack["resource"].get(kind, {}).items() if argument in arguments]


def twice(cluster: dict[str, Any], block: str) -> None:
    cluster[block] = [cluster[block]] * 2


MISTAKES: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "an unknown argument": ("unknown argument size", lambda it: it.update(size="large")),
    "an unknown argument in a block": ("unknown argument network_profile.plugin", lambda it: it["network_profile"].update(plugin="azure")),
    "a missing argument": ("missing location", lambda it: it.pop("location")),
    "a missing block": ("missing block node_provisioning_profile", lambda it: it.pop("node_provisioning_profile")),
    "a read-only argument": ("fqdn is read-only", lambda it: it.update(fqdn="x")),
    "a value outside the enumeration": ("expected sku_tier to be one of", lambda it: it.update(sku_tier="Gold")),
    "a wrong type": ("private_cluster_enabled is a bool, not 'yes'", lambda it: it.update(private_cluster_enabled="yes")),
    "an argument for a block": ("identity is a block, not 'SystemAssigned'", lambda it: it.update(identity="SystemAssigned")),
    "one block too many": ("network_profile may appear 1 times", lambda it: twice(it, "network_profile")),
    "a missing companion": ("kubelet_identity.0.client_id", lambda it: it["kubelet_identity"].pop("client_id")),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_found(mistake: str, stacks: dict[str, dict[str, Any]]) -> None:
    expected, plant = MISTAKES[mistake]
    broken = copy.deepcopy(stacks["eu-prod"])
    plant(next(iter(broken["resource"]["azurerm_kubernetes_cluster"].values())))
    assert [text for text in complaints(broken) if expected in text]


def test_an_unknown_resource_type_is_found(stacks: dict[str, dict[str, Any]]) -> None:
    broken = copy.deepcopy(stacks["eu-staging"])
    broken["resource"]["azurerm_kubernets_cluster"] = {"x": {}}
    assert "azurerm_kubernets_cluster.x: is not a resource of the azurerm provider" in complaints(broken)


def test_local_charts_lie_beside_the_stack(stack: dict[str, Any]) -> None:
    charts = {release["chart"] for release in stack["resource"]["helm_release"].values()}
    assert not [chart for chart in charts if Path(chart).is_absolute()]
