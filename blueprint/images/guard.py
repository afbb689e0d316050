"""Keeps an environment with personal data from being deployed with images nobody has locked.

The refusal stands beside the synthesized stack, not in synthesis: cdktf synthesizes every environment for each command, and
one without a lock must not stop the others. Terraform says it while planning, before anything is changed, and never when
destroying (an output's precondition would; a resource's does not). Rehearsals have a warning instead. What creates the
registry (BLUEPRINT_LAYER=foundation) installs no chart and needs no lock.
"""

import json
from pathlib import Path

from blueprint.environment import Environment
from blueprint.images import bundle, lock
from blueprint.matrix import PERSONAL
from blueprint.synthesized import Stack, releases

FILE = "images.tf.json"


def complaint(env: Environment, stack: Stack) -> str:
    """What is not locked in a synthesized stack, in one sentence with the next step; empty if all is."""
    if not any(releases(stack)):
        return ""
    found = lock.load(env.name)
    if found is None:
        return f"there is no environments/{env.name}{lock.SUFFIX}: images may change unseen. Run: blueprint images lock {env.name}"
    if missing := found.missing(bundle.read(stack)):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return f"environments/{env.name}{lock.SUFFIX} does not know {missing[0]}{more}. Run: blueprint images lock {env.name}"
    return ""


def protect(env: Environment, folder: Path) -> None:
    """Put the refusal beside a synthesized stack, or take away one that no longer holds."""
    stack = json.loads((folder / "cdk.tf.json").read_text())
    reason = complaint(env, stack) if env.data_residency.data_class in PERSONAL else ""
    if not reason:
        (folder / FILE).unlink(missing_ok=True)
        return
    message = f"{env.name} holds {env.data_residency.data_class} data, and {reason}"
    refusal = {"precondition": [{"condition": "${local.images_locked}", "error_message": message}]}
    content = {"locals": {"images_locked": False}, "resource": {"terraform_data": {"images_locked": {"lifecycle": refusal}}}}
    (folder / FILE).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
