"""Identities, roles, keys and secrets."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.base import Block, DataSource, Ephemeral, Ref, Resource, Text


class ClientConfig(DataSource):
    """Who runs Terraform: tenant, subscription and object id."""

    terraform_type: ClassVar[str] = "azurerm_client_config"


class UserAssigned(Block):
    """The `identity` block of a resource that acts under a user-assigned identity."""

    type: Literal["UserAssigned"] = "UserAssigned"
    identity_ids: list[Ref]


class UserAssignedIdentity(Located):
    terraform_type: ClassVar[str] = "azurerm_user_assigned_identity"


class FederatedIdentity(Resource):
    """Lets one Kubernetes service account act as a user-assigned identity; no key is ever stored."""

    terraform_type: ClassVar[str] = "azurerm_federated_identity_credential"

    name: str
    user_assigned_identity_id: Ref
    issuer: Ref
    subject: str
    audience: list[str] = ["api://AzureADTokenExchange"]


class RoleAssignment(Resource):
    terraform_type: ClassVar[str] = "azurerm_role_assignment"

    scope: Ref
    principal_id: Text
    role_definition_name: str
    principal_type: Literal["ServicePrincipal", "Group"] | None = None


class KeyVaultAcls(Block):
    """Nobody from the network at large; Azure's own encryption services may pass."""

    default_action: Literal["Deny"] = "Deny"
    bypass: Literal["AzureServices"] = "AzureServices"


class KeyVault(Located):
    terraform_type: ClassVar[str] = "azurerm_key_vault"

    tenant_id: Ref
    sku_name: Literal["premium"] = "premium"
    rbac_authorization_enabled: bool = True
    purge_protection_enabled: bool = True
    soft_delete_retention_days: int = 90
    public_network_access_enabled: bool = False
    network_acls: KeyVaultAcls = KeyVaultAcls()


class AutomaticRotation(Block):
    time_before_expiry: str = "P30D"


class KeyRotation(Block):
    expire_after: str = "P1Y"
    notify_before_expiry: str = "P45D"
    automatic: AutomaticRotation = AutomaticRotation()


class KeyVaultKey(Resource):
    """A key made and kept in the vault's HSM."""

    terraform_type: ClassVar[str] = "azurerm_key_vault_key"

    name: str
    key_vault_id: Ref
    key_type: Literal["RSA-HSM"] = "RSA-HSM"
    key_size: int = 3072
    key_opts: list[str] = ["decrypt", "encrypt", "unwrapKey", "wrapKey"]
    rotation_policy: KeyRotation = KeyRotation()
    tags: dict[str, str]


class KeyVaultSecret(Resource):
    """A secret whose value is written once per `value_wo_version` and never read back."""

    terraform_type: ClassVar[str] = "azurerm_key_vault_secret"

    name: str
    key_vault_id: Ref
    value_wo: Ref
    value_wo_version: int = 1
    content_type: str
    tags: dict[str, str]


class EphemeralKeyVaultSecret(Ephemeral):
    """A secret read at plan and apply, kept in neither."""

    terraform_type: ClassVar[str] = "azurerm_key_vault_secret"

    name: Ref
    key_vault_id: Ref


class DiskEncryptionSet(Located):
    terraform_type: ClassVar[str] = "azurerm_disk_encryption_set"

    key_vault_key_id: Ref
    auto_key_rotation_enabled: bool = True
    encryption_type: Literal["EncryptionAtRestWithPlatformAndCustomerKeys"] = "EncryptionAtRestWithPlatformAndCustomerKeys"
    identity: UserAssigned
