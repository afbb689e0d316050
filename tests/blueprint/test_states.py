"""How releases keep recurrent states: their type, their blocks, what the log then says, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from blueprint.catalog import load_catalog
from blueprint.catalog.config_json import model_entry
from blueprint.catalog.models import Model
from blueprint.errors import BlueprintError
from blueprint.kv_bytes import state_bytes
from blueprint.sizing import Server, size
from blueprint.sizing.budget import default_flags
from blueprint.sizing.request import refuse_dropped, refuse_nonsense

CATALOG = load_catalog()
VLLM = CATALOG.engines["vllm"]
NANO = CATALOG.models["nemotron-3-nano-4b"]  # its config.json does not say what type its states have
BY_CONFIG = CATALOG.models["nemotron-3-nano-30b-a3b"]  # 32 bits, its config.json says
GRANITE = CATALOG.models["granite-4.0-h-1b"]
SHAPE = {"hidden_size": 4096, "vocab_size": 65024}
FALCON = {"model_type": "falcon_mamba", "num_hidden_layers": 64, "intermediate_size": 8192, "state_size": 16, "conv_kernel": 4, **SHAPE}


def model(config: dict[str, Any], **more: Any) -> Model:
    return Model.model_validate({"name": "new", "label": "New", "source": "a test", "as_of": "2026", **model_entry(config), **more})


def server(of: Model, version: str, context: int = 8192, **more: Any) -> Server:
    return Server(of, VLLM, VLLM.release(version), 5.0, 80.0, context, 2048, 0.9, **more)


@pytest.mark.parametrize(
    ("of", "version", "state_bytes"),
    [(NANO, "0.12.0", 2), (NANO, "0.19.1", 2), (NANO, "0.20.0", 4), (BY_CONFIG, "0.12.0", 2), (BY_CONFIG, "0.13.0", 4)],
)
def test_releases_heed_the_type_a_nemotron_asks_for_one_after_another(of: Model, version: str, state_bytes: int) -> None:
    state = next(layer for layer in of.layers if layer.kind == "mamba")
    held = state.heads * state.head_dim * state.state_dim * state_bytes
    convolution = 3 * (state.heads * state.head_dim + 2 * state.groups * state.state_dim) * 2
    attention = next(group for group in server(of, version).layout().groups if group.layer.kind == "attention")
    least, blocks = held + convolution, attention.page_bytes // attention.block_tokens * 16
    assert least <= attention.page_bytes < least + blocks


def test_a_type_told_to_the_server_goes_before_the_releases() -> None:
    told = server(NANO, "0.12.0", state_bytes=4)
    assert told.layout() == server(NANO, "0.20.0").layout() != server(NANO, "0.12.0").layout()


def test_attention_blocks_grow_to_what_start_up_logs_say() -> None:
    """Nemotron 3 Nano 4B on 0.13 with an FP8 cache, 30B with either, Granite 4.0 H 1B on 0.19."""
    assert server(NANO, "0.13.0", kv_cache="fp8").layout().block_tokens == 992
    assert server(BY_CONFIG, "0.19.0", kv_cache="fp8").layout().block_tokens == 4176
    assert server(BY_CONFIG, "0.20.2").layout().block_tokens == 2096
    assert server(GRANITE, "0.19.0").layout().block_tokens == 400


def test_from_0_28_on_a_state_takes_two_blocks_unless_prefix_caching_is_off() -> None:
    groups = len(server(GRANITE, "0.27.1").layout().groups) - 1
    before, after = server(GRANITE, "0.27.1").blocks_per_request(), server(GRANITE, "0.28.0").blocks_per_request()
    assert (after - before, groups) == (9, 9)
    assert server(GRANITE, "0.28.0", state_cache="none").blocks_per_request() == before
    assert server(GRANITE, "0.27.1", state_cache="align").blocks_per_request() == after


def test_states_kept_for_every_block_are_as_many_as_blocks_which_are_multiples_of_the_kernels_chunk() -> None:
    layout = server(GRANITE, "0.22.0", 131072, state_cache="all").layout()
    assert layout.block_tokens == 512  # 394 tokens hold a state, 256 are a chunk
    assert server(GRANITE, "0.22.0", 131072, state_cache="all").blocks_per_request() == 10 * 256


def test_kernels_that_cannot_keep_a_state_for_every_block_keep_the_last() -> None:
    qwen = CATALOG.models["qwen3.5-27b"]
    assert server(qwen, "0.22.0", state_cache="all").layout() == server(qwen, "0.22.0", state_cache="align").layout()
    assert (
        server(qwen, "0.22.0", state_cache="all").blocks_per_request() == server(qwen, "0.22.0", state_cache="align").blocks_per_request()
    )


def test_a_model_of_states_alone_holds_a_request_in_one_block_however_long_it_is() -> None:
    falcon = model(FALCON)
    for version in ("0.19.0", "0.32.0"):
        assert server(falcon, version, 1024).blocks_per_request() == server(falcon, version, 10**6).blocks_per_request() == 1
    assert server(falcon, "0.19.0", 4096).printed_tokens(100) == server(falcon, "0.32.0", 4096).printed_tokens(100) == 409_600


def test_before_0_20_2_a_request_shorter_than_a_block_is_what_the_log_counts_by() -> None:
    assert server(GRANITE, "0.19.0", 4096).printed_tokens(1339) == 133 * 400
    assert server(GRANITE, "0.19.0", 256).printed_tokens(1339) == 133 * 256


def test_more_sequences_than_blocks_for_states_are_refused_from_0_20_on_where_graphs_are_captured() -> None:
    assert server(GRANITE, "0.20.0").refuses(257, 256)
    assert not server(GRANITE, "0.20.0").refuses(256, 256)
    assert not server(GRANITE, "0.19.1").refuses(257, 256)
    assert not server(GRANITE, "0.20.0", enforce_eager=True).refuses(257, 256)
    assert not server(CATALOG.models["llama-3.1-8b"], "0.20.0").refuses(257, 256)


def test_before_0_10_2_states_of_a_hybrid_lie_beside_the_cache_for_all_sequences() -> None:
    before, since = server(GRANITE, "0.10.1"), server(GRANITE, "0.10.2")
    state = next(layer for layer in GRANITE.layers if layer.kind == "mamba")
    assert {group.layer.kind for group in before.layout().groups} == {"attention"}
    assert before.layout().block_tokens == 16
    held = before.terms(250)["activation"] - since.terms(250)["activation"]
    assert held * 2**30 == pytest.approx(256 * state.count * state_bytes(state, 1))
    assert default_flags(79.18, "h100-sxm", before.release, 8192, GRANITE) == (256, 8192)
    assert server(model(FALCON), "0.10.1").layout() == server(model(FALCON), "0.10.2").layout()


def test_where_states_lie_beside_the_cache_as_many_sequences_are_sized_as_the_rest_of_it_holds() -> None:
    sized = size(GRANITE, "bf16", CATALOG.gpus["l4"], max_context_tokens=32768, engine_version="0.10.1")
    assert 1 < int(sized.flags["max_num_seqs"]) <= sized.max_concurrency


@pytest.mark.parametrize(
    ("of", "ways", "said"),
    [(GRANITE, 5, "4 KV heads"), (BY_CONFIG, 16, "8 groups of states"), (model(FALCON), 3, "8192 channels of states")],
)
def test_gpus_that_cannot_share_states_evenly_are_refused(of: Model, ways: int, said: str) -> None:
    with pytest.raises(BlueprintError, match=said):
        refuse_nonsense(of, ways, 1, 1, 4096, None)


def test_a_single_group_is_repeated_on_every_gpu() -> None:
    refuse_nonsense(GRANITE, 4, 1, 1, 4096, None)


def test_an_architecture_the_engine_dropped_is_refused_and_the_last_release_named() -> None:
    bamba = model(FALCON, last_engine_version=VLLM.last_with(["BambaForCausalLM"]))
    refuse_dropped(bamba, VLLM, "0.23.1")
    with pytest.raises(BlueprintError, match=r"vLLM 0\.24\.0 has no New any more") as caught:
        refuse_dropped(bamba, VLLM, "0.24.0")
    assert "--engine 0.23.0" in caught.value.next_step
    assert VLLM.last_with(["NemotronHForCausalLM"]) is None


def test_published_configs_hold_a_state_for_every_mamba_layer() -> None:
    configs = Path(__file__).parent / "data" / "configs"
    for name in ("nemotron-3-nano-30b-a3b", "nemotron-3-super-120b-a12b", "nemotron-nano-9b-v2"):
        config = json.loads((configs / f"{name}.json").read_text())
        state = next(layer for layer in CATALOG.models[name].layers if layer.kind == "mamba")
        assert state.count == config["hybrid_override_pattern"].count("M")
