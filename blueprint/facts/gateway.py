"""What goes where through a gateway: Gateway API, Envoy Gateway and Envoy AI Gateway objects as flows.

A flow is a `Resource` of type `flow` within the object that makes it:

    role        primary, canary (a smaller share beside the primary), failover, mirror, ext-proc, ext-auth, identity,
                telemetry, rate-limit, redirect, code (fetched and run), extension
    host, port  where it goes; `Unknown` where the backend is not in the picture or the client chooses it
    backend     the name on the way there; `rule`, `weight`, `priority` and `models` as the route has them
    hostnames   the names clients call; `path` is where in the object the destination stands
    data_class  what a label or annotation `…/data-class` or a match on the header `x-data-class` says; empty: the route does
                not say, so it is the stack's class
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from blueprint.facts.model import Resource
from blueprint.facts.values import Sensitive, Unknown

GROUPS = ("gateway.networking.k8s.io", "gateway.envoyproxy.io", "aigateway.envoyproxy.io")
DATA_CLASS = "data-class"
MODEL_HEADER = "x-ai-eg-model"
# The role of a destination, by a field above it.
ROLES = {
    "requestMirror": "mirror",
    "extAuth": "ext-auth",
    "externalAuth": "ext-auth",
    "extProc": "ext-proc",
    "wasm": "code",
    "dynamicModules": "code",
    "telemetry": "telemetry",
    "oidc": "identity",
    "jwt": "identity",
    "rateLimit": "rate-limit",
    "requestRedirect": "redirect",
    "redirect": "redirect",
    "extensionManager": "extension",
}
URLS = frozenset(("url", "uri", "issuer", "tokenEndpoint"))
Objects = Mapping[tuple[str, str, str], Resource]


@dataclass(frozen=True)
class Destination:
    """A backend reference or address found inside an object."""

    path: str
    role: str
    backend: str
    hosts: tuple[tuple[Any, Any], ...]
    weight: Any = None
    priority: Any = None
    rule: str = ""
    models: tuple[str, ...] = ()
    data_class: str = ""


def flows(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Every flow of these resources, one for each host it may reach."""
    everything = list(resources)
    objects = {_key(found): found for found in everything if found.type.startswith("k8s.")}
    for found in everything:
        if found.type.startswith("k8s.") and str(found.attributes.get("apiVersion", "")).partition("/")[0] in GROUPS:
            if found.type not in ("k8s.Backend", "k8s.AIServiceBackend", "k8s.Gateway"):
                yield from _flows(found, found.attributes.get("spec", found.attributes), objects)
        elif found.type == "helm_release" and isinstance(config := found.first("values.config.envoyGateway"), Mapping):
            yield from _flows(found, config, objects)


def _flows(carrier: Resource, spec: Any, objects: Objects) -> Iterator[Resource]:
    search = _Search(carrier, objects)
    data_class, hostnames = _labelled_class(carrier), carrier.first("spec.hostnames") or []
    for number, destination in enumerate(search.inside(spec, "", "")):
        for host, port in destination.hosts:
            attributes = {
                "data_class": destination.data_class or data_class,
                "route": carrier.address,
                "rule": destination.rule,
                "models": list(destination.models),
                "backend": destination.backend,
                "host": host,
                "port": port,
                "role": destination.role,
                "weight": destination.weight,
                "priority": destination.priority,
                "hostnames": hostnames,
                "path": destination.path,
            }
            yield Resource(
                type="flow",
                address=f"{carrier.address}/flow/{number}/{destination.backend}",
                attributes={key: value for key, value in attributes.items() if value is not None},
                construct=carrier.construct,
                file=carrier.file,
                within=carrier.address,
            )


class _Search:
    """Destinations anywhere inside an object: a field we do not know by name still leads somewhere."""

    def __init__(self, carrier: Resource, objects: Objects) -> None:
        self.objects = objects
        self.default = "AIServiceBackend" if carrier.type == "k8s.AIGatewayRoute" else "Service"
        namespace = carrier.first("metadata.namespace") or carrier.first("namespace")
        self.namespace = namespace if isinstance(namespace, str) else "default"

    def inside(self, value: Any, path: str, role: str) -> Iterator[Destination]:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.inside(item, f"{path}[{index}]", role)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                at = f"{path}.{key}" if path else str(key)
                yield from self.rules(item, at) if key == "rules" and not path else self.field(key, item, at, ROLES.get(key, role))

    def field(self, key: str, value: Any, path: str, role: str) -> Iterator[Destination]:
        """One field: a reference, an address, or something with more inside."""
        if key in ("backendRefs", "backendRef"):
            for found in value if isinstance(value, list) else [value]:
                yield self.referred(found, path, role or "primary")
        elif key in URLS or (key in ("host", "hostname") and role):
            if isinstance(value, str | Unknown | Sensitive):
                yield Destination(path, role or "primary", key, (address(value),))
        else:
            yield from self.inside(value, path, role)

    def rules(self, rules: Any, path: str) -> Iterator[Destination]:
        """The rules of a route: who gets how much of what matches."""
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if not isinstance(rule, Mapping):
                continue
            at = f"{path}[{index}]"
            headers = list(_headers(rule))
            named = {
                "rule": str(rule.get("name", index)),
                "models": tuple(value for name, value in headers if name == MODEL_HEADER),
                "data_class": next((value for name, value in headers if name == f"x-{DATA_CLASS}"), ""),
            }
            found = [*self.shares(rule.get("backendRefs"), f"{at}.backendRefs"), *self.aside(rule, at)]
            yield from (Destination(**{**vars(destination), **named}) for destination in found)

    def aside(self, rule: Mapping[str, Any], path: str) -> Iterator[Destination]:
        """Where else a rule leads: mirrors, checks, redirects; also the filters of single backends."""
        rest = {key: value for key, value in rule.items() if key != "backendRefs"}
        yield from self.inside(rest, path, "")
        for index, reference in enumerate(_list(rule.get("backendRefs"))):
            yield from self.inside(reference.get("filters"), f"{path}.backendRefs[{index}].filters", "")

    def shares(self, references: Any, path: str) -> Iterator[Destination]:
        """The backends of a rule: the largest share is the primary, what has a lower priority is failover."""
        listed = _list(references)
        weights = [reference.get("weight", 1) for reference in listed if not _is_later(reference)]
        largest = max((weight for weight in weights if isinstance(weight, int | float)), default=1)
        for index, reference in enumerate(listed):
            weight = reference.get("weight", 1)
            role = "failover" if self.is_failover(reference) else "canary" if weight != largest else "primary"
            yield self.referred(reference, f"{path}[{index}]", role)

    def is_failover(self, reference: Mapping[str, Any]) -> bool:
        backend = self.objects.get(self.key(reference))
        return _is_later(reference) or bool(reference.get("fallback")) or bool(backend and backend.first("spec.fallback"))

    def referred(self, reference: Any, path: str, role: str) -> Destination:
        if not isinstance(reference, Mapping):
            reason = reference if isinstance(reference, Unknown) else Unknown("the reference cannot be read")
            return Destination(path, role, "(unknown)", ((reason, None),))
        name = str(reference.get("name", "(unknown)"))
        hosts = tuple(self.hosts(reference, self.namespace, 0))
        return Destination(path, role, name, hosts, reference.get("weight"), reference.get("priority"))

    def key(self, reference: Mapping[str, Any], namespace: str = "") -> tuple[str, str, str]:
        kind = str(reference.get("kind") or (self.default if "group" not in reference else "Service"))
        return kind, str(reference.get("namespace") or namespace or self.namespace), str(reference.get("name"))

    def hosts(self, reference: Mapping[str, Any], namespace: str, depth: int) -> Iterator[tuple[Any, Any]]:
        """Hosts and ports behind a reference."""
        kind, place, name = self.key(reference, namespace)
        found = self.objects.get((kind, place, name))
        if kind in ("Service", "InferencePool"):
            yield from self.service(found, place, name, reference.get("port"))
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

    def service(self, found: Resource | None, namespace: str, name: str, port: Any) -> Iterator[tuple[Any, Any]]:
        """A service inside the cluster, or what it stands for outside."""
        if found is not None and found.first("spec.type") == "ExternalName":
            yield found.first("spec.externalName"), port
            return
        yield f"{name}.{namespace}.svc.cluster.local", port
        for slices in self.objects.values():
            if slices.type in ("k8s.Endpoints", "k8s.EndpointSlice") and _belongs(slices, namespace, name):
                yield from ((host, port) for at in ("subsets.addresses.ip", "endpoints.addresses") for host in _flat(slices, at))


def address(value: Any) -> tuple[Any, Any]:
    """Host and port of a URL, or of a bare `host:port`; an unknown or secret one as it is."""
    if not isinstance(value, str):
        return value, None
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
        return parts.hostname or Unknown("names no host"), parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return Unknown("is no URL"), None


def _endpoints(backend: Resource) -> Iterator[tuple[Any, Any]]:
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


def _told(data: Any) -> Iterator[tuple[Any, Any]]:
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


def _headers(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for match in _list(rule.get("matches")):
        for header in _list(match.get("headers")):
            yield str(header.get("name", "")).lower(), str(header.get("value", ""))


def _labelled_class(carrier: Resource) -> str:
    for group in ("labels", "annotations"):
        marks = carrier.first(f"metadata.{group}")
        for key, value in marks.items() if isinstance(marks, Mapping) else ():
            if key.rpartition("/")[2] == DATA_CLASS and isinstance(value, str):
                return value
    return ""


def _is_later(reference: Mapping[str, Any]) -> bool:
    priority = reference.get("priority", 0)
    return not isinstance(priority, int) or priority > 0


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _key(found: Resource) -> tuple[str, str, str]:
    metadata = found.attributes.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    return found.type.removeprefix("k8s."), str(named.get("namespace") or "default"), str(named.get("name"))
