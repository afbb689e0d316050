"""How vLLM lays out the KV cache: pages, blocks, groups, and what one request holds. Exact, not an estimate.

Layers that need the same number of tokens form groups; all groups share one pool of blocks, so that what a request holds is a
number of blocks. Source: vllm wheels 0.19.1 to 0.32.0, v1/core/kv_cache_utils.py (get_kv_cache_groups, unify_kv_cache_spec_page_size,
_get_packed_kv_cache_groups), v1/kv_cache_interface.py and platforms/interface.py (_align_hybrid_block_size). Bytes are per GPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, lcm

from blueprint.catalog import Attention, LatentAttention, Layers, State
from blueprint.kv_bytes import state_bytes, token_bytes

BLOCK_TOKENS = 16
SPARSE_BLOCK_TOKENS = 64  # what kernels of sparse attention read at once
LATENT_HYBRID_BLOCK_TOKENS = 128

__all__ = ["Group", "Layout", "layout", "state_bytes", "token_bytes"]


@dataclass(frozen=True)
class Group:
    """Layers with one block table. `page_bytes` is one block in one of them, `block_tokens` what it holds (0: a state)."""

    layer: Layers
    layers: int
    page_bytes: int
    block_tokens: int

    def held(self, tokens: int, in_flight_tokens: int, state_blocks: int | None) -> int:
        """Blocks a request of `tokens` holds at most. A window or chunk also keeps the tokens of steps under way."""
        if isinstance(self.layer, State) and state_blocks is not None:
            return state_blocks
        if isinstance(self.layer, Attention) and self.layer.window:
            return ceil(min(self.layer.window - 1 + in_flight_tokens, tokens) / self.block_tokens) + 1
        if isinstance(self.layer, Attention) and self.layer.chunk:
            return ceil(min(self.layer.chunk + in_flight_tokens, tokens) / self.block_tokens)
        return ceil(tokens / self.block_tokens)


@dataclass(frozen=True)
class Layout:
    """The KV cache of a model on one GPU: its groups, and the bytes one block of the shared pool takes."""

    groups: tuple[Group, ...]
    block_bytes: int

    def blocks(self, available_bytes: float) -> int:
        """Blocks the pool gets."""
        return max(0, int(available_bytes) // self.block_bytes)

    def blocks_per_request(self, tokens: int, in_flight_tokens: int, state_blocks: int | None = 2) -> int:
        """Blocks a request of `tokens` holds at most, over all groups. A state takes two with prefix caching, else one; None: one for
        every block of tokens, where a prefix can be taken up at each."""
        return sum(group.held(tokens, in_flight_tokens, state_blocks) for group in self.groups)

    @property
    def block_tokens(self) -> int:
        """Tokens of the smallest block: what releases before 0.20 count by."""
        return min((group.block_tokens for group in self.groups if group.block_tokens), default=BLOCK_TOKENS)


def layout(
    layers: Sequence[Layers],
    tensor_parallel: int = 1,
    element_bytes: int = 2,
    *,
    pipeline_parallel: int = 1,
    block_tokens: int | None = None,
    block_outermost: bool = False,
    state_chunk: int | None = None,
) -> Layout:
    """The layout vLLM chooses. `block_tokens` is its --block-size; `block_outermost` its layout BLHNC, never the default; `state_chunk`
    the tokens a block is a multiple of where states are kept for each.

    With pipeline stages it is the largest stage's, which decides for all.
    """
    groups = _pages(layers, tensor_parallel, element_bytes, block_tokens, state_chunk)
    full = all(isinstance(group.layer, LatentAttention) or _reads_all(group.layer) for group in groups)
    if full or len(groups) == 1:  # one table for all layers, counted as one deep layer
        stage = [ceil(group.layers / pipeline_parallel) * group.page_bytes for group in groups]
        return Layout((replace(groups[0], layers=1, page_bytes=sum(stage)),), sum(stage))
    mixed = len({group.page_bytes for group in groups}) > 1
    groups = _packed(groups) if block_outermost and mixed else _equal(_unified(groups))
    return Layout(tuple(groups), max(ceil(group.layers / pipeline_parallel) * group.page_bytes for group in groups))


def _reads_all(layer: Layers) -> bool:
    return isinstance(layer, Attention) and not layer.window and not layer.chunk


def _pages(
    layers: Sequence[Layers], tensor_parallel: int, element_bytes: int, block_tokens: int | None, state_chunk: int | None
) -> list[Group]:
    """One group per kind of layer. An attention block grows by its size until its page holds a state, whose page is then as large."""
    per_token = {layer: token_bytes(layer, tensor_parallel, element_bytes) for layer in layers if not isinstance(layer, State)}
    states = [state_bytes(layer, tensor_parallel) for layer in layers if isinstance(layer, State)]
    smallest = _smallest_block(layers)
    unit = max(smallest, block_tokens) if block_tokens else lcm(smallest, state_chunk or 1)
    grown = max((unit * ceil(max(states) / (unit * size)) for size in per_token.values()), default=0) if states else 0
    block = max(block_tokens or smallest, grown)
    state_page = max([*(block * size for size in per_token.values()), *states], default=0)
    return [
        Group(layer, layer.count, state_page, block if state_chunk else 0)
        if isinstance(layer, State)
        else Group(layer, layer.count, per_token[layer] * block, block)
        for layer in layers
    ]


def _smallest_block(layers: Sequence[Layers]) -> int:
    """Tokens the kernels of attention ask for."""
    latent = [layer for layer in layers if isinstance(layer, LatentAttention)]
    if latent and any(isinstance(layer, State) for layer in layers):
        return LATENT_HYBRID_BLOCK_TOKENS
    return SPARSE_BLOCK_TOKENS if any(layer.indexer_dim for layer in latent) else BLOCK_TOKENS


def _unified(groups: Sequence[Group]) -> list[Group]:
    """Equal pages: a smaller page takes more tokens if that comes out even, else it is padded."""
    page = max(group.page_bytes for group in groups)
    return [
        replace(group, page_bytes=page, block_tokens=group.block_tokens * (page // group.page_bytes if page % group.page_bytes == 0 else 1))
        for group in groups
    ]


def _equal(groups: Sequence[Group]) -> list[Group]:
    """Groups of equal size: the smallest kind's layer count, or the largest's if they are less than 1.5 times apart."""
    counts = [group.layers for group in groups]
    size = max(counts) if max(counts) < 1.5 * min(counts) else min(counts)
    return [part for group in groups for part in _split(group, ceil(group.layers / size))]


def _packed(groups: Sequence[Group]) -> list[Group]:
    """Block-outermost: pages keep their size; windows and states are split until they fit the block the others need."""

    def splits(group: Group) -> bool:
        return isinstance(group.layer, State) or (isinstance(group.layer, Attention) and group.layer.window is not None)

    anchor = max(group.page_bytes * (1 if splits(group) else group.layers) for group in groups)
    parts = [ceil(group.layers / max(1, anchor // group.page_bytes)) if splits(group) else 1 for group in groups]
    return [part for group, count in zip(groups, parts, strict=True) for part in _split(group, count)]


def _split(group: Group, parts: int) -> list[Group]:
    return [replace(group, layers=len(range(index, group.layers, parts))) for index in range(parts)]
