"""Azure Arc over an existing cluster: Azure Policy and audit see it; nothing is provisioned through it.

Terraform creates Arc's picture of the cluster. The agents that fill it run in the cluster and are installed by its owner
(`az connectedk8s` or Microsoft's chart) with the private key that belongs to the certificate given here; until then Azure
shows the cluster as not connected. What the agents report (names, versions, node counts) lies in the region below.
"""

from blueprint.environment import Environment
from blueprint.environment.onprem import Arc
from modules.azure.base import Azure
from modules.resources import azurerm
from modules.resources.azurerm.arc import ArcCluster
from modules.resources.azurerm.governance import ResourceGroup
from modules.resources.engine import Part, Stack

RESOURCE_PROVIDERS = [f"Microsoft.{name}" for name in ("ExtendedLocation", "Kubernetes", "KubernetesConfiguration")]


class ArcOverlay(Part):
    """A resource group with the cluster's picture in it."""

    def __init__(self, scope: Part, env: Environment, arc: Arc) -> None:
        super().__init__(scope, "arc")
        settings = {
            "features": {},
            "resource_provider_registrations": "none",
            "resource_providers_to_register": RESOURCE_PROVIDERS,
        }
        Stack.around(self).use_provider("azurerm", azurerm.SOURCE, azurerm.VERSION, settings)
        tags = Azure.tags_of(env)
        group = self.add("group", ResourceGroup(name=f"rg-{env.name}", location=arc.region, tags=tags))
        cluster = ArcCluster(
            name=f"arc-{env.name}",
            location=arc.region,
            resource_group_name=group.ref("name"),
            agent_public_key_certificate=arc.agent_public_key_certificate,
            tags=tags,
        )
        self.add("cluster", cluster)
