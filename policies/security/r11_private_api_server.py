"""The cluster's API server is not open to the world.

Whoever reaches it may try stolen tokens and the vulnerability of the day on what runs every model and holds every secret. AKS opens
it by default; Kapsule always has a public address, which its access list closes.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.policy.scope import CLASSES

WORLD = ("0.0.0.0/0", "::/0", "*", "Internet")
RANGES = "api_server_access_profile.authorized_ip_ranges"
PRIVATE = "private_cluster_enabled"
NEXT = f"{PRIVATE} = true, or {RANGES} with your own addresses"


@rule(
    "R11",
    "the API server of a cluster is private",
    looks_at=["azurerm_kubernetes_cluster", "scaleway_k8s_acl"],
    basis="Art. 32 GDPR",
    controls=["C5:2020 COS-05", "ISO 27001:2022 8.20", "NIST 800-53r5 SC-7", "CIS AKS 5.4.1", "CIS AKS 5.4.2"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Who reaches the API server. What is only a default counts from special data on."""
    if not scope.regulated:
        return
    yield from _acl(resource) if resource.type == "scaleway_k8s_acl" else _aks(resource, scope)


def _aks(cluster: Resource, scope: Scope) -> Iterator[Verdict]:
    private, ranges = cluster.first(PRIVATE), cluster.each(RANGES)
    open_ranges = [found for found in ranges if any(address in WORLD for address in _addresses(found.value))]
    if isinstance(private, Unknown):
        yield unresolved(cluster, PRIVATE, private, "true", NEXT)
    elif private is not True and any(isinstance(found.value, Unknown) for found in ranges):
        yield unresolved(cluster, RANGES, "the addresses that may reach the API server are not known", "your own addresses", NEXT)
    elif private is True or (ranges and not open_ranges):
        yield passes(cluster, PRIVATE if private else RANGES)
    elif open_ranges:
        yield fails(cluster, open_ranges[0].path, "the whole internet", "anybody reaches the API server", "your own addresses", NEXT)
    elif private is False or CLASSES.index(scope.data_class) >= CLASSES.index("special"):
        shown = "false" if private is False else "false (default)"
        yield fails(cluster, PRIVATE, shown, "anybody reaches the API server", "true", NEXT)


def _acl(acl: Resource) -> Iterator[Verdict]:
    for found in acl.each("acl_rules.ip"):
        if found.value in WORLD:
            yield fails(acl, found.path, found.value, "anybody reaches the API server", "your own addresses", "name your own addresses")
        else:
            yield passes(acl, found.path)


def _addresses(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]
