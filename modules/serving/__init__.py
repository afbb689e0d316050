"""`models:` every model deployment of the environment, served by vLLM and scaled by KEDA, one release each.

A change to a deployment rolls its pods one by one and drains their requests first; how depends on spare GPUs (`capacity`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from modules.addons import Platform
from modules.clusters.base import WEIGHTS_READER, Cluster
from modules.manifests import bundle
from modules.manifests.objects import credentials, service_account
from modules.network_policies import MODEL_PORT
from modules.resources.engine import Construct, Part
from modules.serving import autoscaling, vllm
from modules.serving.deployment import Deployment


@dataclass(frozen=True)
class ModelService:
    """Where a deployment answers inside the cluster, and under which other names; `key_secret` is its API key's name in the
    secret store."""

    name: str
    host: str
    port: int
    key_secret: str
    adapters: Sequence[str] = ()


def deploy(scope: Construct, cluster: Cluster, platform: Platform) -> Sequence[ModelService]:
    """One release per model deployment. Apply does not wait for models: loading takes as long as it takes."""
    part = Part(scope, "models")
    namespace = WEIGHTS_READER.namespace
    reader = cluster.object_store.weights_identity
    identity = bundle(part, cluster, "model-identity", namespace, [service_account(reader), *credentials(reader)], after=platform.ready)
    services = []
    for name in cluster.env.models:
        deployment = Deployment.of(cluster, name)
        objects = [*vllm.objects(deployment), autoscaling.scaled_object(deployment)]
        bundle(part, cluster, f"model-{name}", namespace, objects, after=[identity], wait=False)
        adapters = deployment.wish.adapters.names if deployment.wish.adapters else ()
        services.append(ModelService(name, deployment.host, MODEL_PORT, deployment.key_secret, adapters))
    return services
