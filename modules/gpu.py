"""How pods find the GPUs of a pool, and how the GPU Operator is told to share a card.

A node says by labels what shall become of its cards: whole (no label), cut into MIG slices, or shared in time. A slice is
advertised like a whole card (MIG strategy `single`); a share of time under a name of its own, so that nobody gets one unasked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from blueprint.environment import Environment, GpuPool
from blueprint.hosting import accelerator
from modules.clusters.base import POOL_LABEL, GpuNodes

TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
RESOURCE = "nvidia.com/gpu"
SHARED_RESOURCE = f"{RESOURCE}.shared"
MIG_CONFIG, DEVICE_PLUGIN_CONFIG = "nvidia.com/mig.config", "nvidia.com/device-plugin.config"
WHOLE = "whole"


def nodes(env: Environment, name: str, tolerations: Sequence[Mapping[str, str]]) -> GpuNodes:
    """The nodes of one pool. Pods wait until the MIG manager has cut the cards: before that, a whole card would look like a
    slice."""
    pool, found = env.cluster.gpu_pools[name], accelerator(env, name)
    ready = {f"{MIG_CONFIG}.state": "success"} if pool.mig else {}
    return GpuNodes(
        gpu=found.gpu,
        gpus_per_node=found.per_node,
        max_nodes=pool.max,
        node_selector={POOL_LABEL: name, **ready},
        tolerations=tolerations,
        spot=pool.spot,
        resource=SHARED_RESOURCE if pool.time_slicing else RESOURCE,
        labels=labels(pool),
    )


def labels(pool: GpuPool) -> dict[str, str]:
    """What the pool's nodes carry from their first minute on."""
    if pool.mig:
        return {MIG_CONFIG: f"all-{pool.mig.profile}"}
    return {DEVICE_PLUGIN_CONFIG: _shared(pool.time_slicing.replicas)} if pool.time_slicing else {}


def operator_values(env: Environment) -> dict[str, Any]:
    """Values of the GPU Operator beside its defaults; nothing where every card stays whole."""
    pools = env.cluster.gpu_pools.values()
    replicas = sorted({pool.time_slicing.replicas for pool in pools if pool.time_slicing})
    mig = {"mig": {"strategy": "single"}, "migManager": {"enabled": True}} if any(pool.mig for pool in pools) else {}
    return {**mig, **({"devicePlugin": {"config": _device_plugin(replicas)}} if replicas else {})}


def _device_plugin(replicas: Sequence[int]) -> dict[str, Any]:
    """One configuration per way of sharing; a node without the label keeps its cards whole."""
    configs = {WHOLE: {"version": "v1"}, **{_shared(count): _time_slicing(count) for count in replicas}}
    data = {name: yaml.safe_dump(config, sort_keys=False) for name, config in configs.items()}
    return {"create": True, "name": "device-plugin", "default": WHOLE, "data": data}


def _time_slicing(replicas: int) -> dict[str, Any]:
    """Asking for two shares would not give twice the time, so it is refused (device plugin 0.20, README)."""
    rule = {"renameByDefault": True, "failRequestsGreaterThanOne": True, "resources": [{"name": RESOURCE, "replicas": replicas}]}
    return {"version": "v1", "sharing": {"timeSlicing": rule}}


def _shared(replicas: int) -> str:
    return f"shared-{replicas}"
