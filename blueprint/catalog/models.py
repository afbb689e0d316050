"""`catalog/models/`: open-weight models, layer by layer, as far as memory needs it."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

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
    """Mamba 2 layers: a state of fixed size per request, `state_bytes` per element; `widened_by` what asks for more than the two bytes
    of the model's own type, which not every release heeds. `chunk_tokens` go through its kernel at once."""

    kind: Literal["mamba"]
    count: PositiveInt
    heads: PositiveInt
    head_dim: PositiveInt
    state_dim: PositiveInt
    groups: NonNegativeInt
    conv_kernel: PositiveInt
    state_bytes: PositiveInt = 4
    widened_by: Literal["config", "class"] | None = None
    chunk_tokens: PositiveInt | None = None


class Mamba1(Entry):
    """Mamba 1 layers: a state of `state_dim` numbers per channel and request."""

    kind: Literal["mamba-1"]
    count: PositiveInt
    channels: PositiveInt
    state_dim: PositiveInt
    conv_kernel: PositiveInt
    state_bytes: PositiveInt = 2


class ShortConvolution(Entry):
    """Convolutions over the last tokens: their inputs are all that is kept of a request."""

    kind: Literal["short-convolution"]
    count: PositiveInt
    channels: PositiveInt
    conv_kernel: PositiveInt


class LightningAttention(Entry):
    """Linear attention without convolution: a square state per head and request."""

    kind: Literal["lightning-attention"]
    count: PositiveInt
    heads: PositiveInt
    head_dim: PositiveInt
    state_bytes: PositiveInt = 2


State = GatedDelta | Mamba | Mamba1 | ShortConvolution | LightningAttention  # a state of fixed size per request
Layers = Annotated[Attention | LatentAttention | State, Field(discriminator="kind")]
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
    experts together), `expert_width` one expert's; `parameters` are the weights each part holds; `last_engine_version` is the last
    release of vLLM that has its architecture. Unknown stays None."""

    name: str
    label: str
    layers: tuple[Layers, ...] = Field(min_length=1)
    vocabulary: PositiveInt
    hidden: PositiveInt
    feed_forward: PositiveInt
    experts: int = 0
    experts_per_token: int = 0
    expert_width: PositiveInt | None = None
    parameters: dict[Part, int] = {}
    max_context_tokens: int | None = None
    last_engine_version: str | None = None
    multimodal: bool = False
    encoder: Encoder | None = None
    formats: dict[str, ModelFormat] = {}
