"""Scaleway Kapsule: nodes without public addresses, an API server that lets in whom it is told to, and the services around it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from blueprint.catalog import load_catalog
from blueprint.environment import Environment, Kapsule
from modules import gpu
from modules.clusters import base
from modules.resources import helm, scaleway
from modules.resources.base import Ref
from modules.resources.engine import Added, Construct, Stack
from modules.resources.scaleway.security import ApiKey
from modules.scaleway.database import DATABASE, PASSWORD_SECRET, USER, Database
from modules.scaleway.guard import Guard
from modules.scaleway.identities import Identities, access_key, secret_key
from modules.scaleway.inference import Inference
from modules.scaleway.kubernetes import Kubernetes
from modules.scaleway.network import Network
from modules.scaleway.registry import Registry
from modules.scaleway.storage import Storage
from modules.scaleway.vault import Vault

# What object storage needs beside its own permissions where buckets are encrypted with a key of ours.
READ = ["ObjectStorageBucketsRead", "ObjectStorageObjectsRead", "KeyManagerKeyDecrypt"]
WRITE = [*READ, "ObjectStorageObjectsWrite", "ObjectStorageObjectsDelete", "KeyManagerKeyEncrypt"]


class Target(base.Cluster):
    """Kapsule with everything an environment needs from Scaleway."""

    target: ClassVar[str] = "kapsule"
    guarantees: ClassVar[base.Guarantees] = base.Guarantees(
        api_server="a public address, closed to all but the ranges of cluster.api_server_from",
        nodes="private addresses only",
        way_out="one public gateway; inside the cluster everything is denied but the flows listed",
        encryption_keys="one key of your own in Key Manager for buckets; Scaleway's own for the rest",
        workload_identity="static IAM keys that all end on cluster.keys_expire, handed out by Secret Manager",
        secrets_in_state="the IAM keys' secret halves and the cluster's token: the provider offers no other way",
        operator="Scaleway; EU law only",
    )

    def __init__(self, scope: Construct, env: Environment) -> None:
        super().__init__(scope, env)
        assert isinstance(env.cluster, Kapsule)
        self._cluster = env.cluster
        place = {"project_id": str(env.cluster.project), "region": env.cluster.region, "zone": env.cluster.zone}
        Stack.around(self).use_provider("scaleway", scaleway.SOURCE, scaleway.VERSION, place)
        network = Network(self, env)
        self._vault = Vault(self, env)
        self._identities = Identities(self, env)
        registry = Registry(self, env, self._identities)
        storage = Storage(self, env, self._vault)
        database = Database(self, env, network, self._vault)
        kubernetes = Kubernetes(self, env, network)
        self._use_helm(kubernetes, registry)
        self._fill_contract(kubernetes, registry, storage, database)
        self.apis = self._apis(network)
        Guard(self, env)

    def _use_helm(self, kubernetes: Kubernetes, registry: Registry) -> None:
        """Helm speaks to the cluster created in the same apply, with the token Scaleway puts into its kubeconfig."""
        config = {key: kubernetes.kapsule.ref(f"kubeconfig[0].{key}") for key in ("host", "token", "cluster_ca_certificate")}
        config["cluster_ca_certificate"] = Ref(f"${{base64decode({config['cluster_ca_certificate'][2:-1]})}}")
        settings = {"kubernetes": config, "registries": [registry.helm_login]}
        Stack.around(self).use_provider("helm", helm.SOURCE, helm.VERSION, settings)

    def _fill_contract(self, kubernetes: Kubernetes, registry: Registry, storage: Storage, database: Database) -> None:
        self.gpu_nodes = {name: gpu.nodes(self.env, name, [gpu.TOLERATION]) for name in self.env.cluster.gpu_pools}
        self.registry = registry.host
        self.storage_class = "sbs-5k"
        self.ready = [kubernetes.kapsule, kubernetes.acl, *kubernetes.pools]
        public = load_catalog().provider_of(self.target).public_cidrs
        self.api_server_cidrs = self.service_cidrs = public
        self.private_cidrs = [str(self._cluster.network.address_space)]
        self.identity_cidrs = self.package_cidrs = []
        self.secrets_identity = base.Identity(base.SECRETS_READER)
        reader = self._identities.key("secrets", "reads secrets", ["SecretManagerReadOnly", "SecretManagerSecretAccess"])
        self.secret_store = self._secret_store()
        self.static_logins = self._static_logins(registry, reader)
        self.object_store = self._object_store(storage)
        host = database.server.ref("private_network[0].hostname")
        self.database = base.Database(host=host, name=DATABASE, user=USER, password_secret=self._vault.name_of(PASSWORD_SECRET))

    def _secret_store(self) -> Mapping[str, Any]:
        login = {"name": base.SECRET_STORE_LOGIN, "namespace": base.SECRETS_READER.namespace}
        keys = {field: {"secretRef": {**login, "key": key}} for field, key in (("accessKey", "access-key"), ("secretKey", "secret-key"))}
        return {"scaleway": {"region": self._cluster.region, "projectId": str(self._cluster.project), **keys}}

    def _static_logins(self, registry: Registry, reader: Added[ApiKey]) -> base.StaticLogins:
        halves = {"access-key": access_key(reader), "secret-key": secret_key(reader)}
        login = {key: Ref(f"${{base64encode({value[2:-1]})}}") for key, value in halves.items()}
        return base.StaticLogins(registry=registry.login, secret_store=login, revision=self._identities.revision)

    def _object_store(self, storage: Storage) -> base.ObjectStore:
        region = self._cluster.region
        remote = {"TYPE": "s3", "PROVIDER": "Scaleway", "REGION": region, "ENDPOINT": storage.endpoint, "ENV_AUTH": "true"}
        return base.ObjectStore(
            rclone={f"RCLONE_CONFIG_STORE_{key}": value for key, value in remote.items()},
            weights=f"store:{storage.weights}",
            weights_identity=self._identity(base.WEIGHTS_READER, "weights", "reads weights", READ),
            artifacts=f"s3://{storage.artifacts}",
            artifacts_identity=self._identity(base.ARTIFACTS_WRITER, "mlflow", "reads and writes artifacts", WRITE),
            artifacts_settings={"MLFLOW_S3_ENDPOINT_URL": storage.endpoint, "AWS_DEFAULT_REGION": region},
        )

    def _identity(self, account: base.ServiceAccount, name: str, purpose: str, permissions: list[str]) -> base.Identity:
        """A key of its own, which reaches the account's pods through the secret store."""
        key = self._identities.key(name, purpose, permissions)
        halves = {"AWS_ACCESS_KEY_ID": access_key(key), "AWS_SECRET_ACCESS_KEY": secret_key(key)}
        return base.Identity(account, credentials={variable: self._keep(f"{name}-{variable}", half) for variable, half in halves.items()})

    def _keep(self, name: str, value: Ref) -> str:
        """A key's half in the secret store, replaced with the key; returns its name there."""
        kept = name.lower().replace("_", "-")
        self._vault.store(kept, value, "key of a workload", self._identities.revision)
        return self._vault.name_of(kept)

    def _apis(self, network: Network) -> Mapping[str, base.ApiEndpoint]:
        if not self.env.apis:
            return {}
        hosted, caller = Inference(self, self.env, network, self._identities), base.Identity(base.API_CALLER)
        key = self._keep("gateway-api-key", secret_key(hosted.key))
        models = {name: api.model for name, api in self.env.apis.items()}
        return {name: base.ApiEndpoint(hosted.hosts[name], "OpenAI", model, caller, key) for name, model in models.items()}

    def gpu_operator(self) -> Mapping[str, Any] | None:
        """Scaleway installs one on every GPU pool, in kube-system; a second one would fight with it."""
        return None

    def load_balancer_annotations(self) -> Mapping[str, str]:
        return {"service.beta.kubernetes.io/scw-loadbalancer-private": "true"}

    def generate_secret(self, name: str) -> str:
        self._vault.generate(name, "generated")
        return self._vault.name_of(name)
