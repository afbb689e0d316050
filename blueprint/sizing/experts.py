"""How a model's experts are spread over GPUs: in slices, or whole (--enable-expert-parallel).

Without it every expert is cut into as many slices as tensor- and data-parallel ranks have GPUs; the width must divide, and kernels pad
slices to their step. With it each GPU holds whole experts, as evenly as they divide, and copies of busy ones (--enable-eplb).
Source: vllm model_executor/layers/fused_moe/config.py (FusedMoEParallelConfig.make), expert_map_manager.py (determine_expert_map; in
layer.py before 0.20), quantization/utils/fp8_utils.py (validate_fp8_block_shape_moe), oracle/mxfp4.py (rounding); 0.8.5 to 0.32.0.
"""

import json
from dataclasses import dataclass
from math import ceil

from blueprint.catalog import Engine, Model
from blueprint.catalog.engines import WeightFormat
from blueprint.errors import BlueprintError


@dataclass(frozen=True)
class Spread:
    """GPUs that share the experts: tensor x data parallel. `redundant` copies are kept of the busiest, over all GPUs."""

    tensor: int = 1
    data: int = 1
    whole: bool = False
    redundant: int = 0

    @property
    def gpus(self) -> int:
        """All that share them."""
        return self.tensor * self.data

    @property
    def slices(self) -> int:
        """Parts each expert is cut into."""
        return 1 if self.whole else self.gpus

    def flags(self) -> dict[str, bool | str]:
        """What vLLM is told."""
        told: dict[str, bool | str] = {"enable_expert_parallel": True} if self.whole else {}
        if self.redundant:
            told |= {"enable_eplb": True, "eplb_config": json.dumps({"num_redundant_experts": self.redundant}, separators=(",", ":"))}
        return told


def held(model: Model, spread: Spread, engine: Engine, version: str | None) -> float:
    """Experts the fullest GPU has of each layer, slices counted as such."""
    if not spread.whole:
        return model.experts / spread.gpus
    experts = model.experts + spread.redundant
    if engine.expert_parallel.spreads_evenly(version or engine.version):
        return ceil(experts / spread.gpus)
    return experts // spread.gpus + experts % spread.gpus  # once the last GPU took all that were left over


def padded(model: Model, spread: Spread, spec: WeightFormat) -> float:
    """How much larger a slice is than its share, padded to the kernel's step."""
    if spread.slices == 1 or model.expert_width is None:
        return 1.0
    width = model.expert_width / spread.slices
    return ceil(width / spec.width_step) * spec.width_step / width


def has_whole_blocks(model: Model, spread: Spread, spec: WeightFormat | None) -> bool:
    """Whether slices hold whole blocks of a scale each; vLLM refuses repositories quantized in blocks that are cut."""
    return spec is None or model.expert_width is None or spread.slices == 1 or model.expert_width // spread.slices % spec.block == 0


def refuse_uneven(model: Model, spread: Spread) -> None:
    """Experts that cannot be spread so.

    Raises:
        BlueprintError: there are none, nothing to spread them over, or they do not come out even.
    """
    if spread.whole and (spread.gpus == 1 or not model.experts):
        lacking = "more than one GPU" if model.experts else f"experts, which {model.name} has not"
        raise BlueprintError(f"expert parallelism needs {lacking}", "leave it out")
    if spread.redundant and not spread.whole:
        raise BlueprintError("copies of experts need expert parallelism", "--expert-parallel")
    if spread.redundant and (over := (model.experts + spread.redundant) % spread.gpus):
        even = spread.redundant + spread.gpus - over
        message = f"{model.experts} experts and {spread.redundant} copies do not come out even on {spread.gpus} GPUs"
        raise BlueprintError(message, f"{even} copies")
    if model.expert_width and model.expert_width % spread.slices:
        message = f"experts of {model.name} are {model.expert_width} wide, which {spread.slices} GPUs cannot cut evenly"
        raise BlueprintError(message, "expert parallelism leaves them whole")
