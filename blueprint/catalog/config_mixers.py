"""What each layer of a `config.json` mixes tokens with: attention, a recurrent state, both at once, or (only a feed-forward part) nothing.

Every family writes its pattern in its own way; vllm model_executor/models/ and config/model.py read them.
"""

from collections.abc import Callable

from blueprint.catalog.config_states import Config, is_mamba_1

Mixers = list[tuple[str, ...]]  # the kinds in every layer, in order

FULL = ("full_attention",)
WORDS = {"attention": "full_attention", "full_attention": "full_attention", "sliding_attention": "sliding_attention"}
WORDS |= {"chunked_attention": "chunked_attention", "conv": "conv"}
LETTERS = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}  # Nemotron H
NOTHING = {"mlp", "moe"}  # a layer that mixes nothing


def mixers(text: Config) -> Mixers:
    """The kinds of every layer, in order."""
    found = next((read(text) for key, read in PATTERNS.items() if text.get(key)), None)
    return found if found is not None else [(kind,) for kind in _attention(text)]


def block_words(text: Config) -> list[str]:
    """Nemotron H and Zamba 2 name every layer; in Nemotron H a layer is a mixer or a feed-forward part, never both."""
    if text.get("hybrid_override_pattern"):
        return [LETTERS.get(letter, letter) for letter in text["hybrid_override_pattern"]]
    return list(text.get("layers_block_type") or ())


def unknown_words(text: Config) -> set[str]:
    """What a pattern says that nobody here can read."""
    known = set(WORDS) | NOTHING | {"mamba", "hybrid", "linear_attention"}
    return {str(word) for word in (*block_words(text), *(text.get("layer_types") or ()))} - known


def _attention(text: Config) -> list[str]:
    count = int(text["num_hidden_layers"])
    if text.get("attention_chunk_size"):  # Llama 4: every fourth layer has no rotary embedding and reads everything
        no_rope = text.get("no_rope_layers") or [int((index + 1) % 4 != 0) for index in range(count)]
        return ["chunked_attention" if rotary else "full_attention" for rotary in no_rope]
    if not text.get("sliding_window") or not text.get("use_sliding_window", True):
        return ["full_attention"] * count
    pattern = text.get("sliding_window_pattern") or count + 1
    return _every(len(pattern) if isinstance(pattern, str) else pattern, "sliding_attention", count)  # EXAONE writes LLLG


def _every(interval: int, other: str, count: int) -> list[str]:
    """One layer of the interval reads everything: the last."""
    return [other if (index + 1) % interval else "full_attention" for index in range(count)]


def _word(text: Config, word: str) -> tuple[str, ...]:
    """Hybrid layers have both (Zamba 2, Falcon H1). Linear is lightning attention to MiniMax, Kimi's and Qwen's a delta rule."""
    if word in NOTHING:
        return ()
    if word == "hybrid":
        return (*FULL, _mamba(text))
    if word == "mamba":
        return (_mamba(text),)
    if word == "linear_attention":
        rules = {"linear_num_key_heads": "linear_attention", "linear_attn_config": "kimi_delta"}
        return (next((rule for key, rule in rules.items() if text.get(key)), "lightning"),)
    return (WORDS[word],)


def _mamba(text: Config) -> str:
    return "mamba_1" if is_mamba_1(text) else "mamba"


def _named(text: Config) -> Mixers:
    return [_word(text, word) for word in text.get("layer_types") or block_words(text)]


def _chosen(text: Config, attention: set[int], other: str) -> Mixers:
    return [FULL if index in attention else (other,) for index in range(int(text["num_hidden_layers"]))]


def _jamba(text: Config) -> Mixers:
    period, offset = text["attn_layer_period"], text["attn_layer_offset"]
    return _chosen(text, {index for index in range(text["num_hidden_layers"]) if index % period == offset}, _mamba(text))


def _plamo(text: Config) -> Mixers:
    """Attention in the middle of every step; in a model shorter than that, at its end."""
    count, step = int(text["num_hidden_layers"]), int(text["mamba_step"])
    if not text.get("mamba_enabled", True):
        return [FULL] * count
    if count <= step // 2:
        return _chosen(text, {count - 1}, "mamba")
    return _chosen(text, {index for index in range(count) if index % step == step // 2}, "mamba")


def _kimi(text: Config) -> Mixers:
    """Kimi Linear counts its layers from one."""
    delta = {number - 1 for number in text["linear_attn_config"]["kda_layers"]}
    return _chosen(text, set(range(int(text["num_hidden_layers"]))) - delta, "kimi_delta")


def _interval(text: Config) -> Mixers:
    return [(kind,) for kind in _every(text["full_attention_interval"], "linear_attention", int(text["num_hidden_layers"]))]


def _ring(text: Config) -> Mixers:
    """The last layer of every group reads everything. Ling 3.0 has Kimi's rule where Ring and Ling 2.5 have lightning attention, and
    its last layers, if they are no whole group, read everything too."""
    count, size = int(text["num_hidden_layers"]), int(text["layer_group_size"])
    if not text.get("short_conv_kernel_size"):
        return [(kind,) for kind in _every(size, "lightning", count)]
    whole = count // size * size
    return [(kind,) for kind in [*_every(size, "kimi_delta", whole), *["full_attention"] * (count - whole)]]


# The first key a config.json has decides; Falcon H1 has both in every layer, Mamba and Falcon Mamba nothing else.
PATTERNS: dict[str, Callable[[Config], Mixers]] = {
    "hybrid_override_pattern": _named,
    "layers_block_type": _named,
    "layer_types": _named,
    "mamba_d_ssm": lambda text: [(*FULL, "mamba")] * int(text["num_hidden_layers"]),
    "attn_layer_period": _jamba,
    "attn_layer_indices": lambda text: _chosen(text, set(text["attn_layer_indices"]), _mamba(text)),
    "mamba_step": _plamo,
    "linear_attn_config": _kimi,
    "attn_type_list": lambda text: [FULL if full else ("lightning",) for full in text["attn_type_list"]],
    "full_attn_idxs": lambda text: _chosen(text, set(text["full_attn_idxs"]), "conv"),
    "full_attention_interval": _interval,
    "layer_group_size": _ring,
    "state_size": lambda text: [(_mamba(text),)] * int(text["num_hidden_layers"]),
}
