"""KEDA: scales model deployments on queue, KV-cache use and the clock (`modules/serving/autoscaling.py`).

Changing the version restarts the operator, never the models.
"""

from collections.abc import Mapping
from typing import Any

from modules.addons.base import HelmAddon
from modules.monitoring.monitors import ABOUT_SCALED_OBJECTS


class Keda(HelmAddon):
    """No trigger of ours reads a Secret, so KEDA may read none."""

    chart = "keda"
    version = "2.20.2"
    namespace = "keda"
    needs = ("kube_prometheus_stack",)

    def values(self) -> Mapping[str, Any]:
        pair = {"replicaCount": self.replicas}
        parts = ("operator", "metricServer", "webhooks")
        monitor = {"enabled": True, "relabelings": list(ABOUT_SCALED_OBJECTS)}
        return {
            "global": {"image": {"registry": self.cluster.image("ghcr.io")}},
            "image": {"pullPolicy": "IfNotPresent"},
            "clusterName": self.env.name,
            "operator": pair,
            "metricsServer": pair,
            "webhooks": pair,
            "podDisruptionBudget": {part: {"maxUnavailable": 1} for part in parts},
            # Without it KEDA resolves the environment of every pod it scales, the models' API keys included.
            "permissions": {part: {"restrict": {"secret": True}} for part in ("operator", "metricServer")},
            "prometheus": {part: {"enabled": True, "serviceMonitor": monitor} for part in parts},
        }
