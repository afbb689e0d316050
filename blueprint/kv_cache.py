"""How vLLM lays out the KV cache: pages, blocks, and what one request holds. Exact for one engine line, not an estimate.

Layers of one kind form groups of equal size; all groups share one pool of blocks and one page size, so that what a request
holds is a number of blocks. Source: vllm wheel 0.32.0, v1/core/kv_cache_utils.py and v1/kv_cache_interface.py, with the
layer-outermost layout its start-up logs show. Bytes are per GPU.
"""

from dataclasses import dataclass
from math import ceil

from blueprint.catalog import Attention, GatedDelta, LatentAttention, Layers, Model

BLOCK_TOKENS = 16
SPARSE_BLOCK_TOKENS = 64
STATE_BYTES, CONVOLUTION_BYTES = 4, 2
STATE_BLOCKS = 2  # "align" mode, the default with prefix caching on


def token_bytes(layer: Attention | LatentAttention, tensor_parallel: int, element_bytes: int) -> int:
    """Bytes one token takes in one layer. KV heads fewer than GPUs are replicated, and so is latent attention."""
    if isinstance(layer, Attention):
        return 2 * max(1, layer.kv_heads // tensor_parallel) * layer.head_dim * element_bytes
    indexer = layer.indexer_dim + 4 if layer.indexer_dim else 0  # one FP8 vector and its scale
    return (layer.latent_dim + layer.rope_dim) * element_bytes + indexer


def state_bytes(layer: GatedDelta, tensor_parallel: int) -> int:
    """Bytes of one request's state in one layer: the convolution's last inputs and the recurrent state."""
    values = layer.value_heads * layer.value_head_dim
    convolution = (layer.conv_kernel - 1) * (2 * layer.key_heads * layer.key_head_dim + values) * CONVOLUTION_BYTES
    return (convolution + values * layer.key_head_dim * STATE_BYTES) // tensor_parallel


@dataclass(frozen=True)
class Layout:
    """The KV cache of a model on one GPU. `page_bytes` is one block of one layer, `group_size` the layers of a group."""

    layers: tuple[Layers, ...]
    tensor_parallel: int
    element_bytes: int
    page_bytes: int
    group_size: int

    def blocks(self, available_bytes: float) -> int:
        """Blocks the pool gets."""
        return max(0, int(available_bytes // (self.page_bytes * self.group_size)))

    def blocks_per_request(self, tokens: int, batched_tokens: int) -> int:
        """Blocks a request of `tokens` holds at most, over all groups."""
        return sum(ceil(layer.count / self.group_size) * self._held(layer, tokens, batched_tokens) for layer in self.layers)

    def _held(self, layer: Layers, tokens: int, batched_tokens: int) -> int:
        if isinstance(layer, GatedDelta):
            return STATE_BLOCKS
        block = self.page_bytes // token_bytes(layer, self.tensor_parallel, self.element_bytes)
        if isinstance(layer, Attention) and layer.window:
            return ceil(min(layer.window - 1 + batched_tokens, tokens) / block) + 1
        return ceil(tokens / block)


def layout(model: Model, tensor_parallel: int, element_bytes: int) -> Layout:
    """The layout vLLM chooses: an attention block grows until its page holds a state, a smaller page until it is as large."""
    per_token = max(token_bytes(layer, tensor_parallel, element_bytes) for layer in model.layers if not isinstance(layer, GatedDelta))
    states = [state_bytes(layer, tensor_parallel) for layer in model.layers if isinstance(layer, GatedDelta)]
    sparse = any(isinstance(layer, LatentAttention) and layer.indexer_dim for layer in model.layers)
    smallest = (SPARSE_BLOCK_TOKENS if sparse else BLOCK_TOKENS) * per_token
    page = smallest * max(1, ceil(max(states, default=0) / smallest))
    return Layout(model.layers, tensor_parallel, element_bytes, page, _group_size([layer.count for layer in model.layers]))


def _group_size(counts: list[int]) -> int:
    return max(counts) if max(counts) < 1.5 * min(counts) else min(counts)
