"""node-exporter: disk, network and memory of the nodes, which Prometheus cannot see from inside a pod."""

from collections.abc import Mapping
from typing import Any

from modules.addons.base import HelmAddon


class NodeExporter(HelmAddon):
    """Reads the host's /proc and /sys, which only a privileged namespace allows; nothing else runs in this one."""

    chart = "prometheus-node-exporter"
    version = "4.56.1"
    namespace = "node-exporter"
    needs = ("kube_prometheus_stack",)
    pod_security = "privileged"

    def values(self) -> Mapping[str, Any]:
        return {
            "image": {"registry": self.cluster.image("quay.io"), "distroless": True},
            "podLabels": {"jobLabel": "node-exporter"},
            "prometheus": {"monitor": {"enabled": True, "jobLabel": "jobLabel"}},
            "tolerations": [{"operator": "Exists"}],
            "resources": {"requests": {"cpu": "20m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
        }
