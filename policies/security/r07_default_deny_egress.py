"""Pods reach what is listed and nothing else.

A pod that may open a connection to any address can carry prompts to any country, whatever the cluster's region says. Every
pod is under a policy that denies by default, and what is opened is inside the zone. "Every address" is accepted only where a
firewall is the cluster's one way out and stands in the same stack, where its own rules are judged (R59).

What policies cannot stop: names looked up at a resolver that forwards, and images pulled by the nodes (R08).
"""

from collections.abc import Iterator

from blueprint.addresses import HERE, network
from blueprint.facts import Facts, Resource, Unknown
from blueprint.kubernetes import TEMPLATES
from blueprint.places import Place, host
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.reachability import POLICIES, Reach, opened, reach

ALLOWED = "pods of the cluster, private endpoints, services inside the zone"
NEXT = "name the destinations one by one (podSelector, ipBlock, toFQDNs); deny the rest"
BEHIND_FIREWALL = ("none", "block", "userDefinedRouting")  # outbound types of AKS that leave the way out to a firewall


@rule(
    "R07",
    "pods reach only listed destinations inside the zone",
    looks_at=[*TEMPLATES, *POLICIES],
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 COS-01", "C5:2020 COS-06", "ISO 27001:2022 8.20", "ISO 27001:2022 8.22", "NIS2 6.7"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Policies for what they open, workloads for being under one."""
    facts = resource.facts or Facts("", (resource,))
    ways = opened(resource) if resource.type in POLICIES else [way for way in reach(resource, facts) if way.policy is None]
    found = [_judged(resource, way, facts, scope) for way in ways]
    yield from (verdict for verdict in found if verdict)
    if not any(found):
        yield passes(resource, "spec.egress" if resource.type in POLICIES else "")


def _judged(resource: Resource, way: Reach, facts: Facts, scope: Scope) -> Verdict | None:
    place = _place(way.destination)
    if isinstance(place, Unknown):
        return unresolved(resource, way.path, f"{way.why}: {place.reason}", ALLOWED, NEXT)
    if place == HERE or (place.countries is None and _behind_firewall(facts)):
        return None
    answer = scope.answer(place)
    if answer.allowed and place.countries is not None:
        return None
    why = answer.why if place.countries is not None else "prompts could leave to any country"
    return fails(resource, way.path, way.destination, f"{way.why}; {why}", ALLOWED, NEXT)


def _place(destination: str | Unknown) -> Place | Unknown:
    if isinstance(destination, Unknown):
        return destination
    if "/" in destination:
        return network(destination)
    if destination.strip("*.") == "":
        return Place("every host name", None)
    return host(destination.removeprefix("*."))


def _behind_firewall(facts: Facts) -> bool:
    """Whether every cluster of the stack has a firewall of the same stack as its only way out."""
    clusters = list(facts.of("azurerm_kubernetes_cluster"))
    types = [cluster.first("network_profile.outbound_type") for cluster in clusters]
    closed = all(kind in BEHIND_FIREWALL for kind in types) and bool(clusters)
    return closed and (set(types) <= {"none", "block"} or _routed_to_firewall(facts))


def _routed_to_firewall(facts: Facts) -> bool:
    firewalls = {firewall.address for firewall in facts.of("azurerm_firewall")}
    defaults = [
        hop
        for route in facts.of("azurerm_route", "azurerm_route_table")
        for prefix, hop in zip(_all(route, "address_prefix"), _all(route, "next_hop_in_ip_address"), strict=False)
        if prefix == "0.0.0.0/0"
    ]
    return bool(defaults) and all(isinstance(hop, Unknown) and firewalls & set(hop.references) for hop in defaults)


def _all(route: Resource, name: str) -> list[object]:
    return [found.value for path in (name, f"route.{name}") for found in route.each(path)]
