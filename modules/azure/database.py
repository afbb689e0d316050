"""PostgreSQL for MLflow, inside the network; nobody knows its password but the vault."""

from modules.azure.base import Azure, AzurePart
from modules.azure.network import Network
from modules.azure.vault import Vault
from modules.resources.azurerm.data import DatabaseKey, HighAvailability, PostgresqlConfiguration, PostgresqlDatabase, PostgresqlServer
from modules.resources.engine import Part

USER = "mlflow"
DATABASE = "mlflow"
PASSWORD_SECRET = "mlflow-database-password"


class Database(AzurePart):
    """A server with one database. Two zones where the environment has them."""

    def __init__(self, scope: Part, azure: Azure, network: Network, vault: Vault) -> None:
        super().__init__(scope, "database", azure)
        zone = network.zone("database", f"{self.env.name}.private.postgres.database.azure.com")
        password = vault.generate(PASSWORD_SECRET, "PostgreSQL administrator password")
        redundant = len(self.azure.cluster.zones) > 1
        server = PostgresqlServer(
            **self.located(self.env.unique_name("pg")),
            # high availability needs the general-purpose tier
            sku_name="GP_Standard_D2ds_v5" if redundant else "B_Standard_B2s",
            administrator_login=USER,
            administrator_password_wo=vault.read(password),
            delegated_subnet_id=network.database.id,
            private_dns_zone_id=zone.id,
            customer_managed_key=DatabaseKey(
                key_vault_key_id=vault.key.ref("versionless_id"), primary_user_assigned_identity_id=vault.encryption.id
            ),
            identity=vault.as_encryption,
            high_availability=HighAvailability() if redundant else None,
        )
        # Azure picks the zones and swaps them on failover.
        moves = ["zone", "high_availability[0].standby_availability_zone"] if redundant else ["zone"]
        self.server = self.add("server", server, depends_on=[vault.may_encrypt], ignore_changes=moves)
        self.add("mlflow", PostgresqlDatabase(name=DATABASE, server_id=self.server.id))
        self.add("tls", PostgresqlConfiguration(name="require_secure_transport", server_id=self.server.id, value="on"))
        self.watch("database", self.server.id)
