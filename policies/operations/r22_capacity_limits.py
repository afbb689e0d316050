"""What grows by itself has an upper limit.

A pool that autoscales without one turns a loop of retries into a bill, and takes the GPUs others were promised.
"""

from collections.abc import Iterator

from blueprint.facts import Resource, Unknown
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

# Per type: what turns autoscaling on, and what limits it.
LIMITS = {
    "azurerm_kubernetes_cluster": ("default_node_pool.auto_scaling_enabled", "default_node_pool.max_count"),
    "azurerm_kubernetes_cluster_node_pool": ("auto_scaling_enabled", "max_count"),
    "scaleway_k8s_pool": ("autoscaling", "max_size"),
}


@rule(
    "R22",
    "what scales by itself has a limit",
    looks_at=list(LIMITS),
    basis="Art. 32(1)(b) GDPR; Art. 7 DORA",
    controls=["C5:2020 OPS-01", "C5:2020 OPS-02", "ISO 27001:2022 8.6", "NIST 800-53r5 SC-5"],
    severity="LOW",
)
def check(pool: Resource, scope: Scope) -> Iterator[Verdict]:
    """Node pools that scale, and how far."""
    switch, limit = LIMITS[pool.type]
    scales, most = pool.first(switch), pool.first(limit)
    if isinstance(scales, Unknown):
        yield unresolved(pool, switch, scales, f"a value, and {limit}")
    elif scales is True and most is None:
        yield fails(pool, switch, "true", f"nothing says how far: {limit} is missing", f"with {limit}", f"set {limit}")
    else:
        yield passes(pool, limit, "" if most is None else most)
