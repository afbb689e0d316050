"""The verdict for a model deployment: what it holds, what limits it, the flags to set, and the log lines that confirm it."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import TYPE_CHECKING, Literal

from blueprint.catalog import Engine, Gpu, Model, load_catalog
from blueprint.sizing import wording
from blueprint.sizing.adapters import Adapters, adapters_gib
from blueprint.sizing.budget import SOURCES, Server, tokens_gib
from blueprint.sizing.experts import Spread, has_whole_blocks
from blueprint.sizing.weights import weights_gib, weights_per_gpu

if TYPE_CHECKING:
    from blueprint.environment import Environment

TARGET_SHARE = 0.7  # of what a replica holds, before another one is started (docs/concepts/autoscaling.md)
MOST_REQUESTS = 256  # beyond it the sampler's warm-up costs more memory than the batch gains
Verdict = Literal["fits", "tight", "measure", "does-not-fit"]
Limit = Literal["weights", "overhead", "kv_cache", "max_num_seqs"]


@dataclass(frozen=True)
class Sizing:
    """What fits. `terms` are GiB per GPU; `kv_tokens`, `max_concurrency` (requests of `max_context_tokens`) and `log_lines` are
    what that engine version prints; `limit` is what gives out first, `margin_gib` what is left once all requests asked for (one,
    if none are) are held."""

    model: str
    format: str
    gpu: str
    engine_version: str
    terms: Mapping[str, float]
    kv_tokens: int
    max_concurrency: float
    verdict: Verdict
    limit: Limit
    margin_gib: float
    sentence: str
    flags: Mapping[str, int | float | str]
    log_lines: tuple[str, ...]
    startup_seconds: int
    cold_start_seconds: int
    assumptions: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES)


def size_deployment(env: "Environment", name: str) -> Sizing:
    """Sizing of `models.<name>` on its pool.

    Raises:
        KeyError: the environment or the catalogue does not know a name; validation reports that first.
    """
    from blueprint.hosting import accelerator, provider

    deployment = env.models[name]
    found, lora = accelerator(env, deployment.pool), deployment.adapters
    release = load_catalog().engines["vllm"].release()
    sizing = size(
        load_catalog().models[deployment.model],
        deployment.format,
        found.gpu,
        tensor_parallel=deployment.tensor_parallel,
        max_context_tokens=deployment.max_context_tokens,
        kv_cache=deployment.kv_cache,
        max_concurrent_requests=deployment.max_concurrent_requests,
        adapters=Adapters(lora.slots, lora.max_rank) if lora else None,
        expert_parallel=deployment.expert_parallel,
        weights_gib_per_second=provider(env).weights_gib_per_second.value,
        # vLLM's limit is per process and blind to neighbours: the shares must sum up to less than the card
        gpu_memory_utilization=floor(100 * release.gpu_memory_utilization / found.takers) / 100,
    )
    unsure = not found.measured and sizing.verdict != "does-not-fit"
    return replace(sizing, verdict="measure") if unsure else sizing


def size(
    model: Model,
    format: str,
    gpu: Gpu,
    *,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    data_parallel: int = 1,
    max_context_tokens: int,
    kv_cache: str = "auto",
    max_concurrent_requests: int | None = None,
    adapters: Adapters | None = None,
    expert_parallel: bool = False,
    redundant_experts: int = 0,
    weights_gib_per_second: float | None = None,
    gpu_memory_utilization: float | None = None,
    engine_version: str | None = None,
) -> Sizing:
    """Sizing of one replica. `max_concurrent_requests` is a promise to hold that many requests of full length at once.

    What is left out: the slowest storage in the catalogue, the engine version deployed and its own utilization. With
    `data_parallel`, all is per rank but the experts, which the ranks share.

    Raises:
        BlueprintError: nobody knows the format's weights, or the version is none.
    """
    engine = load_catalog().engines["vllm"]
    release = engine.release(engine_version)
    spread = Spread(tensor_parallel, data_parallel if model.experts else 1, expert_parallel, redundant_experts)
    lora = adapters_gib(model, adapters, engine, engine_version, spread, pipeline_parallel) if adapters else 0.0
    server = Server(
        model,
        engine,
        release,
        weights_per_gpu(model, format, engine, spread, pipeline_parallel, engine_version),
        gpu.memory_gib,
        max_context_tokens,
        gpu.batched_tokens,
        gpu_memory_utilization or release.gpu_memory_utilization,
        tensor_parallel,
        pipeline_parallel,
        kv_cache,
        adapters_gib=lora,
        graphs_twice=adapters is not None and engine.lora.captures_twice(engine_version or engine.version),
        data_parallel=data_parallel,
        whole_experts=expert_parallel,
        whole_blocks=has_whole_blocks(model, spread, engine.weight_formats.get(format)),
    )
    requests = max_concurrent_requests or max(1, _most(server))
    terms, wanted = server.terms(requests), max_concurrent_requests or 1
    startup_seconds = _startup_seconds(weights_gib(model, format, engine), engine, weights_gib_per_second)
    blocks = _blocks(server, requests)
    concurrency = blocks / server.blocks_per_request()
    return Sizing(
        model=model.name,
        format=format,
        gpu=gpu.name,
        engine_version=engine_version or engine.version,
        terms=terms,
        kv_tokens=server.printed_tokens(blocks),
        max_concurrency=concurrency,
        verdict=_verdict(server, requests, wanted),
        limit=_limit(terms, concurrency, requests, max_concurrent_requests),
        margin_gib=terms["kv_room"] - tokens_gib(server, wanted),
        sentence=wording.sentence(terms, concurrency, max_context_tokens, max_concurrent_requests),
        flags=_flags(server, requests) | spread.flags() | (adapters.flags() if adapters else {}),
        log_lines=wording.log_lines(server, terms["kv_room"], blocks),
        startup_seconds=startup_seconds,
        cold_start_seconds=startup_seconds + ceil(engine.node_seconds.value),
        assumptions=wording.assumptions(model, format, server, engine, engine_version, requests),
    )


def _most(server: Server) -> int:
    """Requests to warm up for. States beside the cache leave it the less, the more requests there are."""
    if not server.states_outside(1):
        return min(MOST_REQUESTS, _held(server, MOST_REQUESTS))
    return bisect_left(range(1, MOST_REQUESTS + 1), True, key=lambda requests: _held(server, requests) < requests)


def _blocks(server: Server, requests: int, less_gib: float = 0.0) -> int:
    return server.layout().blocks((server.terms(requests)["kv_room"] - less_gib) * 2**30)


def _held(server: Server, requests: int, less_gib: float = 0.0) -> int:
    """Requests of full length the blocks hold."""
    return max(0, _blocks(server, requests, less_gib) - server.release.spare_blocks) // server.blocks_per_request()


def _verdict(server: Server, requests: int, wanted: int) -> Verdict:
    if _held(server, requests) < wanted:
        return "does-not-fit"
    roomy = _held(server, requests, server.engine.fit_margin_gib.value) >= wanted
    return "fits" if roomy and server.can_promise(requests) else "tight"


def _limit(terms: Mapping[str, float], concurrency: float, requests: int, asked: int | None) -> Limit:
    """What gives out first: weights alone, all that comes on top, the cache, or the number of requests warmed up for."""
    if terms["weights"] >= terms["budget"]:
        return "weights"
    if terms["kv_room"] <= 0:
        return "overhead"
    return "max_num_seqs" if concurrency >= requests + 1 and (asked or requests == MOST_REQUESTS) else "kv_cache"


def _flags(server: Server, requests: int) -> dict[str, int | float | str]:
    split = {"pipeline_parallel_size": server.pipeline_parallel, "data_parallel_size": server.data_parallel}
    return {
        "tensor_parallel_size": server.tensor_parallel,
        **{flag: ways for flag, ways in split.items() if ways > 1},
        "max_model_len": server.max_context_tokens,
        "max_num_seqs": requests,
        "max_num_batched_tokens": server.batched_tokens,
        "gpu_memory_utilization": server.gpu_memory_utilization,
        "kv_cache_dtype": server.kv_cache,
    }


def _startup_seconds(weights: float, engine: Engine, weights_gib_per_second: float | None) -> int:
    speed = weights_gib_per_second or min(cloud.weights_gib_per_second.value for cloud in load_catalog().providers.values())
    return ceil(weights / speed + engine.start_seconds.value)
