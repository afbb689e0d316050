"""A rehearsal: the genuine Terraform plans and applies an environment against stand-ins for the cloud's providers."""

import json
import os
from pathlib import Path


def override(stack: Path) -> None:
    """Turn a synthesized stack's directory to the stand-ins of $BLUEPRINT_STANDINS.

    `cdk.tf.json` stays as it is, real backend and all; an override file beside it moves the state to the rehearsal's folder,
    and a lock file keeps cdktf from asking the registry. `main.py` calls this after synth.
    """
    folder = Path(os.environ["BLUEPRINT_STANDINS"])
    state = {"path": str(folder / "state" / f"{stack.name}.tfstate")}
    (stack / "rehearsal_override.tf.json").write_text(json.dumps({"terraform": {"backend": {"local": state}}}, indent=2) + "\n")
    (stack / ".terraform.lock.hcl").write_bytes((folder / "lock.hcl").read_bytes())
