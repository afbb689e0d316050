"""The hosts behind a reference to a backend: services, endpoints, other gateways' backends."""

from collections.abc import Iterator, Mapping
from typing import Any

from blueprint.facts.model import Resource
from blueprint.facts.values import Unknown

Objects = Mapping[tuple[str, str, str], Resource]
Address = tuple[Any, Any]  # host and port


class Backends:
    """What an object's references lead to, among the objects beside it."""

    def __init__(self, carrier: Resource, objects: Objects) -> None:
        self.objects = objects
        self.default = "AIServiceBackend" if carrier.type == "k8s.AIGatewayRoute" else "Service"
        namespace = carrier.first("metadata.namespace") or carrier.first("namespace")
        self.namespace = namespace if isinstance(namespace, str) else "default"

    def is_failover(self, reference: Mapping[str, Any]) -> bool:
        """Whether a backend is asked only when others fail."""
        backend = self.objects.get(self._key(reference))
        return is_later(reference) or bool(reference.get("fallback")) or bool(backend and backend.first("spec.fallback"))

    def hosts(self, reference: Mapping[str, Any], namespace: str = "", depth: int = 0) -> Iterator[Address]:
        """Hosts and ports behind a reference."""
        kind, place, name = self._key(reference, namespace)
        found = self.objects.get((kind, place, name))
        if kind in ("Service", "InferencePool"):
            yield from self._service(found, place, name, reference.get("port"))
        elif found is None:
            yield Unknown(f"{kind} {place}/{name} is not among these objects"), None
        elif kind == "AIServiceBackend" and depth == 0:
            inner = found.first("spec.backendRef")
            yield from (
                self.hosts({"kind": "Service", **inner}, place, 1) if isinstance(inner, Mapping) else [(Unknown("has no backend"), None)]
            )
        elif kind == "Backend":
            yield from _endpoints(found)
        else:
            yield Unknown(f"nobody knows where {kind} {place}/{name} leads"), None

    def _service(self, found: Resource | None, namespace: str, name: str, port: Any) -> Iterator[Address]:
        """A service inside the cluster, or what it stands for outside."""
        if found is not None and found.first("spec.type") == "ExternalName":
            yield found.first("spec.externalName"), port
            return
        yield f"{name}.{namespace}.svc.cluster.local", port
        for slices in self.objects.values():
            if slices.type in ("k8s.Endpoints", "k8s.EndpointSlice") and _belongs(slices, namespace, name):
                yield from ((host, port) for at in ("subsets.addresses.ip", "endpoints.addresses") for host in _flat(slices, at))

    def _key(self, reference: Mapping[str, Any], namespace: str = "") -> tuple[str, str, str]:
        kind = str(reference.get("kind") or (self.default if "group" not in reference else "Service"))
        return kind, str(reference.get("namespace") or namespace or self.namespace), str(reference.get("name"))


def key(found: Resource) -> tuple[str, str, str]:
    """Kind, namespace and name of an object, as a reference says them."""
    metadata = found.attributes.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    return found.type.removeprefix("k8s."), str(named.get("namespace") or "default"), str(named.get("name"))


def is_later(reference: Mapping[str, Any]) -> bool:
    """Whether a reference has a lower priority than the first."""
    priority = reference.get("priority", 0)
    return not isinstance(priority, int) or priority > 0


def _endpoints(backend: Resource) -> Iterator[Address]:
    if backend.first("spec.endpoints") is None and (told := list(_told(backend.attributes.get("spec")))):
        yield from told
        return
    if backend.first("spec.type") == "DynamicResolver":
        yield Unknown("any host that a client names"), None
    endpoints = backend.first("spec.endpoints")
    for endpoint in endpoints if isinstance(endpoints, list) else [endpoints]:
        if not isinstance(endpoint, Mapping):
            yield endpoint if isinstance(endpoint, Unknown) else Unknown("the backend has no endpoint"), None
            continue
        fqdn, ip = endpoint.get("fqdn"), endpoint.get("ip")
        if isinstance(fqdn, Mapping):
            yield fqdn.get("hostname"), fqdn.get("port")
        elif isinstance(ip, Mapping):
            yield ip.get("address"), ip.get("port")
        elif "unix" in endpoint:
            yield "localhost", None
        else:
            yield Unknown("the endpoint cannot be read"), None


def _told(data: Any) -> Iterator[Address]:
    """Hosts and ports of other gateways' backends, wherever they stand: `ai.llm.hostOverride`, `static.hosts`."""
    if isinstance(data, Mapping):
        if isinstance(data.get("host"), str):
            yield data["host"], data.get("port")
        for value in data.values():
            yield from _told(value)
    elif isinstance(data, list):
        for item in data:
            yield from _told(item)


def _flat(found: Resource, path: str) -> Iterator[Any]:
    for place in found.each(path):
        yield from place.value if isinstance(place.value, list) else [place.value]


def _belongs(slices: Resource, namespace: str, name: str) -> bool:
    labels = slices.first("metadata.labels")
    service = labels.get("kubernetes.io/service-name") if isinstance(labels, Mapping) else None
    return slices.first("metadata.namespace") == namespace and name in (service, slices.first("metadata.name"))
