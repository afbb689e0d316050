"""How many replicas a demand needs, by each limit on its own, and what redundancy adds."""

from dataclasses import dataclass, replace
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING

from blueprint.capacity.asked import Asked, asked
from blueprint.capacity.latency import Target, Timing, largest_batch, missed, targets, told
from blueprint.capacity.server import Replica
from blueprint.hosting import provider
from blueprint.sizing.deployment import TARGET_SHARE
from blueprint.throughput import Band, Load
from blueprint.workload import UseCase

if TYPE_CHECKING:
    from blueprint.environment import Environment

HEADROOM = 1.5  # add 50 %: the break-even article, section on capacity
MS_PER_TOKEN = 80.0  # p95 of inter-token latency the inferops article alerts at


@dataclass(frozen=True)
class Limit:
    """Replicas one limit asks for at the cautious end (`replicas`) and at the other (`at_best`), and the sum behind it."""

    name: str
    replicas: int
    at_best: int
    why: str


@dataclass(frozen=True)
class Capacity:
    """What a deployment needs for a use case. `replicas` serve the peak, `redundant` are added to them; `threshold` is requests
    per replica, `least` and `most` the bounds it leads to, all as KEDA takes them. `busy` is the share of what is served on average.
    Output tokens per second: what the peak asks for, and what a replica writes at least and at most. `missed` are latency targets
    that no number of replicas meets."""

    deployment: str
    pool: str
    gpus_per_replica: int
    limits: tuple[Limit, ...]
    replicas: int
    redundant: int
    why_redundant: str
    allowed: int
    threshold: int
    least: int
    most: int
    busy: tuple[float, float]
    peak_tokens_per_second: float
    replica_tokens_per_second: tuple[float, float]
    measured: bool
    notes: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def gpus(self) -> int:
        """Cards, slices or turns on a card, redundancy included."""
        return (self.replicas + self.redundant) * self.gpus_per_replica

    @property
    def decisive(self) -> Limit:
        """The limit that asks for most."""
        return max(self.limits, key=lambda limit: limit.replicas)


def capacity(env: "Environment", name: str, use: UseCase, server: Replica, hours: float, ms_per_token: float = MS_PER_TOKEN) -> Capacity:
    """Replicas and cards for a use case on the deployment of its name."""
    wish = asked(use, server.server.max_context_tokens, hours)
    shape, held = wish.load, server.holds(wish.under_way)
    peak = use.peak_tokens_per_second(hours) / (shape.input_tokens + shape.output_tokens)
    batches = {target: largest_batch(target, held) for target in targets(use, Timing(server, wish), ms_per_token)}
    batch = min(batches.values())
    limits = (
        _weights(server),
        _kv_cache(server, wish, peak, batch),
        _throughput(server, wish, peak),
        _latency(server, wish, peak, batches),
    )
    replicas = max(limit.replicas for limit in limits)
    redundant, why = _redundant(env, name, replicas)
    served = server.throughput(replace(shape, concurrency=held))
    mean = peak * shape.output_tokens / use.peak_factor * use.active_share
    total = (replicas + redundant) * served.low, (replicas + redundant) * served.high
    least = max(0 if env.models[name].priority == "batch" else 1, ceil(replicas / use.peak_factor)) + redundant
    return Capacity(
        deployment=name,
        pool=env.models[name].pool,
        gpus_per_replica=server.roofline.ways,
        limits=limits,
        replicas=replicas,
        redundant=redundant,
        why_redundant=why,
        allowed=env.models[name].replicas.max,
        threshold=max(1, floor(TARGET_SHARE * min(batch, held))),
        least=least,
        most=replicas + redundant,
        busy=(mean / total[1], mean / total[0]),
        peak_tokens_per_second=peak * shape.output_tokens,
        replica_tokens_per_second=(served.low, served.high),
        measured=bool(server.points),
        notes=(*wish.notes, *_extrapolated(server, shape)),
        missed=tuple(missed(batches)),
    )


def _extrapolated(server: Replica, shape: Load) -> tuple[str, ...]:
    """Says so where no measurement has requests of about this length."""
    far = [point for point in server.points if not _near(point.load, shape)]
    if not server.points or len(far) < len(server.points):
        return ()
    size = f"{shape.input_tokens:,.0f} + {shape.output_tokens:,.0f}"
    return (f"extrapolated: no measurement is within twice the {size} tokens of a request; measure that",)


def _near(one: Load, other: Load) -> bool:
    pairs = ((one.input_tokens, other.input_tokens), (one.output_tokens, other.output_tokens))
    return all(a <= 2 * b and b <= 2 * a for a, b in pairs)


def _weights(server: Replica) -> Limit:
    sizing = server.sizing
    fits = "do not fit" if sizing.verdict == "does-not-fit" else "fit"
    why = f"{server.server.weights_gib:.1f} of {sizing.terms['budget']:.1f} GiB on each of {server.roofline.ways}: they {fits}"
    return Limit("weights", 1, 1, why)


def _kv_cache(server: Replica, wish: Asked, peak: float, batch: float) -> Limit:
    """Requests of `peak` per second under way, over those a replica holds when all of them are written."""
    load, each = wish.load, wish.under_way
    slow = server.throughput(replace(load, concurrency=batch))
    crowd = [_crowd(peak * load.output_tokens * batch / speed, wish.variety) for speed in (slow.low, slow.high)]
    written = server.holds(Load(each.input_tokens + each.output_tokens / 2, each.output_tokens, 1))
    size = f"{each.input_tokens:,.0f} + {each.output_tokens:,.0f} tokens"
    why = f"{crowd[0]:,.0f} requests of {size} at once, a replica holds {written:,.0f}"
    return _limit("KV cache", [count / written for count in crowd], why)


def _throughput(server: Replica, wish: Asked, peak: float) -> Limit:
    """The peak with headroom, over what a replica writes that is full."""
    held, wanted = server.holds(wish.under_way), peak * wish.load.output_tokens
    full = server.throughput(replace(wish.load, concurrency=held))
    why = f"{wanted:,.1f} output tokens/s at the peak x {HEADROOM:g}, a replica writes {_span(full)} with {held:,.0f} requests at once"
    return _limit("throughput", [HEADROOM * wanted / speed for speed in (full.low, full.high)], why)


def _latency(server: Replica, wish: Asked, peak: float, batches: dict[Target, float]) -> Limit:
    """The peak, over what a replica writes at the largest batch that meets every target; the tightest is told first."""
    (tightest, batch), *others = sorted(batches.items(), key=lambda one: one[1])
    slow = server.throughput(replace(wish.load, concurrency=batch))
    why = f"{tightest.words} allow {told(batch)} requests at once, which get {_span(slow)} tokens/s"
    more = "".join(f"; {target.words} would allow {told(count)}" for target, count in others)
    return _limit("latency", [peak * wish.load.output_tokens / speed for speed in (slow.low, slow.high)], why + more)


def _crowd(under_way: float, variety: float) -> float:
    """Requests under way in 95 of 100 moments: on average rate x time (Little's law), spread as arrivals are (Poisson) and as their
    sizes are (compound Poisson: the variance of the sum is the number x the mean of squared sizes)."""
    return under_way + 1.645 * sqrt(variety * under_way)


def _span(found: Band) -> str:
    return f"{found.low:,.0f} to {found.high:,.0f}" if found.low < found.high else f"{found.low:,.0f}"


def _limit(name: str, replicas: list[float], why: str) -> Limit:
    return Limit(name, max(1, ceil(replicas[0])), max(1, ceil(replicas[1])), why)


def _redundant(env: "Environment", name: str, replicas: int) -> tuple[int, str]:
    """One more, so that one may fail; which is also enough for a second zone, where the region has any."""
    if env.models[name].priority == "batch":
        return 0, "batch work waits until a replica is back"
    zones = provider(env).regions[env.cluster.region].availability_zones
    return (
        1,
        f"one may fail; {replicas + 1} spread over {min(zones, replicas + 1)} zones"
        if zones > 1
        else "one may fail; the region has one zone",
    )
