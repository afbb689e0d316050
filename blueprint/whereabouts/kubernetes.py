"""Where objects of a cluster, and the values of its charts, send data: every address they name, with the role it plays there.

An address is a URL in any string, or a host under a key that says it is one. What a person reads (descriptions, runbook links) and
what a schema is called are no destinations. Images are looked at by R08.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from blueprint import hostnames
from blueprint.concerns import HIDDEN, Concern
from blueprint.facts import Facts, Resource, Sensitive, Unknown, remembered
from blueprint.facts.model import Found
from blueprint.places import Place
from blueprint.residency_catalog import table
from blueprint.said import said
from blueprint.whereabouts import mentions
from blueprint.whereabouts.buckets import buckets
from blueprint.whereabouts.defaults import destinations
from blueprint.whereabouts.fallbacks import fallbacks
from blueprint.whereabouts.hosts import places
from blueprint.whereabouts.model import Residence, Role

# Objects whose host names are those clients call us by, and objects that are lists of hosts outside.
ENTRANCES = ("k8s.Ingress", "k8s.Gateway", "k8s.HTTPRoute", "k8s.GRPCRoute", "k8s.TLSRoute", "k8s.AIGatewayRoute", "k8s.Certificate")
CALLED_BY_NAME = ("k8s.VirtualService", "k8s.Sidecar")
CALLED = re.compile(r"(?i)(^|\.)(hosts|hostnames?|dnsNames)(\[|\.|$)")  # where Istio's objects name the hosts clients call
ADDRESS_KEYS = re.compile(r"(?i)(^|[._-])ur[il]s?$|[a-z]Ur[il]s?$|[a-z]UR[IL]s?$")
# Variables, command lines and configuration of programs.
FREE_TEXT = re.compile(
    r"(^|\.)(data|stringData|binaryData|csi|volumeAttributes|parameters|config|configMap|content|command|args|extraArgs|env|extraEnv|"
    r"extraEnvVars|envVars)[.\[]"
)
ELSEWHERE = {
    "k8s.ServiceEntry": re.compile(r"^spec\.(hosts|addresses)|^spec\.endpoints.*\.address$"),
    "k8s.Backend": re.compile(r"^spec\.endpoints.*\.hostname$"),
    "k8s.ApisixUpstream": re.compile(r"^spec\.externalNodes.*\.name$"),
    "k8s.McpBridge": re.compile(r"^spec\.registries.*\.domain$"),
    "k8s.Endpoints": re.compile(r"^subsets.*\.ip$"),
    "k8s.GlobalNetworkSet": re.compile(r"^spec\.(nets|allowedEgressDomains)"),
    "k8s.NetworkSet": re.compile(r"^spec\.(nets|allowedEgressDomains)"),
    "k8s.EndpointSlice": re.compile(r"^endpoints.*\.addresses"),
    "k8s.WorkloadEntry": re.compile(r"^spec\.address$"),
    "k8s.BGPPeer": re.compile(r"^spec\.(peerIP|peerAddress)$"),
    "k8s.CiliumBGPPeeringPolicy": re.compile(r"^spec\..*\.peerAddress$"),
    "k8s.CiliumBGPClusterConfig": re.compile(r"^spec\..*\.peerAddress$"),
    "k8s.CiliumCIDRGroup": re.compile(r"^spec\.externalCIDRs"),
}
ALIASES = re.compile(r"(^|\.)hostAliases.*\.ip$")
TELEMETRY = re.compile(
    r"(?i)remote_?write|otlp|otel|opentelemetry|exporter|receivers?\b|alertmanager|webhook_?url|api_?url|sentry|datadog|honeycomb|"
    r"newrelic|new_relic|telemetry|tracing|jaeger|zipkin|loki|tempo|mimir|thanos|splunk|fluent|langfuse|langsmith|statsd|pagerduty|"
    r"opsgenie|slack|usage_?stats|analytics|collector|accesslog|access_log"
)


def _is_heading(key: str) -> bool:
    return "." in key and ("://" in key or " " in key)


ADDRESS = Concern(text=lambda text: mentions.may_name(text) or text == HIDDEN)
HEADING = Concern(key=_is_heading)
ACTION = Concern(key="action".__eq__)
RECEIVERS = Concern(key=lambda key: key.lower().endswith("configs"))


@remembered
def whereabouts(resource: Resource) -> list[Residence]:
    """Every destination an object or a release names, once per place where it is named."""
    told = (*destinations(resource), *fallbacks(resource))
    unspoken = [one for path, name in told for one in _residences(Found(path, name), name, resource.facts)]
    return [*_addresses(resource), *_receivers(resource), *_buckets(resource), *unspoken]


def _addresses(resource: Resource) -> Iterator[Residence]:
    refused = _refused(resource)
    for found in (*said(resource).those(ADDRESS), *_headings(resource)):
        if refused and found.path.startswith(refused):
            continue
        if isinstance(found.value, Unknown):
            yield from _not_known(resource, found, found.value)
            continue
        secret = isinstance(found.value, Sensitive)
        text = found.value.value if isinstance(found.value, Sensitive) else found.value
        for name in _hosts(resource.type, found.path, text) if isinstance(text, str) else ():
            yield from _residences(found, name, resource.facts, secret)


def _headings(resource: Resource) -> Iterator[Found]:
    """Addresses that are keys themselves, as sections of configuration have them: `reverse_proxy https://llm.eu {`."""
    everything = said(resource)
    for key in filter(_is_heading, everything.keys) if everything.any(HEADING) else ():
        name, _, rest = key.partition(" ")
        yield Found(name, rest or key)


def _refused(resource: Resource) -> tuple[str, ...]:
    """Where rules of a policy begin that deny: what they name is not called."""
    if not resource.type.endswith("Policy"):
        return ()
    actions = (found for found in said(resource).those(ACTION) if found.path.endswith(".action"))
    return tuple(found.path.removesuffix("action") for found in actions if str(found.value).lower() == "deny")


def _not_known(resource: Resource, found: Found, value: Unknown) -> Iterator[Residence]:
    """An address that is known in part, or not at all: of whom it is a part, or what makes it, may be."""
    names = [name for name in _hosts(resource.type, found.path, value.text) if "⟨" not in name] if value.text else []
    yield from (residence for name in names for residence in _residences(found, name, resource.facts))
    says_host = mentions.HOST_KEYS.search(key := mentions.key_of(found.path)) or ADDRESS_KEYS.search(key) or "://⟨" in value.text
    if not names and says_host and resource.type not in ENTRANCES:
        why, next = "it names an address that is not known before apply", "write the address, or take it from a resource of this stack"
        for place in places(value, resource.facts):
            told = Unknown(f"{why}: {place.reason}") if isinstance(place, Unknown) else place
            yield Residence(_role(found.path), found.path, value.text or value.reason, told, why, next)


def _buckets(resource: Resource) -> Iterator[Residence]:
    for found, name, place in buckets(resource):
        yield Residence(
            Role.transit, found.path, name, place, "its program is told to use it", "name its region or endpoint beside it, inside the zone"
        )


def _receivers(resource: Resource) -> Iterator[Residence]:
    """Alert receivers for which nobody names an address: each service has a default one."""
    everything = said(resource)
    if everything.any(RECEIVERS):
        services = [
            known for known in table("residency/receivers.yaml")["receivers"] if everything.keys.isdisjoint(known.get("globally", ()))
        ]
        yield from _quiet_receivers(everything.data, services, resource.facts)


def _quiet_receivers(data: Any, services: list[Mapping[str, Any]], facts: Facts | None, path: str = "") -> Iterator[Residence]:
    if isinstance(data, dict):
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            for known in services if isinstance(value, list) else ():
                if key in known["keys"]:
                    quiet = [item for item in value if isinstance(item, Mapping) and not _addressed(item, known["overridden_by"])]
                    for _ in quiet:
                        yield from _residences(Found(f"{here}.receivers", known["host"]), known["host"], facts)
            yield from _quiet_receivers(value, services, facts, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _quiet_receivers(item, services, facts, f"{path}[{index}]")


def _addressed(receiver: Mapping[str, Any], keys: list[str]) -> bool:
    return any(isinstance(receiver.get(key), str) for key in keys)


@lru_cache(maxsize=65_536)
def _hosts(type: str, path: str, text: str) -> tuple[str, ...]:
    """The hosts a value of an object names. Those clients call us by are not others' hosts, unless requests are led on to them."""
    if not mentions.may_name(text):
        return ()
    outside = ELSEWHERE.get(type)
    if (outside and outside.search(path)) or ALIASES.search(path):
        return (text,)
    entrance = type in ENTRANCES or (type in CALLED_BY_NAME and CALLED.search(path))
    own = entrance and not mentions.LEADS_ON.search(path)
    return mentions.hosts(path, text, loose=not path.startswith("metadata."), bare=not own)


def _residences(found: Found, name: str, facts: Facts | None, secret: bool = False) -> Iterator[Residence]:
    shown = "(sensitive)" if secret else name
    why, next = "its program is told to use it", "use a service inside the zone, or take the address out"
    for place in [Place(name, frozenset())] if _is_a_service(found, name) else places(name, facts):
        told = _hidden(place) if secret else place
        known = Unknown(f"{why}: {told.reason}") if isinstance(told, Unknown) else told
        yield Residence(_role(found.path), found.path, shown, known, why, next)


def _is_a_service(found: Found, name: str) -> bool:
    """Whether `service.namespace` is meant by a name whose ending the public DNS has, too: it is reached in clear or at a port of its
    own, or stands below the service's own name (`clickhouse.host`)."""
    service, _, namespace = name.partition(".")
    if namespace not in hostnames.endings_of_namespaces() or hostnames.match(name) is not None:
        return False
    text = str(found.value)
    in_clear = f"http://{name}" in text or re.search(rf"{re.escape(name)}:(?!443\b|8443\b)\d", text)
    return bool(in_clear) or service in re.split(r"[^a-z]+", found.path.lower())


def _hidden(place: Place | Unknown) -> Place | Unknown:
    """A place without the name that a secret holds."""
    return Unknown("nobody can place it") if isinstance(place, Unknown) else replace(place, label="a host in a secret")


def _role(path: str) -> Role:
    return Role.telemetry if TELEMETRY.search(path) else Role.transit
