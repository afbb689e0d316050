"""Destinations anywhere inside an object of a gateway: a field we do not know by name still leads somewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from blueprint.facts.backends import Address, Backends, is_later
from blueprint.facts.values import Sensitive, Unknown

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


@dataclass(frozen=True)
class Destination:
    """A backend reference or address found inside an object."""

    path: str
    role: str
    backend: str
    hosts: tuple[Address, ...]
    weight: Any = None
    priority: Any = None
    rule: str = ""
    models: tuple[str, ...] = ()
    data_class: str = ""


class Search:
    """All destinations inside one object."""

    def __init__(self, backends: Backends) -> None:
        self.backends = backends

    def inside(self, value: Any, path: str = "", role: str = "") -> Iterator[Destination]:
        """Those in a block; `role` is what the fields above it say."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.inside(item, f"{path}[{index}]", role)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                at = f"{path}.{key}" if path else str(key)
                yield from self._rules(item, at) if key == "rules" and not path else self._field(key, item, at, ROLES.get(key, role))

    def _field(self, key: str, value: Any, path: str, role: str) -> Iterator[Destination]:
        """One field: a reference, an address, or something with more inside."""
        if key in ("backendRefs", "backendRef"):
            for found in value if isinstance(value, list) else [value]:
                yield self._referred(found, path, role or "primary")
        elif key in URLS or (key in ("host", "hostname") and role):
            if isinstance(value, str | Unknown | Sensitive):
                yield Destination(path, role or "primary", key, (address(value),))
        else:
            yield from self.inside(value, path, role)

    def _rules(self, rules: Any, path: str) -> Iterator[Destination]:
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
            found = [*self._shares(rule.get("backendRefs"), f"{at}.backendRefs"), *self._aside(rule, at)]
            yield from (Destination(**{**vars(destination), **named}) for destination in found)

    def _aside(self, rule: Mapping[str, Any], path: str) -> Iterator[Destination]:
        """Where else a rule leads: mirrors, checks, redirects; also the filters of single backends."""
        rest = {key: value for key, value in rule.items() if key != "backendRefs"}
        yield from self.inside(rest, path, "")
        for index, reference in enumerate(_list(rule.get("backendRefs"))):
            yield from self.inside(reference.get("filters"), f"{path}.backendRefs[{index}].filters", "")

    def _shares(self, references: Any, path: str) -> Iterator[Destination]:
        """The backends of a rule: the largest share is the primary, what has a lower priority is failover."""
        listed = _list(references)
        weights = [reference.get("weight", 1) for reference in listed if not is_later(reference)]
        largest = max((weight for weight in weights if isinstance(weight, int | float)), default=1)
        for index, reference in enumerate(listed):
            weight = reference.get("weight", 1)
            role = "failover" if self.backends.is_failover(reference) else "canary" if weight != largest else "primary"
            yield self._referred(reference, f"{path}[{index}]", role)

    def _referred(self, reference: Any, path: str, role: str) -> Destination:
        if not isinstance(reference, Mapping):
            reason = reference if isinstance(reference, Unknown) else Unknown("the reference cannot be read")
            return Destination(path, role, "(unknown)", ((reason, None),))
        name = str(reference.get("name", "(unknown)"))
        hosts = tuple(self.backends.hosts(reference))
        return Destination(path, role, name, hosts, reference.get("weight"), reference.get("priority"))


def address(value: Any) -> Address:
    """Host and port of a URL, or of a bare `host:port`; an unknown or secret one as it is."""
    if not isinstance(value, str):
        return value, None
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
        return parts.hostname or Unknown("names no host"), parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return Unknown("is no URL"), None


def _headers(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for match in _list(rule.get("matches")):
        for header in _list(match.get("headers")):
            yield str(header.get("name", "")).lower(), str(header.get("value", ""))


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
