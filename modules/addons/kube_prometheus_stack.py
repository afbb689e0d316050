"""Prometheus, Alertmanager and Grafana with the operator that runs them.

Changing the version restarts Prometheus (a gap of about a minute); the chart never upgrades its CRDs, so read its UPGRADE.md
first. Monitors and rules of any namespace are picked up without a label.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.addons.base import HelmAddon
from modules.manifests import Object
from modules.manifests.objects import external_secret

NAMESPACE = "monitoring"
PROMETHEUS = f"http://kube-prometheus-stack-prometheus.{NAMESPACE}.svc:9090"

GRAFANA_LOGIN = "grafana-login"
# Prometheus deletes old data by size before the volume is full (its documentation asks for 15 to 20 percent of room).
USABLE_STORAGE = 0.8
# What a managed control plane hides; scraping it would only produce targets that are always down.
HIDDEN_BY_PROVIDER = ("kubeControllerManager", "kubeEtcd", "kubeProxy", "kubeScheduler")


class KubePrometheusStack(HelmAddon):
    """Keeps `monitoring.retention_days` on `monitoring.storage_gib`; the Grafana password comes from the secret store."""

    chart = "kube-prometheus-stack"
    version = "88.5.3"
    namespace = NAMESPACE
    needs = ("cert_manager", "external_secrets")

    def before(self) -> Mapping[str, Sequence[Object]]:
        keys = {"password": self.cluster.generate_secret("grafana-admin-password")}
        login = {"admin-user": "admin", "admin-password": "{{ .password }}"}
        return {GRAFANA_LOGIN: [external_secret(GRAFANA_LOGIN, self.namespace, keys, template=login)]}

    def values(self) -> Mapping[str, Any]:
        return {
            **{part: {"enabled": False} for part in HIDDEN_BY_PROVIDER},
            "nodeExporter": {"enabled": False},  # needs a privileged namespace, so it is an add-on of its own
            "kube-state-metrics": {"image": {"registry": self.cluster.image("registry.k8s.io")}},
            "prometheusOperator": self._operator(),
            "prometheus": {"prometheusSpec": self._prometheus()},
            "alertmanager": {"alertmanagerSpec": {**self._from_quay(), "storage": self._volume(2)}},
            "grafana": self._grafana(),
        }

    def _from_quay(self) -> dict[str, Any]:
        return {"image": {"registry": self.cluster.image("quay.io")}}

    def _volume(self, gib: int) -> dict[str, Any]:
        claim = {"storageClassName": self.cluster.storage_class, "accessModes": ["ReadWriteOnce"]}
        return {"volumeClaimTemplate": {"spec": {**claim, "resources": {"requests": {"storage": f"{gib}Gi"}}}}}

    def _operator(self) -> dict[str, Any]:
        return {
            **self._from_quay(),
            "prometheusConfigReloader": self._from_quay(),
            "thanosImage": {"registry": self.cluster.image("quay.io")},
            "admissionWebhooks": {"certManager": {"enabled": True}, "patch": {"enabled": False}},
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        }

    def _prometheus(self) -> dict[str, Any]:
        kept = self.env.monitoring
        kinds = ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
        return {
            **self._from_quay(),
            **{f"{kind}SelectorNilUsesHelmValues": False for kind in kinds},
            "externalLabels": {"cluster": self.env.name},
            "scrapeInterval": "15s",  # twice as often as KEDA asks
            "retention": f"{kept.retention_days}d",
            "retentionSize": f"{int(kept.storage_gib * USABLE_STORAGE)}GiB",
            "storageSpec": self._volume(kept.storage_gib),
            "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "6Gi"}},
        }

    def _grafana(self) -> dict[str, Any]:
        return {
            "image": {"registry": self.cluster.image("docker.io")},
            "sidecar": {"image": {"registry": self.cluster.image("quay.io")}},
            "admin": {"existingSecret": GRAFANA_LOGIN},
            "testFramework": {"enabled": False},
            "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
            "grafana.ini": {
                "analytics": {"reporting_enabled": False, "check_for_updates": False, "check_for_plugin_updates": False},
                "security": {"disable_gravatar": True},
                "snapshots": {"external_enabled": False},
                "news": {"news_feed_enabled": False},
                "plugins": {"preinstall_disabled": True, "plugin_admin_enabled": False},
            },
        }
