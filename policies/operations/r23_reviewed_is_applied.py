"""What was reviewed is what is applied.

A variable of the pipeline changes the plan after everybody has agreed to it: TF_VAR_location is another region, TF_CLI_ARGS_apply
another `-var`, TF_REATTACH_PROVIDERS another provider. None of them stands in the change that was reviewed.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, fails, passes, rule

WHY = {
    "TF_VAR_": "it gives a variable a value that is in no file anybody reviewed",
    "TF_CLI_ARGS": "it adds arguments to every run of Terraform, such as other values or targets",
    "TF_REATTACH_PROVIDERS": "it replaces providers by whatever listens at an address",
    "TF_WORKSPACE": "it selects another state than the one that was planned against",
}


@rule(
    "R23",
    "no variable of the pipeline changes what was reviewed",
    looks_at=["setting"],
    basis="Art. 9(4)(e) DORA; Art. 32 GDPR",
    controls=["C5:2020 DEV-03", "C5:2020 DEV-09", "ISO 27001:2022 8.32", "ISO 27001:2022 5.3", "NIST 800-53r5 CM-3"],
)
def check(setting: Resource, scope: Scope) -> Iterator[Verdict]:
    """By the variable's name; its value may be a secret. One that a pipeline's own file sets is in the change that is reviewed."""
    name = str(setting.first("name"))
    why = next((why for prefix, why in WHY.items() if name.startswith(prefix)), "")
    if why and setting.first("value") is not None and not setting.file:
        yield fails(setting, "", name, why, "not set", f"unset {name}; write the value into the environment's file")
    else:
        yield passes(setting, "", name)
