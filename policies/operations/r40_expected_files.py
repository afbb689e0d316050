"""Beside a stack lies only what Terraform is meant to read.

Terraform merges every file it finds: an override changes a region after the policy passed, a tfvars file gives a variable another
value, a stray `.tf` adds a resource nobody reviewed. A `.checkov.yaml` switches checks off, and a state file holds secrets in clear.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, fails, passes, rule

# What is written there besides `cdk.tf.json`: the refusal to plan with unlocked images (blueprint/images/guard.py), and the
# pipeline's variables, which R23 and R42 judge one by one (blueprint/policy/pipeline.py).
OURS = ("images.tf.json", "pipeline.env")
WHY = {
    "override": "Terraform merges it over the stack after the stack was checked",
    "terraform": "Terraform adds it to the stack, and nobody synthesized it",
    "hcl": "Terraform adds it to the stack, and rules do not read its language",
    "variables": "Terraform takes values of variables from it that the stack does not show",
    "state": "a state holds secrets in clear and belongs into the backend",
    "settings": "it tells Terraform where providers come from, or gives variables values that no reviewed file shows",
    "checkov": "checkov takes it for its configuration and may skip checks",
    "link": "it leads out of the directory, to a file that may change at any time",
}


@rule(
    "R40",
    "a stack's directory holds only expected files",
    looks_at=["file"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 DEV-03", "ISO 27001:2022 8.32", "NIST 800-53r5 CM-3"],
)
def check(file: Resource, scope: Scope) -> Iterator[Verdict]:
    """By what a file is to Terraform and checkov."""
    kind, name = str(file.first("kind")), file.first("name")
    if kind in WHY and name not in OURS and not (kind == "terraform" and _read(file)):
        yield fails(
            file, "name", name, WHY[kind], "cdk.tf.json, assets/, manifests/, .terraform.lock.hcl", "remove it, and synthesize again"
        )
    else:
        yield passes(file, "name", name)


def _read(file: Resource) -> bool:
    """Whether a file is of a module that the stack calls and that was judged with it (blueprint/facts/local_modules.py)."""
    return "/" in file.file and file.facts is not None and any(one.file == file.file for one in file.facts.resources if one is not file)
