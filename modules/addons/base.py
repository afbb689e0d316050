"""An add-on: one Helm release from the private registry, one file, found by folder."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from blueprint.images import lock
from modules.clusters.base import Cluster
from modules.manifests import Object, bundle
from modules.resources import helm
from modules.resources.base import to_yaml
from modules.resources.engine import Added, Part

PodSecurity = Literal["restricted", "baseline", "privileged"]


class HelmAddon:
    """Subclasses name chart, version and namespace and return the values that differ from the chart's defaults.

    `needs` lists add-ons (file names) that must be installed first. `pod_security` labels the namespace; anything above
    `restricted` says why in the subclass. `wanted` is for add-ons a target may bring itself.
    """

    chart: ClassVar[str]
    version: ClassVar[str]
    namespace: ClassVar[str]
    needs: ClassVar[Sequence[str]] = ()
    pod_security: ClassVar[PodSecurity] = "restricted"
    timeout: ClassVar[int] = 900

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.env = cluster.env

    @property
    def wanted(self) -> bool:
        return True

    @property
    def replicas(self) -> int:
        """Controllers come in pairs, one working and one ready, unless the environment does without a second gateway too."""
        return min(2, self.env.gateway.replicas)

    def values(self) -> Mapping[str, Any]:
        return {}

    def before(self) -> Mapping[str, Sequence[Object]]:
        """Objects the chart's pods wait for, such as secrets: release name → objects."""
        return {}

    def after(self) -> Mapping[str, Sequence[Object]]:
        """Objects of kinds the chart brings, such as the secret store: release name → objects."""
        return {}

    def _digests(self) -> Mapping[str, Any]:
        """What pins the images the chart brings along, in a file of its own that Helm merges over ours."""
        locked = lock.load(self.env.name)
        return locked.values(self.chart) if locked else {}

    def install(self, scope: Part, name: str, after: Sequence[Added[Any]]) -> Added[helm.Release]:
        """The release and what goes around it; returns the last part. Chart and images come from the private registry under
        their upstream names."""
        done = [bundle(scope, self.cluster, key, self.namespace, objects, after=after) for key, objects in self.before().items()]
        release = helm.Release(
            name=name.replace("_", "-"),
            namespace=self.namespace,
            chart=f"oci://{self.cluster.registry}/charts/{self.chart}",
            version=self.version,
            values=[to_yaml(values) for values in (self.values(), self._digests()) if values],
            timeout=self.timeout,
        )
        done = [self.cluster.install(Part(scope, name.replace("_", "-")), release, done or after)]
        for key, objects in self.after().items():
            done = [bundle(scope, self.cluster, key, self.namespace, objects, after=done)]
        return done[-1]
