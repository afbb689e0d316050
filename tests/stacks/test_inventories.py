"""Every environment consists of what its inventory says; a test that fails says how to refresh it."""

import copy
from typing import Any

import pytest
import yaml

from tests.stacks import inventory
from tests.stacks.conftest import NAMES

Stacks = dict[str, dict[str, Any]]


def differences(environment: str, stack: dict[str, Any]) -> str:
    """What is not as the inventory says, and the command that refreshes it; empty if all is."""
    refresh = f"if that was meant: make inventory ENV={environment}"
    file = inventory.file_of(environment)
    if not file.exists():
        return f"{environment} has no inventory; write it: make inventory ENV={environment}"
    expected = yaml.safe_load(file.read_text())
    found = inventory.take(stack, expected["values"])
    said = [line for key in expected for line in _differences(key, expected[key], found[key])]
    return "\n".join([f"tests/stacks/inventories/{file.name}:", *said, refresh]) if said else ""


def _differences(place: str, expected: Any, found: Any) -> list[str]:
    if not (isinstance(expected, dict) and isinstance(found, dict)):
        return [] if expected == found else [f"  {place}: {expected} → {found}"]
    names = [*expected, *(name for name in found if name not in expected)]
    return [line for name in names for line in _differences(f"{place} {name}", expected.get(name), found.get(name))]


@pytest.mark.parametrize("name", NAMES)
def test_an_environment_consists_of_what_its_inventory_says(name: str, stacks: Stacks) -> None:
    told = differences(name, stacks[name])
    assert not told, told


def test_every_inventory_belongs_to_an_environment() -> None:
    assert {file.stem for file in inventory.FOLDER.glob("*.yaml")} <= set(NAMES)


def test_a_changed_value_is_told_with_the_command_that_refreshes(stacks: Stacks) -> None:
    changed = copy.deepcopy(stacks["eu-staging"])
    next(iter(changed["resource"]["azurerm_kubernetes_cluster"].values()))["private_cluster_enabled"] = False
    told = differences("eu-staging", changed)
    assert "values azurerm_kubernetes_cluster.cluster_kubernetes_cluster private_cluster_enabled: True → False" in told
    assert "make inventory ENV=eu-staging" in told


def test_a_resource_too_many_or_gone_is_told(stacks: Stacks) -> None:
    changed = copy.deepcopy(stacks["eu-staging"])
    changed["resource"]["azurerm_public_ip"]["another"] = {}
    del changed["resource"]["azurerm_kubernetes_cluster_node_pool"]
    told = differences("eu-staging", changed)
    assert "counts azurerm_public_ip: 1 → 2" in told
    assert "counts azurerm_kubernetes_cluster_node_pool: 1 → None" in told


def test_an_environment_without_an_inventory_is_told_how_to_write_one(stacks: Stacks) -> None:
    assert differences("brand-new", stacks["eu-staging"]) == "brand-new has no inventory; write it: make inventory ENV=brand-new"


def test_a_refresh_keeps_the_authors_choice_and_renews_its_values(stacks: Stacks) -> None:
    cluster = "azurerm_kubernetes_cluster.cluster_kubernetes_cluster"
    taken = inventory.take(stacks["eu-staging"], {cluster: {"sku_tier": "old"}, "azurerm_subnet.gone": {"name": "x"}})
    assert taken["values"] == {cluster: {"sku_tier": "Standard"}}


def test_what_is_written_reads_back_as_it_was(stacks: Stacks) -> None:
    taken = inventory.take(stacks["eu-staging"])
    assert yaml.safe_load(inventory.render("eu-staging", taken)) == taken
