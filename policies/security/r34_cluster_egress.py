"""Nodes reach the internet only through what the platform controls.

An AKS cluster reaches everything by default: `outbound_type` is a load balancer, nodes pull from Microsoft's public registry, and a
subnet has outbound access of its own. Routed through a firewall, or with no way out and images from the cache registry, it reaches
what somebody has allowed. The cluster's own network policies are rule R07's.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.policy.scope import CLASSES
from blueprint.settings import Setting, judged, settings

OUTBOUND = "network_profile.outbound_type"
CLOSED = ("none", "block")
CONTROLLED = "userDefinedRouting, none or block"
WHY = "nodes and pods reach any address in the world"
NEXT = "route egress through a firewall (userDefinedRouting) or close it (none, with bootstrap_profile.artifact_source = Cache)"
SETTINGS = settings(
    Setting(
        "azurerm_subnet", "default_outbound_access_enabled", ("true",), "false", "machines in the subnet reach the internet by themselves"
    ),
    Setting("scaleway_k8s_pool", "public_ip_disabled", ("false",), "true", "every node has a public address and reaches any other"),
)


@rule(
    "R34",
    "cluster nodes have no uncontrolled way out",
    looks_at=["azurerm_kubernetes_cluster", "azurerm_subnet", "scaleway_k8s_pool"],
    basis="Art. 32 GDPR; NIS2 Impl. Reg. 2024/2690 6.7",
    controls=["C5:2020 COS-01", "C5:2020 COS-06", "ISO 27001:2022 8.20", "NIST 800-53r5 SC-7(5)", "CIS AKS 5.4.4"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """How nodes leave their network. What is only a default counts from special data on."""
    if not scope.regulated:
        return
    if resource.type == "azurerm_kubernetes_cluster":
        yield from _aks(resource, scope)
    else:
        yield from judged(resource, SETTINGS)


def _aks(cluster: Resource, scope: Scope) -> Iterator[Verdict]:
    written = cluster.first(OUTBOUND)
    if written is None and CLASSES.index(scope.data_class) < CLASSES.index("special"):
        return
    outbound = "loadBalancer" if written is None else written
    if isinstance(outbound, Unknown):
        yield unresolved(cluster, OUTBOUND, outbound, CONTROLLED, NEXT)
    elif outbound in CLOSED and cluster.first("bootstrap_profile.artifact_source") != "Cache":
        why = "without a way out nodes cannot start from Microsoft's public registry, which is the default"
        yield fails(cluster, "bootstrap_profile.artifact_source", "Direct", why, "Cache", "name a container_registry_id in the zone")
    elif outbound in (*CLOSED, "userDefinedRouting"):
        yield passes(cluster, OUTBOUND, outbound)
    else:
        yield fails(cluster, OUTBOUND, f"{outbound} (default)" if written is None else outbound, WHY, CONTROLLED, NEXT)
