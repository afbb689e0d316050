"""Names are looked up inside the zone.

A public resolver sees every name the platform asks for, and answers for it: names of customers, of models, of internal hosts, and
a channel through which data leaves in questions.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from blueprint import hostnames
from blueprint.addresses import HERE, network
from blueprint.facts import Resource, Unknown
from blueprint.facts.embedded import texts
from blueprint.kubernetes import TEMPLATES, pod_spec
from blueprint.policy import Scope, Verdict, fails, passes, rule
from blueprint.whereabouts.home import flat

AN_ADDRESS = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")  # what every text has that answers
ANSWERS = re.compile(r"^\s*(\d{1,3}(?:\.\d{1,3}){3})\s+[a-z]", re.MULTILINE)  # a name with an address, as in /etc/hosts
FORWARDS = re.compile(r"^\s*forward\s+\S+\s+(.*)$", re.MULTILINE)
OF_THE_CLOUD = ("168.63.129.16", "169.254.169.254", "169.254.20.10")  # resolvers of the virtual network and of the node
VNETS = {
    "azurerm_virtual_network": "dns_servers",
    "azurerm_virtual_network_dns_servers": "dns_servers",
    "azurerm_firewall_policy": "dns.servers",
}
WHY = "a public resolver sees every name that is asked for"
NEXT = "forward to a resolver inside the zone"


@rule(
    "R55",
    "names are looked up inside the zone",
    looks_at=["k8s.ConfigMap", *TEMPLATES, *VNETS],
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 COS-01", "ISO 27001:2022 8.20"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """CoreDNS configuration, pods with resolvers of their own, and resolvers of a virtual network."""
    if not scope.regulated:
        return
    public = [(path, address) for path, address in _resolvers(resource) if address not in OF_THE_CLOUD and network(address) != HERE]
    found = [fails(resource, path, address, WHY, "the network's own resolver", NEXT) for path, address in public]
    yield from found or [passes(resource)]


def _resolvers(resource: Resource) -> Iterator[tuple[str, str]]:
    if resource.type in VNETS:
        values = (value for found in resource.each(VNETS[resource.type]) for value in flat(found))
        yield from ((found.path, str(found.value)) for found in values if not isinstance(found.value, Unknown))
    elif resource.type == "k8s.ConfigMap":
        for text in texts(resource.attributes.get("data") or {}, _named):
            yield from ((text.path, address) for address in _named(text.value))
    else:
        path, spec = pod_spec(resource)
        config = spec.get("dnsConfig")
        servers = config.get("nameservers") or [] if isinstance(config, Mapping) else []
        yield from ((f"{path}.dnsConfig.nameservers", str(server)) for server in servers)


@lru_cache(maxsize=65_536)
def _named(text: str) -> tuple[str, ...]:
    """Addresses a text forwards questions to, and those it answers with itself. Resolvers with names are R57's."""
    if "forward" not in text and not AN_ADDRESS.search(text):
        return ()
    words = (hostnames.plain(word) for line in FORWARDS.findall(text) for word in line.split())
    return (*(word for word in words if word and hostnames.network(word) is not None), *ANSWERS.findall(text))
