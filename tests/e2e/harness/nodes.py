"""Nodes as an environment's pools would bring them: what the cloud is told to put on them, what the cloud adds by itself, and
what Node Feature Discovery and the GPU Operator add once they run.

Labels and taints of a cloud's pools come from the synthesized stack, so a pod that selects what no pool carries stays
Pending here too. On-premises they are the contract of docs/how-to/onprem.md. Machines and cards are the catalogue's; what a
kubelet holds back for itself is not taken off, so a node has a little more room here than in reality.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blueprint.catalog import InstanceType
from blueprint.environment import Environment, GpuPool
from blueprint.hosting import accelerator, provider

Object = dict[str, Any]
SYSTEM = "system"
# What GPU feature discovery calls the cards, from NVIDIA's own names of them (nvidia-smi -L, spaces as hyphens).
PRODUCTS = {
    "h100-nvl": "NVIDIA-H100-NVL",
    "h100-pcie": "NVIDIA-H100-PCIe",
    "h100-sxm": "NVIDIA-H100-80GB-HBM3",
    "h200-sxm": "NVIDIA-H200",
    "l40s": "NVIDIA-L40S",
}


@dataclass(frozen=True)
class _Pool:
    """What one pool puts on its nodes."""

    name: str
    count: int
    instance: str
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Mapping[str, str]] = ()
    zones: Sequence[str] = ()


def of(env: Environment, stack: Mapping[str, Any], counts: Mapping[str, int] | None = None) -> list[Object]:
    """The Node objects of an environment; `stack` is its synthesized JSON.

    `counts` says how many nodes a pool has (pool → number); without it the system pool has its smallest size and every GPU
    pool its largest.
    """
    found = _pools(env, stack)
    return [_node(env, pool, number) for pool in found for number in range((counts or {}).get(pool.name, pool.count))]


def _pools(env: Environment, stack: Mapping[str, Any]) -> list[_Pool]:
    read = {"aks": _of_azure, "kapsule": _of_scaleway, "onprem": _of_a_site}[env.cluster.target]
    return list(read(env, stack))


def _of_azure(env: Environment, stack: Mapping[str, Any]) -> Iterator[_Pool]:
    """AKS names a zone `<region>-<number>`, and marks pools and spot nodes with labels of its own."""
    (cluster,) = stack["resource"]["azurerm_kubernetes_cluster"].values()
    system = cluster["default_node_pool"]
    mode = {"kubernetes.azure.com/mode": "system"}
    yield _Pool(SYSTEM, system["min_count"], system["vm_size"], mode, zones=_zones(env, system))
    for pool in stack["resource"]["azurerm_kubernetes_cluster_node_pool"].values():
        labels = {"kubernetes.azure.com/mode": "user", "kubernetes.azure.com/agentpool": pool["name"], **pool["node_labels"]}
        taints = [_taint(text) for text in pool["node_taints"]]
        yield _Pool(pool["name"], pool["max_count"], pool["vm_size"], labels, taints, _zones(env, pool))


def _of_scaleway(env: Environment, stack: Mapping[str, Any]) -> Iterator[_Pool]:
    for pool in stack["resource"]["scaleway_k8s_pool"].values():
        count = pool["min_size"] if pool["name"] == SYSTEM else pool["max_size"]
        taints = [{"effect": "NoSchedule", **taint} for taint in pool.get("taints", [])]
        labels = {"k8s.scaleway.com/pool-name": pool["name"], **pool.get("labels", {})}
        yield _Pool(pool["name"], count, pool["node_type"], labels, taints, [pool["zone"]])


def _of_a_site(env: Environment, stack: Mapping[str, Any]) -> Iterator[_Pool]:
    """What docs/how-to/onprem.md asks the owner to put on the nodes."""
    yield _Pool(SYSTEM, env.cluster.system_pool.min, env.cluster.system_pool.instance)
    for name, pool in env.cluster.gpu_pools.items():
        sharing = {"nvidia.com/mig.config": f"all-{pool.mig.profile}"} if pool.mig else {}
        if pool.time_slicing:
            sharing = {"nvidia.com/device-plugin.config": f"shared-{pool.time_slicing.replicas}"}
        yield _Pool(name, pool.max, pool.instance, {"inference/pool": name, **sharing}, [_taint("nvidia.com/gpu=present:NoSchedule")])


def _zones(env: Environment, pool: Mapping[str, Any]) -> list[str]:
    return [f"{env.cluster.region}-{zone}" for zone in pool.get("zones", [])]


def _taint(text: str) -> dict[str, str]:
    left, _, effect = text.rpartition(":")
    key, _, value = left.partition("=")
    return {"key": key, "value": value, "effect": effect}


def _node(env: Environment, pool: _Pool, number: int) -> Object:
    machine = provider(env).instances[pool.instance]
    name = f"{pool.name}-{number}"
    capacity = {**_machine(machine), **_cards(env, pool)}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**_kubelet(env, pool, name, number), **_features(env, pool, machine), **pool.labels}},
        "spec": {"taints": [dict(taint) for taint in pool.taints], "providerID": f"stand-in://{name}"},
        "status": {"capacity": capacity, "allocatable": capacity},
    }


def _kubelet(env: Environment, pool: _Pool, name: str, number: int) -> dict[str, str]:
    zone = {"topology.kubernetes.io/zone": pool.zones[number % len(pool.zones)]} if pool.zones else {}
    return {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "node.kubernetes.io/instance-type": pool.instance,
        "topology.kubernetes.io/region": env.cluster.region,
        **zone,
    }


def _machine(machine: InstanceType) -> dict[str, str]:
    disk = {"ephemeral-storage": f"{machine.temporary_disk_gib:.0f}Gi"} if machine.temporary_disk_gib else {}
    return {"cpu": str(machine.vcpus), "memory": f"{machine.memory_gib:.0f}Gi", "pods": "110", **disk}


def _gpu_pool(env: Environment, pool: _Pool) -> GpuPool | None:
    return env.cluster.gpu_pools.get(pool.name)


def _cards(env: Environment, pool: _Pool) -> dict[str, str]:
    """What the device plugin advertises: cards, MIG slices under the name of cards, or shares of time under their own."""
    wish = _gpu_pool(env, pool)
    if wish is None:
        return {}
    return {"nvidia.com/gpu.shared" if wish.time_slicing else "nvidia.com/gpu": str(accelerator(env, pool.name).per_node)}


def _features(env: Environment, pool: _Pool, machine: InstanceType) -> dict[str, str]:
    """Node Feature Discovery's mark of an NVIDIA card on the bus, GPU feature discovery's of the card, and the MIG manager's
    word that it has cut them."""
    wish = _gpu_pool(env, pool)
    if wish is None:
        return {}
    found = accelerator(env, pool.name)
    cut = {"nvidia.com/mig.config.state": "success", "nvidia.com/mig.strategy": "single"} if wish.mig else {}
    slice_of = f"-MIG-{wish.mig.profile}" if wish.mig else ""
    product = {"nvidia.com/gpu.product": PRODUCTS[machine.gpu] + slice_of} if machine.gpu in PRODUCTS else {}
    return {
        "feature.node.kubernetes.io/pci-10de.present": "true",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.count": str(found.per_node // found.takers),
        "nvidia.com/gpu.replicas": str(found.takers),
        "nvidia.com/gpu.memory": str(round(found.gpu.memory_gib * 1024)),
        **product,
        **cut,
    }
