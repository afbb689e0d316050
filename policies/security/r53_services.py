"""Nothing in the cluster is reachable from the Internet, and no service points outside.

A LoadBalancer gets a public address unless it asks for a private one, and an ExternalName service sends callers to any host.
"""

from collections.abc import Iterator, Mapping

from blueprint.addresses import HERE, network
from blueprint.facts import Resource, Unknown
from blueprint.kubernetes import block, listed
from blueprint.places import host
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.residency_catalog import table

PRIVATE = "a private address (an annotation of the cloud, see catalog/residency/load_balancers.yaml)"
NEXT = "ask for a private load balancer, or use ClusterIP behind the gateway"


@rule(
    "R53",
    "services of the cluster are private and stay inside",
    looks_at=["k8s.Service", "k8s.EnvoyProxy"],
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 COS-05", "ISO 27001:2022 8.20", "NIST 800-53r5 SC-7"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Services and those a gateway makes for its proxies."""
    if not scope.regulated:
        return
    if resource.type == "k8s.EnvoyProxy":
        service = block(resource.first("spec.provider.kubernetes.envoyService"))
        made = {"type": "LoadBalancer", **service}
        found = list(_load_balancer(resource, made, service.get("annotations"), "spec.provider.kubernetes.envoyService"))
    else:
        spec = block(resource.first("spec"))
        found = [*_load_balancer(resource, spec, resource.first("metadata.annotations"), "spec"), *_elsewhere(resource, spec, scope)]
    yield from found or [passes(resource, "spec.type", resource.first("spec.type") or "ClusterIP")]


def _load_balancer(resource: Resource, spec: Mapping[str, object], annotations: object, path: str) -> Iterator[Verdict]:
    if spec.get("type") == "LoadBalancer" and not _private(annotations):
        yield fails(resource, f"{path}.type", "LoadBalancer", "the cloud gives it a public address", PRIVATE, NEXT)
    for address in listed(spec.get("externalIPs")):
        if network(str(address)) != HERE:
            yield fails(resource, f"{path}.externalIPs", address, "the service answers at a public address", "private addresses", NEXT)


def _private(annotations: object) -> bool:
    """Whether an annotation asks for a private address, in the words of any cloud we know."""
    given = annotations if isinstance(annotations, Mapping) else {}
    return any(
        entry["annotation"] in given and (not entry["values"] or str(given[entry["annotation"]]) in entry["values"])
        for entry in table("residency/load_balancers.yaml")["private"]
    )


def _elsewhere(resource: Resource, spec: Mapping[str, object], scope: Scope) -> Iterator[Verdict]:
    name = spec.get("externalName")
    if not isinstance(name, str):
        return
    place = host(name)
    if isinstance(place, Unknown):
        yield unresolved(resource, "spec.externalName", place, "a host inside the zone")
    elif not (answer := scope.answer(place)).allowed:
        yield fails(resource, "spec.externalName", name, answer.why, "a host inside the zone", NEXT)
