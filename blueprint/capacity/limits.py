"""How many replicas a demand needs, by each limit on its own, and what redundancy adds."""

from dataclasses import dataclass, replace
from math import ceil, floor, sqrt
from typing import TYPE_CHECKING

from blueprint.capacity.server import Replica
from blueprint.hosting import provider
from blueprint.sizing.deployment import TARGET_SHARE
from blueprint.throughput import Band, Load
from blueprint.workload import UseCase

if TYPE_CHECKING:
    from blueprint.environment import Environment

HEADROOM = 1.5  # add 50 %: the break-even article, section on capacity
MS_PER_TOKEN = 80.0  # p95 of inter-token latency the inferops article alerts at
STEPS_OF_BATCH = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)


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
    Output tokens per second: what the peak asks for, and what a replica writes at least and at most."""

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
    shape, notes = _shape(use, server, hours)
    peak = use.peak_tokens_per_second(hours) / (shape.input_tokens + shape.output_tokens)
    batch = _batch(server, shape, ms_per_token)
    limits = (_weights(server), *_by_load(server, shape, peak, batch, ms_per_token))
    replicas = max(limit.replicas for limit in limits)
    redundant, why = _redundant(env, name, replicas)
    served = server.throughput(replace(shape, concurrency=server.holds(shape)))
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
        threshold=max(1, floor(TARGET_SHARE * min(batch, server.holds(shape)))),
        least=least,
        most=replicas + redundant,
        busy=(mean / total[1], mean / total[0]),
        peak_tokens_per_second=peak * shape.output_tokens,
        replica_tokens_per_second=(served.low, served.high),
        measured=bool(server.points),
        notes=(*notes, *_extrapolated(server, shape)),
    )


def _shape(use: UseCase, server: Replica, hours: float) -> tuple[Load, tuple[str, ...]]:
    """Tokens of a request. Who gives tokens per month only gets requests as long as the server takes: the cautious end."""
    if use.prompt_tokens is not None and use.output_tokens is not None:
        return Load(use.prompt_tokens, max(1.0, use.output_tokens), 1), ()
    tokens, context = use.tokens(hours), server.server.max_context_tokens
    written = max(1.0, context * tokens.output / tokens.total) if tokens.total else 1.0
    note = f"requests of {context:,} tokens assumed: give requests_per_second, prompt_tokens and output_tokens instead of tokens per month"
    return Load(context - written, written, 1), (note,)


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


def _batch(server: Replica, shape: Load, ms_per_token: float) -> float:
    """The largest batch whose requests get their tokens in time; one, if none does."""
    held = server.holds(shape)
    sizes = [min(float(size), held) for size in STEPS_OF_BATCH if size < 2 * held]
    return max((size for size in sizes if server.milliseconds_per_token(replace(shape, concurrency=size)) <= ms_per_token), default=1.0)


def _weights(server: Replica) -> Limit:
    sizing = server.sizing
    fits = "do not fit" if sizing.verdict == "does-not-fit" else "fit"
    why = f"{server.server.weights_gib:.1f} of {sizing.terms['budget']:.1f} GiB on each of {server.roofline.ways}: they {fits}"
    return Limit("weights", 1, 1, why)


def _by_load(server: Replica, shape: Load, peak: float, batch: float, ms_per_token: float) -> tuple[Limit, Limit, Limit]:
    """KV cache, throughput and latency: `peak` is requests per second of the busiest time."""
    held, wanted = server.holds(shape), peak * shape.output_tokens
    full = server.throughput(replace(shape, concurrency=held))
    slow = server.throughput(replace(shape, concurrency=batch))
    written = server.holds(Load(shape.input_tokens + shape.output_tokens / 2, shape.output_tokens, 1))
    crowd = [_crowd(wanted * batch / speed) for speed in (slow.low, slow.high)]
    size = f"{shape.input_tokens:,.0f} + {shape.output_tokens:,.0f} tokens"
    return (
        _limit(
            "KV cache", [each / written for each in crowd], f"{crowd[0]:,.0f} requests of {size} at once, a replica holds {written:,.0f}"
        ),
        _limit(
            "throughput",
            [HEADROOM * wanted / speed for speed in (full.low, full.high)],
            f"{wanted:,.1f} output tokens/s at the peak x {HEADROOM:g}, a replica writes {_span(full)} with {held:,.0f} requests at once",
        ),
        _limit(
            "latency",
            [wanted / speed for speed in (slow.low, slow.high)],
            f"{ms_per_token:g} ms per token allow {batch:,.0f} requests at once, which get {_span(slow)} tokens/s",
        ),
    )


def _crowd(under_way: float) -> float:
    """Requests under way in 95 of 100 moments: on average rate x time (Little's law), spread as arrivals are (Poisson)."""
    return under_way + 1.645 * sqrt(under_way)


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
