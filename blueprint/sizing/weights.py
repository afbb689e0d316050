"""Bytes of a model's weights: measured where somebody has, else from its shapes and the bits of the format."""

from math import ceil

from blueprint.catalog import Engine, Model
from blueprint.catalog.engines import WeightFormat
from blueprint.catalog.lookup import find
from blueprint.catalog.models import Part
from blueprint.errors import BlueprintError
from blueprint.sizing.experts import Spread, held, padded

GIB = 2**30
UNQUANTIZED, UNQUANTIZED_BITS = "bf16", 16


def weights_gib(model: Model, format: str, engine: Engine) -> float:
    """GiB of all weights in a format: the catalogue's measurement, else `weights_from_shapes`.

    Raises:
        BlueprintError: nobody has measured it, and the shapes or the format are unknown.
    """
    if format in model.formats:
        return model.formats[format].weights_gib
    return weights_from_shapes(model, format, engine)


def weights_from_shapes(model: Model, format: str, engine: Engine) -> float:
    """GiB of all weights: parameters of each part x bits of the format there (`catalog/engines/`, `weight_formats`).

    Raises:
        BlueprintError: the shapes or the format are unknown.
    """
    return sum(_part_bytes(model, format, engine).values()) / GIB


def weights_per_gpu(
    model: Model, format: str, engine: Engine, spread: Spread, pipeline_parallel: int = 1, version: str | None = None
) -> float:
    """GiB on the fullest GPU: the stage that also has the embedding or the head, with as many experts as any has."""
    total = weights_gib(model, format, engine)
    replicated = engine.replicated_weights_gib.value if spread.tensor > 1 else 0.0
    if pipeline_parallel == 1 and not (model.experts and model.parameters):
        return total / spread.tensor + replicated
    shares = _shares(model, format, engine)
    ends, experts = (shares.get("embedding", 0.0), shares.get("head", 0.0)), shares.get("experts", 0.0)
    fullest = sum(ends) if pipeline_parallel == 1 else max(ends)
    dense = fullest + (1 - sum(ends) - experts) / pipeline_parallel
    spec = _known(format, engine)
    here = experts * held(model, spread, engine, version) / model.experts * padded(model, spread, spec) if experts else 0.0
    return total * (dense / spread.tensor + here / pipeline_parallel) + replicated


def _shares(model: Model, format: str, engine: Engine) -> dict[Part, float]:
    """Each part's share of the bytes; a format whose bits are unknown counts as BF16."""
    parts = _part_bytes(model, format if format in engine.weight_formats else UNQUANTIZED, engine)
    return {part: size / sum(parts.values()) for part, size in parts.items()}


def _known(format: str, engine: Engine) -> WeightFormat:
    return engine.weight_formats.get(format) or engine.weight_formats[UNQUANTIZED]


def _part_bytes(model: Model, format: str, engine: Engine) -> dict[Part, float]:
    spec = find("weight format", format, engine.weight_formats)
    quantized = spec.expert_parts if model.experts and spec.expert_parts else spec.parts
    if not model.parameters:
        known = ", ".join(model.formats) or "no format at all"
        raise BlueprintError(f"{model.name} has no shapes to compute {format} from; measured: {known}", "blueprint catalog add config.json")
    padded = ceil(model.hidden / spec.pads_to) * spec.pads_to / model.hidden
    bits = {part: spec.bits * padded if part in quantized else UNQUANTIZED_BITS for part in model.parameters}
    return {part: count * bits[part] / 8 for part, count in model.parameters.items()}
