"""A cluster outside Azure as Azure Arc sees it."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.base import Block


class ArcIdentity(Block):
    type: Literal["SystemAssigned"] = "SystemAssigned"


class ArcCluster(Located):
    terraform_type: ClassVar[str] = "azurerm_arc_kubernetes_cluster"

    agent_public_key_certificate: str
    identity: ArcIdentity = ArcIdentity()
