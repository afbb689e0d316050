"""Bytes a layer keeps on one GPU: of one token, or (a recurrent state) of a whole request.

Source: vllm v1/kv_cache_interface.py and model_executor/layers/mamba/mamba_utils.py (MambaStateShapeCalculator,
MambaStateDtypeCalculator). Convolutions and short states have the model's own type, 16 bits; longer ones say their own.
"""

from collections.abc import Iterable

from blueprint.catalog import (
    Attention,
    GatedDelta,
    LatentAttention,
    Layers,
    LightningAttention,
    Mamba,
    Mamba1,
    ShortConvolution,
    State,
)

SPARSE_FP8_BYTES = 656  # fp8_ds_mla: 512 B latent, four 4-byte scales, and the rope part at 16 bits
MODEL_BYTES = 2


def token_bytes(layer: Attention | LatentAttention, tensor_parallel: int, element_bytes: int) -> int:
    """Bytes one token takes in one layer. KV heads fewer than GPUs are replicated, and so is latent attention."""
    if isinstance(layer, Attention):
        return 2 * max(1, layer.kv_heads // tensor_parallel) * layer.head_dim * element_bytes
    if not layer.indexer_dim:
        return (layer.latent_dim + layer.rope_dim) * element_bytes
    latent = SPARSE_FP8_BYTES if element_bytes == 1 else (layer.latent_dim + layer.rope_dim) * element_bytes
    return latent + layer.indexer_dim + 4  # the indexer's key: one FP8 vector and its scale


def state_bytes(layer: State, tensor_parallel: int) -> int:
    """Bytes of one request's state in one layer: the convolution's last inputs and the recurrent state."""
    recurrent = 0 if isinstance(layer, ShortConvolution) else _recurrent(layer) * layer.state_bytes
    return (_convolution(layer, tensor_parallel) * MODEL_BYTES + recurrent) // tensor_parallel


def uneven(layers: Iterable[Layers], ways: int) -> str | None:
    """What of the layers so many GPUs cannot share evenly, or repeat where there is less of it; None if they can."""
    heads = [layer.kv_heads for layer in layers if isinstance(layer, Attention)]
    if any(count % ways and ways % count for count in heads):
        return f"{min(heads)} KV heads"
    states = [part for layer in layers if isinstance(layer, State) for part in _shared(layer)]
    return next((f"{count} {name}" for count, name in states if count % ways), None)


def _shared(layer: State) -> list[tuple[int, str]]:
    """What the engine splits a state by. A single group of heads is repeated, more are shared out."""
    match layer:
        case Mamba():
            return [(layer.heads, "heads of states"), *([(layer.groups, "groups of states")] if layer.groups > 1 else [])]
        case LightningAttention():
            return [(layer.heads, "heads of states")]
        case GatedDelta():
            return [(layer.key_heads, "heads of states")]
        case _:
            return [(layer.channels, "channels of states")]


def _convolution(layer: State, tensor_parallel: int) -> int:
    """Inputs a convolution keeps, over all GPUs. Groups that GPUs cannot share evenly are repeated until there is one for each."""
    match layer:
        case LightningAttention():
            return 0
        case Mamba():
            groups = layer.groups if layer.groups % tensor_parallel == 0 else tensor_parallel
            channels = layer.heads * layer.head_dim + 2 * groups * layer.state_dim
        case GatedDelta():
            channels = 2 * layer.key_heads * layer.key_head_dim + layer.value_heads * layer.value_head_dim
        case _:
            channels = layer.channels
    return (layer.conv_kernel - 1) * channels


def _recurrent(layer: GatedDelta | Mamba | Mamba1 | LightningAttention) -> int:
    """Numbers of the recurrent state, over all GPUs."""
    match layer:
        case GatedDelta():
            return layer.value_heads * layer.value_head_dim * layer.key_head_dim
        case Mamba():
            return layer.heads * layer.head_dim * layer.state_dim
        case Mamba1():
            return layer.channels * layer.state_dim
        case LightningAttention():
            return layer.heads * layer.head_dim**2
