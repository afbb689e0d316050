"""A start-up log's row asked three things: tokens from its free memory, KV pool from its flags, and whether it started."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.sizing.models import model_of
from benchmarks.sizing.planners import PLANNERS
from blueprint.catalog import Engine, Model, load_catalog
from blueprint.catalog.lookup import named
from blueprint.errors import BlueprintError
from blueprint.sizing import GIB, Server
from blueprint.sizing.adapters import Adapters, adapters_gib
from blueprint.sizing.budget import default_flags
from blueprint.sizing.experts import Spread
from blueprint.sizing.states import StateCache
from blueprint.sizing.weights import weights_per_gpu

OURS = "blueprint"
NEEDED = {
    "id",
    "model",
    "gpu",
    "gpu_total_gib",
    "tp",
    "available_kv_gib_per_rank",
    "kv_tokens",
    "layers",
    "kv_heads",
    "head_dim",
    "vocab",
    "usable_for",
}
LOG_ROUNDING_GIB = 0.005  # logs print two decimals
QUANTIZED = {"fp8": "fp8", "mxfp4": "mxfp4", "awq_marlin": "awq-int4", "awq": "awq-int4", "gptq": "gptq-int4", "": "bf16"}
STATE_CACHES: dict[str, StateCache] = {"none": "none", "align": "align", "all": "all"}

Row = Mapping[str, str]


@dataclass(frozen=True)
class Score:
    """One row. Pools are GiB per GPU, by estimator; `logged_pool` is what vLLM had. None: the row does not say enough."""

    id: str
    model: str
    tokens: int | None = None
    logged_tokens: int | None = None
    tolerance: float = 0.003
    logged_pool: float | None = None
    pools: Mapping[str, float] = field(default_factory=dict)
    verdict: str | None = None
    started: bool | None = None
    multimodal: bool = False
    plain: bool = True
    note: str = ""

    @property
    def tokens_error(self) -> float | None:
        """Relative error of the tokens."""
        return self.tokens / self.logged_tokens - 1 if self.tokens is not None and self.logged_tokens else None

    def pool_error(self, planner: str) -> float | None:
        """Relative error of a planner's pool."""
        return self.pools[planner] / self.logged_pool - 1 if planner in self.pools and self.logged_pool and self.logged_pool > 0 else None

    @property
    def false_fit(self) -> bool:
        """The worst mistake: a server that was refused, called fitting."""
        return self.verdict == "fits" and self.started is False


def score(path: Path) -> list[Score]:
    """Every row of a file.

    Raises:
        BlueprintError: it cannot be read, or lacks columns.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise BlueprintError(f"{path} cannot be read: {error}") from None
    if missing := NEEDED - set(rows[0] if rows else ()):
        raise BlueprintError(
            f"{path} lacks columns {', '.join(sorted(missing))}", "the columns are those of benchmarks/sizing/vllm_kv_logs.csv"
        )
    engine = load_catalog().engines["vllm"]
    return [_score({key: (value or "").strip() for key, value in row.items() if key}, engine) for row in rows]


def _score(row: Row, engine: Engine) -> Score:
    model = model_of(row)
    if model is None:
        return Score(row["id"], row["model"], note="neither shapes nor a model of the catalogue")
    images = model.multimodal
    server = _server(row, engine)
    if server is None:
        return Score(row["id"], row["model"], multimodal=images, note="it does not say how large the weights or the card are")
    tokens, logged, tolerance = _tokens(row, server)
    pool = _logged_pool(row, server)
    usable = "budget" in row["usable_for"] and row["gpu_total_gib"] and server.weights_gib > 0
    requests = _requests(row, server)
    ours = server.terms(requests)["kv_room"]
    stated = all(row.get(column) for column in ("gpu_total_gib", "gpu_memory_utilization", "max_model_len")) or row["usable_for"] == "fit"
    known = stated and server.weights_gib > 0 and "unified" not in row["gpu"] and row["usable_for"] != "neighbour"
    return Score(
        row["id"],
        row["model"],
        tokens,
        logged,
        tolerance,
        pool if usable else None,
        {OURS: ours, **{name: planner(server) for name, planner in PLANNERS.items()}} if usable and pool is not None else {},
        _verdict(server, ours, requests, _number(row["max_num_seqs"]) is not None) if known else None,
        _started(row, server) if known else None,
        images,
        bool(row["layers"]),
    )


def _server(row: Row, engine: Engine) -> Server | None:
    model = model_of(row)
    if model is None:
        return None
    version = row.get("vllm_version", "")
    release = engine.releases[0] if version.startswith("V0") else engine.release(version if re.match(r"v?\d+\.\d", version) else None)
    memory, context = _number(row["gpu_total_gib"]) or 0.0, int(_number(row.get("max_model_len", "")) or model.max_context_tokens or 8192)
    return Server(
        model,
        engine,
        release,
        _number(row.get("weights_gib_per_rank", "")) or _weights(row, engine),
        memory,
        context,
        int(_number(row.get("max_num_batched_tokens", "")) or default_flags(memory, row["gpu"], release, context, model)[1]),
        _number(row.get("gpu_memory_utilization", "")) or release.gpu_memory_utilization,
        int(_number(row["tp"]) or 1),
        int(_number(row.get("pp", "")) or 1),
        "fp8" if row.get("kv_cache_dtype", "").startswith("fp8") else "auto",
        int(_number(row.get("block_size", "")) or 0) or None,
        row.get("enforce_eager", "") == "True",
        STATE_CACHES.get(row.get("state_cache", "")),
        int(_number(row.get("state_bytes", "")) or 0) or None,
        *_adapters(row, model, engine, version),
    )


def _adapters(row: Row, model: Model, engine: Engine, version: str) -> tuple[float, bool]:
    """GiB a row's LoRA adapters take beside its weights, where it says how many and how large; and whether graphs are captured twice."""
    at_once, rank = (_number(row.get(column, "")) for column in ("max_loras", "max_lora_rank"))
    if not at_once or not rank:
        return 0.0, False
    adapters = Adapters(int(at_once), int(rank))
    return adapters_gib(model, adapters, engine, version, Spread(int(_number(row["tp"]) or 1)), 1), engine.lora.captures_twice(version)


def _weights(row: Row, engine: Engine) -> float:
    """GiB per GPU of a model of the catalogue, 0 where it has none."""
    model, format = named(row["model"], load_catalog().models), QUANTIZED.get(row.get("quantization", ""))
    if model is None or format is None or not (model.parameters or format in model.formats):
        return 0.0
    return weights_per_gpu(model, format, engine, Spread(int(_number(row["tp"]) or 1)), int(_number(row.get("pp", "")) or 1))


def _requests(row: Row, server: Server) -> int:
    default = default_flags(server.memory_gib, row["gpu"], server.release, server.max_context_tokens)[0]
    return int(_number(row.get("max_num_seqs", "")) or default)


def _tokens(row: Row, server: Server) -> tuple[int | None, int | None, float]:
    """Tokens from the logged memory, those printed, and what rounding in the log allows (of a hybrid: a block less or more of each
    group). Draft layers are not counted."""
    memory, printed = _number(row["available_kv_gib_per_rank"]), _printed(row)
    if not memory or memory <= 0 or not printed or row.get("spec_decode"):
        return None, None, 0.003
    tokens, fewer = (server.printed_tokens(server.layout().blocks(gib * GIB)) for gib in (memory, memory - LOG_ROUNDING_GIB))
    return tokens, int(printed), max(0.003, LOG_ROUNDING_GIB / memory, 0.0 if row["layers"] or not fewer else tokens / fewer - 1)


def _logged_pool(row: Row, server: Server) -> float | None:
    """GiB of KV cache: logged, or what the printed tokens of plain attention take."""
    memory, printed = _number(row["available_kv_gib_per_rank"]), _printed(row)
    if memory is None and printed and row["layers"]:
        layout = server.layout()
        return printed / layout.block_tokens * layout.block_bytes / GIB
    return memory


def _printed(row: Row) -> float | None:
    """Tokens of the log; old ones print blocks instead."""
    blocks = _number(row.get("gpu_blocks", ""))
    return _number(row["kv_tokens"]) or (blocks * (_number(row.get("block_size", "")) or 16) if blocks else None)


def _verdict(server: Server, room: float, requests: int, asked: bool) -> str:
    """As `blueprint.sizing` judges: one request of full length has to fit, with a margin, and nothing be left to a measurement. For how
    many sequences it starts counts where the row says that somebody asked for them."""
    layout, need = server.layout(), server.blocks_per_request() + server.release.spare_blocks
    if layout.blocks(room * GIB) < need or (asked and server.refuses(requests, layout.blocks(room * GIB))):
        return "does-not-fit"
    roomy = layout.blocks((room - server.engine.fit_margin_gib.value) * GIB) >= need
    return "fits" if roomy and server.can_promise(requests) else "tight"


def _started(row: Row, server: Server) -> bool | None:
    """Whether the server started: it printed tokens that hold a request, or was refused for memory."""
    memory, concurrency = _number(row["available_kv_gib_per_rank"]), _number(row.get("max_concurrency", ""))
    if row["usable_for"] == "fit" or (memory is not None and memory <= 0):
        return False
    if concurrency is not None:
        return concurrency >= 1
    if memory is not None and row["layers"]:
        return server.layout().blocks(memory * GIB) >= server.blocks_per_request()
    return True if _printed(row) or memory else None


def _number(text: str) -> float | None:
    """A figure; None for an empty cell and for one that holds several."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
