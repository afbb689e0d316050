"""Object storage for model weights and MLflow artifacts: Entra only, private only, encrypted with the environment's key."""

from modules.azure.base import Azure, AzurePart
from modules.azure.network import Network
from modules.azure.vault import Vault
from modules.resources.azurerm.data import StorageAccount, StorageContainer, StorageKey
from modules.resources.azurerm.security import UserAssignedIdentity
from modules.resources.base import Ref
from modules.resources.engine import Added, Part


class Storage(AzurePart):
    """Two containers, each with one reader or writer."""

    def __init__(self, scope: Part, azure: Azure, network: Network, vault: Vault) -> None:
        super().__init__(scope, "storage", azure)
        self.name = self.env.unique_name("data")
        key = StorageKey(key_vault_key_id=vault.key.ref("versionless_id"), user_assigned_identity_id=vault.encryption.id)
        account = StorageAccount(
            **self.located(self.name),
            account_replication_type="ZRS" if len(self.azure.cluster.zones) > 1 else "LRS",
            customer_managed_key=key,
            identity=vault.as_encryption,
        )
        self.account = self.add("account", account, depends_on=[vault.may_encrypt])
        network.endpoint("blob", self.account.id, "blob", "privatelink.blob.core.windows.net")
        self.weights = self._container("weights")
        self.artifacts = self._container("mlflow")
        self.watch("blob", Ref(f"{self.account.id}/blobServices/default"))

    def _container(self, name: str) -> Added[StorageContainer]:
        return self.add(name, StorageContainer(name=name, storage_account_id=self.account.id))

    def let(self, who: str, identity: Added[UserAssignedIdentity], role: str, container: Added[StorageContainer]) -> None:
        self.grant(who, identity.ref("principal_id"), f"Storage Blob Data {role}", container.id)
