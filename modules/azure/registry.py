"""The private registry: every image and chart the environment runs comes from here, under its upstream path."""

from modules.azure.base import Azure, AzurePart
from modules.azure.network import Network
from modules.resources.azurerm.kubernetes import ContainerRegistry
from modules.resources.azurerm.security import UserAssignedIdentity
from modules.resources.engine import Added, Part


class Registry(AzurePart):
    """`host` is known before the registry exists, so that image names are literals."""

    def __init__(self, scope: Part, azure: Azure, network: Network) -> None:
        super().__init__(scope, "registry", azure)
        name = self.env.unique_name()
        self.host = f"{name}.azurecr.io"
        redundant = len(self.azure.cluster.zones) > 1
        self.registry = self.add("registry", ContainerRegistry(**self.located(name), zone_redundancy_enabled=redundant))
        self.endpoint = network.endpoint("registry", self.registry.id, "registry", "privatelink.azurecr.io")
        self.watch("registry", self.registry.id)

    def let_pull(self, identity: Added[UserAssignedIdentity]) -> None:
        self.pull = self.grant("kubelet", identity.ref("principal_id"), "AcrPull", self.registry.id)
