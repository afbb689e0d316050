"""The storage an environment's state lies in on Azure. Small, and separate: it must exist before the environment's own stack.

    python -m stacks.bootstrap FILE OUTDIR

`blueprint bootstrap` runs this and applies it. Its own state cannot lie in what it creates: it stays beside OUTDIR's stack.
"""

import os
import sys
from pathlib import Path

from blueprint.catalog import load_catalog
from blueprint.environment import AzurermState, Environment
from blueprint.environment.loading import load
from modules import residency, state
from modules.azure.base import Azure
from modules.resources import azurerm
from modules.resources.azurerm.data import StorageContainer
from modules.resources.azurerm.governance import ManagementLock, ResourceGroup
from modules.resources.azurerm.security import ClientConfig, RoleAssignment
from modules.resources.azurerm.state import StateAccount
from modules.resources.engine import App, Construct, Part, Stack

LOCAL_STATE = "../../terraform.tfstate"
NOTE = "Terraform's state of this environment lies here. Remove this lock only after the environment is destroyed."


class BootstrapStack(Stack):
    """Resource group, storage account, container, the deployer's right to write there, and a lock against deletion."""

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, f"bootstrap-{env.name}")
        assert isinstance(env.state, AzurermState)
        self.use_terraform(state.TERRAFORM)
        self.use_backend("local", {"path": LOCAL_STATE})
        settings = {"features": {}, "resource_provider_registrations": "none", "storage_use_azuread": True}
        self.use_provider("azurerm", azurerm.SOURCE, azurerm.VERSION, {**settings, "resource_providers_to_register": ["Microsoft.Storage"]})
        place = Part(self, "state")
        names, region = state.azure_names(env, env.state), env.state.region or env.cluster.region
        tags = Azure.tags_of(env)
        group = place.add("group", ResourceGroup(name=names["resource_group_name"], location=region, tags=tags))
        storage = StateAccount(
            name=names["storage_account_name"],
            location=region,
            resource_group_name=group.ref("name"),
            tags=tags,
            account_replication_type="ZRS" if load_catalog().providers["azure"].regions[region].availability_zones > 1 else "LRS",
        )
        account = place.add("account", storage)
        container = place.add("container", StorageContainer(name=names["container_name"], storage_account_id=account.id))
        deployer = place.add("deployer", ClientConfig())
        role = "Storage Blob Data Contributor"
        place.add("deployer-writes", RoleAssignment(scope=container.id, principal_id=deployer.ref("object_id"), role_definition_name=role))
        place.add("lock", ManagementLock(name="state", scope=account.id, notes=NOTE), depends_on=[container])
        residency.declare(self, env, data_class="confidential")  # names and rights, no content


def main(file: str, outdir: str) -> None:
    """Synthesize the bootstrap stack of the environment in a file."""
    app = App(outdir=outdir)
    stack = BootstrapStack(app, load(Path(file)))
    app.synth()
    if "BLUEPRINT_STANDINS" in os.environ:
        from blueprint.rehearsal import override

        override(Path(outdir) / "stacks" / stack.node.id)


if __name__ == "__main__":
    main(*sys.argv[1:])
