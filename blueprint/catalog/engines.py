"""`catalog/engines/`: what the inference engine takes for itself, release by release."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator

from blueprint.catalog.base import Entry, Figure, Sourced
from blueprint.catalog.models import Model, Part
from blueprint.errors import BlueprintError


class FigureByTensorParallel(Sourced):
    """One number per tensor-parallel size. Keys of YAML arrive as text."""

    value: dict[Annotated[Literal[1, 2, 4, 8], BeforeValidator(int)], float]


class Release(Sourced):
    """How the engine counts from this release on.

    `sampler_copies`: buffers of max_num_seqs x vocabulary x 4 bytes the sampler's warm-up holds at once. `default_sequences`:
    max_num_seqs of a server on a large card. `large_a100`: an A100 is one. `chunked_prefill`: a long prompt takes several steps.
    `printed_tokens`: its log states what the blocks hold, or how many requests times their length. `in_flight_batches`: steps whose
    tokens a sliding window keeps. `states_in_cache`: recurrent states live in the KV cache; else, beside attention, outside.
    `state_blocks`: blocks a request's state takes. `widens_states_by`: who may ask for states of more than 16 bits.
    `state_per_sequence`: it refuses to capture CUDA graphs for more sequences than it has blocks for states. `spare_blocks`:
    blocks never handed out. `slack_gib`: what the driver misses after profiling beside weights, CUDA context and NCCL, where a release
    goes by the driver. `unprofiled_copies`: such buffers the sampler's warm-up holds only after the KV cache has its pool.
    `whole_prompts`: tokens of context up to which a release without chunked prefill stays so.
    """

    since: str
    gpu_memory_utilization: float
    sampler_copies: float
    default_sequences: int
    large_a100: bool
    chunked_prefill: bool
    cuda_graphs_subtracted: bool
    printed_tokens: Literal["blocks", "concurrency"]
    in_flight_batches: int
    states_in_cache: bool = True
    state_blocks: int
    widens_states_by: tuple[Literal["config", "class"], ...] = ()
    state_per_sequence: bool = False
    spare_blocks: int
    slack_gib: float = 0.0
    unprofiled_copies: float = 0.0
    whole_prompts: int | None = None


class CustomBuckets(Sourced):
    """Histograms whose bucket edges an option replaces: the metric's name and what the option calls its family."""

    since: str
    families: dict[str, str]


class Lora(Sourced):
    """What the engine reserves adapters for: `ranks` it knows; experts from `experts_since` on; before `no_own_tokens_since`, that many
    tokens of an adapter's own too. `graphs_since`: it captures CUDA graphs once with adapters and once without."""

    ranks: tuple[int, ...]
    experts_since: str
    graphs_since: str
    no_own_tokens_since: str
    tokens: int

    def adapts_experts(self, version: str) -> bool:
        """Whether a version adapts experts."""
        return reached(version, self.experts_since)

    def captures_twice(self, version: str) -> bool:
        """Whether a version captures each CUDA graph with and without adapters."""
        return reached(version, self.graphs_since)

    def own_tokens(self, version: str) -> int:
        """Tokens an adapter may add to the vocabulary."""
        return 0 if reached(version, self.no_own_tokens_since) else self.tokens


class ExpertParallel(Sourced):
    """Whole experts on each GPU; before `evenly_since` the last one took all that were left over."""

    evenly_since: str

    def spreads_evenly(self, version: str) -> bool:
        """Whether no GPU of a version has two experts more than another."""
        return reached(version, self.evenly_since)


class Dropped(Sourced):
    """Architectures the engine had once, under the last release that has them."""

    values: dict[str, tuple[str, ...]]


class WeightFormat(Sourced):
    """Bits one weight takes, scales included, in the parts that are quantized (`expert_parts` if there are experts); all others
    keep 16. `pads_to`: columns of an expert are filled up to a multiple of this; `width_step`: so is its width where it is cut. `block`:
    one scale covers a square so wide in repositories that are quantized in blocks."""

    bits: float
    parts: tuple[Part, ...] = ()
    expert_parts: tuple[Part, ...] = ()
    pads_to: int = 1
    width_step: int = 1
    block: int = 1


class Engine(Entry):
    """What the inference engine reserves beside weights and KV cache (see `blueprint/sizing/`). `version` is the one deployed,
    and the newest these figures were checked for."""

    name: str
    version: str
    releases: tuple[Release, ...]
    custom_histogram_buckets: CustomBuckets
    lora: Lora
    expert_parallel: ExpertParallel
    dropped_architectures: Dropped
    weight_formats: dict[str, WeightFormat]
    encoder_gib: Figure
    replicated_weights_gib: Figure
    non_torch_gib: FigureByTensorParallel
    cuda_graph_gib_per_size: Figure
    largest_cuda_graphs_gib: Figure
    driver_gib: Figure
    fit_margin_gib: Figure
    start_seconds: Figure
    node_seconds: Figure

    def release(self, version: str | None = None) -> Release:
        """The rules of a version, of the deployed one if left out.

        Raises:
            BlueprintError: that is no version.
        """
        return [release for release in self.releases if reached(version or self.version, release.since)][-1]

    @property
    def custom_buckets(self) -> CustomBuckets | None:
        """The histograms whose edges can be chosen; None where the deployed version has no option for it."""
        option = self.custom_histogram_buckets
        return option if reached(self.version, option.since) else None

    def last_with(self, architectures: Iterable[str]) -> str | None:
        """The last release that runs them; None: this one still does, as far as anybody knows."""
        dropped = self.dropped_architectures.values
        return next((last for last, gone in dropped.items() for name in architectures if name in gone), None)

    def runs(self, model: Model, version: str | None = None) -> bool:
        """Whether a version, the deployed one if left out, has not dropped a model's architecture."""
        last = model.last_engine_version
        return last is None or version_numbers(version or self.version)[:2] <= version_numbers(last)[:2]

    def unchecked(self, version: str | None) -> bool:
        """Whether a version is newer than these figures."""
        return version is not None and version_numbers(version)[:2] > version_numbers(self.version)[:2]


def reached(version: str, since: str) -> bool:
    """Whether a version is a release or a later one."""
    return version_numbers(version) >= version_numbers(since)


def version_numbers(version: str) -> tuple[int, int, int]:
    """Major, minor and patch of `0.25.1`, `v0.26.1rc1.dev156` and the like; a patch left out is 0.

    Raises:
        BlueprintError: it does not start like a version.
    """
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version)
    if not found:
        raise BlueprintError(f"{version!r} is no version of an engine", "write it like 0.25 or 0.25.1")
    return int(found[1]), int(found[2]), int(found[3] or 0)
