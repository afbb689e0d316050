"""`catalog/engines/`: what the inference engine takes for itself."""

from typing import Literal

from blueprint.catalog.base import Entry, Figure, Sourced


class FigureByTensorParallel(Sourced):
    """One number per tensor-parallel size."""

    value: dict[Literal[1, 2, 4, 8], float]


class Engine(Entry):
    """What one version of the inference engine reserves beside weights and KV cache (see `blueprint/sizing.py`)."""

    name: str
    version: str
    gpu_memory_utilization: Figure
    sampler_copies: Figure
    encoder_gib: Figure
    replicated_weights_gib: Figure
    non_torch_gib: FigureByTensorParallel
    cuda_graph_gib_per_size: Figure
    fit_margin_gib: Figure
    start_seconds: Figure
