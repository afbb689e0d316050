"""The pipeline's tools report to nobody, and nobody tells the scanner to look away.

Terraform and its CDK ask their maker for newer versions and send crashes unless CHECKPOINT_DISABLE is set and cdktf.json says nothing
else; what they send names the tools and versions of a regulated platform. Variables of checkov switch checks off without a trace in
any file.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Sensitive
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.policy.pipeline import switches

SCANNER = ("CKV_", "BC_", "PRISMA_")


@rule(
    "R42",
    "the pipeline's tools report to nobody and scan everything",
    looks_at=["setting"],
    basis="Art. 5(1)(c), 32 GDPR",
    controls=["C5:2020 OPS-12", "ISO 27001:2022 5.34", "NIST 800-53r5 SA-9"],
    severity="MEDIUM",
)
def check(setting: Resource, scope: Scope) -> Iterator[Verdict]:
    """Switches that must be set, variables that must not be."""
    name, value = str(setting.first("name")), setting.first("value")
    plain = value.value if isinstance(value, Sensitive) else None
    off, sends = {**switches("env"), **switches("setting")}.get(name, ((), ""))
    if off and plain not in off:
        yield fails(
            setting, "", f"{name} is {'set to something else' if plain else 'not set'}", sends, f"{name}={off[0]}", f"set {name}={off[0]}"
        )
    elif name.startswith(SCANNER):
        yield fails(setting, "", name, "it changes what checkov looks at, and no file says so", "not set", f"unset {name}")
    else:
        yield passes(setting, "", name)
