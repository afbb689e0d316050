"""Parameters of published models from their shapes, beside what their makers say they have."""

from typing import Any

import pytest

from blueprint.catalog.config_json import model_entry

LATENT = {"kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128}
NANO_9B = "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-"
KDA = [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26]


def shaped(layers: int, hidden: int, vocabulary: int, feed_forward: int, **more: Any) -> dict[str, Any]:
    return {"num_hidden_layers": layers, "hidden_size": hidden, "vocab_size": vocabulary, "intermediate_size": feed_forward, **more}


def heads(queries: int, keys: int, **more: Any) -> dict[str, Any]:
    return {"num_attention_heads": queries, "num_key_value_heads": keys, **more}


def mamba_2(number: int, size: int, state: int, groups: int) -> dict[str, Any]:
    return {"mamba_n_heads": number, "mamba_d_head": size, "mamba_d_state": state, "mamba_n_groups": groups, "mamba_d_conv": 4}


# billions of parameters: model cards, and the metadata of the weights
PUBLISHED: dict[str, tuple[dict[str, Any], float]] = {
    "Nemotron Nano 9B v2": (
        shaped(
            56, 4480, 131072, 15680, model_type="nemotron_h", hybrid_override_pattern=NANO_9B, mamba_num_heads=128, mamba_head_dim=80,
            ssm_state_size=128, n_groups=8, conv_kernel=4, **heads(40, 8, head_dim=128),
        ),
        8.888,
    ),
    "Jamba v0.1": (
        shaped(
            32, 4096, 65536, 14336, attn_layer_period=8, attn_layer_offset=4, expert_layer_period=2, expert_layer_offset=1, num_experts=16,
            num_experts_per_tok=2, mamba_expand=2, mamba_d_state=16, mamba_d_conv=4, mamba_dt_rank=256, **heads(32, 8),
        ),
        51.57,
    ),
    "Granite 4.0 H Tiny": (
        shaped(
            40, 1536, 100352, 512, shared_intermediate_size=1024, num_local_experts=64, num_experts_per_tok=6, tie_word_embeddings=True,
            layer_types=(["mamba"] * 9 + ["attention"]) * 4, **heads(12, 4), **mamba_2(48, 64, 128, 1),
        ),
        6.94,
    ),
    "Falcon H1 7B": (
        shaped(44, 3072, 130049, 12288, mamba_d_ssm=3072, **heads(12, 2, head_dim=128), **mamba_2(24, 128, 256, 1)),
        7.585,
    ),
    "LFM2 1.2B": (
        shaped(
            16, 2048, 65536, 12288, block_ff_dim=12288, block_auto_adjust_ff_dim=True, block_multiple_of=256, conv_L_cache=3,
            full_attn_idxs=[2, 5, 8, 10, 12, 14], tie_word_embeddings=True, **heads(32, 8),
        ),
        1.17,
    ),
    "LFM2 8B-A1B": (
        shaped(
            24, 2048, 65536, 7168, moe_intermediate_size=1792, num_experts=32, num_experts_per_tok=4, num_dense_layers=2, conv_L_cache=3,
            layer_types=(["conv"] * 3 + ["full_attention"]) * 6, tie_word_embeddings=True, **heads(32, 8),
        ),
        8.34,
    ),
    "Kimi Linear 48B": (
        shaped(
            27, 2304, 163840, 9216, num_experts=256, num_experts_per_token=8, num_shared_experts=1, moe_intermediate_size=1024,
            first_k_dense_replace=1, linear_attn_config={"kda_layers": KDA, "head_dim": 128, "num_heads": 32, "short_conv_kernel_size": 4},
            **LATENT, **heads(32, 32),
        ),
        49.12,
    ),
    "MiniMax Text 01": (
        shaped(
            80, 6144, 200064, 9216, num_local_experts=32, num_experts_per_tok=2, attn_type_list=([0] * 7 + [1]) * 10,
            **heads(64, 8, head_dim=128),
        ),
        456.0,
    ),
    "Falcon Mamba 7B": (shaped(64, 4096, 65024, 8192, state_size=16, conv_kernel=4, expand=16, time_step_rank=256), 7.27),
    "Mamba Codestral 7B": (shaped(64, 4096, 32768, 0, state_size=128, num_heads=128, head_dim=64, n_groups=8, conv_kernel=4), 7.285),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_shapes_hold_as_many_parameters_as_their_makers_say(name: str) -> None:
    config, billions = PUBLISHED[name]
    assert sum(model_entry(config)["parameters"].values()) / 1e9 == pytest.approx(billions, rel=2e-3)


def test_shared_blocks_of_zamba_2_count_once_and_their_adapters_for_every_use() -> None:
    blocks = ["hybrid" if index % 6 == 5 else "mamba" for index in range(54)]
    mamba = {"mamba_expand": 2, "n_mamba_heads": 80, "mamba_ngroups": 1, "mamba_d_state": 64, "mamba_d_conv": 4}
    zamba = shaped(54, 2560, 32000, 10240, layers_block_type=blocks, num_mem_blocks=2, adapter_rank=128, **heads(32, 32), **mamba)
    plain = model_entry({**zamba, "adapter_rank": 0})["parameters"]["attention"]
    assert model_entry(zamba)["parameters"]["attention"] - plain == 9 * 128 * (2560 + 2 * 10240)
    assert (
        model_entry({**zamba, "num_mem_blocks": 3, "adapter_rank": 0})["parameters"]["attention"] - plain == 14 * 2560**2 + 3 * 2560 * 10240
    )


def test_experts_that_see_a_smaller_token_are_smaller() -> None:
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 64}
    config = shaped(2, 256, 1000, 512, **experts, **heads(4, 4))
    full, latent = model_entry(config)["parameters"], model_entry({**config, "moe_latent_size": 128})["parameters"]
    assert (full["experts"], latent["experts"]) == (2 * 4 * 3 * 256 * 64, 2 * 4 * 3 * 128 * 64)
    assert latent["feed_forward"] == 2 * 2 * 256 * 128  # down to it and up again
