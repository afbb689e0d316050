"""A rehearsal: the genuine Terraform plans and applies an environment against stand-ins for the cloud's providers."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path


def override(stack: Path) -> None:
    """Turn a synthesized stack's directory to the stand-ins of $BLUEPRINT_STANDINS.

    `cdk.tf.json` stays as it is, real backend and all; an override file beside it moves the state to the rehearsal's folder,
    and a lock file keeps cdktf from asking the registry. `main.py` calls this after synth.
    """
    folder = Path(os.environ["BLUEPRINT_STANDINS"])
    state = {"path": str(folder / "state" / f"{stack.name}.tfstate")}
    (stack / "rehearsal_override.tf.json").write_text(json.dumps({"terraform": {"backend": {"local": state}}}, indent=2) + "\n")
    (stack / ".terraform.lock.hcl").write_text("".join(_locks(stack, (folder / "lock.hcl").read_text())))


def _locks(stack: Path, everything: str) -> Iterator[str]:
    """The locks of the providers a stack uses: Terraform asks for what it finds locked, used or not."""
    required = json.loads((stack / "cdk.tf.json").read_text())["terraform"]["required_providers"]
    used = tuple(f'/{needs["source"]}" {{' for needs in required.values())
    yield from (block for block in re.findall(r"provider .*?\n}\n", everything, re.DOTALL) if block.splitlines()[0].endswith(used))
