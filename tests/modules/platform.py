"""Everything that runs inside the cluster, built once per environment for all tests that look at it."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from blueprint.environment import Environment
from modules import addons, gateway, monitoring, registry, serving
from modules.resources.engine import App, Stack
from tests.modules.fake_cluster import FakeCluster

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
Object = dict[str, Any]


@cache
def app() -> Any:
    """One jsii App for the whole test session; starting one takes longer than all of our tests."""
    return App()


def environment(name: str, **changes: Any) -> Environment:
    """A shipped environment, with some of its sections replaced."""
    document = yaml.safe_load((ENVIRONMENTS / f"{name}.yaml").read_text())
    return Environment.model_validate({"name": name, **document, **changes})


class Platform:
    """The releases of one environment: values of add-ons, objects of our own."""

    def __init__(self, env: Environment, cluster_type: type[FakeCluster] = FakeCluster) -> None:
        scope = app()
        stack = Stack(scope, f"{env.name}-{len(scope.node.children)}")
        self.cluster = cluster = cluster_type(stack, env)
        platform = addons.install(stack, cluster)
        monitoring.install(stack, cluster, platform)
        registry.install(stack, cluster, platform)
        gateway.expose(stack, cluster, platform, serving.deploy(stack, cluster, platform))
        self.releases: Mapping[str, Any] = stack.blocks["resource"]["helm_release"]
        self._values = {release["name"]: _as_helm_reads((release.get("values") or ["{}"])[0]) for release in self.releases.values()}

    def values(self, release: str) -> Object:
        """The values one release was given."""
        return self._values[release]

    def charts(self) -> Iterator[tuple[str, Object]]:
        """Release and values of everything that is not our own chart."""
        for item in self.releases.values():
            if item["chart"].startswith("oci://"):
                yield item["chart"].rsplit("/", 1)[1], self.values(item["name"])

    def objects(self, kind: str | None = None, namespace: str | None = None) -> list[Object]:
        """The Kubernetes objects we write ourselves."""
        bundles = (item["name"] for item in self.releases.values() if not item["chart"].startswith("oci://"))
        found = [item for name in bundles for item in self.values(name)["objects"].values()]
        return [item for item in found if kind in (None, item["kind"]) and namespace in (None, item["metadata"].get("namespace"))]

    def object(self, kind: str, name: str) -> Object:
        return next(item for item in self.objects(kind) if item["metadata"]["name"] == name)


def _as_helm_reads(values: str) -> Object:
    found: Object = yaml.safe_load(values.replace("$${", "${").replace("%%{", "%{"))
    return found


@cache
def platform(name: str) -> Platform:
    return Platform(environment(name))
