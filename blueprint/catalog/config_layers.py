"""The layers a `config.json` describes, in the words of Hugging Face transformers' configuration classes.

A config.json holds only what differs from its class; `catalog/config_defaults.yaml` fills in the rest. A model with images keeps its
language model one level down. What a layer is, is never guessed: kinds sizing does not know are refused. Patterns: `config_mixers`.
"""

from collections import Counter
from functools import cache

from blueprint.catalog import FOLDER
from blueprint.catalog.config_mixers import block_words, mixers, unknown_words
from blueprint.catalog.config_states import KINDS, Config, state
from blueprint.catalog.folders import read
from blueprint.errors import BlueprintError

LANGUAGE_MODEL = ("text_config", "llm_config", "language_config")  # the last two: InternVL, DeepSeek VL
UNKNOWN_LAYERS = {
    "block_configs": "blocks of different shapes (DeciLM)",
    "compress_ratios": "compressed attention (DeepSeek V4)",
    "hybrid_layer_pattern": "windows with heads of their own (MiMo V2)",
    "sparse_attention_config": "block-sparse attention (MiniMax M3)",
    "ssm_cfg": "the original Mamba format, which vLLM does not read either: take a repository converted for transformers",
}
UNKNOWN_MODELS = {
    "zamba": "shared blocks of Zamba 1, which vLLM does not have",
    "bailing_moe_linear": "linear attention of Ring 2.0, which vLLM does not have: Ring and Ling 2.5 it has",
}


def language_model(config: Config) -> Config:
    """The language model's own keys, then those around it, then its class's defaults.

    Raises:
        BlueprintError: it has layers of a kind sizing does not know.
    """
    inner: Config = next((config[name] for name in LANGUAGE_MODEL if config.get(name)), {})
    stated = {**config, **inner}
    text = {**_class_defaults().get(str(stated.get("model_type")), {}), **stated}
    text.setdefault("num_hidden_layers", len(block_words(text)) or None)  # Nemotron 3 Ultra names its layers and does not count them
    if strange := _unknown(text):
        raise BlueprintError(
            f"{text.get('model_type')} has layers sizing does not know yet: {strange}",
            "size it from its start-up log: blueprint calibrate LOG",
        )
    return text


def _unknown(text: Config) -> str | None:
    """What of its layers nobody here can size."""
    found = next((said for key, said in UNKNOWN_LAYERS.items() if text.get(key)), None)
    return found or UNKNOWN_MODELS.get(str(text.get("model_type"))) or ", ".join(sorted(unknown_words(text))) or None


@cache
def _class_defaults() -> dict[str, Config]:
    return dict(read(FOLDER / "config_defaults.yaml")["values"])


def kinds(text: Config) -> list[str]:
    """Every mixer of every layer, in order; full attention is latent where keys and values are compressed."""
    found = [kind for layer in mixers(text) for kind in layer]
    return ["latent_attention" if kind == "full_attention" and text.get("kv_lora_rank") else kind for kind in found]


def layers(text: Config) -> list[Config]:
    """Layers that keep something of a request, one entry per kind. The last `num_kv_shared_layers` read an earlier one's cache."""
    shared = int(text.get("num_kv_shared_layers") or 0)
    found = kinds(text)
    return [layer(text, kind, number) for kind, number in sorted(Counter(found[: len(found) - shared]).items())]


def layer(text: Config, kind: str, count: int) -> Config:
    """`count` layers of a kind, as in `catalog/models/`."""
    if kind in KINDS:
        return state(text, kind, count)
    if kind == "latent_attention":
        latent = {"kind": "latent-attention", "count": count, "latent_dim": text["kv_lora_rank"], "rope_dim": text["qk_rope_head_dim"]}
        return {**latent, **({"indexer_dim": text["index_head_dim"]} if text.get("index_head_dim") else {})}
    kv_heads, head_dim = heads(text, kind)
    limits = {"sliding_attention": {"window": text.get("sliding_window")}, "chunked_attention": {"chunk": text.get("attention_chunk_size")}}
    return {"kind": "attention", "count": count, "kv_heads": kv_heads, "head_dim": head_dim, **limits.get(kind, {})}


def heads(text: Config, kind: str) -> tuple[int, int]:
    """KV heads and their size; the full layers of Gemma 4 have heads of their own."""
    kv_heads = text.get("num_key_value_heads") or text["num_attention_heads"]
    named = next((text[name] for name in ("head_dim", "attention_head_dim", "hidden_size_per_head") if text.get(name)), None)
    head_dim = named or text["hidden_size"] // text["num_attention_heads"]
    if kind == "full_attention" and text.get("global_head_dim"):
        return text.get("num_global_key_value_heads") or kv_heads, text["global_head_dim"]
    return kv_heads, head_dim
