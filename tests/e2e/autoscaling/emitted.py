"""The objects of model deployments exactly as their bundles hold them, and the one place where time is compressed.

Waiting out a scale-down window takes 15 minutes. `faster` divides every duration of a ScaledObject by a factor; the loop divides the
scrape interval and the HPA's period by the same number, so all proportions stay. Counts, queries and thresholds stay untouched.
What does not shrink is what machines do: starting a process, answering a request, Prometheus noticing a new target.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from modules.addons.kube_prometheus_stack import PROMETHEUS
from tests.modules.platform import Object, Platform, environment, platform

# One minute stands for fifteen; every duration we emit can be divided by it.
FACTOR = 15
DURATIONS = {"pollingInterval", "cooldownPeriod", "stabilizationWindowSeconds", "periodSeconds"}

MODEL = {"model": "qwen3.5-27b", "format": "fp8", "max_context_tokens": 32768, "pool": "h100"}
CLUSTER = {
    "target": "aks",
    "region": "westeurope",
    "gpu_pools": {"h100": {"instance": "Standard_NC40ads_H100_v5", "min": 2, "max": 32}},
}


def releases(models: Mapping[str, Mapping[str, Any]], prometheus: Mapping[str, str], factor: int) -> dict[str, list[Object]]:
    """The objects of each model's release, in eu-prod with these models instead of its own: name → what differs from MODEL.
    `prometheus` has the address each one asks."""
    wishes = {name: {**MODEL, **wish} for name, wish in models.items()}
    built = Platform(environment("eu-prod", cluster=CLUSTER, models=wishes))
    return {name: _here([*built.values(f"model-{name}")["objects"].values()], prometheus[name], factor) for name in models}


def scrape_seconds(factor: int) -> int:
    """As often as the models' monitors say."""
    monitor = platform("eu-prod").object("PodMonitor", "analysis")
    return _divided("interval", int(monitor["spec"]["podMetricsEndpoints"][0]["interval"].removesuffix("s")), factor)


def faster(value: Any, factor: int) -> Any:
    """A copy with each duration divided; a remainder would change a proportion and is refused."""
    if isinstance(value, list):
        return [faster(item, factor) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _divided(key, item, factor) if key in DURATIONS else faster(item, factor) for key, item in value.items()}


def _here(release: list[Object], prometheus: str, factor: int) -> list[Object]:
    """Other objects keep their durations: those of probes are for machines."""
    return [faster(_asking(item, prometheus), factor) if item["kind"] == "ScaledObject" else item for item in release]


def _asking(scaled_object: Object, prometheus: str) -> Object:
    changed = deepcopy(scaled_object)
    for trigger in changed["spec"]["triggers"]:
        if trigger["type"] == "prometheus":
            assert trigger["metadata"]["serverAddress"] == PROMETHEUS
            trigger["metadata"]["serverAddress"] = prometheus
    return changed


def _divided(name: str, seconds: int, factor: int) -> int:
    if seconds % factor:
        raise ValueError(f"{name}: {seconds} s cannot be divided by {factor}")
    return seconds // factor
