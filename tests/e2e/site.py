"""A variant running on a cluster: its nodes are there, its models installed, and what a person would do with kubectl."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e import variants
from tests.e2e.harness import crds
from tests.e2e.harness.cluster import Cluster
from tests.e2e.variants import Variant
from tests.modules.platform import Object

NAMESPACE = "inference"
INSTANCE = "app.kubernetes.io/instance"
WAIT_S = 120


@dataclass(frozen=True)
class Site:
    """Models are called by the names of their deployments."""

    cluster: Cluster
    variant: Variant

    def install(self, releases: Sequence[Object]) -> None:
        """Install or upgrade releases."""
        variants.install(self.cluster, releases)

    def scale(self, **replicas: int) -> None:
        """As KEDA does, and wait until the pods that find room run."""
        for name, count in replicas.items():
            self.cluster.kubectl("scale", f"deployment/{name}", f"--replicas={count}", f"--namespace={NAMESPACE}")

    def run(self, **replicas: int) -> None:
        """Scale models and wait until exactly that many pods of each run."""
        self.scale(**replicas)
        self.until(
            f"{replicas} run", lambda: all(len(self.pods(name)) == len(self.running(name)) == count for name, count in replicas.items())
        )

    def pods(self, name: str = "", namespace: str = NAMESPACE) -> list[Object]:
        """Pods of a model, or of a namespace."""
        found = self.cluster.items("pods", namespace)
        return [pod for pod in found if name in ("", pod["metadata"]["labels"].get(INSTANCE))]

    def running(self, name: str) -> list[str]:
        """Names of a model's pods that run."""
        return [pod["metadata"]["name"] for pod in self.pods(name) if pod["status"].get("phase") == "Running"]

    def why_pending(self, name: str) -> str:
        """What the scheduler says about a pod that has no node; empty while all have one."""
        conditions = [condition for pod in self.pods(name) for condition in pod["status"].get("conditions", [])]
        return "".join(found["message"] for found in conditions if found["type"] == "PodScheduled" and found["status"] == "False")

    def nodes_of(self, name: str) -> list[str]:
        """The nodes a model's pods are on."""
        return [pod["spec"]["nodeName"] for pod in self.pods(name) if "nodeName" in pod["spec"]]

    def cordon(self, *nodes: str) -> None:
        """Take nodes away from the scheduler, as when a machine cannot be had."""
        self.cluster.kubectl("cordon", *nodes)

    def uncordon(self) -> None:
        """Give all nodes back."""
        self.cluster.kubectl("uncordon", "--selector=kubernetes.io/os=linux")

    def until(self, what: str, predicate: Any) -> None:
        self.cluster.wait_for(what, predicate, WAIT_S)


@contextmanager
def running(variant: Variant, releases: Sequence[Object], **counts: int) -> Iterator[Site]:
    """A cluster of its own with the variant's nodes, and these releases on it."""
    with Cluster.start() as cluster:
        crds.install(cluster, variants.kinds([*releases, *variant.releases()]))
        cluster.apply(variant.nodes(**counts))
        site = Site(cluster, variant)
        site.install(releases)
        yield site
