"""What cards can do: who may share one, into which slices it is cut, and which of them belong together."""

from collections.abc import Iterator

from blueprint.catalog import Gpu, InstanceType, load_catalog
from blueprint.environment import DataClass, Environment
from blueprint.environment.checks.finding import Finding
from blueprint.environment.checks.names import unknown
from blueprint.environment.document import Place
from blueprint.hosting import provider

# Neighbours on a shared card see each other's faults, and nothing but the driver keeps their memory apart.
MAY_SHARE: tuple[DataClass, ...] = ("public", "internal")


def nvlink(env: Environment, name: str) -> Iterator[Finding]:
    """A replica that is split stays inside one NVLink domain: its GPUs exchange every layer's results."""
    ways, pool = env.models[name].tensor_parallel, env.cluster.gpu_pools.get(env.models[name].pool)
    machine = _machine(env, env.models[name].pool)
    place: Place = ("models", name, "tensor_parallel")
    if ways == 1 or pool is None or machine is None or ways > machine.gpus:
        return
    if pool.mig or pool.time_slicing:
        how = "MIG slices cannot talk to each other" if pool.mig else "a pod gets one share of one card"
        yield Finding(place, f"{how}, so no replica can be split over them", "1", "a pool of whole cards")
    elif machine.nvlink_gpus is None:
        message = f"unverified that the GPUs of {machine.name} are joined by NVLink; over PCIe a split replica is slow"
        yield Finding(place, message, next="nvidia-smi topo -m shows NV# between them", severity="warning")
    elif ways > machine.nvlink_gpus:
        count = machine.nvlink_gpus
        joined = f"NVLink joins {count} GPUs of {machine.name}" if count > 1 else f"{machine.name} has no NVLink"
        why = "the rest goes over PCIe, 128 instead of 900 GB/s, after every layer"
        yield Finding(place, f"{joined}; {why}", f"at most {count}", "fewer ways, or SXM cards")


def mig(env: Environment, pool: str) -> Iterator[Finding]:
    """The card can be cut that way: profiles are named after its memory, so they differ from card to card."""
    wish, card = env.cluster.gpu_pools[pool].mig, _card(env, pool)
    place: Place = ("cluster", "gpu_pools", pool, "mig", "profile")
    if wish is None or card is None:
        return
    if card.mig is None:
        cut = [other.label for other in load_catalog().gpus.values() if other.mig]
        yield Finding(place, f"no MIG profile of {card.label} is in the catalogue", f"cards: {', '.join(cut)}", "leave mig out")
    elif wish.profile not in card.mig.profiles:
        yield unknown(place, f"MIG profile of {card.label}", wish.profile, list(card.mig.profiles))


def time_slicing(env: Environment, pool: str) -> Iterator[Finding]:
    """Taking turns isolates nothing, so it is for data that needs no isolation."""
    strictest = env.data_residency.data_class
    if env.cluster.gpu_pools[pool].time_slicing and strictest not in MAY_SHARE:
        place: Place = ("cluster", "gpu_pools", pool, "time_slicing")
        message = f"pods that take turns on a card share its memory and its faults; {strictest} data needs isolation"
        yield Finding(place, message, f"data_class {' or '.join(MAY_SHARE)}", "mig, which isolates, or whole cards")


def empty(env: Environment, pool: str) -> Iterator[Finding]:
    """From an empty pool nobody can tell what a node will offer once its cards are shared."""
    wish = env.cluster.gpu_pools[pool]
    if wish.min == 0 and (wish.mig or wish.time_slicing):
        message = "the autoscaler learns from a running node what a shared card offers; an empty pool would stay empty"
        yield Finding(("cluster", "gpu_pools", pool, "min"), message, "1 or more", "min: 1")


def _machine(env: Environment, pool: str) -> InstanceType | None:
    known = env.cluster.gpu_pools.get(pool)
    return provider(env).instances.get(known.instance) if known else None


def _card(env: Environment, pool: str) -> Gpu | None:
    machine = _machine(env, pool)
    return load_catalog().gpus.get(machine.gpu or "") if machine else None
