"""An environment's place in Azure and what every part of it shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.environment import Aks, Environment
from modules.resources.azurerm.governance import DiagnosticLog, DiagnosticMetric, DiagnosticSetting, LogAnalyticsWorkspace, ResourceGroup
from modules.resources.azurerm.security import ClientConfig, RoleAssignment, UserAssignedIdentity
from modules.resources.base import Ref, Text
from modules.resources.engine import Added, Part


@dataclass(frozen=True)
class Azure:
    """Who deploys (`client`), into which group, and where platform logs go."""

    env: Environment
    cluster: Aks
    client: Added[ClientConfig]
    group: Added[ResourceGroup]
    logs: Added[LogAnalyticsWorkspace]

    @property
    def tags(self) -> dict[str, str]:
        return self.tags_of(self.env)

    @staticmethod
    def tags_of(env: Environment) -> dict[str, str]:
        residency = env.data_residency
        return {"environment": env.name, "data-residency": residency.zone, "data-class": residency.data_class, "managed-by": "terraform"}


class AzurePart(Part):
    """A part of the environment; names its resources `<kind>-<environment>`."""

    def __init__(self, scope: Part, name: str, azure: Azure) -> None:
        super().__init__(scope, name)
        self.azure = azure
        self.env = azure.env

    def named(self, kind: str) -> str:
        return f"{kind}-{self.env.name}"

    def located(self, name: str, region: str | None = None) -> dict[str, Any]:
        """The arguments every regional resource takes. Regions are literals: policies and people read them in the JSON."""
        place = {"location": region or self.azure.cluster.region, "resource_group_name": self.azure.group.ref("name")}
        return {"name": name, **place, "tags": self.azure.tags}

    def identity(self, name: str) -> Added[UserAssignedIdentity]:
        return self.add(f"identity-{name}", UserAssignedIdentity(**self.located(self.named(f"id-{name}"))))

    def grant(self, who: str, principal_id: Text, role: str, scope: Ref) -> Added[RoleAssignment]:
        """A role on one resource. Workload identities are service principals; the person or pipeline that deploys is either."""
        kind = None if who == "deployer" else "ServicePrincipal"
        label = f"{who}-{role.lower().replace(' ', '-')}"
        assignment = RoleAssignment(scope=scope, principal_id=principal_id, role_definition_name=role, principal_type=kind)
        return self.add(label, assignment)

    def watch(self, name: str, target: Ref, *, groups: tuple[str, ...] = ("allLogs",), metrics: bool = False) -> None:
        """Send a resource's logs to the environment's workspace."""
        setting = DiagnosticSetting(
            target_resource_id=target,
            log_analytics_workspace_id=self.azure.logs.id,
            enabled_log=[DiagnosticLog(category_group=group) for group in groups],
            enabled_metric=[DiagnosticMetric()] if metrics else None,
        )
        self.add(f"logs-{name}", setting)


def parse_id(resource_id: str) -> Mapping[str, str]:
    """The pairs in an Azure resource id: `/subscriptions/S/resourceGroups/G/…` → {"subscriptions": "S", …}."""
    parts = resource_id.strip("/").split("/")
    return dict(zip(parts[::2], parts[1::2], strict=False))
