"""Prometheus, Alertmanager and Grafana with the operator that runs them.

Changing the version restarts Prometheus (a gap of about a minute); the chart never upgrades its CRDs, so read its UPGRADE.md
first. Monitors and rules of any namespace are picked up without a label.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from blueprint.sizing import size_deployment
from modules import alertmanager
from modules.addons.base import HelmAddon
from modules.manifests import Object
from modules.manifests.objects import external_secret

NAMESPACE = "monitoring"
PROMETHEUS = f"http://kube-prometheus-stack-prometheus.{NAMESPACE}.svc:9090"

GRAFANA_LOGIN = "grafana-login"
# What marks a ConfigMap as a dashboard, and says which folder it is shown in.
DASHBOARD_LABEL, FOLDER = "grafana_dashboard", "grafana_folder"
# Prometheus deletes old data by size before the volume is full (its documentation asks for 15 to 20 percent of room).
USABLE_STORAGE = 0.8
# What a managed control plane hides; scraping it would only produce targets that are always down.
HIDDEN_BY_PROVIDER = ("kubeControllerManager", "kubeEtcd", "kubeProxy", "kubeScheduler")
# Alerts of the chart that are off, for one of ours says the same with a runbook of ours. The rest stays on, also where ours speak of a
# part (KubePodCrashLooping and ModelCrashes): it watches everything that is no model.
REPLACED = {
    "Watchdog": "Watchdog",  # twice in the heartbeat, the one kept it beating while the other was gone
    "TargetDown": "ScrapeTargetDown",  # the chart's is silent up to a tenth of a job's targets
    "PrometheusRuleFailures": "PrometheusRulesFailing",  # pages, where the chart's would wait for office hours
    "KubeHpaMaxedOut": "AutoscalerAtLimit",  # only while requests wait, and not where more replicas would not help
}


class KubePrometheusStack(HelmAddon):
    """Keeps `monitoring.retention_days` on `monitoring.storage_gib`; the Grafana password comes from the secret store."""

    chart = "kube-prometheus-stack"
    version = "88.5.3"
    namespace = NAMESPACE
    needs = ("cert_manager", "external_secrets")

    def before(self) -> Mapping[str, Sequence[Object]]:
        keys = {"password": self.cluster.generate_secret("grafana-admin-password")}
        login = {"admin-user": "admin", "admin-password": "{{ .password }}"}
        tokens = {name: self.cluster.generate_secret(name) for name in self.env.monitoring.secrets()}
        return {
            GRAFANA_LOGIN: [external_secret(GRAFANA_LOGIN, self.namespace, keys, template=login)],
            **({alertmanager.RECEIVER_LOGINS: [external_secret(alertmanager.RECEIVER_LOGINS, self.namespace, tokens)]} if tokens else {}),
        }

    def values(self) -> Mapping[str, Any]:
        return {
            **{part: {"enabled": False} for part in HIDDEN_BY_PROVIDER},
            "defaultRules": {"disabled": dict.fromkeys(REPLACED, True)},
            "customRules": {"KubePodNotReady": {"for": f"{self._cold_start_minutes()}m"}},
            "nodeExporter": {"enabled": False},  # needs a privileged namespace, so it is an add-on of its own
            "kube-state-metrics": {"image": {"registry": self.cluster.image("registry.k8s.io")}},
            "prometheusOperator": self._operator(),
            "prometheus": {"prometheusSpec": self._prometheus()},
            "alertmanager": self._alertmanager(),
            "grafana": self._grafana(),
        }

    def _cold_start_minutes(self) -> int:
        """How long the slowest model may take to start on a new node: the chart's quarter of an hour would make a ticket of each."""
        return ceil(max(size_deployment(self.env, name).cold_start_seconds for name in self.env.models) / 60)

    def _from_quay(self) -> dict[str, Any]:
        return {"image": {"registry": self.cluster.image("quay.io")}}

    def _volume(self, gib: int) -> dict[str, Any]:
        claim = {"storageClassName": self.cluster.storage_class, "accessModes": ["ReadWriteOnce"]}
        return {"volumeClaimTemplate": {"spec": {**claim, "resources": {"requests": {"storage": f"{gib}Gi"}}}}}

    def _alertmanager(self) -> dict[str, Any]:
        logins = [alertmanager.RECEIVER_LOGINS] if any(self.env.monitoring.secrets()) else []
        spec = {**self._from_quay(), "secrets": logins, "storage": self._volume(2)}
        return {"config": alertmanager.config(self.env.monitoring), "alertmanagerSpec": spec}

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
            "scrapeClasses": [self._scrape_class()],
            "scrapeInterval": "15s",  # twice as often as KEDA asks
            "retention": f"{kept.retention_days}d",
            "retentionSize": f"{int(kept.storage_gib * USABLE_STORAGE)}GiB",
            "storageSpec": self._volume(kept.storage_gib),
            "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "6Gi"}},
        }

    def _scrape_class(self) -> dict[str, Any]:
        """The class of every monitor that names none. External labels are added on the way out only; rules and dashboards need
        `cluster` on the series itself, or two environments in one place cannot be told apart."""
        return {"name": "default", "default": True, "relabelings": [{"targetLabel": "cluster", "replacement": self.env.name}]}

    def _grafana(self) -> dict[str, Any]:
        return {
            "image": {"registry": self.cluster.image("docker.io")},
            "sidecar": self._dashboards(),
            "rbac": {"namespaced": True},  # or Grafana could read every Secret of the cluster
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

    def _dashboards(self) -> dict[str, Any]:
        """A helper beside Grafana picks up the ConfigMaps with this label, ours and the chart's, from this namespace only."""
        dashboards = {"label": DASHBOARD_LABEL, "searchNamespace": self.namespace, "resource": "configmap", "folderAnnotation": FOLDER}
        return {
            "image": {"registry": self.cluster.image("quay.io")},
            "dashboards": {**dashboards, "provider": {"foldersFromFilesStructure": True}},
            "datasources": {"resource": "configmap"},
        }
