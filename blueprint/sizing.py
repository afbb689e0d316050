"""Does a model fit a GPU, how many requests does it hold, and with which engine flags?

Per GPU, as vLLM >= 0.25 does it: budget = memory x gpu_memory_utilization; weights, the activation peak of the warm-up,
CUDA context and NCCL, and CUDA graphs come off; the rest is KV cache. The figures are in `catalog/engines/vllm.yaml`.
Sizing writes the flags, so plan and cluster agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Literal

from blueprint import kv_cache as kv
from blueprint.catalog import Engine, Gpu, Model, load_catalog
from blueprint.environment import Environment
from blueprint.hosting import Accelerator, accelerator, provider

GIB = 2**30
MOST_REQUESTS = 256  # beyond it the sampler's warm-up costs more memory than the batch gains
Verdict = Literal["fits", "tight", "measure", "does-not-fit"]

LABELS = {
    "budget": "budget",
    "weights": "weights",
    "activation": "activation peak",
    "non_torch": "CUDA and NCCL",
    "cuda_graphs": "CUDA graphs",
    "kv_room": "KV cache",
}
SOURCES = {
    "budget": "memory_gib x gpu_memory_utilization; vllm v1/worker/utils.py",
    "weights": "measured weights / tensor_parallel, plus replicated parts once split",
    "activation": "largest of sampler warm-up (copies x max_num_seqs x vocabulary x 4 B) and forward pass (max_num_batched_tokens x "
    "2 B x (3 feed-forward / tensor_parallel + 8 hidden)), plus the encoder's where there is one; vllm v1/worker/gpu_model_runner.py",
    "non_torch": "CUDA context and NCCL, measured by tensor_parallel",
    "cuda_graphs": "per captured batch size; vllm config/compilation.py captures 1, 2, 4, then steps of 8 and 16 up to 2 x max_num_seqs",
    "kv_room": "what is left; blocks by vllm v1/core/kv_cache_utils.py",
}


@dataclass(frozen=True)
class Sizing:
    """What fits. `terms` are GiB per GPU; `kv_tokens` and `max_concurrency` hold at `max_context_tokens` per request."""

    model: str
    format: str
    gpu: str
    terms: Mapping[str, float]
    kv_tokens: int
    max_concurrency: float
    verdict: Verdict
    sentence: str
    flags: Mapping[str, int | float | str]
    startup_seconds: int
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES)


def size_deployment(env: Environment, name: str) -> Sizing:
    """Sizing of `models.<name>` on its pool.

    Raises:
        KeyError: the environment or the catalogue does not know a name; validation reports that first.
    """
    deployment = env.models[name]
    found = accelerator(env, deployment.pool)
    sizing = size(
        load_catalog().models[deployment.model],
        deployment.format,
        found.gpu,
        tensor_parallel=deployment.tensor_parallel,
        max_context_tokens=deployment.max_context_tokens,
        kv_cache=deployment.kv_cache,
        max_concurrent_requests=deployment.max_concurrent_requests,
        weights_gib_per_second=provider(env).weights_gib_per_second.value,
        engine=_sharing(found),
    )
    unsure = not found.measured and sizing.verdict != "does-not-fit"
    return replace(sizing, verdict="measure") if unsure else sizing


def _sharing(found: Accelerator) -> Engine:
    """The engine with its share of a card: vLLM's limit is per process and blind to neighbours, so the shares must sum up to
    less than the card."""
    engine = load_catalog().engines["vllm"]
    share = floor(100 * engine.gpu_memory_utilization.value / found.takers) / 100
    return engine.model_copy(update={"gpu_memory_utilization": engine.gpu_memory_utilization.model_copy(update={"value": share})})


def size(
    model: Model,
    format: str,
    gpu: Gpu,
    *,
    tensor_parallel: int = 1,
    max_context_tokens: int,
    kv_cache: str = "auto",
    max_concurrent_requests: int | None = None,
    weights_gib_per_second: float | None = None,
    engine: Engine | None = None,
) -> Sizing:
    """Sizing of one replica. `max_concurrent_requests` is a promise to hold that many requests of full length at once.

    `weights_gib_per_second` defaults to the slowest storage in the catalogue, `engine` to the catalogue's vLLM.
    """
    engine = engine or load_catalog().engines["vllm"]
    layout = kv.layout(model, tensor_parallel, 1 if kv_cache == "fp8" else 2)
    per_request = layout.blocks_per_request(max_context_tokens, gpu.batched_tokens)

    def measure(requests: int) -> tuple[dict[str, float], int]:
        terms = _terms(model, format, gpu, engine, tensor_parallel, requests)
        return terms, layout.blocks(terms["kv_room"] * GIB)

    def held(blocks: int) -> int:
        return max(0, blocks - 1) // per_request  # one block is never handed out

    requests = max_concurrent_requests or max(1, min(MOST_REQUESTS, held(measure(MOST_REQUESTS)[1])))
    terms, blocks = measure(requests)
    wanted = max_concurrent_requests or 1
    safe = layout.blocks((terms["kv_room"] - engine.fit_margin_gib.value) * GIB)
    verdict: Verdict = "does-not-fit" if held(blocks) < wanted else "tight" if held(safe) < wanted else "fits"
    concurrency = blocks / per_request
    speed = weights_gib_per_second or min(cloud.weights_gib_per_second.value for cloud in load_catalog().providers.values())
    return Sizing(
        model=model.name,
        format=format,
        gpu=gpu.name,
        terms=terms,
        kv_tokens=floor(concurrency * max_context_tokens),
        max_concurrency=concurrency,
        verdict=verdict,
        sentence=_sentence(terms, concurrency, max_context_tokens, max_concurrent_requests),
        flags={
            "tensor_parallel_size": tensor_parallel,
            "max_model_len": max_context_tokens,
            "max_num_seqs": requests,
            "max_num_batched_tokens": gpu.batched_tokens,
            "gpu_memory_utilization": engine.gpu_memory_utilization.value,
            "kv_cache_dtype": kv_cache,
        },
        startup_seconds=ceil(model.formats[format].weights_gib / speed + engine.start_seconds.value),
    )


def _terms(model: Model, format: str, gpu: Gpu, engine: Engine, tensor_parallel: int, requests: int) -> dict[str, float]:
    replicated = engine.replicated_weights_gib.value if tensor_parallel > 1 else 0.0
    budget = gpu.memory_gib * engine.gpu_memory_utilization.value
    taken = {
        "weights": model.formats[format].weights_gib / tensor_parallel + replicated,
        "activation": _activation(model, gpu, engine, tensor_parallel, requests),
        "non_torch": next(gib for size, gib in engine.non_torch_gib.value.items() if size == tensor_parallel),
        "cuda_graphs": _captured_sizes(requests) * engine.cuda_graph_gib_per_size.value,
    }
    return {"budget": budget, **taken, "kv_room": budget - sum(taken.values())}


def _activation(model: Model, gpu: Gpu, engine: Engine, tensor_parallel: int, requests: int) -> float:
    sampler = engine.sampler_copies.value * requests * model.vocabulary * 4
    forward = gpu.batched_tokens * 2 * (3 * model.feed_forward / tensor_parallel + 8 * model.hidden)
    return max(sampler, forward) / GIB + (engine.encoder_gib.value if model.multimodal else 0.0)


def _captured_sizes(requests: int) -> int:
    largest = min(512, 2 * requests)
    return sum(size <= largest for size in (1, 2, 4, *range(8, 256, 8), *range(256, 513, 16)))


def _sentence(terms: Mapping[str, float], concurrency: float, tokens: int, asked: int | None) -> str:
    overhead = terms["budget"] - terms["weights"] - terms["kv_room"]
    taken = f"weights {terms['weights']:.1f} + overhead {overhead:.1f} of {terms['budget']:.1f} GiB"
    if terms["kv_room"] <= 0:
        return f"{taken} leave nothing for KV cache ({-terms['kv_room']:.1f} GiB too much)"
    wish = f", {asked} asked" if asked else ""
    return f"{taken} leave {terms['kv_room']:.1f} GiB for KV cache: {concurrency:.1f} requests of {tokens} tokens{wish}"
