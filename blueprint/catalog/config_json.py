"""A catalogue entry from a model's `config.json`: its layers (`config_layers.py`), and how many numbers each part of it holds
(`config_weights.py`)."""

from blueprint.catalog.config_layers import language_model, layers
from blueprint.catalog.config_states import Config
from blueprint.catalog.config_weights import active_width, expert_width, experts, experts_per_token, parameters
from blueprint.errors import BlueprintError

NEEDED = ("num_hidden_layers", "hidden_size", "vocab_size")
NAMED_FORMATS = {"fp8": "fp8", "mxfp4": "mxfp4", "gptq": "gptq-int4", "awq": "awq-int4", "nvfp4": "nvfp4"}
GROUPED_FORMATS = {("float", 8): "fp8", ("int", 8): "int8", ("int", 4): "int4"}


def model_entry(config: Config) -> Config:
    """The part of a `catalog/models/` entry that follows from shapes.

    Raises:
        BlueprintError: it is no configuration of a language model, or of a kind sizing does not know.
    """
    text = language_model(config)
    needed = NEEDED if text.get("state_size") else (*NEEDED[:2], "num_attention_heads", *NEEDED[2:])  # Mamba has no attention
    missing = [key for key in needed if not isinstance(text.get(key), int) or text[key] < 1]
    if missing:
        raise BlueprintError(f"config.json lacks {', '.join(missing)} as a positive number", "take the config.json of a language model")
    try:
        return _entry(config, text)
    except (KeyError, TypeError, ZeroDivisionError) as error:
        raise BlueprintError(f"config.json of a {text.get('model_type')} is not understood: {error!r}", "write the entry by hand") from None


def _entry(config: Config, text: Config) -> Config:
    entry: Config = {"layers": layers(text), "vocabulary": text["vocab_size"], "hidden": text["hidden_size"]}
    entry["feed_forward"] = active_width(text)
    if found := experts(text):
        entry |= {"experts": found, "experts_per_token": experts_per_token(text), "expert_width": expert_width(text)}
    entry["parameters"] = parameters(text, config.get("vision_config") or {})
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
