"""A measured row: the band printed for it, whether the truth is inside, and whether it can be true at all."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Literal

from benchmarks.throughput.burst import share_of_steady
from benchmarks.throughput.models import format_of, gpu_of, model_of
from blueprint.catalog import load_catalog
from blueprint.errors import BlueprintError
from blueprint.sizing import Server
from blueprint.sizing.budget import default_flags
from blueprint.sizing.experts import Spread
from blueprint.sizing.weights import weights_per_gpu
from blueprint.throughput import Band, Claim, Load, Roofline, band, held, implausible

Row = Mapping[str, str]
Kind = Literal["closed loop", "all at once", "open loop"]
NEEDED = (
    *("id", "model", "gpu", "n_gpus", "tp", "precision", "engine", "engine_version", "workload", "isl", "osl", "load_mode"),
    *("concurrency", "request_rate", "output_tok_s", "total_tok_s", "tpot_ms", "notes", "plausibility"),
)
SHAREGPT = (217.4, 201.4)  # 217,393 and 201,422 tokens over 1,000 requests: gpustack/gpustack docs/performance-lab/qwen3-32b/h100.md
LENGTHS = re.compile(r"(\d+)(K?) in ?/ ?(\d+)(K?) ?out", re.IGNORECASE)
AT_ONCE = 1000
UNSAID_VERSION = "0.11.0"  # what most rows that are silent ran, and where other engines are taken to stand
RAMP = 0.95  # the part of an open-loop run's time in which all its load is on


@dataclass(frozen=True)
class Score:
    """One row. Figures are tokens per second of all cards: output, or input and output (`unit`). `why_not`: no band."""

    id: str
    model: str
    gpu: str
    cards: int
    kind: Kind
    ways: int = 1
    format: str = ""
    load: Load | None = None
    unit: str = "output tok/s"
    truth: float | None = None
    low: float | None = None
    high: float | None = None
    marked: str = ""
    findings: tuple[str, ...] = ()
    impossible: bool = False
    why_not: str = ""

    @property
    def inside(self) -> bool | None:
        """Whether the truth is in the band; None where there is none."""
        return self.low <= self.truth <= self.high if self.truth and self.low is not None and self.high is not None else None

    @property
    def expected(self) -> float | None:
        """The middle of the band."""
        return sqrt(self.low * self.high) if self.low is not None and self.high is not None else None

    @property
    def flagged(self) -> bool:
        """Whether the gate calls it impossible or doubtful."""
        return bool(self.findings)


@dataclass(frozen=True)
class Case:
    """What a row describes: `batch` requests are held at once per replica; None if its cards do not even hold the weights."""

    roofline: Roofline
    replicas: int
    load: Load | None
    batch: float | None = None


def score(path: Path) -> list[Score]:
    """Every row of a file.

    Raises:
        BlueprintError: it cannot be read, or lacks columns.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise BlueprintError(f"{path} cannot be read: {error}") from None
    if missing := [column for column in NEEDED if column not in (rows[0] if rows else ())]:
        raise BlueprintError(f"{path} lacks columns {', '.join(missing)}", "the columns are those of benchmarks/throughput/throughput.csv")
    return [_score({key: (value or "").strip() for key, value in row.items() if key}) for row in rows]


def _score(row: Row) -> Score:
    found = Score(row["id"], row["model"], row["gpu"], int(_number(row["n_gpus"]) or 1), _kind(row), marked=row["plausibility"])
    model, gpu = model_of(row), gpu_of(row)
    if model is None or gpu is None:
        return replace(found, why_not=f"the catalogue knows no {'model' if model is None else 'card'} of that name")
    if not model.parameters:
        return replace(found, why_not="the catalogue knows the model's size and not its shapes")
    case = _case(row, Roofline(model, format_of(row, model), gpu, int(_number(row["tp"]) or 1)), found)
    findings = implausible(_claim(row, found, case), case.roofline)
    found = replace(found, ways=case.roofline.ways, format=case.roofline.format, load=case.load)
    found = replace(found, findings=tuple(map(str, findings)), impossible=any(finding.impossible for finding in findings))
    if case.load is None:
        return replace(found, why_not="it does not say how long requests are")
    if case.batch is None:
        return replace(found, why_not="the weights are larger than the cards it names")
    return _judged(row, found, case.load, case.replicas, _band(row, found.kind, case, case.load, max(1.0, case.batch)))


def _band(row: Row, kind: Kind, case: Case, load: Load, batch: float) -> Band:
    printed = band(case.roofline, load, batch)
    if kind != "all at once" or _lengths(row) != SHAREGPT:
        return printed
    share = share_of_steady(case.roofline, load, batch, AT_ONCE / case.replicas)
    return replace(printed, low=printed.low * share, high=printed.high * share)


def _case(row: Row, roofline: Roofline, found: Score) -> Case:
    server, replicas, lengths = _server(row, roofline), max(1, found.cards // roofline.ways), _lengths(row)
    load = Load(*lengths, _concurrency(row, found.kind, replicas)) if lengths else None
    if load is None or server.weights_gib >= server.memory_gib:
        return Case(roofline, replicas, load)
    return Case(roofline, replicas, load, held(server, load, max(1, round(min(load.concurrency, _sequences(row, server))))))


def _judged(row: Row, found: Score, load: Load, replicas: int, printed: Band) -> Score:
    low, high = replicas * printed.low, replicas * printed.high
    rate, output = _number(row["request_rate"]), _number(row["output_tok_s"])
    if found.kind == "open loop" and rate:  # a server does no more than it is asked
        low, high = min(low, RAMP * rate * load.output_tokens), min(high, rate * load.output_tokens)
    if output is not None:
        return replace(found, truth=output, low=low, high=high)
    both = (load.input_tokens + load.output_tokens) / load.output_tokens
    return replace(found, unit="total tok/s", truth=_number(row["total_tok_s"]), low=low * both, high=high * both)


def _claim(row: Row, found: Score, case: Case) -> Claim:
    output, total, load = _number(row["output_tok_s"]), _number(row["total_tok_s"]), case.load
    if total is None and output is not None and load is not None:
        total = output * (load.input_tokens + load.output_tokens) / load.output_tokens
    return Claim(
        output_tokens_per_second=output,
        total_tokens_per_second=total,
        concurrency=_number(row["concurrency"]) if found.kind == "closed loop" else None,
        milliseconds_per_token=_number(row["tpot_ms"]),
        input_tokens=load.input_tokens if load else 0.0,
        requests_held=case.batch,
        replicas=case.replicas,
    )


def _kind(row: Row) -> Kind:
    if row["load_mode"].startswith("open"):
        return "open loop"
    return "closed loop" if _number(row["concurrency"]) else "all at once"


def _concurrency(row: Row, kind: Kind, replicas: int) -> float:
    """Requests under way per replica. An open loop is held against what the server could do, so all of it may be busy."""
    return (_number(row["concurrency"]) or AT_ONCE if kind == "closed loop" else AT_ONCE) / replicas


def _lengths(row: Row) -> tuple[float, float] | None:
    """Tokens in and out, from the columns or from what the workload's name says."""
    given, written = _number(row["isl"]), _number(row["osl"])
    if given is not None and written:
        return given, written
    if said := LENGTHS.search(row["workload"]):
        return float(said[1]) * (1000 if said[2] else 1), float(said[3]) * (1000 if said[4] else 1)
    return SHAREGPT if "sharegpt" in row["workload"].lower() else None


def _server(row: Row, roofline: Roofline) -> Server:
    """With default flags, and 8,192 tokens of context: rows do not say more."""
    engine = load_catalog().engines["vllm"]
    known = row["engine"] == "vllm" and re.match(r"\d+\.\d+\.\d", row["engine_version"])
    release = engine.release(row["engine_version"] if known else UNSAID_VERSION)
    gpu = roofline.gpu
    weights = weights_per_gpu(roofline.model, roofline.format, engine, Spread(roofline.ways))
    tokens = default_flags(gpu.memory_gib, gpu.name, release, 8192)[1]
    return Server(roofline.model, engine, release, weights, gpu.memory_gib, 8192, tokens, release.gpu_memory_utilization, roofline.ways)


def _sequences(row: Row, server: Server) -> int:
    """--max-num-seqs, as the command says or by default."""
    said = re.search(r"--max-num-seqs[= ](\d+)", row["notes"])
    gpu = "a100" if "a100" in row["gpu"].lower() else ""
    return int(said[1]) if said else default_flags(server.memory_gib, gpu, server.release, 8192)[0]


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
