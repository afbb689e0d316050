"""Layers of published models, worked out by hand: bytes a token takes for good in 16 bits, and what is refused rather than guessed.

Each configuration is the part of the model's public config.json that decides its cache.
"""

from typing import Any

import pytest
from pydantic import TypeAdapter

from blueprint.catalog.config_layers import language_model, layers
from blueprint.catalog.models import Layers
from blueprint.errors import BlueprintError
from blueprint.kv_cache import token_bytes


def plain(count: int, kv_heads: int, head_dim: int, **more: Any) -> dict[str, Any]:
    return {
        "num_hidden_layers": count,
        "hidden_size": 4096,
        "num_attention_heads": 32,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        **more,
    }


def latent(count: int, **more: Any) -> dict[str, Any]:
    return {
        "num_hidden_layers": count,
        "hidden_size": 7168,
        "num_attention_heads": 128,
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
        **more,
    }


FIVE_TO_ONE = ["sliding_attention"] * 5 + ["full_attention"]
FOUR_TO_ONE = ["sliding_attention"] * 4 + ["full_attention"]
GATED = {
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "linear_conv_kernel_dim": 4,
}
KNOWN = {
    "MiniMax M2.5": (plain(62, 8, 128, attn_type_list=[1] * 62), 62 * 4096),
    "Qwen3 VL 30B": ({"text_config": plain(48, 4, 128)}, 48 * 2048),
    "Qwen3 Next 80B": (plain(48, 2, 256, full_attention_interval=4, **GATED), 12 * 2048),
    "Gemma 2 27B": (plain(46, 16, 128, model_type="gemma2", sliding_window=4096), 23 * 8192),
    "Gemma 3 27B": ({"text_config": plain(62, 16, 128, model_type="gemma3_text", sliding_window=1024)}, 10 * 8192),
    "Gemma 3 4B": (
        {"text_config": {"model_type": "gemma3_text", "num_hidden_layers": 34, "hidden_size": 2560, "sliding_window": 1024}},
        5 * 4096,
    ),
    "Gemma 3n E4B": (plain(35, 2, 256, num_kv_shared_layers=15, layer_types=FOUR_TO_ONE * 7, sliding_window=512), 4 * 2048),
    "Gemma 4 31B": (
        plain(60, 16, 256, global_head_dim=512, num_global_key_value_heads=4, layer_types=FIVE_TO_ONE * 10, sliding_window=1024),
        10 * 8192,
    ),
    "DeepSeek V2 Lite": (latent(27), 27 * 1152),
    "DeepSeek R1": (latent(61), 61 * 1152),
    "GLM 5.2": (latent(78, index_head_dim=128), 78 * (1152 + 132)),
    "GLM 4.6": (plain(92, 8, 128, first_k_dense_replace=3), 92 * 4096),
    "Kimi K2.5": ({"text_config": latent(61)}, 61 * 1152),
    "Mistral Nemo": (plain(40, 8, 128, model_type="mistral", sliding_window=None), 40 * 4096),
    "Pixtral 12B": (
        {"text_config": {"model_type": "mistral", "num_hidden_layers": 40, "hidden_size": 5120, "head_dim": 128, "sliding_window": None}},
        40 * 4096,
    ),
    "Phi 3 mini": ({"num_hidden_layers": 32, "hidden_size": 3072, "num_attention_heads": 32, "sliding_window": 2047}, 0),
    "InternVL 2.5 8B": ({"llm_config": plain(32, 8, 128), "vision_config": {}}, 32 * 4096),
    "Command R7B": (plain(32, 8, 128, model_type="cohere2", sliding_window=4096), 8 * 4096),
    "EXAONE 4 32B": (plain(64, 8, 128, sliding_window=4096, sliding_window_pattern="LLLG"), 16 * 4096),
    "Step 3.7 Flash": (plain(45, 8, 128, layer_types=["full_attention"] * 12 + ["sliding_attention"] * 33, sliding_window=512), 12 * 4096),
    "Llama 4 Scout": ({"text_config": plain(48, 8, 128, attention_chunk_size=8192)}, 12 * 4096),
}
REFUSED = {
    "Mamba in its original format": {"model_type": "mamba", "ssm_cfg": {"d_state": 16}},
    "Zamba 1": plain(76, 16, 224, model_type="zamba", layers_block_type=["mamba", "hybrid"] * 38),
    "MiMo V2 Flash": plain(48, 4, 192, sliding_window=128, hybrid_layer_pattern=[0, 1, 1, 1, 1] * 9),
    "DeepSeek V4": latent(43, compress_ratios=[4] * 43),
    "Ring 2.0 linear": plain(20, 4, 128, model_type="bailing_moe_linear", layer_group_size=5),
    "a new kind of layer": plain(4, 8, 128, layer_types=["full_attention", "wavelet"] * 2),
    "a new letter of Nemotron H": plain(4, 8, 128, model_type="nemotron_h", hybrid_override_pattern="M*-W"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_a_token_takes_for_good_is_what_a_hand_works_out(name: str) -> None:
    config, per_token = KNOWN[name]
    found = TypeAdapter(list[Layers]).validate_python(layers(language_model(config)))
    kept = [
        layer for layer in found if layer.kind == "latent-attention" or (layer.kind == "attention" and not layer.window and not layer.chunk)
    ]
    assert sum(layer.count * token_bytes(layer, 1, 2) for layer in kept) == per_token


@pytest.mark.parametrize("name", REFUSED)
def test_layers_of_an_unknown_kind_are_refused_rather_than_guessed(name: str) -> None:
    with pytest.raises(BlueprintError, match="has layers sizing does not know yet") as caught:
        language_model(REFUSED[name])
    assert "blueprint calibrate LOG" in caught.value.next_step
