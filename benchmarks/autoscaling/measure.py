"""One burst, watched at every stage it passes."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import requests

from tests.e2e.autoscaling.loop import HPA_SECONDS, NAMESPACE, Loop
from tests.e2e.harness.cluster import TOKEN

PATIENCE_SECONDS = 120
EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Run:
    """Seconds from the first request of the burst to the end of each stage."""

    prometheus: float
    keda: float
    hpa: float
    running: float
    answers: float


def measure(loop: Loop, model: str, users: int) -> Run:
    """From one idle replica to a second that answers; afterwards the deployment is gone again. Each run needs a name of its own:
    the HPA remembers by name when it last added a pod, and adds one per two minutes."""
    loop.deploy({model: {"replicas": {"min": 1, "max": 2}}})
    loop.until(lambda: is_settled(loop, model), PATIENCE_SECONDS)
    time.sleep(random.uniform(0, HPA_SECONDS))
    with loop.load(model, users):
        started = time.time()
        seen, served = sightings(loop, model)
        loop.until(lambda: len(loop.bridge.of(model)) == 2, PATIENCE_SECONDS)
    second = max(loop.bridge.of(model), key=lambda replica: replica.running)
    decided = next(change.at for change in loop.history[model] if change.replicas == 2)
    loop.remove(model)
    # We look ten times a second and may look late: no stage ends after the next one did.
    moments = (min(seen, served, decided), min(served, decided), decided, second.running, second.ready or second.running)
    return Run(*(moment - started for moment in moments))


def sightings(loop: Loop, model: str) -> tuple[float, float]:
    """When the burst was first above the target in Prometheus, and in KEDA's answer (the HPA tolerates a tenth more)."""
    triggers = loop.spec(model)["triggers"]
    target = float(next(trigger["metadata"]["threshold"] for trigger in triggers if trigger["name"] == "requests"))
    seen = first(lambda: sum(loop.answers(model)["requests"]) > target)
    return seen, first(lambda: external_metric(loop, model) > target)


def is_settled(loop: Loop, model: str) -> bool:
    """One replica, idle and scraped (series of the run before may still be there), and an HPA that gets its metric."""
    scraped = [loop.prometheus.query(f'vllm:num_requests_running{{pod="{replica.pod}"}}') for replica in loop.bridge.of(model)]
    return scraped == [[0]] and loop.condition("hpa", model, "ScalingActive").get("status") == "True"


def external_metric(loop: Loop, model: str) -> float:
    """What KEDA answers where the HPA asks."""
    url = f"{loop.cluster.server}/apis/external.metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}/s0-prometheus"
    answer = requests.get(
        url,
        params={"labelSelector": f"scaledobject.keda.sh/name={model}"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        verify=str(loop.cluster.folder / "pki" / "ca.crt"),
        timeout=10,
    )
    items = answer.json().get("items") or [{"value": "0"}]
    value = str(items[0]["value"])
    return float(value.removesuffix("m")) / (1000 if value.endswith("m") else 1)


def first(happened: Callable[[], bool]) -> float:
    """The moment it first holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        if time.monotonic() > deadline:
            raise SystemExit(f"a stage took more than {PATIENCE_SECONDS} s")
        time.sleep(EVERY_SECONDS)
    return time.time()
