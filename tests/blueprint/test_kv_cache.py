"""The KV cache's layout: integer-equal with vLLM's own code, and what follows from its rules."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sizing import oracle
from blueprint import kv_cache as kv
from blueprint.catalog import Attention, GatedDelta, LatentAttention, Layers, Mamba, load_catalog

MODELS = load_catalog().models
LAYOUTS = ("vllm_kv_layouts.json", "vllm_kv_layouts_recurrent.json")
VECTORS = [vector for name in LAYOUTS for vector in oracle.score(Path(oracle.__file__).parent / name)]
GIB = 2**30


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_groups_blocks_and_tokens_are_those_of_vllm(vector: oracle.Vector) -> None:
    assert vector.ours == vector.expected


def test_a_vector_that_differs_is_seen(tmp_path: Path) -> None:
    path = Path(oracle.__file__).parent / "vllm_kv_layouts.json"
    vector = json.loads(path.read_text())["vectors"][0]
    (tmp_path / "one.json").write_text(json.dumps({"vectors": [{**vector, "num_blocks": vector["num_blocks"] + 1}]}))
    assert [each.equal for each in oracle.score(tmp_path / "one.json")] == [False]


@pytest.mark.parametrize(
    ("name", "element_bytes", "tokens"), [("qwen3.5-27b", 2, 784), ("qwen3.5-122b-a10b", 2, 2096), ("qwen3.5-35b-a3b", 1, 2096)]
)
def test_an_attention_block_grows_until_it_holds_a_state(name: str, element_bytes: int, tokens: int) -> None:
    """As vLLM logs it: "Setting attention block size to 784 tokens"."""
    assert kv.layout(MODELS[name].layers, 1, element_bytes).block_tokens == tokens


def test_a_stated_block_is_what_an_attention_block_grows_by() -> None:
    layers = MODELS["granite-4.0-h-1b"].layers
    assert [kv.layout(layers, block_tokens=stated).block_tokens for stated in (None, 32, 128, 400, 1024)] == [400, 416, 512, 400, 1024]


@pytest.mark.parametrize("ways", [1, 2, 4])
def test_a_grown_block_stays_as_states_and_heads_are_split_alike(ways: int) -> None:
    assert kv.layout(MODELS["qwen3.5-27b"].layers, ways).block_tokens == 784


def test_kv_heads_fewer_than_gpus_are_replicated() -> None:
    layer = Attention(kind="attention", count=1, kv_heads=2, head_dim=128)
    assert kv.token_bytes(layer, 8, 2) == kv.token_bytes(layer, 2, 2) == 512


def test_latent_attention_is_whole_on_every_gpu() -> None:
    layer = LatentAttention(kind="latent-attention", count=61, latent_dim=512, rope_dim=64)
    assert kv.token_bytes(layer, 8, 2) == kv.token_bytes(layer, 1, 2) == 1152


def test_sparse_attention_adds_an_indexer_and_packs_fp8_in_its_own_way() -> None:
    layer = LatentAttention(kind="latent-attention", count=61, latent_dim=512, rope_dim=64, indexer_dim=128)
    assert kv.token_bytes(layer, 8, 2) == 1152 + 132
    assert kv.token_bytes(layer, 8, 1) == 656 + 132


def test_a_window_keeps_the_tokens_of_steps_under_way() -> None:
    """gpt-oss: 18 full layers and 18 of a window of 128; ceil((127 + 2048) / 16) + 1 = 137 blocks beside 1024 full ones."""
    layout = kv.layout(MODELS["gpt-oss-120b"].layers)
    assert layout.blocks_per_request(16384, 2048) == 1024 + 137
    assert layout.blocks_per_request(16384, 4096) == 1024 + 265


def test_chunked_attention_holds_a_chunk_and_the_step_under_way() -> None:
    """Llama 4: 12 full and 36 chunked layers are four groups of twelve; ceil((8192 + 2048) / 16) = 640."""
    layout = kv.layout(MODELS["llama-4-scout"].layers, 2)
    assert len(layout.groups) == 4
    assert layout.blocks_per_request(131072, 2048) == 8192 + 3 * 640


def test_a_state_takes_one_block_or_two_with_prefix_caching() -> None:
    layout = kv.layout(MODELS["qwen3.5-27b"].layers)
    assert layout.blocks_per_request(784, 8192, 2) - layout.blocks_per_request(784, 8192, 1) == 3  # groups of states


def test_a_mamba_state_by_hand() -> None:
    """Heads 128 x 64, state 128, 8 groups, kernel 4: (3 x (8192 + 2 x 8 x 128) x 2 + 8192 x 128 x 4) B = 4,255,744 B."""
    layer = Mamba(kind="mamba", count=4, heads=128, head_dim=64, state_dim=128, groups=8, conv_kernel=4)
    assert kv.state_bytes(layer, 1) == 4_255_744
    assert kv.state_bytes(layer, 8) == 4_255_744 // 8


def test_the_largest_stage_of_a_pipeline_decides() -> None:
    layers = MODELS["llama-3.3-70b"].layers
    assert kv.layout(layers, pipeline_parallel=3).block_bytes * 80 == kv.layout(layers).block_bytes * 27


def test_a_stated_block_size_is_kept_and_rounds_down() -> None:
    """28.20 GiB of Mistral Small with --block-size 128 hold 1,443 blocks."""
    layout = kv.layout(MODELS["mistral-small-3.2-24b"].layers, block_tokens=128)
    assert layout.blocks(28.2 * GIB) == 1443


def test_no_memory_holds_no_block() -> None:
    assert kv.layout(MODELS["phi-4-14b"].layers).blocks(-1.0) == 0


LAYERS = st.one_of(
    st.builds(
        Attention,
        kind=st.just("attention"),
        count=st.integers(1, 64),
        kv_heads=st.sampled_from([1, 2, 4, 8, 16]),
        head_dim=st.sampled_from([64, 128, 256]),
    ),
    st.builds(
        Attention,
        kind=st.just("attention"),
        count=st.integers(1, 64),
        kv_heads=st.sampled_from([1, 4, 8]),
        head_dim=st.sampled_from([64, 128]),
        window=st.integers(64, 4096),
    ),
    st.builds(
        GatedDelta,
        kind=st.just("gated-delta"),
        count=st.integers(1, 64),
        key_heads=st.just(16),
        value_heads=st.sampled_from([32, 48, 64]),
        key_head_dim=st.just(128),
        value_head_dim=st.just(128),
        conv_kernel=st.just(4),
    ),
)


@given(
    layers=st.lists(LAYERS, min_size=1, max_size=3, unique_by=str).filter(lambda found: any(layer.kind == "attention" for layer in found)),
    ways=st.sampled_from([1, 2, 4, 8]),
    element_bytes=st.sampled_from([1, 2]),
    tokens=st.integers(1, 10**6),
    more=st.integers(0, 10**6),
    batched=st.integers(1, 16384),
)
def test_more_context_never_needs_fewer_blocks(
    layers: list[Layers], ways: int, element_bytes: int, tokens: int, more: int, batched: int
) -> None:
    layout = kv.layout(layers, ways, element_bytes)
    assert layout.blocks_per_request(tokens, batched) <= layout.blocks_per_request(tokens + more, batched)
    assert layout.block_bytes >= max(group.page_bytes for group in layout.groups)
