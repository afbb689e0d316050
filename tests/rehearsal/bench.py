"""A bench: stand-ins in a temporary folder, one small stack, and the genuine Terraform."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blueprint import rehearsal, terraform
from blueprint.rehearsal import mirror
from blueprint.rehearsal.commands import Commands, clean_environment
from blueprint.rehearsal.standin.inventory import Inventory

Json = dict[str, Any]
Blueprint = Callable[..., subprocess.CompletedProcess[str]]
VERSIONS = {"azurerm": "5.2.0", "helm": "3.1.2"}
SETTINGS: Json = {"azurerm": [{"features": {}}], "helm": [{}]}
BACKEND = {"azurerm": {"storage_account_name": "real", "container_name": "real", "key": "real"}}


class Bench:
    """A stack of its own with a stand-in cloud."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack = folder / "cdktf.out" / "stacks" / "bench"
        self.stack.mkdir(parents=True)
        program = terraform.find()
        mirror.write(folder, program.registry)
        self.commands = Commands(program, self.stack, {**clean_environment(), **mirror.environment(folder), "HOME": str(folder)})

    def write(self, **blocks: Json) -> None:
        """Write the stack: `resource`, `data` and `ephemeral` blocks; the providers they need and a backend are added."""
        used = {kind.split("_")[0] for block in blocks.values() for kind in block} & set(VERSIONS)
        required = {name: {"source": f"hashicorp/{name}", "version": VERSIONS[name]} for name in used}
        provider = {name: SETTINGS[name] for name in used}
        content = {"terraform": {"required_providers": required, "backend": BACKEND}, "provider": provider, **blocks}
        (self.stack / "cdk.tf.json").write_text(json.dumps(content))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BLUEPRINT_STANDINS", str(self.folder))
            rehearsal.override(self.stack)

    def apply(self, **faults: str) -> None:
        self.plan(**faults)
        self._with(faults).apply("plan", lambda: None)

    def destroy(self) -> None:
        self.commands.plan("plan", "-destroy")
        self.commands.apply("plan", lambda: None)

    def plan(self, **faults: str) -> dict[str, str]:
        """What would change: address → action."""
        return {change["resource"]["addr"]: change["action"] for change in self._with(faults).plan("plan")}

    def _with(self, faults: dict[str, str]) -> Commands:
        return replace(self.commands, environment={**self.commands.environment, **faults})

    @property
    def state(self) -> Json:
        content: Json = json.loads((self.folder / "state" / "bench.tfstate").read_text())
        return content

    @property
    def cloud(self) -> list[str]:
        """What exists, by type."""
        return sorted(thing.kind for thing in Inventory(self.folder / "cloud").things())
