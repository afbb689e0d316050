"""The genuine KEDA operator and metrics adapter as processes beside the API server.

In a cluster they are pods; here the API server reaches the adapter through a Service that is a name for this machine, and trusts it
for the certificate that KEDA makes itself. Everything from the ScaledObject to the HPA's metric is KEDA's own doing.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modules.manifests import Object
from modules.manifests.objects import resource
from tests.e2e.harness.cluster import Cluster
from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool
from tests.modules.platform import platform

NAMESPACE = "keda"
CERTIFICATES = "kedaorg-certs"
ADAPTER = "keda-metrics-apiserver"
# The operator watches them and does not start without; we write ScaledObjects only.
AUTHENTICATIONS, EVENTS = ("TriggerAuthentication", "ClusterTriggerAuthentication"), ("CloudEventSource", "ClusterCloudEventSource")
KINDS = ("ScaledObject", "ScaledJob", *AUTHENTICATIONS, *EVENTS)


@contextmanager
def keda(cluster: Cluster, folder: Path) -> Iterator[None]:
    """Ready when the API server answers for `external.metrics.k8s.io`. The cluster must know KINDS. Makes `folder`, and stays in it."""
    folder.mkdir()
    ports = {name: free_port() for name in ("grpc", "metrics", "health", "adapter", "adapter-metrics")}
    cluster.apply([resource("v1", "Namespace", NAMESPACE)])
    operator, adapter = _operator(cluster, folder, ports), _adapter(cluster, folder, ports)
    settings = _settings()
    with running(operator, folder / "operator.log", environment=settings):
        _mount_certificates(cluster, folder)
    with (
        running(operator, folder / "operator.log", ready=listens(ports["grpc"]), environment=settings),
        running(adapter, folder / "adapter.log", ready=listens(ports["adapter"]), environment=settings),
    ):
        cluster.apply(_aggregation(folder, ports["adapter"]))
        cluster.kubectl("wait", "apiservice/v1beta1.external.metrics.k8s.io", "--for=condition=Available", "--timeout=60s")
        yield


def _settings() -> Mapping[str, str]:
    """As the chart sets them from our values. KEDA would otherwise resolve the models' environment, their API keys included, and
    not start to scale without them."""
    restricted = platform("eu-prod").values("keda")["permissions"]["operator"]["restrict"]["secret"]
    return {
        "KEDA_RESTRICT_SECRET_ACCESS": str(restricted).lower(),
        "KEDA_CLUSTER_OBJECT_NAMESPACE": NAMESPACE,
        "POD_NAMESPACE": NAMESPACE,
        "POD_NAME": "keda-operator",
        "WATCH_NAMESPACE": "",
    }


def _mount_certificates(cluster: Cluster, folder: Path) -> None:
    """On its first start the operator writes its certificates to a Secret and ends; a pod finds them mounted on the next."""

    def certificates() -> dict[str, str]:
        found: dict[str, str] = cluster.get("secret", CERTIFICATES, NAMESPACE).get("data", {})
        return found

    for name, value in cluster.wait_for("the operator's certificates", certificates, 60).items():
        (folder / name).write_bytes(base64.b64decode(value))


def _operator(cluster: Cluster, folder: Path, ports: Mapping[str, int]) -> Sequence[str]:
    options = {
        "kubeconfig": cluster.kubeconfig,
        "enable-cert-rotation": "true",
        "enable-apiservice-patching": "false",
        "enable-webhook-patching": "false",
        "cert-dir": folder,
        "ca-dir": folder,
        "metrics-service-bind-address": f"127.0.0.1:{ports['grpc']}",
        "metrics-bind-address": f"127.0.0.1:{ports['metrics']}",
        "health-probe-bind-address": f"127.0.0.1:{ports['health']}",
        "leader-elect": "false",
    }
    return _command("keda-operator", options)


def _adapter(cluster: Cluster, folder: Path, ports: Mapping[str, int]) -> Sequence[str]:
    kubeconfigs = ("kubeconfig", "lister-kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
    options = {
        **dict.fromkeys(kubeconfigs, cluster.kubeconfig),
        "bind-address": "127.0.0.1",
        "secure-port": ports["adapter"],
        "port": ports["adapter-metrics"],
        "cert-dir": folder,
        "tls-cert-file": folder / "tls.crt",
        "tls-private-key-file": folder / "tls.key",
        "metrics-service-address": f"127.0.0.1:{ports['grpc']}",
        "metrics-service-grpc-authority": f"keda-operator.{NAMESPACE}.svc",
    }
    return _command("keda-adapter", options)


def _command(name: str, options: Mapping[str, Any]) -> Sequence[str]:
    return [str(tool(name)), *(f"--{option}={value}" for option, value in options.items())]


def _aggregation(folder: Path, port: int) -> list[Object]:
    trusted = base64.b64encode((folder / "ca.crt").read_bytes()).decode()
    service = {"type": "ExternalName", "externalName": "localhost", "ports": [{"port": port}]}
    api = {
        "group": "external.metrics.k8s.io",
        "version": "v1beta1",
        "service": {"name": ADAPTER, "namespace": NAMESPACE, "port": port},
        "caBundle": trusted,
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
    }
    name = "v1beta1.external.metrics.k8s.io"
    return [
        resource("v1", "Service", ADAPTER, NAMESPACE, spec=service),
        resource("apiregistration.k8s.io/v1", "APIService", name, spec=api),
    ]
