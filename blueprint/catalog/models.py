"""`catalog/models/`: open-weight models, layer by layer, as far as memory needs it."""

from typing import Annotated, Literal

from pydantic import Field

from blueprint.catalog.base import Entry, Sourced


class Attention(Entry):
    """Layers with keys and values per token, or per token of the window if there is one."""

    kind: Literal["attention"]
    count: int
    kv_heads: int
    head_dim: int
    window: int | None = None


class LatentAttention(Entry):
    """Multi-head latent attention: one compressed vector per token; `indexer_dim` where attention is sparse."""

    kind: Literal["latent-attention"]
    count: int
    latent_dim: int
    rope_dim: int
    indexer_dim: int | None = None


class GatedDelta(Entry):
    """Linear attention: a state of fixed size per request instead of keys and values per token."""

    kind: Literal["gated-delta"]
    count: int
    key_heads: int
    value_heads: int
    key_head_dim: int
    value_head_dim: int
    conv_kernel: int


Layers = Annotated[Attention | LatentAttention | GatedDelta, Field(discriminator="kind")]


class ModelFormat(Sourced):
    """Weights of a model at one precision, over all GPUs."""

    weights_gib: float
    repository: str | None = None


class Model(Sourced):
    """An open-weight model. Sizes are in elements; `feed_forward` is what one token passes through at a time (all active
    experts together). Unknown stays None."""

    name: str
    label: str
    layers: tuple[Layers, ...] = Field(min_length=1)
    vocabulary: int
    hidden: int
    feed_forward: int
    max_context_tokens: int | None = None
    multimodal: bool = False
    formats: dict[str, ModelFormat] = {}
