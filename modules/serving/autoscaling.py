"""KEDA scales each deployment on load and clock.

Load: requests in the house per replica against 70 % of what one replica holds, and KV cache in use against 80 %; the larger
answer counts. Both queries give one number whatever the number of replicas; KEDA refuses more. An empty answer is an error,
not zero, so that a broken scrape never scales down; after three errors the replicas stay where they are, or rise to `min`.

The series are the engine's own, not `model:llm_inflight:sum` and `model:llm_kv_use:max`, which count the same (a test holds them
together): a recording is up to half a minute older, and where rules are no longer evaluated Prometheus still answers with its last
value for five minutes, while the raw series of a vanished target are gone at once, which is what the fail-safe lives on.

Clock: `schedule` is a lower bound between two times.

Models whose `min` is 0 have no metrics while they sleep. There an empty answer does mean zero (`or vector(0)`), or KEDA would
sit in a permanent error; there is no fallback, which would wake the model whenever Prometheus is down (KEDA 2.20,
pkg/scaling/executor: a fallback counts as a wish for replicas). So only the clock wakes them, load can add replicas while they
are awake, and they sleep again once the clock has run out and the last request is done. While Prometheus is away KEDA may put
one to sleep early: a poll that finds its scalers just closed by another reader sees neither activity nor error (scale_handler.go).
"""

from typing import Any

from blueprint.environment import Schedule
from blueprint.sizing.deployment import TARGET_SHARE
from modules.addons.kube_prometheus_stack import PROMETHEUS
from modules.manifests import Object
from modules.manifests.objects import resource
from modules.serving.deployment import Deployment

TARGET_KV_USE = 0.8
# A cold start takes minutes (node, image, weights): add one by one, give back slowly.
SCALE_UP_SECONDS = 120
SCALE_DOWN_SECONDS = 900


def scaled_object(deployment: Deployment) -> Object:
    wish = deployment.wish
    spec: dict[str, Any] = {
        "scaleTargetRef": {"name": deployment.name},
        "minReplicaCount": wish.replicas.min,
        "maxReplicaCount": wish.replicas.max,
        "pollingInterval": 30,
        "cooldownPeriod": SCALE_DOWN_SECONDS,
        "triggers": [*load(deployment), *([clock(wish.schedule)] if wish.schedule else [])],
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": behavior()}},
    }
    if wish.replicas.min > 0:
        spec["fallback"] = {"failureThreshold": 3, "replicas": wish.replicas.min, "behavior": "currentReplicasIfHigher"}
    return resource("keda.sh/v1alpha1", "ScaledObject", deployment.name, deployment.namespace, labels=deployment.labels, spec=spec)


def load(deployment: Deployment) -> list[dict[str, Any]]:
    """Two triggers on the deployment's own series."""
    series = f'{{namespace="{deployment.namespace}",model_name="{deployment.name}"}}'
    requests = f"sum(vllm:num_requests_running{series}) + sum(vllm:num_requests_waiting{series})"
    kv_use = f"max(vllm:kv_cache_usage_perc{series})"
    per_replica = TARGET_SHARE * min(deployment.sizing.max_concurrency, int(deployment.sizing.flags["max_num_seqs"]))
    asleep = deployment.wish.replicas.min == 0
    return [
        _prometheus("requests", "AverageValue", requests, f"{max(1.0, per_replica):.1f}", asleep),
        _prometheus("kv-cache", "Value", kv_use, str(TARGET_KV_USE), asleep),
    ]


def _prometheus(name: str, kind: str, query: str, threshold: str, empty_is_zero: bool) -> dict[str, Any]:
    query = f"({query}) or vector(0)" if empty_is_zero else query
    metadata = {"serverAddress": PROMETHEUS, "query": query, "threshold": threshold, "ignoreNullValues": "false"}
    return {"type": "prometheus", "name": name, "metricType": kind, "metadata": metadata}


def clock(schedule: Schedule) -> dict[str, Any]:
    """A cron trigger. A night that begins on a weekday ends on the day after it, Saturday included."""
    over_midnight = schedule.end <= schedule.start
    first, last = ("*", "*") if schedule.days == "daily" else ("1-5", "2-6" if over_midnight else "1-5")
    metadata = {
        "timezone": schedule.timezone,
        "start": f"{_cron(schedule.start)} {first}",
        "end": f"{_cron(schedule.end)} {last}",
        "desiredReplicas": str(schedule.replicas),
    }
    return {"type": "cron", "name": "schedule", "metadata": metadata}


def _cron(time: str) -> str:
    hour, minute = map(int, time.split(":"))
    return f"{minute} {hour} * *"


def behavior() -> dict[str, Any]:
    one = {"type": "Pods", "value": 1, "periodSeconds": SCALE_UP_SECONDS}
    return {
        "scaleUp": {"stabilizationWindowSeconds": 0, "policies": [one]},
        "scaleDown": {"stabilizationWindowSeconds": SCALE_DOWN_SECONDS, "policies": [one]},
    }
