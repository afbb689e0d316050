"""The API side of the hybrid: Azure OpenAI, one account per region, one deployment per use case, no keys.

The account's region says where data is stored; the deployment's SKU says where prompts are processed.
"""

from itertools import groupby

from blueprint.environment import Api
from modules.azure.base import Azure, AzurePart
from modules.azure.network import Network
from modules.azure.vault import Vault
from modules.resources.azurerm.data import CognitiveAccount, CognitiveDeployment, CognitiveKey, DeployedModel, DeploymentSku
from modules.resources.azurerm.security import UserAssignedIdentity
from modules.resources.engine import Added, Part


class OpenAi(AzurePart):
    """`hosts` are the accounts' names by region, known before they exist."""

    def __init__(self, scope: Part, azure: Azure, network: Network, vault: Vault, caller: Added[UserAssignedIdentity]) -> None:
        super().__init__(scope, "openai", azure)
        self.hosts: dict[str, str] = {}
        by_region = sorted(self.env.apis.items(), key=lambda item: item[1].region)
        for region, apis in groupby(by_region, key=lambda item: item[1].region):
            account = self._account(region, vault)
            network.endpoint(f"openai-{region}", account.id, "account", "privatelink.openai.azure.com")
            self.grant(f"gateway-{region}", caller.ref("principal_id"), "Cognitive Services OpenAI User", account.id)
            self.watch(region, account.id, groups=("audit",), metrics=True)
            self._deploy(account, dict(apis))

    def _account(self, region: str, vault: Vault) -> Added[CognitiveAccount]:
        name = self.env.unique_name(f"ai{region}")
        self.hosts[region] = f"{name}.openai.azure.com"
        key = CognitiveKey(key_vault_key_id=vault.key.id, identity_client_id=vault.encryption.ref("client_id"))
        account = CognitiveAccount(
            **self.located(name, region), custom_subdomain_name=name, customer_managed_key=key, identity=vault.as_encryption
        )
        return self.add(f"account-{region}", account, depends_on=[vault.may_encrypt])

    def _deploy(self, account: Added[CognitiveAccount], apis: dict[str, Api]) -> None:
        """One after the other: the account refuses to create two deployments at once."""
        before: list[Added[CognitiveDeployment]] = []
        for name, api in apis.items():
            deployment = CognitiveDeployment(
                name=name,
                cognitive_account_id=account.id,
                model=DeployedModel(name=api.model, version=api.version),
                sku=DeploymentSku(name=api.deployment, capacity=api.thousand_tokens_per_minute),
                version_upgrade_option="NoAutoUpgrade" if api.version else "OnceCurrentVersionExpired",
            )
            before = [self.add(name, deployment, depends_on=before)]
