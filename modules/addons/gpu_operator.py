"""NVIDIA GPU Operator: driver, container toolkit, device plugin and GPU metrics on every GPU node.

Changing the version replaces the driver node by node: pods that use a GPU are evicted. What the nodes need differs between
clouds and comes from the cluster; where the provider brings its own operator, ours is not installed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules import gpu
from modules.addons.base import HelmAddon
from modules.monitoring.monitors import ABOUT_GPUS

# Every counter we rely on. It replaces the exporter's own list, which leaves ECC, NVLink errors and SM activity out.
METRICS = Path(__file__).parent / "dcgm-metrics.csv"

# Upstream repository → components. Those that stay off are here too: switched on, they must not pull from elsewhere.
REPOSITORIES = {
    "nvcr.io/nvidia": ["operator", "validator", "driver", "devicePlugin", "gfd", "nodeStatusExporter", "sandboxDevicePlugin"],
    "nvcr.io/nvidia/k8s": ["toolkit", "dcgmExporter"],
    "nvcr.io/nvidia/cloud-native": [
        *("dcgm", "migManager", "ccManager", "gds", "gdrcopy", "vgpuDeviceManager", "vfioManager", "kataSandboxDevicePlugin"),
    ],
}
# Components nobody here uses; some are on in the chart and only wait for their first virtual machine.
OFF = (
    *("ccManager", "dcgm", "gdrcopy", "gds", "kataSandboxDevicePlugin", "nodeStatusExporter"),
    *("sandboxDevicePlugin", "vfioManager", "vgpuDeviceManager", "vgpuManager"),
)
# Components whose own helper pulls the driver manager.
DRIVER_MANAGERS = {"driver": "manager", "vfioManager": "driverManager", "vgpuManager": "driverManager"}


class GpuOperator(HelmAddon):
    """Loads kernel modules and mounts the host, so its namespace is privileged."""

    chart = "gpu-operator"
    version = "v26.7.0"
    namespace = "gpu-operator"
    needs = ("kube_prometheus_stack",)
    pod_security = "privileged"
    timeout = 1800

    @property
    def wanted(self) -> bool:
        return self.cluster.gpu_operator() is not None

    def values(self) -> Mapping[str, Any]:
        ours = {
            "daemonsets": {"tolerations": self._tolerations()},
            "dcgmExporter": {
                "config": {"name": "dcgm-metrics", "create": True, "data": METRICS.read_text()},
                "serviceMonitor": {"relabelings": list(ABOUT_GPUS)},
            },
            "node-feature-discovery": {
                "image": {"repository": self.cluster.image("registry.k8s.io/nfd/node-feature-discovery")},
                "worker": {"tolerations": self._tolerations()},
            },
        }
        off = {part: {"enabled": False} for part in OFF}
        return merge(merge(merge(merge(self._images(), off), ours), gpu.operator_values(self.env)), self.cluster.gpu_operator() or {})

    def _images(self) -> dict[str, Any]:
        image = self.cluster.image
        own = {part: {"repository": image(upstream)} for upstream, parts in REPOSITORIES.items() for part in parts}
        managers = {part: {key: {"repository": image("nvcr.io/nvidia/cloud-native")}} for part, key in DRIVER_MANAGERS.items()}
        return merge(own, managers)

    def _tolerations(self) -> list[dict[str, str]]:
        """The taints of all GPU pools, each once."""
        found = {tuple(sorted(one.items())): dict(one) for nodes in self.cluster.gpu_nodes.values() for one in nodes.tolerations}
        return [found[key] for key in sorted(found)]


def merge(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Nested maps joined; where both set a value, theirs counts."""
    both = {key: merge(ours[key], theirs[key]) for key in ours.keys() & theirs.keys() if isinstance(ours[key], Mapping)}
    return {**ours, **theirs, **both}
