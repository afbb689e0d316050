"""Who may talk to whom. Every namespace denies all traffic by default; `flows` is the complete list of exceptions.

Each flow opens its source's egress and its target's ingress. Namespaces of the cloud provider (kube-system) are only ever
one side of a flow: their own policies are not ours to set.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import Any
from urllib.parse import urlsplit

from blueprint.environment import Mail, Monitoring, Webhook
from modules.clusters.base import API_CALLER, ARTIFACTS_WRITER, WEIGHTS_READER, Cluster
from modules.manifests import Object
from modules.manifests.objects import resource

PRIVATE = [IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]  # RFC 1918


@dataclass(frozen=True)
class Pods:
    """Pods of one namespace; without labels all of them. `name` is their policy's."""

    name: str
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Addresses:
    """Addresses outside the pod network; without CIDRs any address."""

    name: str
    cidrs: Sequence[str] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Nodes:
    """The cluster's own nodes, as Cilium knows them: by what they are. Its address ranges never match one."""

    name: str = "nodes"

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Flow:
    """One permitted direction of traffic. Ports are the pods' own, not their Services'."""

    source: Pods | Addresses
    target: Pods | Addresses | Nodes
    ports: Sequence[int]
    why: str
    protocols: Sequence[str] = ("TCP",)


def all_pods(namespace: str) -> Pods:
    return Pods("all-pods", namespace)


ANYWHERE = Addresses("anywhere")
DNS = Pods("dns", "kube-system", {"k8s-app": "kube-dns"})
KUBE_SYSTEM = all_pods("kube-system")  # the API server's tunnel ends there on managed clusters
MODELS = Pods("models", WEIGHTS_READER.namespace, {"app.kubernetes.io/component": "model"})
PROXIES = Pods("proxies", "envoy-gateway-system", {"app.kubernetes.io/name": "envoy", "app.kubernetes.io/component": "proxy"})
CONTROLLER = Pods("controller", "envoy-gateway-system", {"control-plane": "envoy-gateway"})
CERTIFICATES = Pods("certificates", "envoy-gateway-system", {"app": "certgen"})  # a job at every upgrade
AI_GATEWAY = all_pods("envoy-ai-gateway-system")
TOKENS = Pods("tokens", API_CALLER.namespace, {"app.kubernetes.io/name": API_CALLER.name})
PROMETHEUS = Pods("prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"})
ALERTMANAGER = Pods("alertmanager", "monitoring", {"app.kubernetes.io/name": "alertmanager"})
KEDA = all_pods("keda")
SECRETS = all_pods("external-secrets")
DRIVERS = Pods("drivers", "gpu-operator", {"app.kubernetes.io/component": "nvidia-driver"})
REGISTRY = Pods("mlflow", ARTIFACTS_WRITER.namespace, {"app.kubernetes.io/name": "mlflow"})

# Where a provider brings the GPU Operator, its exporter runs beside the rest of the provider's pods (assets/state-dcgm-exporter).
GPU_METRICS = Pods("gpu-metrics", "kube-system", {"app": "nvidia-dcgm-exporter"})

MODEL_PORT = 8000
GPU_METRICS_PORT = 9400
MLFLOW_PORT = 5000
GATEWAY_PORT = 10443  # Envoy Gateway moves 443 out of the privileged range

# Controllers watch the API server; models, proxies and MLflow never see it.
WATCHING = ("cert-manager", "external-secrets", "gpu-operator", "keda", "monitoring", "envoy-ai-gateway-system")
WEBHOOKS = {
    "cert-manager": [10250],
    "external-secrets": [10250],
    "keda": [9443, 6443],  # 6443: the metrics API the autoscaler reads
    "monitoring": [10250],
    "envoy-gateway-system": [9443],
    "envoy-ai-gateway-system": [9443],
}
METRICS = {
    "cert-manager": [9402],
    "external-secrets": [8080],
    "gpu-operator": [8080, 9400],
    "keda": [8080],
    "envoy-gateway-system": [19001, 1064],
    "envoy-ai-gateway-system": [8080],
}


def flows(cluster: Cluster, namespaces: Sequence[str]) -> list[Flow]:
    """Everything that is allowed in this environment."""
    api_server = Addresses("API server", cluster.api_server_cidrs)
    private = Addresses("private endpoints", cluster.private_cidrs)
    tokens = Addresses("token issuer", cluster.identity_cidrs)
    services = Addresses("the cloud's public services", cluster.service_cidrs)
    packages = Addresses("package archive", cluster.package_cidrs)
    nodes = Addresses("nodes", cluster.node_cidrs) if cluster.node_cidrs else Nodes()
    monitoring = all_pods("monitoring")
    table = [
        *(Flow(all_pods(name), DNS, [53], "resolves names", ("UDP", "TCP")) for name in namespaces),
        *(Flow(all_pods(name), api_server, [443, 6443], "watches its objects") for name in WATCHING),
        *(Flow(api_server, all_pods(name), ports, "calls webhooks") for name, ports in WEBHOOKS.items()),
        *(Flow(KUBE_SYSTEM, all_pods(name), ports, "calls webhooks") for name, ports in WEBHOOKS.items()),
        *(Flow(PROMETHEUS, all_pods(name), ports, "scrapes metrics") for name, ports in METRICS.items()),
        Flow(ANYWHERE, PROXIES, [GATEWAY_PORT], "applications call through the private load balancer; keys tell them apart"),
        Flow(PROXIES, MODELS, [MODEL_PORT], "forwards requests"),
        Flow(PROXIES, CONTROLLER, [18000], "fetches its configuration"),
        Flow(CONTROLLER, api_server, [443, 6443], "watches routes, runs proxies"),
        Flow(CERTIFICATES, api_server, [443, 6443], "writes the controller's certificates"),
        Flow(CONTROLLER, AI_GATEWAY, [1063], "has the configuration completed"),
        Flow(MODELS, private, cluster.private_ports, "copies weights from object storage"),
        Flow(MODELS, tokens, [443], "gets the token for object storage"),
        Flow(REGISTRY, private, [*cluster.private_ports, cluster.database.port], "stores artifacts and its database"),
        Flow(REGISTRY, tokens, [443], "gets the token for object storage"),
        Flow(SECRETS, private, cluster.private_ports, "reads the secret store"),
        Flow(SECRETS, tokens, [443], "gets the token for the secret store"),
        Flow(KEDA, PROMETHEUS, [9090], "reads load"),
        Flow(KEDA, KEDA, [9666], "metrics API asks the operator"),
        Flow(monitoring, monitoring, [3000, 8080, 8081, 9090, 9093, 9094, 10250], "parts of the monitoring stack"),
        Flow(PROMETHEUS, MODELS, [MODEL_PORT], "scrapes metrics"),
        Flow(PROMETHEUS, REGISTRY, [MLFLOW_PORT], "scrapes metrics"),
        Flow(PROMETHEUS, DNS, [9153], "scrapes metrics"),
        Flow(PROMETHEUS, nodes, [9100, 10250], "scrapes nodes and kubelets"),
    ]
    if cluster.apis:
        table.append(Flow(PROXIES, private, [443], "forwards requests to hosted models"))
        table.append(Flow(PROXIES, services, [443], "forwards requests to hosted models"))
    if any(api.key_secret is None for api in cluster.apis.values()):
        table += [
            Flow(TOKENS, tokens, [443], "gets the token for hosted models"),
            Flow(TOKENS, api_server, [443, 6443], "hands the token to the gateway"),
        ]
    table += [
        Flow(MODELS, services, [443], "copies weights from object storage"),
        Flow(REGISTRY, services, [443], "stores artifacts"),
        Flow(SECRETS, services, [443], "reads the secret store"),
    ]
    if told := _receivers(cluster.env.monitoring):
        # Policies know addresses, not names; which hosts may be named is the environment's checks' and R03's.
        receivers = [str(cidr) for cidr in cluster.env.monitoring.receiver_cidrs or PRIVATE]
        table.append(Flow(ALERTMANAGER, Addresses("receivers", receivers), told, "tells receivers"))
    if (cluster.gpu_operator() or {}).get("driver", {}).get("enabled"):
        table.append(Flow(DRIVERS, packages, [80, 443], "gets kernel headers to build the driver"))
    if cluster.gpu_operator() is None:
        table.append(Flow(PROMETHEUS, GPU_METRICS, [GPU_METRICS_PORT], "scrapes the metrics of the provider's GPU operator"))
    nowhere = [ends for ends in (tokens, services, packages) if not ends.cidrs]  # without addresses a rule would mean anywhere
    table = [flow for flow in table if flow.target not in nowhere]
    known = {*namespaces, DNS.namespace}
    return [flow for flow in table if all(end.namespace in known for end in (flow.source, flow.target) if isinstance(end, Pods))]


def _receivers(monitoring: Monitoring) -> list[int]:
    """The ports of those who hear of alerts."""
    mails = {receiver.port for receiver in monitoring.receivers.values() if isinstance(receiver, Mail)}
    urls = [receiver.url for receiver in monitoring.receivers.values() if isinstance(receiver, Webhook)]
    urls += [monitoring.heartbeat.url] if monitoring.heartbeat else []
    return sorted(mails | {urlsplit(url).port or 443 for url in urls})


def policies(cluster: Cluster, namespaces: Sequence[str]) -> list[Object]:
    """Default deny in every namespace, then one policy for each set of pods that appears in a flow."""
    table = flows(cluster, namespaces)
    ends = {(end.namespace, end.name): end for flow in table for end in (flow.source, flow.target) if isinstance(end, Pods)}
    ours = [end for (namespace, _), end in sorted(ends.items()) if namespace in namespaces]
    to_nodes = [_allow_nodes(flow) for flow in table if isinstance(flow.target, Nodes)]
    return [*(_policy("default-deny", name, {}, [], []) for name in namespaces), *(_allow(pods, table) for pods in ours), *to_nodes]


def _allow(pods: Pods, table: Sequence[Flow]) -> Object:
    incoming = [flow for flow in table if flow.target == pods]
    outgoing = [flow for flow in table if flow.source == pods]
    ingress = [_rule("from", flow.source, flow) for flow in incoming]
    egress = [_rule("to", flow.target, flow) for flow in outgoing if not isinstance(flow.target, Nodes)]
    reasons = [f"from {flow.source}: {flow.why}" for flow in incoming] + [f"to {flow.target}: {flow.why}" for flow in outgoing]
    return _policy(pods.name, pods.namespace, pods.labels, ingress, egress, "; ".join(dict.fromkeys(reasons)))


def _allow_nodes(flow: Flow) -> Object:
    """Added to what the source's NetworkPolicy opens; only Cilium can say `nodes`."""
    assert isinstance(flow.source, Pods)
    ports = [{"port": str(port), "protocol": protocol} for port in flow.ports for protocol in flow.protocols]
    egress = [{"toEntities": ["host", "remote-node"], "toPorts": [{"ports": ports}]}]
    spec = {"description": f"to {flow.target}: {flow.why}", "endpointSelector": {"matchLabels": dict(flow.source.labels)}, "egress": egress}
    return resource("cilium.io/v2", "CiliumNetworkPolicy", f"{flow.source.name}-to-{flow.target}", flow.source.namespace, spec=spec)


def _policy(name: str, namespace: str, labels: Mapping[str, str], ingress: Sequence[Any], egress: Sequence[Any], why: str = "") -> Object:
    spec = {"podSelector": {"matchLabels": labels} if labels else {}, "policyTypes": ["Ingress", "Egress"]}
    rules = {key: rules for key, rules in (("ingress", ingress), ("egress", egress)) if rules}
    annotations = {"kubernetes.io/description": why} if why else None
    return resource("networking.k8s.io/v1", "NetworkPolicy", name, namespace, annotations=annotations, spec={**spec, **rules})


def _rule(side: str, peer: Pods | Addresses, flow: Flow) -> dict[str, Any]:
    ports = [{"protocol": protocol, "port": port} for port in flow.ports for protocol in flow.protocols]
    peers = list(_peers(peer))
    return {side: peers, "ports": ports} if peers else {"ports": ports}


def _peers(peer: Pods | Addresses) -> Iterable[dict[str, Any]]:
    if isinstance(peer, Addresses):
        return ({"ipBlock": _block(cidr)} for cidr in peer.cidrs)
    selector: dict[str, Any] = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": peer.namespace}}}
    return [selector | ({"podSelector": {"matchLabels": peer.labels}} if peer.labels else {})]


def _block(cidr: str) -> dict[str, Any]:
    """A range, without the private addresses a public one would otherwise include: those are opened one by one."""
    inside = _private_ranges_inside(cidr)
    return {"cidr": cidr, "except": list(inside)} if inside else {"cidr": cidr}


@cache
def _private_ranges_inside(cidr: str) -> tuple[str, ...]:
    outer = ip_network(cidr)
    return tuple(str(private) for private in PRIVATE if isinstance(outer, IPv4Network) and private != outer and private.subnet_of(outer))
