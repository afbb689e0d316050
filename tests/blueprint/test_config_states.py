"""Recurrent layers of published models: how many there are, what they keep of a request, and what a token takes beside it.

Each configuration is the part of the model's public config.json that decides its cache; bytes are worked out by hand.
"""

from typing import Any

import pytest
from pydantic import TypeAdapter

from blueprint.catalog import Layers, State
from blueprint.catalog.config_layers import language_model, layers
from blueprint.kv_bytes import state_bytes, token_bytes

NANO_30B = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
NANO_9B = "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-"
WORDS = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}


def shaped(count: int, hidden: int, heads: int, kv_heads: int, **more: Any) -> dict[str, Any]:
    return {"num_hidden_layers": count, "hidden_size": hidden, "num_attention_heads": heads, "num_key_value_heads": kv_heads, **more}


def nemotron(count: int, hidden: int, heads: int, kv_heads: int, mamba: tuple[int, int], **more: Any) -> dict[str, Any]:
    widths = {"mamba_num_heads": mamba[0], "mamba_head_dim": mamba[1], "ssm_state_size": 128, "n_groups": 8, "conv_kernel": 4}
    return shaped(count, hidden, heads, kv_heads, model_type="nemotron_h", head_dim=128, chunk_size=128, **widths, **more)


def mamba_2(heads: int, head_dim: int, state: int, groups: int) -> dict[str, Any]:
    return {"mamba_n_heads": heads, "mamba_d_head": head_dim, "mamba_d_state": state, "mamba_n_groups": groups, "mamba_d_conv": 4}


GRANITE_SMALL = shaped(
    40, 4096, 32, 8, layer_types=(["mamba"] * 5 + ["attention"] + ["mamba"] * 4) * 4, **mamba_2(128, 64, 128, 1), mamba_chunk_size=256
)
KIMI = shaped(
    27,
    2304,
    32,
    32,
    head_dim=72,
    kv_lora_rank=512,
    qk_rope_head_dim=64,
    linear_attn_config={
        "full_attn_layers": [4, 8, 12, 16, 20, 24, 27],
        "kda_layers": [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26],
        "head_dim": 128,
        "num_heads": 32,
        "short_conv_kernel_size": 4,
    },
)
JAMBA = shaped(32, 4096, 32, 8, attn_layer_period=8, attn_layer_offset=4, mamba_expand=2, mamba_d_state=16, mamba_d_conv=4)
ZAMBA = shaped(
    54,
    2560,
    32,
    32,
    layers_block_type=["hybrid" if index % 6 == 5 else "mamba" for index in range(54)],
    attention_head_dim=160,
    num_mem_blocks=2,
    mamba_expand=2,
    n_mamba_heads=80,
    mamba_ngroups=1,
    mamba_d_state=64,
    mamba_d_conv=4,
)
RING = shaped(32, 4096, 32, 32, head_dim=128, layer_group_size=8, kv_lora_rank=512, qk_rope_head_dim=64)
# name: config, layers with a state, bytes of one of them, layers of attention, bytes a token takes in one of them
KNOWN: dict[str, tuple[dict[str, Any], int, int, int, int]] = {
    "Falcon Mamba 7B": (
        {"num_hidden_layers": 64, "hidden_size": 4096, "intermediate_size": 8192, "state_size": 16, "conv_kernel": 4, "expand": 16},
        64,
        3 * 8192 * 2 + 8192 * 16 * 2,
        0,
        0,
    ),
    "Mamba Codestral 7B": (
        {
            "num_hidden_layers": 64,
            "hidden_size": 4096,
            "num_heads": 128,
            "head_dim": 64,
            "state_size": 128,
            "n_groups": 8,
            "conv_kernel": 4,
        },
        64,
        3 * (8192 + 2048) * 2 + 8192 * 128 * 2,
        0,
        0,
    ),
    "Jamba v0.1": (JAMBA, 28, 3 * 8192 * 2 + 8192 * 16 * 2, 4, 4096),
    "Bamba 9B": (
        shaped(32, 4096, 32, 8, attn_layer_indices=[9, 18, 27], **mamba_2(128, 64, 128, 1)),
        29,
        3 * (8192 + 256) * 2 + 8192 * 128 * 2,
        3,
        4096,
    ),
    "Granite 4.0 H Small": (GRANITE_SMALL, 36, 2_147_840, 4, 4096),
    "Nemotron Nano 9B v2": (
        nemotron(56, 4480, 40, 8, (128, 80), hybrid_override_pattern=NANO_9B),
        27,
        3 * (10240 + 2048) * 2 + 10240 * 128 * 4,
        4,
        4096,
    ),
    "Nemotron 3 Nano 30B": (
        nemotron(52, 2688, 32, 2, (64, 64), hybrid_override_pattern=NANO_30B, mamba_ssm_cache_dtype="float32"),
        23,
        2_134_016,
        6,
        1024,
    ),
    "Nemotron 3.5, in words": (
        nemotron(52, 2688, 32, 2, (64, 64), layers_block_type=[WORDS[letter] for letter in NANO_30B], mamba_ssm_cache_dtype="float16"),
        23,
        36_864 + 4096 * 128 * 2,
        6,
        1024,
    ),
    "Falcon H1 34B": (
        shaped(72, 5120, 20, 4, head_dim=128, mamba_d_ssm=4096, **mamba_2(32, 128, 256, 2)),
        72,
        3 * (4096 + 2 * 2 * 256) * 2 + 4096 * 256 * 2,
        72,
        2048,
    ),
    "Zamba2 2.7B": (ZAMBA, 54, 3 * (5120 + 128) * 2 + 5120 * 64 * 2, 9, 2 * 32 * 160 * 2),
    "Plamo 2 8B": (
        shaped(32, 4096, 32, 4, hidden_size_per_head=128, mamba_step=2, mamba_num_heads=64, mamba_d_state=64, mamba_d_conv=4),
        16,
        3 * 8192 * 2 + 8192 * 64 * 2,
        16,
        2048,
    ),
    "LFM2 1.2B": (shaped(16, 2048, 32, 8, full_attn_idxs=[2, 5, 8, 10, 12, 14], conv_L_cache=3, conv_dim=2048), 10, 8192, 6, 2048),
    "LFM2 in later words": (
        shaped(16, 2048, 32, 8, layer_types=["conv", "conv", "full_attention", "conv"] * 4, conv_L_cache=3),
        12,
        8192,
        4,
        2048,
    ),
    "Kimi Linear 48B": (KIMI, 20, 3 * 3 * 4096 * 2 + 32 * 128 * 128 * 4, 7, 1152),
    "MiniMax M1": (
        shaped(80, 6144, 64, 8, head_dim=128, attn_type_list=[0, 0, 0, 0, 0, 0, 0, 1] * 10),
        70,
        64 * 128 * 128 * 2,
        10,
        4096,
    ),
    "MiniMax Text 01 in transformers' words": (
        shaped(80, 6144, 64, 8, head_dim=128, layer_types=["linear_attention", "full_attention"] * 40),
        40,
        64 * 128 * 128 * 2,
        40,
        4096,
    ),
    "Ring 2.5": (RING, 28, 32 * 128 * 128 * 2, 4, 1152),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_a_request_and_a_token_take_is_what_a_hand_works_out(name: str) -> None:
    config, states, state, attention, token = KNOWN[name]
    found = TypeAdapter(list[Layers]).validate_python(layers(language_model(config)))
    recurrent = [layer for layer in found if isinstance(layer, State)]
    assert [(layer.count, state_bytes(layer, 1)) for layer in recurrent] == [(states, state)]
    reading = [layer for layer in found if not isinstance(layer, State)]
    assert [(layer.count, token_bytes(layer, 1, 2)) for layer in reading] == ([(attention, token)] if attention else [])


def test_a_short_plamo_has_attention_at_its_end() -> None:
    config = {**KNOWN["Plamo 2 8B"][0], "num_hidden_layers": 3, "mamba_step": 8}
    assert [(layer["kind"], layer["count"]) for layer in layers(language_model(config))] == [("attention", 1), ("mamba", 2)]


def test_a_head_size_left_to_its_class_follows_from_the_expansion() -> None:
    config = {**GRANITE_SMALL, "mamba_d_head": "auto", "mamba_expand": 2}
    assert layers(language_model(config)) == layers(language_model(GRANITE_SMALL))
