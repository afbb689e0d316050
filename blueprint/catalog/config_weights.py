"""How many numbers each part of a model holds, from its `config.json`.

Counts are weights of matrices, which are 99.9 % of a model; norms and biases are left out.
"""

from blueprint.catalog.config_layers import heads, kinds
from blueprint.catalog.config_mixers import NOTHING, block_words
from blueprint.catalog.config_states import KINDS, Config, inner_width, weights


def experts(text: Config) -> int:
    """Experts of a layer that has some; a single one is none."""
    found = int(text.get("n_routed_experts") or text.get("num_local_experts") or text.get("num_experts") or 0)
    return found if found > 1 else 0


def experts_per_token(text: Config) -> int:
    """Experts a token is sent to."""
    names = ("num_experts_per_tok", "num_experts_per_token", "top_k_experts", "experts_per_token")
    return int(next((text[name] for name in names if text.get(name)), 1))


def expert_width(text: Config) -> int:
    """Width of one expert."""
    return _widths(text)[1]


def active_width(text: Config) -> int:
    """Width of what one token passes through in a layer: its feed-forward part, or the inside of a recurrent layer if that is wider."""
    dense, expert, shared = _widths(text)
    first = dense if _leading_dense(text) else 0
    routed = max(experts_per_token(text) * expert + shared, first) if expert else dense
    return max([routed, *(inner_width(text, kind) for kind in set(kinds(text)) & set(KINDS) - {"linear_attention"})])


def parameters(text: Config, vision: Config) -> dict[str, int]:
    """Numbers of each part."""
    hidden, depth = int(text["hidden_size"]), int(text["num_hidden_layers"])
    dense, expert, shared = _widths(text)
    plain, sparse = _feed_forwards(text)
    embedding = hidden * int(text["vocab_size"])
    per_layer = depth * int(text.get("hidden_size_per_layer_input") or 0) * int(text.get("vocab_size_per_layer_input") or 0)  # Gemma E
    latent = int(
        text.get("moe_latent_size") or text.get("routed_expert_hidden_size") or 0
    )  # Nemotron 3, Kimi K3: experts see a smaller token
    parts = {
        "embedding": embedding + per_layer,
        "head": 0 if text.get("tie_word_embeddings") else embedding,
        "attention": _shared_blocks(text) if text.get("num_mem_blocks") else sum(_mixer(text, kind) for kind in kinds(text)),
        "feed_forward": _matrices(text) * hidden * (dense * plain + shared * sparse) + 2 * hidden * latent * sparse,
        "experts": _matrices(text) * (latent or hidden) * expert * experts(text) * sparse,
        "other": hidden * experts(text) * sparse + _encoder(vision),
    }
    return {part: count for part, count in parts.items() if count or part == "head"}


def _matrices(text: Config) -> int:
    """A feed-forward part has a gate beside its way up and down, but not with squared ReLU (Nemotron H)."""
    return 2 if "relu2" in (text.get("mlp_hidden_act"), text.get("hidden_act")) else 3


def _leading_dense(text: Config) -> int:
    return int(text.get("first_k_dense_replace") or text.get("num_dense_layers") or 0)


def _widths(text: Config) -> tuple[int, int, int]:
    """Widths of the dense feed-forward part, of one expert, and of what every token passes beside the experts."""
    width = _dense_width(text)
    if not experts(text):
        return int(text.get("shared_intermediate_size") or width), 0, 0  # Granite's dense models call it shared
    expert = int(text.get("moe_intermediate_size") or width)
    if text.get("enable_moe_block"):  # Gemma 4: a dense part beside the experts in every layer
        return width, expert, width
    if text.get("intermediate_size_mlp"):  # Llama 4: a shared expert as wide as a routed one
        return int(text["intermediate_size_mlp"]), expert, expert
    copies = int(text.get("n_shared_experts") or text.get("num_shared_experts") or 0)
    shared = copies * int(text.get("moe_shared_expert_intermediate_size") or expert)
    return width, expert, shared or int(text.get("shared_expert_intermediate_size") or text.get("shared_intermediate_size") or 0)


def _dense_width(text: Config) -> int:
    """LFM 2 states a width it then takes two thirds of, rounded up."""
    width = int(text.get("block_ff_dim") or text.get("intermediate_size") or 0)
    if not text.get("block_auto_adjust_ff_dim"):
        return width
    adjusted = int(float(text.get("block_ffn_dim_multiplier") or 1.0) * int(2 * width / 3))
    unit = int(text.get("block_multiple_of") or 1)
    return -(-adjusted // unit) * unit


def _feed_forwards(text: Config) -> tuple[int, int]:
    """Layers with a dense feed-forward part, and with experts."""
    depth, words = int(text["num_hidden_layers"]), block_words(text)
    if NOTHING & set(words) or text.get("num_mem_blocks") or text.get("state_size"):  # a layer is one thing, or its part is shared
        return words.count("mlp"), words.count("moe")
    if not experts(text):
        return depth, 0
    if period := text.get("expert_layer_period"):  # Jamba
        sparse = sum(index % period == text["expert_layer_offset"] for index in range(depth))
    else:
        step = int(text.get("interleave_moe_layer_step") or text.get("decoder_sparse_step") or 1)
        sparse = (depth - _leading_dense(text)) // step
    return depth - sparse, sparse


def _mixer(text: Config, kind: str) -> int:
    """One layer's mixer."""
    if kind in KINDS:
        return weights(text, kind)
    if kind == "latent_attention":
        return _latent(text)
    hidden = int(text["hidden_size"])
    kv_heads, head_dim = heads(text, kind)
    keys_and_values = 1 if kind == "full_attention" and text.get("attention_k_eq_v") else 2
    queries_and_output = 3 if text.get("attn_output_gate") else 2
    return int(hidden * head_dim * (queries_and_output * text["num_attention_heads"] + keys_and_values * kv_heads))


def _latent(text: Config) -> int:
    """One layer of latent attention: projections down and up, and the indexer where there is one."""
    hidden, heads, latent = int(text["hidden_size"]), int(text["num_attention_heads"]), int(text["kv_lora_rank"])
    nope, rope, value = int(text["qk_nope_head_dim"]), int(text["qk_rope_head_dim"]), int(text["v_head_dim"])
    rank = int(text.get("q_lora_rank") or 0)
    queries = rank * (hidden + heads * (nope + rope)) if rank else hidden * heads * (nope + rope)
    indexer = 0
    if text.get("index_head_dim"):
        indexer = text["index_n_heads"] * (rank * text["index_head_dim"] + hidden) + hidden * text["index_head_dim"]
    outputs = heads * value * hidden * (2 if text.get("mla_use_output_gate") else 1)
    return int(queries + hidden * (latent + rope) + latent * heads * (nope + value) + outputs + indexer)


def _shared_blocks(text: Config) -> int:
    """Zamba 2: Mamba in every layer; blocks of attention and feed-forward part, which read a token twice as wide, are used in turn by
    the hybrid layers, each with adapters and a projection of its own."""
    hidden, width, rank = int(text["hidden_size"]), int(text["intermediate_size"]), int(text.get("adapter_rank") or 0)
    hybrid = block_words(text).count("hybrid")
    blocks = int(text["num_mem_blocks"]) * (14 * hidden**2 + 3 * hidden * width)
    adapters = rank * (hidden + 2 * width) + (12 * hidden * rank if text.get("use_shared_attention_adapter") else 0)
    mamba = sum(weights(text, kind) for kind in kinds(text) if kind in KINDS)
    return blocks + hybrid * (adapters + hidden**2) + mamba


def _encoder(vision: Config) -> int:
    """A vision encoder: its transformer layers, without patch embedding and projector."""
    width = int(vision.get("hidden_size") or 0)
    depth = int(vision.get("depth") or vision.get("num_hidden_layers") or 0)
    return depth * width * (4 * width + 2 * int(vision.get("intermediate_size") or 4 * width))
