"""vLLM for one model deployment: Deployment, Service, disruption budget, API key and metrics.

Every engine flag that decides memory comes from sizing. The server runs as nobody, offline, without telemetry, on a read-only
file system; prompts are never logged. Changing the version or a flag rolls the pods.
"""

import json
from collections.abc import Sequence
from math import ceil
from typing import Any

from blueprint import monitoring
from blueprint.monitoring import histograms
from blueprint.sizing import wording
from modules import foundation
from modules.clusters.base import WEIGHTS_READER
from modules.manifests import Object
from modules.manifests.objects import RESTRICTED_CONTAINER, RESTRICTED_POD, external_secret, from_secret, pod_monitor, resource, variables
from modules.network_policies import MODEL_PORT
from modules.serving import weights
from modules.serving.deployment import LABEL, Deployment

IMAGE = "docker.io/vllm/vllm-openai:v0.33.0"
USER = 1000

# Seconds between two probes; the startup probe's budget is sizing's.
PROBE_PERIOD = 10

# Nothing leaves the pod, whatever a library's default is.
OFFLINE = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
# The user has no entry in /etc/passwd and no home: compilers and caches get a writable place.
HOME = {"HOME": "/cache", "USER": "vllm", "VLLM_CACHE_ROOT": "/cache/vllm"}


def objects(deployment: Deployment) -> Sequence[Object]:
    name, namespace = deployment.name, deployment.namespace
    return [
        external_secret(key_of(deployment), namespace, {"apiKey": deployment.key_secret}),
        _deployment(deployment),
        _service(deployment),
        _disruption_budget(deployment),
        pod_monitor(name, namespace, deployment.selector, [{"port": "http"}]),
    ]


def key_of(deployment: Deployment) -> str:
    return f"{deployment.name}-api-key"


def arguments(deployment: Deployment) -> list[str]:
    """`vllm serve` flags. Twice as many requests as fit a batch may be in the house (waiting and running together, vLLM
    PR 49445); the next one gets a clean 503 that the gateway retries elsewhere. Histograms have an edge where a figure is: another
    figure under `monitoring.thresholds` rolls the pods."""
    flags: dict[str, Any] = dict(deployment.sizing.flags)
    stop = _shutdown(deployment)
    flags |= {
        "served_model_name": deployment.name,
        "port": MODEL_PORT,
        "max_num_queued_reqs": 2 * int(flags["max_num_seqs"]),
        "shutdown_timeout": stop.drain,
    }
    if buckets := histograms.custom(monitoring.load(), deployment.cluster.env):
        flags["custom_histogram_buckets"] = json.dumps(buckets, separators=(",", ":"))
    switches = ["--enable-force-include-usage", "--disable-fastapi-docs"]
    return [weights.PATH, *wording.arguments(flags, "="), *_adapters(deployment), *switches]


def _adapters(deployment: Deployment) -> list[str]:
    """Each under its own name. They lie among the model's weights, so that one list of checksums covers both."""
    adapters = deployment.wish.adapters
    return ["--lora-modules", *(f"{name}={weights.PATH}/adapters/{name}" for name in adapters.names)] if adapters else []


class _Shutdown:
    """Seconds from the decision to stop a pod to its end: first it leaves DNS (records live 30 s), then it finishes what it
    has. Spot nodes are gone after 30 seconds, so there everything fits into 25."""

    def __init__(self, spot: bool) -> None:
        self.leave, self.drain, self.margin = (5, 15, 5) if spot else (35, 120, 15)
        self.grace = self.leave + self.drain + self.margin


def _shutdown(deployment: Deployment) -> _Shutdown:
    return _Shutdown(deployment.nodes.spot)


def _deployment(deployment: Deployment) -> Object:
    """Without `replicas`: they are KEDA's, and a number here would undo its work at every upgrade."""
    surge = deployment.has_room_to_surge
    identity = deployment.cluster.object_store.weights_identity
    digest = deployment.wish.weights_digest
    pod = {
        "metadata": {
            "labels": {**deployment.labels, **identity.pod_labels},
            "annotations": {f"{LABEL}/weights": digest or "not pinned"},
        },
        "spec": _pod(deployment),
    }
    spec = {
        "selector": {"matchLabels": deployment.selector},
        "strategy": {"rollingUpdate": {"maxSurge": int(surge), "maxUnavailable": int(not surge)}},
        "progressDeadlineSeconds": deployment.sizing.cold_start_seconds,
        "revisionHistoryLimit": 5,
        "template": pod,
    }
    return resource("apps/v1", "Deployment", deployment.name, deployment.namespace, labels=deployment.labels, spec=spec)


def _pod(deployment: Deployment) -> dict[str, Any]:
    realtime = deployment.wish.priority == "realtime"
    return {
        "serviceAccountName": WEIGHTS_READER.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,  # a Service called vllm would set VLLM_PORT, which vLLM reads as its own
        "priorityClassName": foundation.REALTIME if realtime else foundation.BATCH,
        "nodeSelector": dict(deployment.nodes.node_selector),
        "tolerations": [dict(one) for one in deployment.nodes.tolerations],
        "terminationGracePeriodSeconds": _shutdown(deployment).grace,
        "securityContext": {**RESTRICTED_POD, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER},
        "initContainers": [weights.init_container(deployment)],
        "containers": [_server(deployment)],
        "volumes": [{"name": name, **source} for name, (_, source) in _volumes(deployment).items()],
    }


def _server(deployment: Deployment) -> dict[str, Any]:
    volumes = _volumes(deployment)
    return {
        "name": "vllm",
        "image": deployment.cluster.image(IMAGE),
        "command": ["vllm", "serve"],
        "args": arguments(deployment),
        "env": [*variables({**OFFLINE, **HOME}), from_secret("VLLM_API_KEY", key_of(deployment), "apiKey")],
        "ports": [{"name": "http", "containerPort": MODEL_PORT}],
        "resources": _resources(deployment),
        "securityContext": RESTRICTED_CONTAINER,
        "volumeMounts": [{"name": name, "mountPath": path, "readOnly": name == "weights"} for name, (path, _) in volumes.items()],
        "lifecycle": {"preStop": {"sleep": {"seconds": _shutdown(deployment).leave}}},
        **_probes(deployment),
    }


def _resources(deployment: Deployment) -> dict[str, Any]:
    """Per GPU, enough to feed it; small enough that every instance type in the catalogue has it and runs its system pods too."""
    gpus = deployment.gpus
    gpu = {deployment.nodes.resource: gpus}
    return {"requests": {"cpu": 4 * gpus, "memory": f"{32 * gpus}Gi", **gpu}, "limits": {"memory": f"{64 * gpus}Gi", **gpu}}


def _volumes(deployment: Deployment) -> dict[str, tuple[str, dict[str, Any]]]:
    """Name → where it is mounted and what it is. Tensor parallelism talks through shared memory, more than the default 64 MB
    of it (2 GiB as in vLLM's Kubernetes guide)."""
    volumes: dict[str, tuple[str, dict[str, Any]]] = {
        "weights": (weights.PATH, {"emptyDir": {}}),
        "cache": ("/cache", {"emptyDir": {}}),
        "tmp": ("/tmp", {"emptyDir": {}}),
    }
    if deployment.gpus > 1:
        volumes["shared-memory"] = ("/dev/shm", {"emptyDir": {"medium": "Memory", "sizeLimit": "2Gi"}})
    return volumes


def _probes(deployment: Deployment) -> dict[str, Any]:
    """Until the startup probe has passed the others wait, so neither needs an initial delay."""
    health = {"httpGet": {"path": "/health", "port": "http"}, "timeoutSeconds": 5}
    attempts = ceil(deployment.sizing.startup_seconds / PROBE_PERIOD)
    return {
        "startupProbe": {**health, "periodSeconds": PROBE_PERIOD, "failureThreshold": attempts},
        "livenessProbe": {**health, "periodSeconds": PROBE_PERIOD, "failureThreshold": 3},
        "readinessProbe": {**health, "periodSeconds": 5, "failureThreshold": 2},
    }


def _service(deployment: Deployment) -> Object:
    """Headless: the gateway sees every pod's address and sends each request to the least busy one."""
    port = {"name": "http", "port": MODEL_PORT, "targetPort": "http"}
    spec = {"clusterIP": "None", "selector": deployment.selector, "ports": [port]}
    return resource("v1", "Service", deployment.name, deployment.namespace, labels=deployment.labels, spec=spec)


def _disruption_budget(deployment: Deployment) -> Object:
    """One pod at a time may be drained, even when it is the only one: `minAvailable: 1` would let a single replica block
    every node upgrade for good. A pod that does not work never stands in the way."""
    spec = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": deployment.selector}}
    return resource("policy/v1", "PodDisruptionBudget", deployment.name, deployment.namespace, labels=deployment.labels, spec=spec)
