"""Where Terraform keeps its state: inside the zone, encrypted by the store, with a lock.

State is regulated data: it names everything and holds what providers put into it. Both backends refuse a second apply while
one runs: Azure by a lease on the blob, S3 by a lock file.
"""

from blueprint.environment import AzurermState, Environment, S3State
from modules.resources.engine import Stack

# Write-only arguments and ephemeral values: Terraform 1.11, OpenTofu 1.11.
TERRAFORM = ">= 1.11.0"


def configure(stack: Stack, env: Environment) -> None:
    """The stack's backend and the Terraform it needs."""
    stack.use_terraform(TERRAFORM)
    match env.state:
        case AzurermState() as state:
            stack.use_backend("azurerm", {**azure_names(env, state), "key": f"{env.name}.tfstate", "use_azuread_auth": True})
        case S3State() as state:
            compatible = ("skip_credentials_validation", "skip_metadata_api_check", "skip_region_validation", "skip_requesting_account_id")
            settings = {
                "bucket": state.bucket,
                "key": f"{env.name}.tfstate",
                "region": state.region,
                "endpoints": {"s3": state.endpoint},
                "encrypt": True,
                "use_lockfile": True,
                "use_path_style": True,
                **dict.fromkeys(compatible, True),
            }
            stack.use_backend("s3", settings)


def azure_names(env: Environment, state: AzurermState) -> dict[str, str]:
    """What the backend calls the places state lies in; `stacks/bootstrap.py` creates them under the same names."""
    return {
        "resource_group_name": state.resource_group or f"rg-{env.name}-state",
        "storage_account_name": state.storage_account or env.unique_name("tf"),
        "container_name": state.container,
    }
