"""Azure Kubernetes Service: a private cluster with keys of its own, and the Azure services around it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from blueprint.azure import RESOURCE_PROVIDERS
from blueprint.environment import Aks, Environment, GpuPool
from modules import gpu
from modules.azure.base import Azure, AzurePart
from modules.azure.database import DATABASE, PASSWORD_SECRET, USER, Database
from modules.azure.guard import Guard
from modules.azure.kubernetes import Kubernetes
from modules.azure.network import Network
from modules.azure.openai import OpenAi
from modules.azure.registry import Registry
from modules.azure.storage import Storage
from modules.azure.vault import Vault
from modules.clusters import base
from modules.resources import azurerm, helm
from modules.resources.azurerm.governance import LogAnalyticsWorkspace, ResourceGroup
from modules.resources.azurerm.security import ClientConfig, UserAssignedIdentity
from modules.resources.base import Ref
from modules.resources.engine import Added, Construct, Stack

# The application id of AKS itself, the same in every tenant: what kubelogin asks a token for.
AKS_SERVER_ID = "6dae42f8-4368-4678-94ff-960e28e3630e"
TOLERATE_SPOT = {"key": "kubernetes.azure.com/scalesetpriority", "operator": "Equal", "value": "spot", "effect": "NoSchedule"}


class Target(base.Cluster):
    """AKS with everything an environment needs from Azure."""

    target: ClassVar[str] = "aks"
    guarantees: ClassVar[base.Guarantees] = base.Guarantees(
        api_server="a private address in the environment's network, Entra accounts only",
        nodes="private addresses only",
        way_out="one firewall with a list of names, or none at all (isolated)",
        encryption_keys="HSM keys of your own for etcd, disks, storage and database",
        workload_identity="Entra identities, one per service account, without keys",
        secrets_in_state="none of the workloads'; Terraform's state holds the cluster's endpoint and certificate",
        operator="Microsoft; US law reaches it",
    )

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, env)
        self._use_azure()
        azure = self._place()
        network = Network(self, azure)
        self._vault = vault = Vault(self, azure, network)
        registry = Registry(self, azure, network)
        storage = Storage(self, azure, network, vault)
        database = Database(self, azure, network, vault)
        self._kubernetes = kubernetes = Kubernetes(self, azure, network, vault, registry)
        self._use_helm(kubernetes)
        self._identities = AzurePart(self, "workloads", azure)
        self._fill_contract(network, vault, registry, storage, database)
        self.apis = self._apis(azure, network, vault)
        Guard(self, azure, protects=[kubernetes.cluster, *kubernetes.pools, vault.key, storage.account, database.server])

    def _use_azure(self) -> None:
        settings = {
            "features": {},
            "resource_provider_registrations": "none",
            "resource_providers_to_register": list(RESOURCE_PROVIDERS),
            "storage_use_azuread": True,
        }
        Stack.around(self).use_provider("azurerm", azurerm.SOURCE, azurerm.VERSION, settings)

    def _place(self) -> Azure:
        """The resource group, who deploys into it, and the workspace its logs go to."""
        env = self.env
        assert isinstance(env.cluster, Aks)
        group = self.add("group", ResourceGroup(name=f"rg-{env.name}", location=env.cluster.region, tags=Azure.tags_of(env)))
        client = self.add("deployer", ClientConfig())
        workspace = LogAnalyticsWorkspace(
            name=f"log-{env.name}",
            location=env.cluster.region,
            resource_group_name=group.ref("name"),
            retention_in_days=env.monitoring.logs_retention_days,
            tags=Azure.tags_of(env),
        )
        return Azure(env=env, cluster=env.cluster, client=client, group=group, logs=self.add("logs", workspace))

    def _use_helm(self, kubernetes: Kubernetes) -> None:
        """Helm speaks to the cluster created in the same apply, with the deployer's own Entra token."""
        config = kubernetes.cluster.ref("kube_config[0].host"), kubernetes.cluster.ref("kube_config[0].cluster_ca_certificate")
        login = ["get-token", "--login", "azurecli", "--server-id", AKS_SERVER_ID]
        settings = {
            "kubernetes": {
                "host": config[0],
                "cluster_ca_certificate": Ref(f"${{base64decode({config[1][2:-1]})}}"),
                "exec": {"api_version": "client.authentication.k8s.io/v1beta1", "command": "kubelogin", "args": login},
            }
        }
        Stack.around(self).use_provider("helm", helm.SOURCE, helm.VERSION, settings)

    def _fill_contract(self, network: Network, vault: Vault, registry: Registry, storage: Storage, database: Database) -> None:
        kubernetes = self._kubernetes
        self.gpu_nodes = {name: gpu.nodes(self.env, name, _tolerations(pool)) for name, pool in self.env.cluster.gpu_pools.items()}
        self.registry = registry.host
        self.storage_class = "managed-csi-premium"
        self.ready = [kubernetes.cluster, *kubernetes.pools, kubernetes.admin]
        self.api_server_cidrs = [network.cidrs["api-server"]]
        self.private_cidrs = [network.cidrs["endpoints"], network.cidrs["database"]]
        # Neither Entra nor Ubuntu's archive has a private address; the firewall lets nothing else through.
        self.identity_cidrs = self.package_cidrs = ["0.0.0.0/0"]
        self.secrets_identity, secrets = self._identity("secrets", base.SECRETS_READER)
        vault.let_read_secrets("external-secrets", secrets)
        self.secret_store = _key_vault_store(vault.name)
        self.object_store = self._object_store(storage)
        host = database.server.ref("fqdn")
        self.database = base.Database(host=host, name=DATABASE, user=USER, password_secret=PASSWORD_SECRET)

    def _object_store(self, storage: Storage) -> base.ObjectStore:
        weights_identity, weights = self._identity("weights", base.WEIGHTS_READER)
        artifacts_identity, artifacts = self._identity("mlflow", base.ARTIFACTS_WRITER)
        storage.let("weights-reader", weights, "Reader", storage.weights)
        storage.let("mlflow", artifacts, "Contributor", storage.artifacts)
        remote = {"TYPE": "azureblob", "ACCOUNT": storage.name, "ENV_AUTH": "true"}
        return base.ObjectStore(
            rclone={f"RCLONE_CONFIG_STORE_{key}": value for key, value in remote.items()},
            weights="store:weights",
            weights_identity=weights_identity,
            artifacts=f"wasbs://mlflow@{storage.name}.blob.core.windows.net",
            artifacts_identity=artifacts_identity,
        )

    def _apis(self, azure: Azure, network: Network, vault: Vault) -> Mapping[str, base.ApiEndpoint]:
        if not self.env.apis:
            return {}
        identity, caller = self._identity("gateway", base.API_CALLER)
        openai = OpenAi(self, azure, network, vault, caller)
        return {name: base.ApiEndpoint(openai.hosts[api.region], "AzureOpenAI", name, identity) for name, api in self.env.apis.items()}

    def _identity(self, name: str, account: base.ServiceAccount) -> tuple[base.Identity, Added[UserAssignedIdentity]]:
        """An Azure identity that one service account, and nothing else, can take on."""
        identity = self._identities.identity(name)
        self._kubernetes.federate(identity, account.namespace, account.name)
        annotations = {"azure.workload.identity/client-id": identity.ref("client_id")}
        return base.Identity(account, annotations, {"azure.workload.identity/use": "true"}), identity

    def gpu_operator(self) -> Mapping[str, Any]:
        """AKS installs nothing (`gpu_driver="None"`): driver and toolkit are the operator's."""
        return {"driver": {"enabled": True}, "toolkit": {"enabled": True}}

    def load_balancer_annotations(self) -> Mapping[str, str]:
        return {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}

    def generate_secret(self, name: str) -> str:
        self._vault.generate(name, "generated")
        return name


def _tolerations(pool: GpuPool) -> list[dict[str, str]]:
    return [gpu.TOLERATION, TOLERATE_SPOT] if pool.spot else [gpu.TOLERATION]


def _key_vault_store(vault: str) -> Mapping[str, Any]:
    reader = {"name": base.SECRETS_READER.name, "namespace": base.SECRETS_READER.namespace}
    return {"azurekv": {"authType": "WorkloadIdentity", "vaultUrl": f"https://{vault}.vault.azure.net", "serviceAccountRef": reader}}
