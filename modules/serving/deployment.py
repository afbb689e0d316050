"""What one model deployment is made of: the wish from the environment, its sizing, and the pool it runs on."""

from collections.abc import Mapping
from dataclasses import dataclass

from blueprint.environment import Environment, ModelDeployment
from blueprint.sizing import Sizing, size_deployment
from modules.clusters.base import WEIGHTS_READER, Cluster, GpuNodes

LABEL = "sovereign-inference"


@dataclass(frozen=True)
class Deployment:
    """One entry of `models:`. `key_secret` is the API key's name in the secret store."""

    name: str
    wish: ModelDeployment
    sizing: Sizing
    nodes: GpuNodes
    spare_gpus: int
    key_secret: str
    cluster: Cluster

    @staticmethod
    def of(cluster: Cluster, name: str) -> "Deployment":
        """The deployment called `name`; creates its API key in the secret store."""
        wish = cluster.env.models[name]
        nodes = cluster.gpu_nodes[wish.pool]
        key = cluster.generate_secret(f"model-{name}-api-key")
        return Deployment(name, wish, size_deployment(cluster.env, name), nodes, spare_gpus(cluster.env, wish.pool, nodes), key, cluster)

    @property
    def namespace(self) -> str:
        return WEIGHTS_READER.namespace

    @property
    def host(self) -> str:
        return f"{self.name}.{self.namespace}.svc.cluster.local"

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return int(self.sizing.flags["tensor_parallel_size"])

    @property
    def selector(self) -> Mapping[str, str]:
        return {"app.kubernetes.io/name": "vllm", "app.kubernetes.io/instance": self.name}

    @property
    def labels(self) -> Mapping[str, str]:
        """Who serves what, readable from any pod."""
        return {
            **self.selector,
            "app.kubernetes.io/component": "model",
            f"{LABEL}/deployment": self.name,
            f"{LABEL}/model": self.wish.model,
            f"{LABEL}/format": self.wish.format,
        }

    @property
    def has_room_to_surge(self) -> bool:
        """Is a place for one more replica certain? Free GPUs may be scattered: only when there are more than
        nodes x (gpus - 1) of them must some node have `gpus` free (pigeonhole)."""
        return self.spare_gpus > self.nodes.max_nodes * (self.gpus - 1)


def spare_gpus(env: Environment, pool: str, nodes: GpuNodes) -> int:
    """GPUs of a pool that stay free when every deployment on it runs all its replicas."""
    wanted = sum(model.replicas.max * model.tensor_parallel for model in env.models.values() if model.pool == pool)
    return nodes.max_nodes * nodes.gpus_per_node - wanted
