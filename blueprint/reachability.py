"""Which destinations a pod can reach: network policies evaluated over a bundle, without a cluster.

Kubernetes' rules: policies of the pod's own namespace whose selector matches it are added up; where none of them speaks of
egress, everything is reachable; an empty `to` is everywhere. Cilium's and Calico's own policies are added up with them. A policy binds
only pods on the pod network: `hostNetwork` pods reach everything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blueprint import calico
from blueprint.facts import Facts, Resource, Unknown
from blueprint.kubernetes import TEMPLATES

ANYWHERE = "0.0.0.0/0"

CLUSTERWIDE = ("k8s.CiliumClusterwideNetworkPolicy", "k8s.GlobalNetworkPolicy")
ADMIN = ("k8s.AdminNetworkPolicy", "k8s.BaselineAdminNetworkPolicy")  # may open what others deny, so they protect nobody
POLICIES = ("k8s.NetworkPolicy", "k8s.CiliumNetworkPolicy", *CLUSTERWIDE, *ADMIN)
CALICO = "projectcalico.org/"

# What Cilium calls parts of the world; everything else it names is inside the cluster.
OUTSIDE = {"all": ANYWHERE, "world": ANYWHERE, "world-ipv4": ANYWHERE, "world-ipv6": "::/0"}


@dataclass(frozen=True)
class Pods:
    """The pods of one workload."""

    resource: Resource
    namespace: str
    labels: Mapping[str, Any]
    host_network: Any


@dataclass(frozen=True)
class Reach:
    """One destination outside the pods' cluster: a CIDR, a host name or pattern, or Unknown; and the rule that opens it."""

    destination: str | Unknown
    path: str
    policy: Resource | None
    why: str


def pods(workload: Resource) -> Pods:
    """The pods a workload makes."""
    prefix = TEMPLATES[workload.type]
    at = f"{prefix}." if prefix else ""
    return Pods(
        workload,
        _namespace(workload),
        workload.first(f"{at}metadata.labels") or {},
        workload.first(f"{at}spec.hostNetwork"),
    )


def reach(workload: Resource, facts: Facts) -> list[Reach]:
    """Every destination outside the cluster that a workload's pods can open a connection to."""
    them = pods(workload)
    if them.host_network:
        return [Reach(ANYWHERE, "spec.hostNetwork", None, "network policies do not bind pods on the node's own network")]
    rules = [rule for policy in facts.of(*POLICIES) if _selects(policy, them) for rule in _egress(policy)]
    if not rules:
        return [Reach(ANYWHERE, "", None, f"no network policy limits the egress of these pods in namespace {them.namespace}")]
    return [found for found in rules if found.destination != ""]


def opened(policy: Resource) -> list[Reach]:
    """Every destination outside the cluster that one policy opens."""
    return [found for found in _egress(policy) if found.destination != ""]


def _selects(policy: Resource, them: Pods) -> bool:
    if policy.type in ADMIN:
        return False
    if policy.type not in CLUSTERWIDE and _namespace(policy) != them.namespace:
        return False
    if _is_calico(policy):
        return calico.selects(policy.first("spec.selector"), them.labels)
    key = "podSelector" if policy.type == "k8s.NetworkPolicy" else "endpointSelector"
    selector = policy.first(f"spec.{key}")
    return matches({} if selector is None else selector, {**them.labels, "k8s:io.kubernetes.pod.namespace": them.namespace})


def _is_calico(policy: Resource) -> bool:
    """Calico's own policies have the name of Kubernetes' and another group."""
    return CALICO in str(policy.first("apiVersion"))


def matches(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a label selector selects; one that is not known does not, so that a policy never protects by guess."""
    if not isinstance(selector, Mapping):
        return False
    exact, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if isinstance(exact, Unknown) or isinstance(expressions, Unknown):
        return False
    return all(labels.get(key) == value for key, value in exact.items()) and all(_expression(each, labels) for each in expressions)


def _expression(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or []
    return {
        "In": key in labels and labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(str(expression.get("operator")), False)


def _egress(policy: Resource) -> Iterator[Reach]:
    """What a policy opens. One that limits egress and opens nothing yields the empty destination: it still counts as a policy."""
    rules = policy.first("spec.egress")
    if isinstance(rules, Unknown):
        yield Reach(rules, "spec.egress", policy, "the policy's rules are not known")
        return
    if policy.type in ADMIN:
        for index, rule in enumerate(rules or []):
            yield from _admin(policy, rule or {}, f"spec.egress[{index}]")
    elif _is_calico(policy):
        if "Egress" in (policy.first("spec.types") or ()) or rules:
            yield Reach("", "", policy, "denies what is not opened")
        for index, rule in enumerate(rules or []):
            yield from (Reach(to, f"spec.egress[{index}].{path}", policy, why) for to, path, why in calico.opened(rule or {}))
    elif policy.type == "k8s.NetworkPolicy":
        types = policy.first("spec.policyTypes")
        if "Egress" in (types or ()) or (types is None and rules):
            yield Reach("", "", policy, "denies what is not opened")
            for index, rule in enumerate(rules or []):
                yield from _peers(policy, rule or {}, f"spec.egress[{index}]")
    elif rules is not None:
        yield Reach("", "", policy, "denies what is not opened")
        for index, rule in enumerate(rules):
            yield from _cilium(policy, rule or {}, f"spec.egress[{index}]")


def _peers(policy: Resource, rule: Mapping[str, Any], path: str) -> Iterator[Reach]:
    if not rule.get("to"):
        ports = ", ".join(str(port.get("port", "any")) for port in rule.get("ports") or [] if isinstance(port, Mapping))
        why = "an egress rule without `to` opens every address" + (f", if only at port {ports}" if ports else "")
        yield Reach(ANYWHERE, f"{path}.to", policy, why)
        return
    for index, peer in enumerate(rule["to"]):
        block = peer.get("ipBlock")
        if block is not None:
            yield Reach(block.get("cidr", ANYWHERE), f"{path}.to[{index}].ipBlock.cidr", policy, "opened by address")
        elif not {"podSelector", "namespaceSelector"} & set(peer):
            yield Reach(ANYWHERE, f"{path}.to[{index}]", policy, "an empty peer opens every address")


def _admin(policy: Resource, rule: Mapping[str, Any], path: str) -> Iterator[Reach]:
    for index, peer in enumerate(rule.get("to") or [] if rule.get("action") in ("Allow", "Pass") else []):
        for key in ("networks", "domainNames"):
            yield from (Reach(str(name), f"{path}.to[{index}].{key}", policy, "opened for every pod") for name in peer.get(key) or [])


def _cilium(policy: Resource, rule: Mapping[str, Any], path: str) -> Iterator[Reach]:
    named = {"toEndpoints", "toServices", "toNodes", "toCIDR", "toCIDRSet", "toEntities", "toFQDNs", "toGroups"} & set(rule)
    if not named:
        yield Reach(ANYWHERE, path, policy, "an egress rule without a destination opens every address")
    for index, cidr in enumerate(rule.get("toCIDR") or []):
        yield Reach(cidr, f"{path}.toCIDR[{index}]", policy, "opened by address")
    for index, item in enumerate(rule.get("toCIDRSet") or []):
        cidr = item.get("cidr") or Unknown("the group of addresses is not in this bundle")
        yield Reach(cidr, f"{path}.toCIDRSet[{index}].cidr", policy, "opened by address")
    for index, entity in enumerate(rule.get("toEntities") or []):
        if str(entity) in OUTSIDE:
            yield Reach(OUTSIDE[str(entity)], f"{path}.toEntities[{index}]", policy, f"the entity {entity} is every address")
    for index, name in enumerate(rule.get("toFQDNs") or []):
        yield Reach(name.get("matchName") or name.get("matchPattern") or "*", f"{path}.toFQDNs[{index}]", policy, "opened by name")
    if "toGroups" in rule:
        yield Reach(Unknown("addresses of a cloud's group are not in the bundle"), f"{path}.toGroups", policy, "opened by a cloud's group")


def _namespace(resource: Resource) -> str:
    value = resource.first("metadata.namespace")
    return value if isinstance(value, str) and value else "default"
