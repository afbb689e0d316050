"""The storage Terraform's state lies in, made before anything else exists: no network, no vault."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.azurerm.data import BlobProperties


class StateAccount(Located):
    """Entra only, versioned, encrypted twice with the platform's keys. It has a public address, as there is no private network
    yet: nobody gets in without a token, and no key exists that could leak."""

    terraform_type: ClassVar[str] = "azurerm_storage_account"

    account_tier: Literal["Standard"] = "Standard"
    account_replication_type: Literal["ZRS", "LRS"]
    account_kind: Literal["StorageV2"] = "StorageV2"
    allow_nested_items_to_be_public: bool = False
    cross_tenant_replication_enabled: bool = False
    default_to_oauth_authentication: bool = True
    infrastructure_encryption_enabled: bool = True
    local_user_enabled: bool = False
    shared_access_key_enabled: bool = False
    blob_properties: BlobProperties = BlobProperties()
