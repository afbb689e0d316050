"""A catalogue entry from a model's `config.json`: its layers, and how many numbers each part of it holds.

Counts are weights of matrices, which are 99.9 % of a model; norms and biases are left out. Layers: `config_layers.py`.
"""

from blueprint.catalog.config_layers import Config, heads, kinds, language_model, layer, layers
from blueprint.errors import BlueprintError

NEEDED = ("num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size")
NAMED_FORMATS = {"fp8": "fp8", "mxfp4": "mxfp4", "gptq": "gptq-int4", "awq": "awq-int4", "nvfp4": "nvfp4"}
GROUPED_FORMATS = {("float", 8): "fp8", ("int", 8): "int8", ("int", 4): "int4"}


def model_entry(config: Config) -> Config:
    """The part of a `catalog/models/` entry that follows from shapes.

    Raises:
        BlueprintError: it is no configuration of a language model, or of a kind sizing does not know.
    """
    text = language_model(config)
    missing = [key for key in NEEDED if not isinstance(text.get(key), int) or text[key] < 1]
    if missing:
        raise BlueprintError(f"config.json lacks {', '.join(missing)} as a positive number", "take the config.json of a language model")
    try:
        return _entry(config, text)
    except (KeyError, TypeError) as error:
        raise BlueprintError(f"config.json of a {text.get('model_type')} is not understood: {error!r}", "write the entry by hand") from None


def _entry(config: Config, text: Config) -> Config:
    entry: Config = {"layers": layers(text), "vocabulary": text["vocab_size"], "hidden": text["hidden_size"]}
    entry["feed_forward"] = _active_width(text)
    if experts := _experts(text):
        entry |= {"experts": experts, "experts_per_token": _per_token(text)}
    entry["parameters"] = _parameters(text, config.get("vision_config") or {})
    if text.get("max_position_embeddings"):
        entry["max_context_tokens"] = text["max_position_embeddings"]
    if config.get("vision_config") or any("ConditionalGeneration" in name for name in config.get("architectures") or ()):
        entry["multimodal"] = True
    return entry


def shipped_format(config: Config) -> str:
    """The weight format the repository holds: what `quantization_config` says, else BF16."""
    quantization = config.get("quantization_config") or (config.get("text_config") or {}).get("quantization_config") or {}
    for group in (quantization.get("config_groups") or {}).values():
        weights = group["weights"]
        micro = "nvfp4" if weights.get("group_size") == 16 else "mxfp4"
        return GROUPED_FORMATS.get((weights["type"], weights["num_bits"]), micro)
    return NAMED_FORMATS.get(str(quantization.get("quant_algo") or quantization.get("quant_method", "")).lower(), "bf16")


def _experts(text: Config) -> int:
    return int(text.get("n_routed_experts") or text.get("num_local_experts") or text.get("num_experts") or 0)


def _per_token(text: Config) -> int:
    return int(text.get("num_experts_per_tok") or text.get("top_k_experts") or text.get("experts_per_token") or 1)


def _widths(text: Config) -> tuple[int, int, int]:
    """Widths of the dense feed-forward part, of one expert, and of what every token passes beside the experts."""
    width = int(text.get("intermediate_size") or 0)
    if not _experts(text):
        return width, 0, 0
    expert = int(text.get("moe_intermediate_size") or width)
    if text.get("enable_moe_block"):  # Gemma 4: a dense part beside the experts in every layer
        return width, expert, width
    if text.get("intermediate_size_mlp"):  # Llama 4: a shared expert as wide as a routed one
        return int(text["intermediate_size_mlp"]), expert, expert
    shared = int(text.get("n_shared_experts") or 0) * expert or int(text.get("shared_expert_intermediate_size") or 0)
    return width, expert, shared


def _active_width(text: Config) -> int:
    dense, expert, shared = _widths(text)
    return max(_per_token(text) * expert + shared, dense if text.get("first_k_dense_replace") else 0) if expert else dense


def _expert_layers(text: Config) -> int:
    if not _experts(text):
        return 0
    step = int(text.get("interleave_moe_layer_step") or text.get("decoder_sparse_step") or 1)
    return (int(text["num_hidden_layers"]) - int(text.get("first_k_dense_replace") or 0)) // step


def _parameters(text: Config, vision: Config) -> dict[str, int]:
    hidden, depth = int(text["hidden_size"]), int(text["num_hidden_layers"])
    dense, expert, shared = _widths(text)
    sparse, experts = _expert_layers(text), _experts(text)
    embedding = hidden * int(text["vocab_size"])
    per_layer = depth * int(text.get("hidden_size_per_layer_input") or 0) * int(text.get("vocab_size_per_layer_input") or 0)  # Gemma E
    attention = depth * _latent(text) if text.get("kv_lora_rank") else sum(_attention(text, kind) for kind in kinds(text))
    parts = {
        "embedding": embedding + per_layer,
        "head": 0 if text.get("tie_word_embeddings") else embedding,
        "attention": attention,
        "feed_forward": 3 * hidden * (dense * (depth - sparse) + shared * sparse),
        "experts": 3 * hidden * expert * experts * sparse,
        "other": hidden * experts * sparse + _encoder(vision),
    }
    return {part: count for part, count in parts.items() if count or part == "head"}


def _attention(text: Config, kind: str) -> int:
    hidden = int(text["hidden_size"])
    if kind == "linear_attention":
        linear = layer(text, kind, 1)
        keys, values = linear["key_heads"] * linear["key_head_dim"], linear["value_heads"] * linear["value_head_dim"]
        return int(hidden * (2 * keys + 3 * values + 2 * linear["value_heads"]) + linear["conv_kernel"] * (2 * keys + values))
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
    return int(queries + hidden * (latent + rope) + latent * heads * (nope + value) + heads * value * hidden + indexer)


def _encoder(vision: Config) -> int:
    """A vision encoder: its transformer layers, without patch embedding and projector."""
    width = int(vision.get("hidden_size") or 0)
    depth = int(vision.get("depth") or vision.get("num_hidden_layers") or 0)
    return depth * width * (4 * width + 2 * int(vision.get("intermediate_size") or 4 * width))
