"""The stand-ins as the genuine Terraform sees them."""

import copy
import json
import subprocess
from pathlib import Path

import pytest

from blueprint.rehearsal.commands import TerraformError
from tests.rehearsal.bench import Bench, Json

SECRET = "correct-horse-battery-staple"
GROUP = "${azurerm_resource_group.group.name}"
STACK: Json = {
    "data": {"azurerm_client_config": {"me": {}}},
    "ephemeral": {
        "azurerm_key_vault_secret": {"read": {"name": "${azurerm_key_vault_secret.db.name}", "key_vault_id": "${azurerm_key_vault.kv.id}"}}
    },
    "resource": {
        "azurerm_resource_group": {"group": {"name": "rg", "location": "westeurope", "//": {"metadata": {"path": "bench/cluster/group"}}}},
        "azurerm_key_vault": {
            "kv": {
                "name": "kv",
                "location": "westeurope",
                "resource_group_name": GROUP,
                "sku_name": "premium",
                "tenant_id": "${data.azurerm_client_config.me.tenant_id}",
                "rbac_authorization_enabled": True,
                "//": {"metadata": {"path": "bench/cluster/vault"}},
            }
        },
        "azurerm_key_vault_secret": {
            "db": {"name": "db", "key_vault_id": "${azurerm_key_vault.kv.id}", "value_wo": SECRET, "value_wo_version": 1}
        },
        "azurerm_postgresql_flexible_server": {
            "db": {
                "name": "pg",
                "location": "westeurope",
                "resource_group_name": GROUP,
                "administrator_login": "mlflow",
                "administrator_password_wo": "${ephemeral.azurerm_key_vault_secret.read.value}",
                "administrator_password_wo_version": 1,
                "sku_name": "GP_Standard_D2ds_v5",
                "version": "16",
                "zone": "1",
            }
        },
        "helm_release": {
            "keda": {
                "name": "keda",
                "namespace": "keda",
                "chart": "keda",
                "set_wo": [{"name": "key", "value": SECRET}],
                "set_wo_revision": 1,
            }
        },
    },
}


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The stack above, applied."""
    bench = Bench(tmp_path_factory.mktemp("applied"))
    bench.write(**STACK)
    bench.commands.init()
    bench.apply()
    return bench


def changed(**arguments: object) -> Json:
    """The stack with other arguments for one resource: `azurerm_key_vault__kv={...}`."""
    stack = copy.deepcopy(STACK)
    for address, values in arguments.items():
        kind, name = address.split("__")
        stack["resource"].setdefault(kind, {}).setdefault(name, {}).update(values)
    return stack


def test_a_second_plan_is_empty(applied: Bench) -> None:
    applied.write(**STACK)
    assert applied.plan() == {}


def test_write_only_and_ephemeral_values_are_in_neither_plan_nor_state_nor_cloud(applied: Bench) -> None:
    shown = subprocess.run(
        [applied.commands.terraform.path, "show", "-json", "plan"],
        cwd=applied.stack,
        env=applied.commands.environment,
        capture_output=True,
        text=True,
    )
    files = [path for folder in ("state", "cloud") for path in (applied.folder / folder).iterdir()]
    texts = [shown.stdout, *(path.read_text() for path in files)]
    without_configuration = json.loads(shown.stdout) | {"configuration": {}}
    assert SECRET not in json.dumps(without_configuration)
    assert not any(SECRET in text for text in texts[1:])
    (server,) = (entry for entry in applied.state["resources"] if entry["type"] == "azurerm_postgresql_flexible_server")
    assert server["instances"][0]["attributes"]["administrator_password_wo"] is None


def test_what_the_cloud_decides_is_known_after_apply(applied: Bench) -> None:
    attributes = {entry["type"]: entry["instances"][0]["attributes"] for entry in applied.state["resources"]}
    assert attributes["azurerm_key_vault"]["id"].endswith("/resourceGroups/rg/providers/Microsoft.StandIn/key_vault/kv")
    assert attributes["azurerm_key_vault"]["tenant_id"] == attributes["azurerm_client_config"]["tenant_id"]
    assert attributes["azurerm_key_vault"]["soft_delete_retention_days"] == 90  # the provider's default
    assert attributes["azurerm_postgresql_flexible_server"]["fqdn"].endswith(".standin.invalid")


def test_another_region_replaces_and_another_tag_does_not(applied: Bench) -> None:
    applied.write(**changed(azurerm_key_vault__kv={"location": "northeurope"}))
    assert applied.plan()["azurerm_key_vault.kv"] == "replace"
    applied.write(**changed(azurerm_key_vault__kv={"tags": {"team": "platform"}}))
    assert applied.plan() == {"azurerm_key_vault.kv": "update"}


def test_a_new_version_of_a_write_only_value_updates(applied: Bench) -> None:
    applied.write(**changed(azurerm_key_vault_secret__db={"value_wo_version": 2}))
    assert applied.plan() == {"azurerm_key_vault_secret.db": "update"}


def test_a_value_the_provider_does_not_know_is_refused_with_construct_and_argument(applied: Bench) -> None:
    applied.write(**changed(azurerm_key_vault__kv={"sku_name": "gold"}))
    with pytest.raises(TerraformError, match=r"bench/cluster/vault \(azurerm_key_vault\.kv\): expected sku_name to be one of"):
        applied.plan()


def test_an_argument_the_schema_does_not_know_is_refused(applied: Bench) -> None:
    applied.write(**changed(azurerm_resource_group__group={"zone": "eu"}))
    with pytest.raises(TerraformError, match=r"bench/cluster/group \(azurerm_resource_group\.group\): Extraneous JSON object property"):
        applied.plan()


def test_a_resource_type_nobody_knows_is_refused(applied: Bench) -> None:
    applied.write(**changed(azurerm_flux_capacitor__one={"name": "x"}))
    with pytest.raises(TerraformError, match="azurerm_flux_capacitor"):
        applied.plan()


def test_the_real_backend_stays_in_the_stack_and_the_state_does_not_go_there(applied: Bench) -> None:
    assert "real" in (applied.stack / "cdk.tf.json").read_text()
    assert (applied.folder / "state" / "bench.tfstate").exists()


def test_nothing_is_written_to_the_home_directory(applied: Bench) -> None:
    assert not (applied.folder / ".terraform.d").exists()  # HOME of the bench is its folder
    assert not (applied.folder / ".cache").exists()


AZURE_ONLY: Json = {**STACK, "resource": {kind: named for kind, named in STACK["resource"].items() if kind != "helm_release"}}


def test_a_failed_apply_converges_without_orphans(bench: Bench) -> None:
    bench.write(**AZURE_ONLY)
    bench.commands.init()
    with pytest.raises(TerraformError, match="was told to fail"):
        bench.apply(STANDIN_FAIL_APPLY="3")
    assert bench.cloud == ["azurerm_key_vault", "azurerm_resource_group"]
    bench.apply()
    assert len(bench.cloud) == 4
    assert bench.plan(STANDIN_DRIFT="azurerm_postgresql_*") == {"azurerm_postgresql_flexible_server.db": "create"}
    bench.apply()
    bench.destroy()
    assert bench.cloud == []


def test_what_was_changed_by_hand_is_changed_back(bench: Bench) -> None:
    bench.write(resource={"azurerm_resource_group": {"group": {"name": "rg", "location": "westeurope", "tags": {"owner": "us"}}}})
    bench.commands.init()
    bench.apply()
    (thing,) = Path(bench.folder / "cloud").iterdir()
    thing.write_text(thing.read_text().replace('"us"', '"them"'))
    assert bench.plan() == {"azurerm_resource_group.group": "update"}


def test_a_failing_type_fails_by_name(bench: Bench) -> None:
    bench.write(**STACK)
    bench.commands.init()
    with pytest.raises(TerraformError, match="azurerm_key_vault was told to fail"):
        bench.apply(STANDIN_FAIL_APPLY="azurerm_key_vault.kv")
