"""What Prometheus scrapes where neither a chart nor a model release says so itself.

Charts bring monitors for KEDA, node-exporter, GPUs (DCGM) and MLflow, model releases one per model. What is left: add-ons that
are installed before Prometheus knows monitors, and the gateway. Alerts and dashboards are built on these series.
"""

from collections.abc import Sequence

from modules.addons import Platform
from modules.clusters.base import Cluster
from modules.manifests import Object, bundle
from modules.manifests.objects import pod_monitor
from modules.network_policies import GPU_METRICS
from modules.resources.engine import Construct, Part

INSTANCE = "app.kubernetes.io/instance"
GATEWAY, AI_GATEWAY = "envoy-gateway-system", "envoy-ai-gateway-system"


def install(scope: Construct, cluster: Cluster, platform: Platform) -> None:
    bundle(Part(scope, "monitoring"), cluster, "monitors", "monitoring", monitors(cluster), after=platform.ready)


def monitors(cluster: Cluster) -> Sequence[Object]:
    """One PodMonitor per thing to watch, in its own namespace. Our GPU Operator brings its own; a provider's may not."""
    proxies = {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"}
    gpus = pod_monitor("gpus", GPU_METRICS.namespace, GPU_METRICS.labels, [{"port": "metrics"}])
    proxy_ports = [{"port": "metrics", "path": "/stats/prometheus"}, {"port": "aigw-admin"}]
    return [
        pod_monitor("cert-manager", "cert-manager", {INSTANCE: "cert-manager"}, [{"port": "http-metrics"}]),
        pod_monitor("external-secrets", "external-secrets", {INSTANCE: "external-secrets"}, [{"port": "metrics"}]),
        pod_monitor("proxies", GATEWAY, proxies, proxy_ports),
        pod_monitor("envoy-gateway", GATEWAY, {"control-plane": "envoy-gateway"}, [{"port": "metrics"}]),
        pod_monitor("ai-gateway", AI_GATEWAY, {INSTANCE: "ai-gateway"}, [{"portNumber": 8080}]),
        *([gpus] if cluster.gpu_operator() is None else []),
    ]
