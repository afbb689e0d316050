"""Where state is kept."""

from typing import Any

from blueprint.environment import Environment, S3State
from modules import state
from modules.resources.engine import App, Stack
from tests.modules.synth import environment


def terraform(env: Environment, tmp: str) -> dict[str, Any]:
    stack = Stack(App(outdir=tmp), env.name)
    state.configure(stack, env)
    found: dict[str, Any] = stack.to_terraform()["terraform"]
    return found


def test_azure_state_is_reached_through_entra_under_names_that_follow_the_environment(tmp_path: Any) -> None:
    backend = terraform(environment("eu-prod"), str(tmp_path))["backend"]
    assert backend == {
        "azurerm": {
            "resource_group_name": "rg-eu-prod-state",
            "storage_account_name": "acmeeuprodtf",
            "container_name": "tfstate",
            "key": "eu-prod.tfstate",
            "use_azuread_auth": True,
        }
    }


def test_s3_state_locks_itself_and_names_no_credential(tmp_path: Any) -> None:
    bucket = S3State(backend="s3", region="fr-par", bucket="acme-state", endpoint="https://s3.fr-par.scw.cloud")
    backend = terraform(environment("dev").model_copy(update={"state": bucket}), str(tmp_path))["backend"]["s3"]
    assert backend["use_lockfile"] is True
    assert backend["encrypt"] is True
    assert backend["endpoints"] == {"s3": "https://s3.fr-par.scw.cloud"}
    assert not [name for name in backend if "key" in name and name != "key"]


def test_write_only_arguments_need_terraform_1_11(tmp_path: Any) -> None:
    assert terraform(environment("dev"), str(tmp_path))["required_version"] == ">= 1.11.0"
