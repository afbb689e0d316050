"""Who hosts an environment, and what its pods get there: regions, instance types, prices, cards and parts of cards."""

from dataclasses import dataclass
from typing import Any

from blueprint.catalog import Gpu, InstanceType, MigProfile, Provider, load_catalog
from blueprint.environment import Environment, Onprem
from blueprint.environment.onprem import NodeType

CONTRACT = "the environment's own contract (`cluster`)"


@dataclass(frozen=True)
class Accelerator:
    """What a pod gets for one GPU it asks for: a card, a MIG slice of one, or (`takers` > 1) a card it takes turns on.
    `per_node` counts them; `measured` is whether somebody has read the memory off a driver; `compute` and `bandwidth` are the shares
    of the card's arithmetic and memory bandwidth it has while all others work."""

    gpu: Gpu
    per_node: int
    takers: int = 1
    measured: bool = True
    compute: float = 1.0
    bandwidth: float = 1.0


def provider(env: Environment) -> Provider:
    """The catalogue's entry for the cloud behind `cluster.target`; for a site of one's own, what its contract says."""
    if isinstance(env.cluster, Onprem):
        return _site(env.cluster)
    return load_catalog().provider_of(env.cluster.target)


def accelerator(env: Environment, pool: str) -> Accelerator:
    """What a pool of the environment offers.

    Raises:
        KeyError: the environment or the catalogue does not know a name; validation reports that first.
    """
    wish = env.cluster.gpu_pools[pool]
    machine = provider(env).instances[wish.instance]
    gpu = load_catalog().gpus[machine.gpu or ""]
    if wish.mig:
        return _sliced(gpu, machine, wish.mig.profile)
    takers = wish.time_slicing.replicas if wish.time_slicing else 1
    return Accelerator(gpu, machine.gpus * takers, takers, compute=1 / takers, bandwidth=1 / takers)


def _sliced(gpu: Gpu, machine: InstanceType, profile: str) -> Accelerator:
    if gpu.mig is None:
        raise KeyError(profile)
    cut = gpu.mig.profiles[profile]
    memory_gib = cut.memory_gib or _nominal_gib(cut)
    changes = {
        "name": f"{gpu.name}-{profile}",
        "label": f"{profile} slice of {gpu.label}",
        "memory_gib": memory_gib,
        "batched_tokens": gpu.mig.batched_tokens,
    }
    memory_slices = round(gpu.mig.memory_slices * memory_gib / gpu.memory_gib)
    return Accelerator(
        gpu.model_copy(update=changes),
        machine.gpus * cut.per_gpu,
        measured=cut.memory_gib is not None,
        compute=int(profile.partition("g.")[0]) / gpu.mig.compute_slices,
        bandwidth=memory_slices / gpu.mig.memory_slices,
    )


def _nominal_gib(profile: MigProfile) -> float:
    """What a profile's name promises, in powers of ten. Drivers report up to 6 % more or 5 % less: measure it."""
    return int(profile.name.partition(".")[2].removesuffix("gb")) * 1e9 / 2**30


def _site(cluster: Onprem) -> Provider:
    """A site as the catalogue would describe a cloud: one region, one operator, the machines of the inventory."""
    said = {"source": CONTRACT, "as_of": cluster.as_of.isoformat()}
    families = {name: {"status": "verified", **said} for name in cluster.node_types}
    return Provider.model_validate(
        {
            "name": cluster.region,
            "label": cluster.region,
            "operator": {"name": cluster.operator.name, "jurisdiction": cluster.operator.jurisdiction, **said},
            "weights_gib_per_second": {"value": cluster.object_store.weights_gib_per_second, **said},
            "targets": (cluster.target,),
            "written_in": "cluster.node_types",
            "regions": {cluster.region: {"country": cluster.country, "availability_zones": 0, "gpus": families}},
            "instances": {name: _machine(name, kind, cluster.region, said) for name, kind in cluster.node_types.items()},
            **said,
        }
    )


def _machine(name: str, kind: NodeType, site: str, said: dict[str, str]) -> dict[str, Any]:
    price = {"amount": kind.eur_per_hour, "currency": "EUR", "unit": "hour", "kind": "on-demand", "region": site, **said}
    return {
        "family": name,
        "gpu": kind.gpu,
        "gpus": kind.gpus,
        "nvlink_gpus": kind.nvlink_gpus,
        "vcpus": kind.vcpus,
        "memory_gib": kind.memory_gib,
        "temporary_disk_gib": kind.disk_gib,
        "prices": [price] if kind.eur_per_hour is not None else [],
        **said,
    }
