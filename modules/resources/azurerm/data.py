"""Where data lies: object storage, PostgreSQL and hosted models."""

from typing import ClassVar, Literal

from modules.resources.azurerm.base import Located
from modules.resources.azurerm.security import UserAssigned
from modules.resources.base import Block, Ref, Resource


class RetentionPolicy(Block):
    days: int = 30


class BlobProperties(Block):
    versioning_enabled: bool = True
    delete_retention_policy: RetentionPolicy = RetentionPolicy()
    container_delete_retention_policy: RetentionPolicy = RetentionPolicy()


class StorageKey(Block):
    key_vault_key_id: Ref
    user_assigned_identity_id: Ref


class StorageRules(Block):
    default_action: Literal["Deny"] = "Deny"
    bypass: list[Literal["None"]] = ["None"]


class StorageAccount(Located):
    """Entra only, private only. Zone-redundant or local: nothing is copied to another region."""

    terraform_type: ClassVar[str] = "azurerm_storage_account"

    account_tier: Literal["Standard"] = "Standard"
    account_replication_type: Literal["ZRS", "LRS"]
    account_kind: Literal["StorageV2"] = "StorageV2"
    allow_nested_items_to_be_public: bool = False
    allowed_copy_scope: Literal["PrivateLink"] = "PrivateLink"
    cross_tenant_replication_enabled: bool = False
    default_to_oauth_authentication: bool = True
    infrastructure_encryption_enabled: bool = True
    local_user_enabled: bool = False
    public_network_access_enabled: bool = False
    shared_access_key_enabled: bool = False
    blob_properties: BlobProperties = BlobProperties()
    customer_managed_key: StorageKey
    identity: UserAssigned
    network_rules: StorageRules = StorageRules()


class StorageContainer(Resource):
    terraform_type: ClassVar[str] = "azurerm_storage_container"

    name: str
    storage_account_id: Ref
    container_access_type: Literal["private"] = "private"


class DatabaseKey(Block):
    key_vault_key_id: Ref
    primary_user_assigned_identity_id: Ref


class HighAvailability(Block):
    mode: Literal["ZoneRedundant"] = "ZoneRedundant"


class PostgresqlServer(Located):
    """PostgreSQL inside the network; its password is write-only and backups stay in the region."""

    terraform_type: ClassVar[str] = "azurerm_postgresql_flexible_server"

    version: Literal["17"] = "17"
    sku_name: str
    storage_mb: int = 65536
    auto_grow_enabled: bool = True
    administrator_login: str
    administrator_password_wo: Ref
    administrator_password_wo_version: int = 1
    backup_retention_days: int = 35
    geo_redundant_backup_enabled: bool = False
    public_network_access_enabled: bool = False
    delegated_subnet_id: Ref
    private_dns_zone_id: Ref
    customer_managed_key: DatabaseKey
    identity: UserAssigned
    high_availability: HighAvailability | None = None


class PostgresqlDatabase(Resource):
    terraform_type: ClassVar[str] = "azurerm_postgresql_flexible_server_database"

    name: str
    server_id: Ref


class PostgresqlConfiguration(Resource):
    terraform_type: ClassVar[str] = "azurerm_postgresql_flexible_server_configuration"

    name: str
    server_id: Ref
    value: str


class NetworkAcls(Block):
    default_action: Literal["Deny"] = "Deny"


class CognitiveKey(Block):
    key_vault_key_id: Ref
    identity_client_id: Ref


class CognitiveAccount(Located):
    """An Azure OpenAI account: Entra only, private only."""

    terraform_type: ClassVar[str] = "azurerm_cognitive_account"

    kind: Literal["OpenAI"] = "OpenAI"
    sku_name: Literal["S0"] = "S0"
    custom_subdomain_name: str
    local_auth_enabled: bool = False
    public_network_access_enabled: bool = False
    outbound_network_access_restricted: bool = True
    network_acls: NetworkAcls = NetworkAcls()
    customer_managed_key: CognitiveKey
    identity: UserAssigned


class DeployedModel(Block):
    format: Literal["OpenAI"] = "OpenAI"
    name: str
    version: str | None = None


class DeploymentSku(Block):
    """`name` decides where prompts are processed; `capacity` is in thousand tokens per minute."""

    name: str
    capacity: int


class CognitiveDeployment(Resource):
    terraform_type: ClassVar[str] = "azurerm_cognitive_deployment"

    name: str
    cognitive_account_id: Ref
    model: DeployedModel
    sku: DeploymentSku
    version_upgrade_option: Literal["OnceCurrentVersionExpired", "NoAutoUpgrade"]
