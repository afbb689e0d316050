"""A sizing in words: the arithmetic in a sentence, what vLLM's log will say, and what the answer rests on."""

from collections.abc import Mapping

from blueprint.catalog import Engine, Model
from blueprint.sizing.budget import GIB, Server


def sentence(terms: Mapping[str, float], concurrency: float, tokens: int, asked: int | None) -> str:
    """The arithmetic; `asked` requests, if any were."""
    overhead = terms["budget"] - terms["weights"] - terms["kv_room"]
    taken = f"weights {terms['weights']:.1f} + overhead {overhead:.1f} of {terms['budget']:.1f} GiB"
    if terms["kv_room"] <= 0:
        return f"{taken} leave nothing for KV cache ({-terms['kv_room']:.1f} GiB too much)"
    wish = f", {asked} asked" if asked else ""
    return f"{taken} leave {terms['kv_room']:.1f} GiB for KV cache: {concurrency:.1f} requests of {tokens} tokens{wish}"


def arguments(flags: Mapping[str, object], between: str) -> list[str]:
    """Flags as `vllm serve` takes them; what is true is a switch."""
    named = {f"--{flag.replace('_', '-')}": value for flag, value in flags.items()}
    return [name if value is True else f"{name}{between}{value}" for name, value in named.items()]


def log_lines(server: Server, room: float, blocks: int) -> tuple[str, ...]:
    """What vLLM prints if the prediction is right; the last two stand on one line from 0.30 on."""
    if room <= 0:
        return ("No available memory for the cache blocks.",)
    concurrency = blocks / server.blocks_per_request()
    if blocks - server.release.spare_blocks < server.blocks_per_request():
        need = server.blocks_per_request() * server.layout().block_bytes / GIB
        return (f"with the model's max seq len ({server.max_context_tokens}), ({need:.2f} GiB KV cache is needed",)
    return (
        f"Available KV cache memory: {room:.2f} GiB",
        f"GPU KV cache size: {server.printed_tokens(blocks):,} tokens",
        f"Maximum concurrency for {server.max_context_tokens:,} tokens per request: {concurrency:.2f}x",
    )


def assumptions(model: Model, format: str, server: Server, engine: Engine, version: str | None, requests: int) -> tuple[str, ...]:
    """What was not measured, not checked, or counts differently in this release."""
    said = []
    if format not in model.formats:
        more = "; repositories in 4 bits hold up to 8 % more" if engine.weight_formats[format].bits < 8 else ""
        said.append(f"weights in {format} are computed from shapes, nobody has measured them{more}")
    if model.multimodal:
        unknown = f"takes {engine.encoder_gib.value:.1f} GiB or more, nobody has measured it"
        warmed = f"is for an item of {model.encoder.tokens:,} tokens" if model.encoder else unknown
        said.append(f"the image encoder's warm-up {warmed}; without images, --limit-mm-per-prompt frees it")
    if not server.whole_blocks:
        said.append(
            "slices of experts are no whole blocks of 128: repositories quantized in blocks are refused, expert parallelism runs them"
        )
    if server.adapters_gib:
        said.append("the log counts room for adapters among the weights; it is reserved for their largest rank in every matrix")
    if not server.release.cuda_graphs_subtracted:
        graphs = server.cuda_graphs(requests)
        said.append(f"this release takes CUDA graphs ({graphs:.1f} GiB) from the memory that utilization leaves free")
    if (later := server.after_pool(requests)) > (left := server.outside()):
        said.append(f"up to {later:.1f} GiB come after the KV cache, {left:.1f} GiB are left to them: fewer requests or less utilization")
    if engine.unchecked(version):
        said.append(f"{version} is newer than {engine.version}, the newest release these rules were checked for")
    return tuple(said)
