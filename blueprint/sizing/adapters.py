"""What LoRA adapters take: vLLM reserves room for `at_once` of them at the start, each of the largest rank, whether or not any is loaded.

Every matrix gets a pair beside it, rank x input and output x rank. One side of a model's matrices is as wide as a token, so that
all pairs of a part together have rank x (matrices x hidden + parameters / hidden) numbers. Of a split matrix a GPU keeps the side
that is not split whole, unless --fully-sharded-loras. Embedding and head have a pair over the whole vocabulary on every GPU.
Source: vllm lora/layers (create_lora_weights), lora/model_manager.py; 0.8.5 to 0.32.0 read side by side.
"""

from dataclasses import dataclass
from math import ceil

from blueprint.catalog import Engine, Model
from blueprint.catalog.models import Part
from blueprint.errors import BlueprintError

GIB = 2**30
ELEMENT_BYTES = 2  # --lora-dtype auto: the model's own type
VOCABULARY_STEP = 256
FEED_FORWARD = 3  # gate, up, down
ATTENTION = {"attention": 4, "latent-attention": 6}  # slices of packed matrices count each
STATE = 9  # at most: four to seven slices in, one out, and the convolution


@dataclass(frozen=True)
class Adapters:
    """--max-loras, --max-lora-rank and --fully-sharded-loras."""

    at_once: int
    rank: int
    fully_sharded: bool = False

    def flags(self) -> dict[str, int | bool]:
        """What vLLM is told."""
        told: dict[str, int | bool] = {"enable_lora": True, "max_loras": self.at_once, "max_lora_rank": self.rank}
        return told | ({"fully_sharded_loras": True} if self.fully_sharded else {})


def adapters_gib(model: Model, adapters: Adapters, engine: Engine, version: str | None, tensor: int, pipeline: int) -> float:
    """GiB per GPU; of a pipeline, of a stage that has embedding and head too.

    Raises:
        BlueprintError: the rank is none of vLLM's, or nobody knows the model's shapes.
    """
    rules, version = engine.lora, version or engine.version
    if adapters.rank not in rules.ranks:
        known = ", ".join(str(rank) for rank in rules.ranks)
        raise BlueprintError(f"vLLM reserves adapters of rank {known}, not {adapters.rank}", "take the next larger one")
    if not model.parameters:
        raise BlueprintError(f"{model.name} has no shapes to compute adapters from", "blueprint catalog add config.json")
    whole, split = _sides(model, rules.adapts_experts(version))
    layers = (whole / (tensor if adapters.fully_sharded else 1) + split / tensor + _routers(model)) / pipeline
    own = rules.own_tokens(version)
    ends = 2 * (ceil((model.vocabulary + own) / VOCABULARY_STEP) * VOCABULARY_STEP + model.hidden)
    return adapters.at_once * (adapters.rank * (layers + ends) + 2 * own * model.hidden) * ELEMENT_BYTES / GIB


def _sides(model: Model, experts: bool) -> tuple[int, float]:
    """Sum of the sides of all matrices that are as wide as a token, and of their other sides."""
    depth = sum(layer.count for layer in model.layers)
    counts: dict[Part, int] = {
        "attention": sum(layer.count * ATTENTION.get(layer.kind, STATE) for layer in model.layers),
        "feed_forward": FEED_FORWARD * depth,
        "experts": FEED_FORWARD * depth * model.experts if experts else 0,
    }
    held = {part: count for part, count in counts.items() if count and model.parameters.get(part)}
    return sum(held.values()) * model.hidden, sum(model.parameters[part] for part in held) / model.hidden


def _routers(model: Model) -> int:
    """Sides of what sends a token to its experts: on every GPU."""
    return sum(layer.count for layer in model.layers) * (model.hidden + model.experts) if model.experts else 0
