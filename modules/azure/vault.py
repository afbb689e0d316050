"""Keys and secrets: one HSM-backed vault per environment, reached through the network only.

Secrets are made by Terraform, written once and kept in neither plan nor state: `value_wo` takes a fresh random value at
every apply and is only sent when its version changes. Replacing the vault means losing what its keys encrypted; purge
protection and the management lock stand in the way.
"""

from typing import Any

from modules.azure.base import Azure, AzurePart
from modules.azure.network import Network
from modules.resources.azurerm.security import (
    DiskEncryptionSet,
    EphemeralKeyVaultSecret,
    KeyVault,
    KeyVaultKey,
    KeyVaultSecret,
    UserAssigned,
    UserAssignedIdentity,
)
from modules.resources.base import Ref
from modules.resources.engine import Added, Part

# Two random UUIDs (122 bits each) behind a prefix that satisfies PostgreSQL's and everyone else's character classes.
RANDOM = Ref('${"Aa1-${uuid()}-${uuid()}"}')


class Vault(AzurePart):
    """`encryption` is the identity services use to reach the key."""

    def __init__(self, scope: Part, azure: Azure, network: Network) -> None:
        super().__init__(scope, "vault", azure)
        self.name = self.env.unique_name("kv")
        tenant = azure.client.ref("tenant_id")
        self.vault = self.add("vault", KeyVault(**self.located(self.name), tenant_id=tenant))
        endpoint = network.endpoint("vault", self.vault.id, "vault", "privatelink.vaultcore.azure.net")
        deployer = azure.client.ref("object_id")
        officers = [self.grant("deployer", deployer, f"Key Vault {what} Officer", self.vault.id) for what in ("Crypto", "Secrets")]
        self._reachable: list[Added[Any]] = [endpoint, *officers]
        key = KeyVaultKey(name="environment", key_vault_id=self.vault.id, tags=azure.tags)
        self.key = self.add("key", key, depends_on=self._reachable)
        self.encryption = self.identity("encryption")
        role = "Key Vault Crypto Service Encryption User"
        self.may_encrypt = self.grant("encryption", self.encryption.ref("principal_id"), role, self.vault.id)
        self.disks = self.add("disks", self._disk_encryption(), depends_on=[self.may_encrypt])
        self.watch("vault", self.vault.id)

    @property
    def as_encryption(self) -> UserAssigned:
        return UserAssigned(identity_ids=[self.encryption.id])

    def _disk_encryption(self) -> DiskEncryptionSet:
        key = self.key.ref("versionless_id")
        return DiskEncryptionSet(**self.located(self.named("des")), key_vault_key_id=key, identity=self.as_encryption)

    def generate(self, name: str, purpose: str) -> Added[KeyVaultSecret]:
        """A random secret that only the vault knows."""
        secret = KeyVaultSecret(name=name, key_vault_id=self.vault.id, value_wo=RANDOM, content_type=purpose, tags=self.azure.tags)
        return self.add(f"secret-{name}", secret, depends_on=self._reachable)

    def read(self, secret: Added[KeyVaultSecret]) -> Ref:
        """A secret's value for another write-only argument."""
        fetched = EphemeralKeyVaultSecret(name=secret.ref("name"), key_vault_id=self.vault.id)
        return self.add(f"read-{secret.resource.name}", fetched).ref("value")

    def let_read_secrets(self, who: str, identity: Added[UserAssignedIdentity]) -> None:
        self.grant(who, identity.ref("principal_id"), "Key Vault Secrets User", self.vault.id)
