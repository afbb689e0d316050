"""Where objects of a cluster, and the values of its charts, send data: every address they name, with the role it plays there.

An address is a URL in any string, or a host under a key that says it is one. What a person reads (descriptions, runbook links) and
what a schema is called are no destinations. Images are looked at by R08.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from blueprint.facts import Facts, Resource, Unknown
from blueprint.facts.model import Found
from blueprint.kubernetes import said
from blueprint.residency_catalog import table
from blueprint.whereabouts.defaults import destinations
from blueprint.whereabouts.hosts import places
from blueprint.whereabouts.model import Residence, Role

URL = re.compile(r"(?i)\b(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/\s@'\"<>]*@)?(?P<host>\[[0-9a-f:]+\]|[^/\s:@'\"<>,;)\\?#|`]+)")
HOST = re.compile(r"^(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z]{2,}(:\d+)?$", re.IGNORECASE)
HOST_KEYS = re.compile(r"(?i)(^|[._-])((host|hostname|endpoint|server|address|addr|smarthost|site|relay|broker)s?|(http|https|all)_proxy)$")
IP = re.compile(r"^\d{1,3}(\.\d{1,3}){3}(:\d+)?$")
FLAG = re.compile(r"^--?[\w.-]*(host|endpoint|server|address|addr|url)=(?P<host>[\w.-]+\.[a-z]{2,}(:\d+)?)$", re.IGNORECASE)
FOR_PEOPLE = re.compile(
    r"(?i)(^|[.\[/])(description|summary|message|runbook_?url|runbook|dashboard_?url|home|homepage|sources|icon|maintainers|documentation|"
    r"scopes?|audiences?|\$schema|\$id|\$ref|schema|licen[cs]e|links?|openAPIV3Schema)(\]|\.|\[|$)|kubernetes\.io/description|last-applied-configuration"
)
OWN_NAMES = re.compile(r"(?i)(^|\.)(hostnames?|dnsNames|commonName|serverName|sni|externalName|matchName|matchPattern|fqdn)(\[|\.|$)")
# Objects whose host names are those clients call us by, and objects that are lists of hosts outside.
ENTRANCES = ("k8s.Ingress", "k8s.Gateway", "k8s.HTTPRoute", "k8s.GRPCRoute", "k8s.TLSRoute", "k8s.AIGatewayRoute", "k8s.Certificate")
ELSEWHERE = {
    "k8s.ServiceEntry": re.compile(r"^spec\.(hosts|addresses)|^spec\.endpoints.*\.address$"),
    "k8s.Endpoints": re.compile(r"^subsets.*\.ip$"),
    "k8s.EndpointSlice": re.compile(r"^endpoints.*\.addresses"),
}
TELEMETRY = re.compile(
    r"(?i)remote_?write|otlp|otel|opentelemetry|exporter|receivers?\b|alertmanager|webhook_?url|api_?url|sentry|datadog|honeycomb|"
    r"newrelic|new_relic|telemetry|tracing|jaeger|zipkin|loki|tempo|mimir|thanos|splunk|fluent|langfuse|langsmith|statsd|pagerduty|"
    r"opsgenie|slack|usage_?stats|analytics|collector|accesslog|access_log"
)


KNOWN: WeakKeyDictionary[Resource, list[Residence]] = WeakKeyDictionary()


def whereabouts(resource: Resource) -> list[Residence]:
    """Every destination an object or a release names, once per place where it is named."""
    if resource not in KNOWN:
        unspoken = [one for path, name in destinations(resource) for one in _residences(Found(path, name), name, resource.facts)]
        KNOWN[resource] = [*_addresses(resource), *_receivers(resource), *unspoken]
    return KNOWN[resource]


def _addresses(resource: Resource) -> Iterator[Residence]:
    for found in said(resource).leaves:
        if isinstance(found.value, str) and "." in found.value:
            names = list(_hosts(resource.type, found))
            for name in names if names and not FOR_PEOPLE.search(found.path) else ():
                yield from _residences(found, name, resource.facts)


def _receivers(resource: Resource) -> Iterator[Residence]:
    """Alert receivers that name no address of their own: each service has a default one."""
    everything = said(resource)
    if any(key.lower().endswith("configs") for key in everything.keys):
        yield from _quiet_receivers(everything.data, resource.facts)


def _quiet_receivers(data: Any, facts: Facts | None, path: str = "") -> Iterator[Residence]:
    if isinstance(data, dict):
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            for known in table("residency/receivers.yaml")["receivers"] if isinstance(value, list) else ():
                if key in known["keys"]:
                    quiet = [item for item in value if isinstance(item, Mapping) and not _addressed(item, known["overridden_by"])]
                    for _ in quiet:
                        yield from _residences(Found(f"{here}.receivers", known["host"]), known["host"], facts)
            yield from _quiet_receivers(value, facts, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _quiet_receivers(item, facts, f"{path}[{index}]")


def _addressed(receiver: Mapping[str, Any], keys: list[str]) -> bool:
    return any(isinstance(receiver.get(key), str) for key in keys)


def _hosts(type: str, found: Found) -> Iterator[str]:
    matches = URL.finditer(found.value) if "://" in found.value else ()
    names = [match["host"] for match in matches if match["scheme"].lower() not in ("oci", "spiffe", "urn", "cid")]
    yield from (name for name in dict.fromkeys(names) if _plausible(name))
    if type in ELSEWHERE and ELSEWHERE[type].search(found.path):
        yield found.value
    elif not names and (flag := FLAG.match(found.value)):
        yield flag["host"].rsplit(":", 1)[0]
    elif not names and (HOST.match(found.value) or IP.match(found.value)) and _names_a_host(type, found.path):
        yield found.value.rsplit(":", 1)[0]


def _names_a_host(type: str, path: str) -> bool:
    """Whether what stands there is a host of somebody else."""
    return type not in ENTRANCES and bool(HOST_KEYS.search(_key(path))) and not OWN_NAMES.search(path)


def _plausible(name: str) -> bool:
    """Whether this is a host and not a template that becomes one."""
    return not re.search(r"[{}$%*()]", name) and bool(name.strip("."))


def _key(path: str) -> str:
    """The last word of a path; a named variable's is its name."""
    return re.sub(r"\[\d+\]$", "", path.removesuffix(".value")).rpartition(".")[2]


def _residences(found: Found, name: str, facts: Facts | None) -> Iterator[Residence]:
    role = Role.telemetry if TELEMETRY.search(found.path) else Role.transit
    why, next = f"it names {name}", "use a service inside the zone, or take the address out"
    for place in places(name, facts):
        yield Residence(role, found.path, name, Unknown(f"{why}: {place.reason}") if isinstance(place, Unknown) else place, why, next)
