"""People log in to the cluster with their own identity.

A local account is one certificate for everybody: it cannot be revoked for one, names nobody in the audit log, and passes over
multi-factor login and role assignments.
"""

from collections.abc import Iterator

from blueprint.facts import Resource
from blueprint.policy import Scope, Verdict, rule
from blueprint.policy.scope import CLASSES
from blueprint.policy.verdict import fails
from blueprint.settings import Setting, judged, settings

WHY = "one certificate is everybody's"
EVERYTHING = "everybody who logs in may do everything"
ACCOUNTS = "local_account_disabled"
SETTINGS = settings(
    Setting("azurerm_kubernetes_cluster", ACCOUNTS, ("false",), "true", WHY),
    Setting(
        "azurerm_kubernetes_cluster", "role_based_access_control_enabled", ("false",), "true", "everybody who logs in may do everything"
    ),
    Setting("azurerm_kubernetes_cluster", "run_command_enabled", ("true",), "false", "commands run in the cluster past its own logins"),
    Setting("azurerm_container_registry", "admin_enabled", ("true",), "false", "one password is everybody's"),
    Setting("azurerm_container_registry", "anonymous_pull_enabled", ("true",), "false", "anybody may pull images"),
    Setting("azurerm_cognitive_account", "local_auth_enabled", ("true",), "false", "one key is everybody's"),
)


@rule(
    "R12",
    "clusters and registries know people and workloads by their own identity",
    looks_at=["azurerm_kubernetes_cluster", "azurerm_container_registry", "azurerm_cognitive_account"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 IDM-09", "ISO 27001:2022 5.16", "ISO 27001:2022 8.5", "NIST 800-53r5 IA-2", "CIS AKS 5.5.1", "CIS AKS 5.5.2"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Shared logins that are written; on a cluster the default counts from special data on."""
    if not scope.regulated:
        return
    yield from judged(resource, SETTINGS)
    by_default = resource.type == "azurerm_kubernetes_cluster" and resource.first(ACCOUNTS) is None
    if by_default and CLASSES.index(scope.data_class) >= CLASSES.index("special"):
        yield fails(resource, ACCOUNTS, "false (default)", WHY, "true", "disable local accounts and log in with Entra ID")
