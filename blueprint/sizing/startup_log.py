"""A real vLLM start-up log beside the prediction: term by term, so that a deployment calibrates the sizing.

Lines of vLLM 0.6 to 0.32 are known: engine configuration, loading, profiling, KV cache. What a log does not say stays None.
"""

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from blueprint.catalog import Engine, Gpu, Model, Release
from blueprint.errors import BlueprintError
from blueprint.sizing.budget import GIB, LABELS, Server, default_flags
from blueprint.sizing.experts import Spread
from blueprint.sizing.states import StateCache
from blueprint.sizing.weights import weights_per_gpu

AS_WRITTEN = ("version", "model", "state_cache", "state_type")
TYPE_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
NUMBER, SIGNED = r"([\d.]+)", r"(-?[\d.]+)"

# The last match counts: a server that was started twice says it twice. Flags appear as key=value, 'key': value or --key value.
PATTERNS: dict[str, tuple[str, ...]] = {
    "version": (r"LLM engine \(v([\w.+]+)\)", r"API server version v?([\w.+]+)", r"\bvLLM version:? v?(\d[\w.+]+)"),
    "model": (r"config: model='([^']+)'", r"'model(?:_tag)?': '([^']+)'", r"\bmodel='([^']+)'", r"vllm serve (\S+)"),
    "tensor_parallel": (r"tensor.parallel.size['\"]?[=: ]+(\d+)",),
    "pipeline_parallel": (r"pipeline.parallel.size['\"]?[=: ]+(\d+)",),
    "kv_cache": (r"kv.cache.dtype['\"]?[=: ]+'?(\w+)",),
    "max_context_tokens": (r"max_seq_len=(\d+)", r"max.model.len['\"]?[=: ]+(\d+)", r"concurrency for ([\d,]+) tokens per request"),
    "max_num_seqs": (r"max.num.seqs['\"]?[=: ]+(\d+)",),
    "batched_tokens": (r"max.num.batched.tokens['\"]?[=: ]+(\d+)",),
    "gpu_memory_utilization": (r"gpu.memory.utilization['\"]?[=: ]+([\d.]+)", r"utilization (?:is )?\(([\d.]+)"),
    "enforce_eager": (r"enforce.eager['\"]?[=: ]+(True|False)",),
    "block_tokens": (r"attention block size to (\d+) tokens", r"block.size['\"]?[=: ]+(\d+)"),
    "prefix_caching": (r"enable.prefix.caching['\"]?[=: ]+(True|False)",),
    "state_cache": (r"Mamba cache mode is set to '(\w+)'", r"mamba.cache.mode['\"]?[=: ]+'?(none|align|all)\b"),
    "state_type": (r"mamba_ssm_cache_dtype to '(\w+)'", r"mamba.ssm.cache.dtype['\"]?[=: ]+'?(float\d+|bfloat16)"),
    "memory_gib": (rf"total_gpu_memory \({NUMBER} ?GiB\)", rf"memory on device[^(]*\({NUMBER}/{NUMBER} ?GiB\)"),
    "weights": (rf"weights take {NUMBER} ?GiB", rf"{NUMBER} GiB for weight", rf"oading (?:took|model weights took) {NUMBER} G"),
    "activation": (rf"activation peak memory takes {NUMBER} ?GiB", rf"{NUMBER} GiB for peak activation"),
    "non_torch": (rf"non_torch_memory takes {NUMBER} ?GiB", rf"{NUMBER} GiB for non-torch"),
    "cuda_graphs": (rf"Estimated CUDA graph memory: {NUMBER} GiB", rf"{NUMBER} GiB for CUDAGraph"),
    "kv_room": (rf"Available KV cache memory: {SIGNED} ?GiB", rf"reserved for KV Cache is {SIGNED} ?GiB"),
    "kv_tokens": (r"KV cache size: ([\d,]+) tokens",),
    "blocks": (r"# (?:GPU|cuda) blocks: (\d+)",),
    "max_concurrency": (rf"tokens per request: {NUMBER}x",),
}


class StartupLog(BaseModel):
    """What a start-up log says; memory is GiB per GPU."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str | None = None
    model: str | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    kv_cache: str | None = None
    max_context_tokens: int | None = None
    max_num_seqs: int | None = None
    batched_tokens: int | None = None
    gpu_memory_utilization: float | None = None
    enforce_eager: bool | None = None
    block_tokens: int | None = None
    prefix_caching: bool | None = None
    state_cache: StateCache | None = None
    state_type: str | None = None
    memory_gib: float | None = None
    weights: float | None = None
    activation: float | None = None
    non_torch: float | None = None
    cuda_graphs: float | None = None
    kv_room: float | None = None
    kv_tokens: int | None = None
    blocks: int | None = None
    max_concurrency: float | None = None


@dataclass(frozen=True)
class Line:
    """One figure, predicted and logged, in its unit."""

    label: str
    predicted: float
    logged: float | None
    unit: str


def read(text: str) -> StartupLog:
    """Read a log.

    Raises:
        BlueprintError: it says nothing of weights or KV cache: it is no start-up log, or it ended before profiling.
    """
    log = StartupLog.model_validate({name: value for name in PATTERNS if (value := _last(text, name)) is not None})
    if log.weights is None and log.kv_room is None and log.kv_tokens is None:
        raise BlueprintError("no line of vLLM's memory profiling is in this log", "give the whole log from the start of the server on")
    return log


def _last(text: str, name: str) -> str | None:
    """A figure's last mention; of `free/total` memory the total."""
    for pattern in PATTERNS[name]:
        matches = list(re.finditer(pattern, text))
        if matches:
            value = str(matches[-1][matches[-1].lastindex or 0])
            return value if name in AS_WRITTEN else value.replace(",", "").rstrip(".")
    return None


def compare(log: StartupLog, model: Model, format: str | None, gpu: Gpu | None, engine: Engine) -> list[Line]:
    """The prediction from model, card and flags beside the log, and the tokens that follow from the logged memory.

    Flags the log does not show are the release's defaults. Without `format` the logged weights are taken.

    Raises:
        BlueprintError: neither the log nor the call says how large the card is, how long requests are or how large the weights.
    """
    server = _server(log, model, format, gpu, engine)
    name = gpu.name if gpu else ""
    requests = log.max_num_seqs or default_flags(server.memory_gib, name, server.release, server.max_context_tokens, server.model)[0]
    terms = server.terms(requests)
    lines = [Line(LABELS[term], gib, getattr(log, term, None), "GiB") for term, gib in terms.items()]
    blocks = server.layout().blocks(terms["kv_room"] * GIB)
    lines.append(Line("tokens", server.printed_tokens(blocks), log.kv_tokens, "tokens"))
    lines.append(Line("requests at once", blocks / server.blocks_per_request(), log.max_concurrency, "x"))
    if log.kv_room is not None:
        exact = server.printed_tokens(server.layout().blocks(log.kv_room * GIB))
        lines.append(Line("tokens from the logged memory", exact, log.kv_tokens, "tokens"))
    return lines


def _state_cache(log: StartupLog, release: Release) -> StateCache | None:
    """How states are kept where the log has no line for it: one each without prefix caching, and with it what was first there."""
    if log.prefix_caching is False:
        return "none"
    return "all" if log.prefix_caching and release.state_blocks == 1 else None


def _server(log: StartupLog, model: Model, format: str | None, gpu: Gpu | None, engine: Engine) -> Server:
    release = engine.releases[0] if log.version is None and log.blocks else engine.release(log.version)  # only old ones print blocks
    memory, name = log.memory_gib or (gpu.memory_gib if gpu else None), gpu.name if gpu else ""
    tensor, pipeline = log.tensor_parallel or 1, log.pipeline_parallel or 1
    weights = weights_per_gpu(model, format, engine, Spread(tensor), pipeline, log.version) if format else log.weights
    if memory is None:
        raise BlueprintError("the log does not say how much memory the GPU has", "name it: --gpu h100-sxm")
    if weights is None:
        raise BlueprintError(
            "the log does not say how large the weights are", f"name their format: --weights {next(iter(model.formats), 'bf16')}"
        )
    context = log.max_context_tokens or model.max_context_tokens
    if context is None:
        raise BlueprintError("neither log nor catalogue say how long a request may be", "give a log that shows max_model_len")
    return Server(
        model,
        engine,
        release,
        weights,
        memory,
        context,
        log.batched_tokens or default_flags(memory, name, release, context, model)[1],
        log.gpu_memory_utilization or release.gpu_memory_utilization,
        tensor,
        pipeline,
        log.kv_cache or "auto",
        log.block_tokens,
        bool(log.enforce_eager),
        log.state_cache or _state_cache(log, release),
        TYPE_BYTES.get(log.state_type or ""),
    )
