"""Recurrent layers of a `config.json`: the state they keep, and the weights they have.

Each family has its own words for the same widths; vllm model_executor/models/ reads them in the class of the family. Convolutions and
states have the model's type unless something asks for 32 bits.
"""

from math import ceil
from typing import Any

Config = dict[str, Any]

# What the families call a width: Bamba, Granite and Falcon H1; Nemotron H and Plamo 2; Zamba 2; Mamba 2.
HEADS = ("mamba_n_heads", "mamba_num_heads", "n_mamba_heads", "num_heads")
HEAD_DIM = ("mamba_d_head", "mamba_head_dim", "mamba_headdim", "hidden_size_per_head")
STATE_DIM = ("mamba_d_state", "ssm_state_size", "state_size")
GROUPS = ("mamba_n_groups", "mamba_ngroups", "n_groups")
KERNEL = ("mamba_d_conv", "conv_kernel")
EXPANSION = ("mamba_expand", "expand")
STEP_RANK = ("mamba_dt_rank", "time_step_rank")
CHUNK = ("mamba_chunk_size", "chunk_size")
USUAL_CHUNK = 2048


def is_mamba_1(text: Config) -> bool:
    """Whether its Mamba layers have channels rather than heads."""
    return not any(text.get(name) for name in HEADS)


def state(text: Config, kind: str, count: int) -> Config:
    """`count` recurrent layers of a kind, as in `catalog/models/`."""
    return {"kind": KINDS[kind], "count": count, **STATES[kind](text)}


def weights(text: Config, kind: str) -> int:
    """Numbers in the matrices of one layer of a kind."""
    return WEIGHTS[kind](text, state(text, kind, 1))


def inner_width(text: Config, kind: str) -> int:
    """How wide a token is inside a layer of a kind."""
    found = state(text, kind, 1)
    if "channels" in found:
        return int(found["channels"])
    return int(found["value_heads"] * found["value_head_dim"] if "value_heads" in found else found["heads"] * found["head_dim"])


def _first(text: Config, names: tuple[str, ...], default: Any = None) -> Any:
    found = next((text[name] for name in names if text.get(name) not in (None, "auto")), default)
    if found is None:
        raise KeyError(names[0])
    return found


def _inner(text: Config) -> int:
    return int(_first(text, EXPANSION, 2) * text["hidden_size"])


def _gated_delta(text: Config) -> Config:
    names = {"num_key_heads": "key_heads", "num_value_heads": "value_heads", "key_head_dim": "key_head_dim"}
    ours = {**names, "value_head_dim": "value_head_dim", "conv_kernel_dim": "conv_kernel"}
    short = {} if text.get("mamba_ssm_dtype") == "float32" else {"state_bytes": 2}
    return {**{ours[name]: text[f"linear_{name}"] for name in ours}, **short}


def _kimi_delta(text: Config) -> Config:
    """Its state always has 32 bits; Ling 3.0 has the heads of its attention."""
    linear = text.get("linear_attn_config") or {**text, "num_heads": text["num_attention_heads"]}
    heads, width = linear["num_heads"], linear["head_dim"]
    shared = {"key_heads": heads, "value_heads": heads, "key_head_dim": width, "value_head_dim": width}
    return {**shared, "conv_kernel": linear["short_conv_kernel_size"]}


def _mamba(text: Config) -> Config:
    heads = _first(text, HEADS)
    head_dim = _first(text, HEAD_DIM, text["head_dim"] if text.get("state_size") else (text.get("mamba_d_ssm") or _inner(text)) // heads)
    groups = 0 if text.get("mamba_step") else _first(text, GROUPS, 1)  # Plamo 2 mixes no groups in
    widths = {
        "heads": heads,
        "head_dim": head_dim,
        "state_dim": _first(text, STATE_DIM),
        "groups": groups,
        "conv_kernel": _first(text, KERNEL),
    }
    return {**widths, **_state_type(text), "chunk_tokens": _first(text, CHUNK, USUAL_CHUNK)}


def _state_type(text: Config) -> Config:
    """Nemotron H alone says what type its state has, and 32 bits where it does not."""
    if text.get("model_type") != "nemotron_h":
        return {"state_bytes": 2}
    stated = text.get("mamba_ssm_cache_dtype")
    if stated not in (None, "float32"):
        return {"state_bytes": 2}
    return {"state_bytes": 4, "widened_by": "config" if stated else "class"}


def _mamba_1(text: Config) -> Config:
    channels = text["intermediate_size"] if text.get("state_size") else _inner(text)
    return {"channels": channels, "state_dim": _first(text, STATE_DIM), "conv_kernel": _first(text, KERNEL)}


def _convolution(text: Config) -> Config:
    return {"channels": text.get("conv_dim") or text["hidden_size"], "conv_kernel": text["conv_L_cache"]}


def _lightning(text: Config) -> Config:
    heads = text["num_attention_heads"]
    return {"heads": heads, "head_dim": text.get("head_dim") or text["hidden_size"] // heads}


def _delta_weights(text: Config, found: Config) -> int:
    keys, values = found["key_heads"] * found["key_head_dim"], found["value_heads"] * found["value_head_dim"]
    projected = text["hidden_size"] * (2 * keys + 3 * values + 2 * found["value_heads"])
    return int(projected + found["conv_kernel"] * (2 * keys + values))


def _kimi_weights(text: Config, found: Config) -> int:
    """Queries, keys, values and output, two gates of low rank (Kimi) or of full (Ling 3.0), and one number a head."""
    inner, width, hidden = found["value_heads"] * found["value_head_dim"], found["value_head_dim"], text["hidden_size"]
    gates = 2 * width * (hidden + inner) if text.get("linear_attn_config") else 2 * hidden * inner
    return int(4 * hidden * inner + gates + hidden * found["value_heads"] + 3 * found["conv_kernel"] * inner)


def _mamba_weights(text: Config, found: Config) -> int:
    hidden, heads, inner = text["hidden_size"], found["heads"], found["heads"] * found["head_dim"]
    if not found["groups"]:  # Plamo 2: steps and state inputs come from inside
        rank = max(64, hidden // 16)
        return int(3 * hidden * inner + inner * (rank + 2 * found["state_dim"]) + rank * heads + found["conv_kernel"] * inner)
    mixed = inner + 2 * found["groups"] * found["state_dim"]
    return int(hidden * (inner + mixed + heads) + found["conv_kernel"] * mixed + hidden * inner)


def _mamba_1_weights(text: Config, found: Config) -> int:
    """What decays the state is held in 32 bits: it counts twice."""
    hidden, inner, width = text["hidden_size"], found["channels"], found["state_dim"]
    rank = _first(text, STEP_RANK, ceil(hidden / 16))
    return int(3 * hidden * inner + inner * (rank + 2 * width) + rank * inner + found["conv_kernel"] * inner + 2 * inner * width)


def _convolution_weights(text: Config, found: Config) -> int:
    return int(4 * text["hidden_size"] * found["channels"] + found["conv_kernel"] * found["channels"])


def _lightning_weights(text: Config, found: Config) -> int:
    """Queries, keys, values, gate and output."""
    return int(5 * text["hidden_size"] * found["heads"] * found["head_dim"])


KINDS = {
    "linear_attention": "gated-delta",
    "kimi_delta": "gated-delta",
    "mamba": "mamba",
    "mamba_1": "mamba-1",
    "conv": "short-convolution",
    "lightning": "lightning-attention",
}
STATES = {
    "linear_attention": _gated_delta,
    "kimi_delta": _kimi_delta,
    "mamba": _mamba,
    "mamba_1": _mamba_1,
    "conv": _convolution,
    "lightning": _lightning,
}
WEIGHTS = {
    "linear_attention": _delta_weights,
    "kimi_delta": _kimi_weights,
    "mamba": _mamba_weights,
    "mamba_1": _mamba_1_weights,
    "conv": _convolution_weights,
    "lightning": _lightning_weights,
}
