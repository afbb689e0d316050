"""The largest batch whose requests are answered in time, by each latency target on its own.

A batch is the number of requests a replica has under way on average. Time per token is that over tokens per second. The first token
comes after a wait and the reading of the prompt:

    wait     prompts are read one after the other, so they queue: mean wait = rate x E[s²] / (2 (1 - busy)), s the time to read a
             prompt (Pollaczek and Khinchine); longer than t with probability busy x exp(-t x busy / mean wait), exact where s is
             exponential (Kleinrock, Queueing Systems, vol. I). Each replica queues on its own, which is the cautious end
    reading  arithmetic of the prompt, and a step of the batch for each chunk of --max-num-batched-tokens it is taken in

A request takes its first token's time and its output's. All at the cautious end of the band; percentiles are added up, which
overstates them. Nothing here replaces a measurement under load: published estimates of the first token are off by factors.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, log

from blueprint.capacity.asked import Asked
from blueprint.capacity.server import Replica
from blueprint.throughput import Load
from blueprint.workload import UseCase

STEPS_OF_BATCH = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
LESS_THAN_ONE = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7)  # replicas that are idle most of the time, so that nobody waits


@dataclass(frozen=True, eq=False)
class Target:
    """A latency target of `most` milliseconds. `takes` says how many a batch needs, `alone` a request that has a replica to itself;
    `given` is whether the demand asks for it."""

    words: str
    most: float
    takes: Callable[[float], float]
    alone: float
    given: bool = True

    @property
    def missed(self) -> bool:
        """Whether no number of replicas meets what the demand asks for."""
        return self.given and self.alone > self.most


@dataclass(frozen=True, eq=False)
class Timing:
    """How long requests take on a replica that has so many of them at once."""

    server: Replica
    asked: Asked

    def per_token(self, batch: float) -> float:
        """Milliseconds between tokens."""
        return self.server.milliseconds_per_token(self._load(batch))

    def first_token(self, batch: float, share: float = 0.95) -> float:
        """Milliseconds to the first token that a share of requests stays below."""
        return self.wait(batch, share) + self.reading(batch, share)

    def request(self, batch: float, share: float = 0.99) -> float:
        """Milliseconds to the last token that a share of requests stays below."""
        return self.first_token(batch, share) + self.asked.outputs.at(share) * self.per_token(batch)

    def wait(self, batch: float, share: float) -> float:
        """Milliseconds until a prompt is read that a share of requests stays below."""
        load = self._load(batch)
        slow = self.server.slowness(load)
        mean, square = slow * self._reading[0], slow**2 * self._reading[1]
        rate = self.server.throughput(load).low / load.output_tokens / 1e3
        busy = min(rate * mean, 0.99)
        return rate * square / (2 * (1 - busy)) / busy * log(busy / (1 - share)) if busy > 1 - share else 0.0

    def reading(self, batch: float, share: float) -> float:
        """Milliseconds to read the longest prompt of a share of requests, beside a batch."""
        load, length = self._load(batch), self.asked.prompts.at(share)
        chunks = ceil(length / max(1.0, self.server.server.batched_tokens - batch))
        return self.server.slowness(load) * (self.server.reading_ms(length) + chunks * self.server.step_ms(load))

    @cached_property
    def _reading(self) -> tuple[float, float]:
        """Means of the milliseconds to read a prompt, and of their squares."""
        times = [self.server.reading_ms(length) for length in self.asked.prompts.each]
        return sum(times) / len(times), sum(time**2 for time in times) / len(times)

    def _load(self, batch: float) -> Load:
        return replace(self.asked.load, concurrency=batch)


def targets(use: UseCase, timing: Timing, ms_per_token: float) -> Iterator[Target]:
    """What the demand asks for; without a target of its own, `ms_per_token` for each token."""
    each, token = use.itl_p95_ms or ms_per_token, timing.per_token(1)
    yield Target(f"{each:g} ms per token", each, timing.per_token, token, given=use.itl_p95_ms is not None)
    if use.ttft_p95_ms is not None:
        yield Target(f"{use.ttft_p95_ms:,g} ms to the first token (p95)", use.ttft_p95_ms, timing.first_token, timing.reading(1, 0.95))
    if use.request_p99_ms is not None:
        alone = timing.reading(1, 0.99) + timing.asked.outputs.at(0.99) * token
        yield Target(f"{use.request_p99_ms:,g} ms for a request (p99)", use.request_p99_ms, timing.request, alone)


def largest_batch(target: Target, held: float) -> float:
    """The most requests at once that meet a target, of those the cache holds. One, if that is met by none at all."""
    if target.missed:
        return 1.0
    sizes = [min(float(size), held) for size in STEPS_OF_BATCH if size < 2 * held] + [*(LESS_THAN_ONE if target.given else ())]
    return max((size for size in sizes if target.takes(size) <= target.most), default=LESS_THAN_ONE[0] if target.given else 1.0)


def told(batch: float) -> str:
    """A batch in figures."""
    return f"{batch:,.0f}" if batch >= 1 else f"{batch:g}"


def missed(found: dict[Target, float]) -> Iterator[str]:
    """Targets of the demand that more replicas do not meet."""
    for target in (target for target in found if target.missed):
        help = "a faster card, more cards for a replica or shorter prompts do"
        yield f"{target.words} are missed: a request alone takes {target.alone:,.0f}; more replicas do not help, {help}"
