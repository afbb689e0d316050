"""Inference engines side by side: published figures, each through the plausibility gate, and why one of them is the default."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from blueprint.catalog import load_catalog
from blueprint.catalog.base import Entry, Sourced
from blueprint.catalog.folders import load
from blueprint.recommendation.data import FOLDER
from blueprint.sizing import size
from blueprint.throughput import Claim, Roofline, implausible


class Setting(Sourced):
    """What a figure was taken with; `release` is the vLLM whose memory rules say how many requests are held."""

    model: str
    format: str
    gpu: str
    input_tokens: float
    output_tokens: float
    concurrency: float
    release: str


class Claimed(Entry):
    """An article's figures for the benchmark."""

    tokens_per_second: float
    first_token_ms: float
    cold_start_seconds: float


class EngineEntry(Sourced):
    """An engine; `version` is the one the claimed figures are of."""

    label: str
    good_for: str
    look_out: str
    version: str = ""
    claimed: Claimed | None = None
    measured_tokens_per_second: float | None = None


class Engines(Entry):
    """All of them; `lab` is what the measured figures were taken with, input and output together."""

    default: str
    benchmark: Setting
    lab: Setting
    engines: dict[str, EngineEntry]


@dataclass(frozen=True)
class EngineRow:
    """An engine with the gate's word on its figures: empty where there is none."""

    name: str
    entry: EngineEntry
    claimed_mark: str
    measured_mark: str


@cache
def load_engines() -> Engines:
    """`catalog/decision/engines.yaml`."""
    return load(Engines.model_validate, FOLDER / "engines.yaml")


def engine_rows() -> list[EngineRow]:
    """Every engine; figures that cannot be true are marked."""
    known = load_engines()
    return [
        EngineRow(
            name,
            entry,
            _mark(known.benchmark, output=entry.claimed.tokens_per_second) if entry.claimed else "",
            _mark(known.lab, total=entry.measured_tokens_per_second) if entry.measured_tokens_per_second else "",
        )
        for name, entry in known.engines.items()
    ]


def _mark(setting: Setting, output: float | None = None, total: float | None = None) -> str:
    """What the gate says of tokens per second; requests held, half of their output written, are by sizing."""
    model, gpu = load_catalog().models[setting.model], load_catalog().gpus[setting.gpu]
    half_written = int(setting.input_tokens + setting.output_tokens / 2)
    held = size(model, setting.format, gpu, max_context_tokens=half_written, engine_version=setting.release).max_concurrency
    claim = Claim(output, total, setting.concurrency, input_tokens=setting.input_tokens, requests_held=max(1.0, held))
    found = implausible(claim, Roofline(model, setting.format, gpu))
    return "; ".join(map(str, found)) or "plausible"


def why_default() -> Iterator[str]:
    """Why the default is the default, from the figures."""
    known = load_engines()
    chosen = known.engines[known.default]
    if chosen.claimed is None:
        return
    others = [entry for entry in known.engines.values() if entry.claimed]
    fastest = max(others, key=lambda entry: entry.claimed.tokens_per_second if entry.claimed else 0)
    if fastest is not chosen and fastest.claimed is not None:
        lead = fastest.claimed.tokens_per_second / chosen.claimed.tokens_per_second - 1
        wait, ours = fastest.claimed.cold_start_seconds, chosen.claimed.cold_start_seconds
        yield (
            f"{fastest.label} is {lead:.0%} faster and starts in {wait / 60:,.0f} minutes instead of {ours:,.0f} s: a replica added for "
            "a peak comes after it, and every change of model is a compilation"
        )
    if fastest.measured_tokens_per_second and chosen.measured_tokens_per_second:
        lead = fastest.measured_tokens_per_second / chosen.measured_tokens_per_second - 1
        yield f"in a published lab the lead is {lead:.0%}, with flags tuned for both ({known.lab.source})"
    yield "its memory is computed here as it computes it itself (blueprint size): what does not fit is refused before it is paid for"
    yield "autoscaling, alerts and the canary read its metrics; another engine means other ones"
