"""Nobody may do everything in the cloud account.

Owner rights and roles that hand out roles turn one stolen identity into the whole platform: keys, backups, logs and the region of
everything.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, passes, rule
from blueprint.settings import Setting, judged, settings, types_of

WHY = "it grants everything, or the right to grant it"
SETTINGS = settings(
    Setting("azurerm_role_assignment", "role_definition_name", ("Owner", "User Access Administrator"), "a role for the task", WHY),
    Setting("azurerm_role_definition", "permissions.actions", ("[*]",), "the actions needed", WHY),
    Setting("azurerm_role_definition", "permissions.data_actions", ("[*]",), "the actions needed", WHY),
    Setting(
        "scaleway_iam_policy",
        "rule.permission_set_names",
        ("AllProductsFullAccess", "OrganizationManager", "IAMManager"),
        "permission sets of the products used",
        WHY,
    ),
    Setting("aws_iam_*policy_attachment", "policy_arn", ("arn:aws*:iam::aws:policy/AdministratorAccess",), "a policy for the task", WHY),
)


@rule(
    "R36",
    "no cloud identity may do everything",
    looks_at=types_of(SETTINGS),
    basis="Art. 25, 32 GDPR",
    controls=["C5:2020 IDM-01", "C5:2020 IDM-06", "ISO 27001:2022 8.2", "ISO 27001:2022 5.15", "NIST 800-53r5 AC-6"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Roles assigned and defined."""
    found = list(judged(resource, SETTINGS)) if scope.regulated else []
    yield from found or [passes(resource)]
