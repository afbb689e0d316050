"""What Prometheus scrapes where neither a chart nor a model release says so itself, and whose labels count.

Charts bring monitors for KEDA, node-exporter, GPUs (DCGM) and MLflow, model releases one per model. What is left: add-ons that
are installed before Prometheus knows monitors, the gateway, and GPUs where the provider runs the operator.

Labels decide whether a pod, its model and its GPU can be joined. Some exporters speak about other objects than themselves and
label their series `namespace` and `pod` too. Prometheus then keeps the exporter's own address and renames what was said to
`exported_pod`, or the other way round (`honorLabels`), and a GPU nobody uses seems to be used by the exporter. So such a target
gives up its own `namespace` and `pod`: nothing collides, whatever `honorLabels` says, and a free GPU has neither.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.clusters.base import Cluster
from modules.manifests import Object
from modules.manifests.objects import pod_monitor
from modules.network_policies import GPU_METRICS

INSTANCE = "app.kubernetes.io/instance"
GATEWAY, AI_GATEWAY = "envoy-gateway-system", "envoy-ai-gateway-system"

Relabelings = Sequence[Mapping[str, Any]]

# The exporter's own label for the node was renamed from Hostname to hostname; Kubernetes knows the node as well.
ABOUT_GPUS: Relabelings = (
    {"action": "labeldrop", "regex": "namespace|pod|container|service|endpoint"},
    {"sourceLabels": ["__meta_kubernetes_pod_node_name"], "targetLabel": "node"},
)
# KEDA's series are about ScaledObjects.
ABOUT_SCALED_OBJECTS: Relabelings = ({"action": "labeldrop", "regex": "namespace"},)


def monitors(cluster: Cluster) -> Sequence[Object]:
    """One PodMonitor per thing to watch, in its own namespace. Our GPU Operator brings its own; a provider's may not."""
    proxies = {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"}
    proxy_ports = [{"port": "metrics", "path": "/stats/prometheus"}, {"port": "aigw-admin"}]
    return [
        pod_monitor("cert-manager", "cert-manager", {INSTANCE: "cert-manager"}, [_about_objects("http-metrics")]),
        pod_monitor("external-secrets", "external-secrets", {INSTANCE: "external-secrets"}, [_about_objects("metrics")]),
        pod_monitor("proxies", GATEWAY, proxies, proxy_ports),
        pod_monitor("envoy-gateway", GATEWAY, {"control-plane": "envoy-gateway"}, [{"port": "metrics"}]),
        pod_monitor("ai-gateway", AI_GATEWAY, {INSTANCE: "ai-gateway"}, [{"portNumber": 8080}]),
        *([_gpus()] if cluster.gpu_operator() is None else []),
    ]


def _about_objects(port: str) -> dict[str, Any]:
    """Certificates and secrets have a `namespace` of their own, which counts; what has none gets the controller's."""
    return {"port": port, "honorLabels": True}


def _gpus() -> Object:
    return pod_monitor("gpus", GPU_METRICS.namespace, GPU_METRICS.labels, [{"port": "metrics", "relabelings": list(ABOUT_GPUS)}])
