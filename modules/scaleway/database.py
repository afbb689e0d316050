"""PostgreSQL for MLflow, inside the private network; nobody knows its password but Secret Manager.

Changing high availability or the user replaces the server. A new engine version makes a new server with a new id.
"""

from blueprint.environment import Environment
from modules.resources.engine import Part
from modules.resources.scaleway.data import DatabaseInstance, DatabaseNetwork, DatabaseOnInstance, DatabasePrivilege
from modules.scaleway.base import ScalewayPart
from modules.scaleway.network import Network
from modules.scaleway.vault import Vault

USER = "mlflow"
DATABASE = "mlflow"
PASSWORD_SECRET = "mlflow-database-password"


class Database(ScalewayPart):
    """A server with one database; two nodes where the gateway runs in pairs too."""

    def __init__(self, scope: Part, env: Environment, network: Network, vault: Vault) -> None:
        super().__init__(scope, "database", env)
        password = vault.generate(PASSWORD_SECRET, "PostgreSQL administrator password")
        instance = DatabaseInstance(
            **self.regional(self.named("mlflow")),
            node_type=self.cluster.database_node_type,
            is_ha_cluster=env.gateway.replicas > 1,
            user_name=USER,
            password_wo=vault.read(PASSWORD_SECRET, password),
            private_network=DatabaseNetwork(pn_id=network.network.id),
            tags=self.tags,
        )
        self.server = self.add("server", instance)
        place = {"instance_id": self.server.id, "region": self.cluster.region}
        database = self.add("mlflow", DatabaseOnInstance(**place, name=DATABASE))
        self.add("owner", DatabasePrivilege(**place, user_name=USER, database_name=database.ref("name")))
