"""Which use cases fit together on one card, cut by MIG or taken in turns, and what that does to utilization, isolation and latency.

Every way is tried on the environment as it would then be: validation says whether the rules allow it, sizing whether each model fits
its part, capacity how many parts its demand needs. A pool's cards are all shared in one way, so what does not fit stays on whole ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from blueprint.capacity.asked import asked
from blueprint.capacity.effects import Effect, load_effects
from blueprint.capacity.limits import Capacity, capacity
from blueprint.capacity.server import Replica, replica
from blueprint.environment import Kapsule
from blueprint.environment.checks import gpu, kapsule
from blueprint.environment.gpu import Mig, TimeSlicing
from blueprint.hosting import accelerator

if TYPE_CHECKING:
    from blueprint.environment import Environment
    from blueprint.workload import Demand, UseCase

CARDS_WITH_A_SPARE = 2  # a replica and its spare on one card would fail together
MOST_TURNS = 8


@dataclass(frozen=True)
class Part:
    """What a deployment takes of shared cards: slices or turns, the spare included, and milliseconds per token of a request alone,
    there and on a whole card."""

    count: int
    ms_per_token: float
    ms_per_token_whole: float


@dataclass(frozen=True)
class Sharing:
    """A way to share a pool's cards. `cards` are needed with it, those of deployments that stay on `whole` ones included; `busy` is the
    share of them that works on average. `refused` says why it may not be, or that it saves nothing."""

    pool: str
    way: str
    setting: str
    cards: int
    parts: Mapping[str, Part]
    whole: tuple[str, ...]
    busy: tuple[float, float]
    effect: Effect
    refused: str = ""

    @property
    def unit(self) -> str:
        """What parts are counted in."""
        return "slices" if self.setting.startswith("mig") else "turns"


@dataclass(frozen=True)
class Pool:
    """A pool of whole cards with what its deployments need today."""

    env: "Environment"
    name: str
    demand: "Demand"
    needed: Mapping[str, Capacity]
    ms_per_token: float

    @property
    def cards(self) -> int:
        """Whole cards, spares included."""
        return sum(each.gpus for each in self.needed.values())

    @property
    def busy(self) -> tuple[float, float]:
        """The share of the cards that works on average."""
        return _busy([(each, each.gpus) for each in self.needed.values()], self.cards)


def pools(env: "Environment", demand: "Demand", needed: Mapping[str, Capacity], ms_per_token: float) -> Iterator[Pool]:
    """Pools whose cards are whole, with the deployments that demand is known for."""
    for name, wish in env.cluster.gpu_pools.items():
        on_it = {each: found for each, found in needed.items() if found.pool == name}
        if on_it and not wish.mig and not wish.time_slicing:
            yield Pool(env, name, demand, on_it, ms_per_token)


def sharings(pool: Pool) -> Iterator[Sharing]:
    """For MIG and for time-slicing the way that needs fewest cards, or why there is none."""
    card = accelerator(pool.env, pool.name).gpu
    profiles = sorted(card.mig.profiles.values() if card.mig else (), key=lambda cut: cut.per_gpu)  # of equals, the larger slices
    cuts = {f"MIG {cut.name}": ("mig", Mig(profile=cut.name), cut.per_gpu) for cut in profiles if cut.per_gpu > 1}
    if not cuts:
        yield _none(pool, "MIG", f"no MIG profile of {card.label} is in the catalogue", "mig")
    turns = {f"time-slicing by {count}": ("time_slicing", TimeSlicing(replicas=count), count) for count in range(2, MOST_TURNS + 1)}
    for ways in (cuts, turns):
        found = [_shared(pool, way, key, setting, per_card) for way, (key, setting, per_card) in ways.items()]
        if found:
            yield min(found, key=lambda one: (bool(one.refused), one.cards, len(one.whole)))


def _shared(pool: Pool, way: str, key: str, setting: Mig | TimeSlicing, per_card: int) -> Sharing:
    """The pool's deployments on parts of its cards: those that save most first, as long as fewer cards are needed."""
    env = _with(pool, key, setting)
    effect = load_effects()[key]
    said = f"{key}: {{{', '.join(f'{name}: {value}' for name, value in setting.model_dump().items())}}}"
    if objection := _objection(env, pool.name):
        return _none(pool, way.partition(" ")[0], objection, key)
    fitting = {name: found for name in pool.needed if (found := _on_a_part(env, pool, name))}
    ordered = sorted(fitting, key=lambda name: (fitting[name].gpus - per_card * pool.needed[name].gpus, name))
    cuts = [tuple(ordered[:count]) for count in range(1, len(ordered) + 1)]
    best = min(cuts, key=lambda names: _cards(pool, fitting, names, per_card), default=())
    cards = _cards(pool, fitting, best, per_card) if best else pool.cards
    if cards >= pool.cards:
        return _none(pool, way.partition(" ")[0], _why_not(pool, fitting), key)
    whole = tuple(name for name in pool.needed if name not in best)
    working = [(fitting[name], fitting[name].gpus / per_card) for name in best]
    working += [(pool.needed[name], pool.needed[name].gpus) for name in whole]
    parts = {name: Part(fitting[name].gpus, _alone(env, pool, name), _alone(pool.env, pool, name)) for name in best}
    return Sharing(pool.name, way, said, cards, parts, whole, _busy(working, cards), effect)


def _none(pool: Pool, way: str, why: str, key: str) -> Sharing:
    return Sharing(pool.name, way, "", pool.cards, {}, tuple(pool.needed), pool.busy, load_effects()[key], why)


def _why_not(pool: Pool, fitting: Mapping[str, Capacity]) -> str:
    large = [name for name in pool.needed if name not in fitting]
    too_large = f"; no part is large and fast enough for {', '.join(large)}" if large else ""
    return f"it would save none of the {pool.cards} whole card{'s' if pool.cards > 1 else ''}{too_large}"


def _with(pool: Pool, key: str, setting: Mig | TimeSlicing) -> "Environment":
    """The environment with the pool's cards shared; from an empty pool nobody could tell what a node offers."""
    wish = pool.env.cluster.gpu_pools[pool.name]
    changed = wish.model_copy(update={key: setting, "min": max(1, wish.min)})
    cluster = pool.env.cluster.model_copy(update={"gpu_pools": {**pool.env.cluster.gpu_pools, pool.name: changed}})
    return pool.env.model_copy(update={"cluster": cluster})


def _objection(env: "Environment", pool: str) -> str:
    """What validation says of the pool, if anything."""
    found = [*gpu.mig(env, pool), *gpu.time_slicing(env, pool)]
    found += [one for one in kapsule.pools(env, env.cluster) if one.place[2] == pool] if isinstance(env.cluster, Kapsule) else []
    return next((one.message for one in found if one.severity == "error"), "")


def _on_a_part(env: "Environment", pool: Pool, name: str) -> Capacity | None:
    """What a deployment needs of parts; None where it fits none, or would miss a latency target it meets on a whole card."""
    if env.models[name].tensor_parallel > 1:
        return None
    server = replica(env, name)
    if server.sizing.verdict == "does-not-fit":
        return None
    found = capacity(env, name, _use(pool, name), server, pool.demand.hours_per_month, pool.ms_per_token)
    return None if found.missed and not pool.needed[name].missed else found


def _cards(pool: Pool, fitting: Mapping[str, Capacity], names: Sequence[str], per_card: int) -> int:
    """Cards with these deployments on parts and all others on whole ones."""
    least = CARDS_WITH_A_SPARE if any(fitting[name].redundant for name in names) else 1
    parts = sum(fitting[name].gpus for name in names)
    return max(least, ceil(parts / per_card)) + sum(each.gpus for name, each in pool.needed.items() if name not in names)


def _busy(working: Sequence[tuple[Capacity, float]], cards: int) -> tuple[float, float]:
    low, high = (sum(found.busy[end] * share for found, share in working) / cards for end in (0, 1))
    return low, high


def _alone(env: "Environment", pool: Pool, name: str) -> float:
    server: Replica = replica(env, name)
    wish = asked(_use(pool, name), server.server.max_context_tokens, pool.demand.hours_per_month)
    return server.milliseconds_per_token(replace(wish.load, concurrency=1))


def _use(pool: Pool, name: str) -> "UseCase":
    return pool.demand.workload[name]
