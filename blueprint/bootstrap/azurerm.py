"""State storage on Azure: a small stack of its own, applied by Terraform with its state kept beside it.

That state lies in `.bootstrap/<environment>/` and nowhere else until somebody copies it into the storage it describes
(docs/how-to/bootstrap.md): without it Terraform would try to create again what exists. With $BLUEPRINT_STANDINS set it goes to
the stand-ins instead of a cloud, and everything lies in their folder.
"""

import os
import sys
from pathlib import Path

from blueprint import terraform
from blueprint.bootstrap import Outcome, Report
from blueprint.catalog import load_catalog
from blueprint.environment import AzurermState, Environment
from blueprint.errors import BlueprintError
from blueprint.node import use_our_node
from blueprint.rehearsal.commands import Commands
from blueprint.rehearsal.process import run
from blueprint.synthesized import PROJECT

FOLDER = PROJECT / ".bootstrap"


def bootstrap(env: Environment, state: AzurermState, file: Path, *, dry_run: bool = False) -> Report:
    """Raises TerraformError with what Terraform or Azure said, BlueprintError if there is no place or no Terraform."""
    region = state.region or env.cluster.region
    if region not in load_catalog().providers["azure"].regions:
        raise BlueprintError(f"{env.name} keeps its state in Azure, but {region} is no region of Azure", "name one: state.region")
    commands = Commands(terraform.find(), _synthesize(env, file), os.environ)
    commands.init()
    changes = commands.plan("plan")
    if changes and not dry_run:
        commands.apply("plan", lambda: None)
    status = "would change" if dry_run else "changed"
    names = state.storage_account or env.unique_name("tf"), state.container
    outcomes = [Outcome(change["resource"]["addr"], status, change["action"]) for change in changes]  # type: ignore[arg-type]
    whole = Outcome("storage", "unchanged", "as the bootstrap stack describes it")
    return Report(env.name, "azurerm", f"{'/'.join(names)} in {region}", tuple(outcomes or [whole]))


def _synthesize(env: Environment, file: Path) -> Path:
    """The folder of the synthesized stack."""
    use_our_node()
    standins = os.environ.get("BLUEPRINT_STANDINS")
    folder = (Path(standins) / "bootstrap" if standins else FOLDER) / env.name
    folder.mkdir(parents=True, exist_ok=True)
    output: list[str] = []
    command = [sys.executable, "-m", "stacks.bootstrap", str(file.absolute()), str(folder)]
    if run(command, PROJECT, os.environ, output.append):
        raise BlueprintError("\n".join(output))
    return folder / "stacks" / f"bootstrap-{env.name}"
