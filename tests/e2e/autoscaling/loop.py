"""The closed loop: load → simulators → Prometheus → KEDA → HPA → Deployment → pods → simulators.

API server, controllers, scheduler, KEDA and Prometheus are the genuine ones; nodes are kwok's, the models simulators, the gateway a
forwarder. With a `factor` above 1 every duration is divided by it (`emitted.py`).
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modules.clusters.base import WEIGHTS_READER
from modules.manifests.objects import resource
from tests.e2e.autoscaling import emitted
from tests.e2e.autoscaling.bridge import Bridge
from tests.e2e.autoscaling.gateway import Gateway
from tests.e2e.autoscaling.keda import KINDS, keda
from tests.e2e.autoscaling.load import k6, load
from tests.e2e.autoscaling.prometheus import Prometheus, prometheus
from tests.e2e.autoscaling.watch import watching
from tests.e2e.harness import crds
from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.tools import tool
from tests.modules.fake_cluster import POOL_LABEL
from tests.modules.platform import Object, platform

NAMESPACE = WEIGHTS_READER.namespace
HPA_SECONDS = 15  # the controller manager's default --horizontal-pod-autoscaler-sync-period


@dataclass(frozen=True)
class Change:
    """A Deployment's wanted replicas from a moment (`time.time()`) on."""

    at: float
    replicas: int


@dataclass
class Loop:
    """Everything but the models and their load."""

    folder: Path
    factor: int
    cluster: Cluster
    bridge: Bridge
    gateway: Gateway
    prometheus: Prometheus
    history: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    releases: dict[str, list[Object]] = field(default_factory=dict)

    def deploy(self, models: Mapping[str, Mapping[str, Any]], ask: Mapping[str, Prometheus] | None = None) -> None:
        """Each model's release, its ScaledObject in this loop's time and asking this loop's Prometheus, or the one named in `ask`."""
        asked = {name: (ask or {}).get(name, self.prometheus).url for name in models}
        self.releases = emitted.releases(models, asked, self.factor)
        self.cluster.apply([item for release in self.releases.values() for item in release])

    def remove(self, name: str) -> None:
        """The release and every trace of it."""
        listed = {"apiVersion": "v1", "kind": "List", "items": self.releases.pop(name)}
        self.cluster.kubectl("delete", "--filename=-", stdin=json.dumps(listed))
        self.until(lambda: not self.bridge.of(name), 60)
        del self.history[name]

    def prometheus_beside(self) -> AbstractContextManager[Prometheus]:
        """One more that sees the same, to be taken away."""
        return prometheus(self.folder / "prometheus-beside", self.bridge.targets, emitted.scrape_seconds(self.factor))

    def load(self, model: str, users: int, think_seconds: float = 0) -> AbstractContextManager[None]:
        return load(self.gateway.url(model), model, users, self.folder / f"load-{model}.log", think_seconds)

    def spec(self, model: str) -> Object:
        """Of its ScaledObject, as deployed here."""
        return next(item["spec"] for item in self.releases[model] if item["kind"] == "ScaledObject")

    def answers(self, model: str) -> dict[str, list[float]]:
        """What Prometheus answers to each query of the model's ScaledObject."""
        asked = (trigger for trigger in self.spec(model)["triggers"] if trigger["type"] == "prometheus")
        return {trigger["name"]: self.prometheus.query(trigger["metadata"]["query"]) for trigger in asked}

    def replicas(self, model: str) -> int:
        """How many the Deployment wants now."""
        return self.history[model][-1].replicas if self.history[model] else 0

    def events(self, model: str) -> list[str]:
        """`reason: message` of those about the model's ScaledObject."""
        return [f"{event['reason']}: {event['message']}" for event in self.cluster.events(NAMESPACE) if _is_about(event, model)]

    def condition(self, kind: str, model: str, name: str) -> Object:
        """Of the model's `scaledobject` or `hpa`; {} while it has none of that name."""
        prefix = "keda-hpa-" if kind == "hpa" else ""
        conditions = self.cluster.get(kind, f"{prefix}{model}", NAMESPACE).get("status", {}).get("conditions", [])
        return next((condition for condition in conditions if condition["type"] == name), {})

    def note(self, event: str, deployment: Object) -> None:
        """Takes the events of a watch on Deployments."""
        changes, replicas = self.history[deployment["metadata"]["name"]], deployment["spec"]["replicas"]
        if event != "DELETED" and (not changes or changes[-1].replicas != replicas):
            changes.append(Change(time.time(), replicas))

    @staticmethod
    def until(what: Callable[[], bool], seconds: float) -> None:
        """Fails when it has not come true after `seconds`."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
            time.sleep(0.1)


@contextmanager
def closed_loop(folder: Path, factor: int = 1) -> Iterator[Loop]:
    """Keeps its files and logs in `folder`; where a program is missing, the test is skipped before anything starts."""
    for name in ("keda-operator", "keda-adapter", "prometheus", "llm-d-inference-sim"):
        tool(name)
    k6()
    flags = [f"--horizontal-pod-autoscaler-sync-period={HPA_SECONDS // factor}s"]
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster.start(controller_manager_flags=flags))
        _furnish(cluster)
        stack.enter_context(keda(cluster, folder / "keda"))
        bridge = stack.enter_context(closing(Bridge(folder)))
        gateway = stack.enter_context(closing(Gateway(bridge)))
        found = stack.enter_context(prometheus(folder / "prometheus", bridge.targets, emitted.scrape_seconds(factor)))
        loop = Loop(folder, factor, cluster, bridge, gateway, found)
        stack.enter_context(watching(cluster, "pods", NAMESPACE, bridge.tell))
        stack.enter_context(watching(cluster, "deployments", NAMESPACE, loop.note))
        yield loop


def _furnish(cluster: Cluster) -> None:
    """What models expect to find, and one node with room for every replica: where pods may land is another test's matter."""
    foundation, identity, model = (
        [*platform("eu-prod").values(release)["objects"].values()] for release in ("foundation", "model-identity", "model-analysis")
    )
    crds.install(cluster, {*KINDS, *(item["kind"] for item in [*foundation, *identity, *model])})
    cluster.apply(foundation)
    cluster.apply(identity)
    room = {"cpu": "256", "memory": "4Ti", "pods": "110", "nvidia.com/gpu": "32"}
    taint = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
    status = {"capacity": room, "allocatable": room}
    cluster.apply([resource("v1", "Node", "gpu", labels={POOL_LABEL: "h100"}, spec={"taints": [taint]}, status=status)])


def _is_about(event: Object, model: str) -> bool:
    return (event["involvedObject"]["kind"], event["involvedObject"]["name"]) == ("ScaledObject", model)
