"""What LoRA adapters take: vLLM reserves room for `at_once` of them at the start, each of the largest rank, whether or not any is loaded.

Every matrix gets a pair beside it, rank x input and output x rank. One side of a model's matrices is as wide as a token, so that
all pairs of a part together have rank x (matrices x hidden + parameters / hidden) numbers. Of a split matrix a GPU keeps the side
that is not split whole, unless --fully-sharded-loras. Embedding and head have a pair over the whole vocabulary on every GPU.
Source: vllm lora/layers (create_lora_weights), lora/model_manager.py; 0.8.5 to 0.32.0 read side by side.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from blueprint.catalog import Engine, Model
from blueprint.catalog.models import Part
from blueprint.errors import BlueprintError
from blueprint.sizing.experts import Spread, held

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


def adapters_gib(model: Model, adapters: Adapters, engine: Engine, version: str | None, spread: Spread, pipeline: int) -> float:
    """GiB per GPU; of a pipeline, of a stage that has embedding and head too.

    Raises:
        BlueprintError: the rank is none of vLLM's, nobody knows the model's shapes, or whole experts are asked to be fully sharded.
    """
    rules, version = engine.lora, version or engine.version
    if adapters.rank not in rules.ranks:
        known = ", ".join(str(rank) for rank in rules.ranks)
        raise BlueprintError(f"vLLM reserves adapters of rank {known}, not {adapters.rank}", "take the next larger one")
    if adapters.fully_sharded and spread.whole:
        raise BlueprintError("vLLM cannot shard adapters fully where experts are whole", "one of both")
    if not model.parameters:
        raise BlueprintError(f"{model.name} has no shapes to compute adapters from", "blueprint catalog add config.json")
    dense = _pairs(model, ("attention", "feed_forward"), spread.tensor, adapters)
    experts = _pairs(model, ("experts",), spread.slices, adapters) if rules.adapts_experts(version) and model.experts else 0.0
    here = held(model, spread, engine, version) / model.experts if spread.whole else 1.0
    layers = (dense + experts * here + _routers(model)) / pipeline
    own = rules.own_tokens(version)
    ends = 2 * (ceil((model.vocabulary + own) / VOCABULARY_STEP) * VOCABULARY_STEP + model.hidden)
    return adapters.at_once * (adapters.rank * (layers + ends) + 2 * own * model.hidden) * ELEMENT_BYTES / GIB


def _pairs(model: Model, parts: Iterable[Part], ways: int, adapters: Adapters) -> float:
    """Numbers per rank beside all matrices of some parts, split so many ways."""
    depth = sum(layer.count for layer in model.layers)
    counts: dict[Part, int] = {
        "attention": sum(layer.count * ATTENTION.get(layer.kind, STATE) for layer in model.layers),
        "feed_forward": FEED_FORWARD * depth,
        "experts": FEED_FORWARD * depth * model.experts,
    }
    there = [part for part in parts if model.parameters.get(part)]
    whole = sum(counts[part] for part in there) * model.hidden
    split = sum(model.parameters[part] for part in there) / model.hidden
    return whole / (ways if adapters.fully_sharded else 1) + split / ways


def _routers(model: Model) -> int:
    """Sides of what sends a token to its experts: on every GPU."""
    return sum(layer.count for layer in model.layers) * (model.hidden + model.experts) if model.experts else 0
