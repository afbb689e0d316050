"""One replica of a model deployment under a load: requests it holds, tokens per second, time per token."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from blueprint.catalog import load_catalog
from blueprint.catalog.gpus import Speed
from blueprint.hosting import Accelerator, accelerator
from blueprint.sizing import Server, Sizing, size_deployment
from blueprint.sizing.experts import Spread
from blueprint.sizing.weights import weights_per_gpu
from blueprint.throughput import Band, Load, Roofline, band, held
from blueprint.throughput.figures import load_figures
from blueprint.throughput.measured import Point, interpolate

if TYPE_CHECKING:
    from blueprint.environment import Environment


@dataclass(frozen=True)
class Replica:
    """A server with its roofline and its sizing; `points` are measurements of it."""

    sizing: Sizing
    server: Server
    roofline: Roofline
    points: Sequence[Point] = ()

    @cached_property
    def most(self) -> int:
        """--max-num-seqs, as sizing sets it."""
        return int(self.sizing.flags["max_num_seqs"])

    def holds(self, load: Load) -> float:
        """Requests of the load its KV cache holds at once, at least one where it starts at all."""
        return max(1.0, held(self.server, load, self.most))

    def throughput(self, load: Load) -> Band:
        """Output tokens per second with `load.concurrency` requests under way."""
        return interpolate(self.points, load, lambda other: self._band(other).middle) if self.points else self._band(load)

    def milliseconds_per_token(self, load: Load) -> float:
        """Of each request, at the low end of the band: requests under way over tokens per second."""
        return 1e3 * min(load.concurrency, self.holds(load)) / self.throughput(load).low

    def slowness(self, load: Load) -> float:
        """How many times as long everything takes at the low end as the roofline says."""
        return self._band(load).middle / self.throughput(load).low

    def reading_ms(self, tokens: float) -> float:
        """Milliseconds to read a prompt of so many tokens, by the roofline."""
        return 1e3 * self.roofline.prompt_seconds(Load(tokens, 1, 1), load_figures())

    def step_ms(self, load: Load) -> float:
        """Milliseconds in which every request under way gets a token, by the roofline."""
        return 1e3 * self.roofline.step_seconds(load, min(load.concurrency, self.holds(load)), load_figures())

    def _band(self, load: Load) -> Band:
        return band(self.roofline, load, min(load.concurrency, self.holds(load)))


def replica(env: "Environment", name: str, points: Sequence[Point] = ()) -> Replica:
    """A replica of `models.<name>`. A slice is as fast as its shares of the card, a pod that takes turns as if all others worked too.

    Raises:
        KeyError: the environment or the catalogue does not know a name; validation reports that first.
    """
    deployment, catalog = env.models[name], load_catalog()
    found = accelerator(env, deployment.pool)
    model, engine, sizing = catalog.models[deployment.model], catalog.engines["vllm"], size_deployment(env, name)
    gpu = found.gpu.model_copy(update={"speed": _part_of(found)})
    ways, element_bytes = deployment.tensor_parallel, 1 if deployment.kv_cache == "fp8" else 2
    server = Server(
        model,
        engine,
        engine.release(),
        weights_per_gpu(model, deployment.format, engine, Spread(ways, whole=deployment.expert_parallel)),
        gpu.memory_gib,
        deployment.max_context_tokens,
        gpu.batched_tokens,
        float(sizing.flags["gpu_memory_utilization"]),
        ways,
        kv_cache=deployment.kv_cache,
        adapters_gib=sizing.terms.get("adapters", 0.0),
        graphs_twice="adapters" in sizing.terms,
        whole_experts=deployment.expert_parallel,
    )
    return Replica(sizing, server, Roofline(model, deployment.format, gpu, ways, element_bytes), points)


def _part_of(found: Accelerator) -> Speed | None:
    """The peaks of what a pod gets of a card."""
    speed = found.gpu.speed
    if speed is None or found.bandwidth == found.compute == 1:
        return speed
    moved = {key: getattr(speed, key) * found.bandwidth for key in ("bandwidth_tb_per_s", "link_gb_per_s")}
    computed = {key: value * found.compute for key in ("bf16_tflops", "fp8_tflops") if (value := getattr(speed, key)) is not None}
    return speed.model_copy(update={**moved, **computed})
