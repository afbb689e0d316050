"""The proxies: Envoy behind a private load balancer, TLS from an authority inside the cluster.

Changing the image or resources rolls them one by one; open streams are drained.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from modules.addons.ai_gateway import TEAM_HEADER
from modules.addons.envoy_gateway import CONTROLLER
from modules.clusters.base import API_CALLER, Cluster
from modules.manifests import Object
from modules.manifests.objects import resource

NAMESPACE = API_CALLER.namespace
NAME = "inference"
TARGET = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": NAME}

# The data plane Envoy Gateway 1.9.0 is built for.
IMAGE = "docker.io/envoyproxy/envoy:distroless-v1.39.0"
# What the AI gateway adds itself; copies sent by clients are dropped before anything looks at them.
MODEL_HEADER = "x-ai-eg-model"
# What Envoy calls a route's statistics (`envoy_cluster_name`): by the name asked for, not by the rule's number.
STATISTICS = "model/%ROUTE_RULE_NAME%"
CERTIFICATE = "gateway-certificate"
AUTHORITY = "internal-ca"


def objects(cluster: Cluster) -> Sequence[Object]:
    return [
        resource("gateway.networking.k8s.io/v1", "GatewayClass", NAME, spec={"controllerName": CONTROLLER}),
        _proxies(cluster),
        _sidecar(),
        _gateway(cluster.env.gateway.hostname),
        *_certificate(cluster.env.gateway.hostname),
        _client_policy(),
        _backend_policy(),
    ]


def _proxies(cluster: Cluster) -> Object:
    spread = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"gateway.envoyproxy.io/owning-gateway-name": NAME}},
    }
    kubernetes = {
        "envoyDeployment": {
            "replicas": cluster.env.gateway.replicas,
            "pod": {"topologySpreadConstraints": [spread]},
            "container": {
                "image": cluster.image(IMAGE),
                "resources": {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
            },
        },
        "envoyService": {"type": "LoadBalancer", "annotations": dict(cluster.load_balancer_annotations())},
        "envoyPDB": {"maxUnavailable": 1},
    }
    provider = {"type": "Kubernetes", "kubernetes": kubernetes}
    return _envoy("EnvoyProxy", {"provider": provider, "telemetry": {"metrics": {"clusterStatName": STATISTICS}}})


def _sidecar() -> Object:
    """The AI gateway's half of each proxy pod."""
    resources = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}
    spec = {"extProc": {"kubernetes": {"resources": resources}}}
    return resource("aigateway.envoyproxy.io/v1beta1", "GatewayConfig", NAME, NAMESPACE, spec=spec)


def _gateway(hostname: str) -> Object:
    listener = {
        "name": "https",
        "port": 443,
        "protocol": "HTTPS",
        "hostname": hostname,
        "tls": {"mode": "Terminate", "certificateRefs": [{"name": CERTIFICATE}]},
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }
    proxies = {"group": "gateway.envoyproxy.io", "kind": "EnvoyProxy", "name": NAME}
    spec = {"gatewayClassName": NAME, "infrastructure": {"parametersRef": proxies}, "listeners": [listener]}
    annotations = {"aigateway.envoyproxy.io/gateway-config": NAME}
    return resource("gateway.networking.k8s.io/v1", "Gateway", NAME, NAMESPACE, annotations=annotations, spec=spec)


def _certificate(hostname: str) -> Sequence[Object]:
    """An authority that only this namespace can use, and the certificate it signs. Clients trust the authority's certificate:
    it is in the Secret `internal-ca`."""
    key = {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"}
    authority = {
        "isCA": True,
        "commonName": f"authority of {hostname}"[:64],
        "secretName": AUTHORITY,
        "duration": "43800h0m0s",
        "privateKey": {**key, "rotationPolicy": "Never"},  # clients pin it
        "issuerRef": {"kind": "Issuer", "name": "self-signed"},
    }
    server = {
        "dnsNames": [hostname],
        "secretName": CERTIFICATE,
        "duration": "2160h0m0s",
        "renewBefore": "720h0m0s",
        "privateKey": key,
        "issuerRef": {"kind": "Issuer", "name": AUTHORITY},
    }
    return [
        _cert_manager("Issuer", "self-signed", {"selfSigned": {}}),
        _cert_manager("Certificate", AUTHORITY, authority),
        _cert_manager("Issuer", AUTHORITY, {"ca": {"secretName": AUTHORITY}}),
        _cert_manager("Certificate", CERTIFICATE, server),
    ]


def _client_policy() -> Object:
    """Identity is what the key says, never what a header says. Long prompts need a larger buffer than Envoy's 32 KiB (50 MiB
    as in the AI gateway's examples)."""
    spec = {
        "targetRefs": [TARGET],
        "headers": {"earlyRequestHeaders": {"remove": [TEAM_HEADER, MODEL_HEADER]}},
        "connection": {"bufferLimit": "50Mi"},
        "tls": {"minVersion": "1.2"},
    }
    return _envoy("ClientTrafficPolicy", spec)


def _backend_policy() -> Object:
    """A full or vanished replica is not an answer: try another one, briefly."""
    retry = {
        "numRetries": 2,
        "retryOn": {"httpStatusCodes": [503], "triggers": ["connect-failure", "retriable-status-codes"]},
        "perRetry": {"backOff": {"baseInterval": "100ms", "maxInterval": "2s"}},
    }
    return _envoy("BackendTrafficPolicy", {"targetRefs": [TARGET], "retry": retry})


def _envoy(kind: str, spec: Mapping[str, Any]) -> Object:
    return resource("gateway.envoyproxy.io/v1alpha1", kind, NAME, NAMESPACE, spec=spec)


def _cert_manager(kind: str, name: str, spec: Mapping[str, Any]) -> Object:
    return resource("cert-manager.io/v1", kind, name, NAMESPACE, spec=spec)
