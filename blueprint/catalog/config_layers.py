"""The layers a `config.json` describes, in the words of Hugging Face transformers' configuration classes.

A config.json holds only what differs from its class; `catalog/config_defaults.yaml` fills in the rest. A model with images keeps its
language model one level down. What a layer is, is never guessed: kinds sizing does not know are refused.
"""

from collections import Counter
from functools import cache
from typing import Any

from blueprint.catalog import FOLDER
from blueprint.catalog.folders import read
from blueprint.errors import BlueprintError

Config = dict[str, Any]
LANGUAGE_MODEL = ("text_config", "llm_config", "language_config")  # the last two: InternVL, DeepSeek VL
KNOWN_KINDS = {"full_attention", "sliding_attention", "chunked_attention", "linear_attention"}
UNKNOWN_LAYERS = (
    "attn_layer_indices",  # Bamba
    "attn_layer_period",  # Jamba
    "block_configs",  # DeciLM
    "compress_ratios",  # DeepSeek V4
    "hybrid_layer_pattern",  # MiMo V2
    "hybrid_override_pattern",  # Nemotron H
    "layers_block_type",  # Zamba, Nemotron
    "linear_attn_config",  # Kimi Linear
    "mamba_d_ssm",  # Falcon H1
    "sparse_attention_config",  # MiniMax M3
    "ssm_cfg",
    "state_size",  # Mamba
)


def language_model(config: Config) -> Config:
    """The language model's own keys, then those around it, then its class's defaults.

    Raises:
        BlueprintError: it has layers of a kind sizing does not know.
    """
    inner: Config = next((config[name] for name in LANGUAGE_MODEL if config.get(name)), {})
    stated = {**config, **inner}
    text = {**_class_defaults().get(str(stated.get("model_type")), {}), **stated}
    strange = set(text.get("layer_types") or ()) - KNOWN_KINDS or 0 in (text.get("attn_type_list") or ())  # 0: MiniMax's linear attention
    if strange or any(text.get(key) for key in UNKNOWN_LAYERS):
        raise BlueprintError(
            f"{text.get('model_type')} has layers sizing does not know yet", "size it from its start-up log: blueprint calibrate LOG"
        )
    return text


@cache
def _class_defaults() -> dict[str, Config]:
    return dict(read(FOLDER / "config_defaults.yaml")["values"])


def kinds(text: Config) -> list[str]:
    """The kind of every layer, in order: full_attention, sliding_attention, chunked_attention or linear_attention."""
    count = int(text["num_hidden_layers"])
    if text.get("layer_types"):
        return list(text["layer_types"])
    if text.get("full_attention_interval"):
        return _every(text["full_attention_interval"], "linear_attention", count)
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


def layers(text: Config) -> list[Config]:
    """Layers that keep something of a request, one entry per kind. The last `num_kv_shared_layers` read an earlier one's cache."""
    count = int(text["num_hidden_layers"]) - int(text.get("num_kv_shared_layers") or 0)
    if text.get("kv_lora_rank"):
        latent = {"kind": "latent-attention", "count": count, "latent_dim": text["kv_lora_rank"]}
        indexer = {"indexer_dim": text["index_head_dim"]} if text.get("index_head_dim") else {}
        return [{**latent, "rope_dim": text["qk_rope_head_dim"], **indexer}]
    return [layer(text, kind, number) for kind, number in sorted(Counter(kinds(text)[:count]).items())]


def layer(text: Config, kind: str, count: int) -> Config:
    """`count` layers of a kind, as in `catalog/models/`."""
    if kind == "linear_attention":
        names = ("num_key_heads", "num_value_heads", "key_head_dim", "value_head_dim", "conv_kernel_dim")
        ours = {name: name.removeprefix("num_").removesuffix("_dim") if "conv" in name else name.removeprefix("num_") for name in names}
        short = {} if text.get("mamba_ssm_dtype") == "float32" else {"state_bytes": 2}
        return {"kind": "gated-delta", "count": count, **{ours[name]: text[f"linear_{name}"] for name in names}, **short}
    kv_heads, head_dim = heads(text, kind)
    limits = {"sliding_attention": {"window": text.get("sliding_window")}, "chunked_attention": {"chunk": text.get("attention_chunk_size")}}
    return {"kind": "attention", "count": count, "kv_heads": kv_heads, "head_dim": head_dim, **limits.get(kind, {})}


def heads(text: Config, kind: str) -> tuple[int, int]:
    """KV heads and their size; the full layers of Gemma 4 have heads of their own."""
    kv_heads = text.get("num_key_value_heads") or text["num_attention_heads"]
    head_dim = text.get("head_dim") or text["hidden_size"] // text["num_attention_heads"]
    if kind == "full_attention" and text.get("global_head_dim"):
        return text.get("num_global_key_value_heads") or kv_heads, text["global_head_dim"]
    return kv_heads, head_dim
