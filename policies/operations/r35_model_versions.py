"""A hosted model changes only by a reviewed change.

Without a version, or with `OnceNewDefaultVersionAvailable`, the provider swaps the model behind a deployment when it likes: answers
change, evaluations no longer hold, and nobody decided it.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

OPTION = "version_upgrade_option"
PINNED = ("NoAutoUpgrade", "OnceCurrentVersionExpired")
NEXT = f"write model.version, or set {OPTION} to {' or '.join(PINNED)}"


@rule(
    "R35",
    "hosted models keep their version until a change says otherwise",
    looks_at=["azurerm_cognitive_deployment"],
    basis="Art. 26 AI Act; Art. 32 GDPR",
    controls=["C5:2020 DEV-03", "ISO 27001:2022 8.32", "NIST 800-53r5 CM-3"],
    severity="MEDIUM",
)
def check(deployment: Resource, scope: Scope) -> Iterator[Verdict]:
    """The version, and what happens when there is a newer one."""
    if not scope.regulated:
        return
    option, version = deployment.first(OPTION), deployment.first("model.version")
    if isinstance(option, Unknown):
        yield unresolved(deployment, OPTION, option, " or ".join(PINNED), NEXT)
    elif option in PINNED or (option is None and version is not None):
        yield passes(deployment, OPTION if option else "model.version", option or version)
    else:
        why = "the provider moves the deployment to its newest default version by itself"
        yield fails(deployment, OPTION, option or "OnceNewDefaultVersionAvailable (default)", why, " or ".join(PINNED), NEXT)
