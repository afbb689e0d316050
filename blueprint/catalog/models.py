"""`catalog/models/`: open-weight models, layer by layer, as far as memory needs it."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from blueprint.catalog.base import Entry, Sourced


class Attention(Entry):
    """Layers with keys and values per token; of the last `window` tokens or of the current `chunk` only, if there is one."""

    kind: Literal["attention"]
    count: PositiveInt
    kv_heads: PositiveInt
    head_dim: PositiveInt
    window: PositiveInt | None = None
    chunk: PositiveInt | None = None


class LatentAttention(Entry):
    """Multi-head latent attention: one compressed vector per token; `indexer_dim` where attention is sparse."""

    kind: Literal["latent-attention"]
    count: PositiveInt
    latent_dim: PositiveInt
    rope_dim: PositiveInt
    indexer_dim: PositiveInt | None = None


class GatedDelta(Entry):
    """Linear attention: a state of fixed size per request, `state_bytes` per element, instead of keys and values per token."""

    kind: Literal["gated-delta"]
    count: PositiveInt
    key_heads: PositiveInt
    value_heads: PositiveInt
    key_head_dim: PositiveInt
    value_head_dim: PositiveInt
    conv_kernel: PositiveInt
    state_bytes: PositiveInt = 4


class Mamba(Entry):
    """Mamba 2 layers: a state of fixed size per request, `state_bytes` per element."""

    kind: Literal["mamba"]
    count: PositiveInt
    heads: PositiveInt
    head_dim: PositiveInt
    state_dim: PositiveInt
    groups: PositiveInt
    conv_kernel: PositiveInt
    state_bytes: PositiveInt = 4


Layers = Annotated[Attention | LatentAttention | GatedDelta | Mamba, Field(discriminator="kind")]
Part = Literal["embedding", "head", "attention", "feed_forward", "experts", "other"]


class Encoder(Sourced):
    """What turns images into tokens: widths of its layers, and patches and tokens of the largest item its processor lets through."""

    hidden: PositiveInt
    feed_forward: PositiveInt
    patches: PositiveInt
    tokens: PositiveInt


class ModelFormat(Sourced):
    """Weights of a model at one precision, over all GPUs."""

    weights_gib: PositiveFloat
    repository: str | None = None


class Model(Sourced):
    """An open-weight model. Sizes are in elements; `feed_forward` is what one token passes through at a time (all active
    experts together); `parameters` are the weights each part holds. Unknown stays None."""

    name: str
    label: str
    layers: tuple[Layers, ...] = Field(min_length=1)
    vocabulary: PositiveInt
    hidden: PositiveInt
    feed_forward: PositiveInt
    experts: int = 0
    experts_per_token: int = 0
    parameters: dict[Part, int] = {}
    max_context_tokens: int | None = None
    multimodal: bool = False
    encoder: Encoder | None = None
    formats: dict[str, ModelFormat] = {}
