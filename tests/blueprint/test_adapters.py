"""Room for LoRA adapters: vLLM's own shapes by hand, real servers, and what must hold whatever is asked."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.catalog import load_catalog
from blueprint.errors import BlueprintError
from blueprint.sizing import GIB, size
from blueprint.sizing.adapters import Adapters, adapters_gib
from blueprint.sizing.experts import Spread

CATALOG = load_catalog()
VLLM = CATALOG.engines["vllm"]
LLAMA, MIXTURE = CATALOG.models["llama-3.1-8b"], CATALOG.models["qwen3-30b-a3b"]


def room(model: Any = LLAMA, version: str | None = None, tensor: int = 1, **adapters: Any) -> float:
    """Elements beside the model's matrices, per rank."""
    asked = Adapters(**{"at_once": 1, "rank": 16, **adapters})
    return adapters_gib(model, asked, VLLM, version, Spread(tensor), 1) * GIB / 2 / asked.at_once / asked.rank


def test_llama_by_hand() -> None:
    """A layer: q and o 4096 + 4096 each, k and v 4096 + 1024 each, gate, up and down 4096 + 14336 each; embedding and head."""
    layer = 2 * (4096 + 4096) + 2 * (4096 + 1024) + 3 * (4096 + 14336)
    assert room() == pytest.approx(32 * layer + 2 * (128256 + 4096))


def test_only_one_side_of_a_pair_is_split() -> None:
    """On four GPUs, A of q, k, v, gate and up and B of o and down stay whole, unless all is sharded."""
    ends = 2 * (128256 + 4096)
    layer = 7 * 4096 + (2 * 4096 + 2 * 1024 + 3 * 14336) / 4
    assert room(tensor=4) == pytest.approx(32 * layer + ends)
    assert room(tensor=4, fully_sharded=True) == pytest.approx((room() - ends) / 4 + ends)


def test_experts_are_adapted_since_0_11_2() -> None:
    """Each of 128 experts in 48 layers: three matrices of 2048 x 768. The router is adapted in every release."""
    assert room(MIXTURE) - room(MIXTURE, "0.11.0") == pytest.approx(48 * 128 * 3 * (2048 + 768), rel=0.02)
    assert room(MIXTURE, "0.11.0") > 48 * (2048 + 128)


def test_a_gpu_with_whole_experts_has_room_for_adapters_of_those_only() -> None:
    """16 of 128 experts, each pair whole, on eight GPUs."""
    asked = Adapters(1, 16)
    sliced, whole = (adapters_gib(MIXTURE, asked, VLLM, None, Spread(8, whole=each), 1) * GIB / 2 / 16 for each in (False, True))
    assert sliced - whole == pytest.approx(48 * 3 * (128 * (2048 + 768 / 8) - 16 * (2048 + 768)))
    with pytest.raises(BlueprintError, match="fully where experts are whole"):
        adapters_gib(MIXTURE, Adapters(1, 16, fully_sharded=True), VLLM, None, Spread(8, whole=True), 1)


def test_an_adapters_own_tokens_took_room_before_0_12() -> None:
    """256 more tokens beside embedding and head, and two tables of them."""
    assert room(version="0.8.3") - room(version="0.12.0") == pytest.approx(2 * 256 + 2 * 256 * 4096 / 16)


@pytest.mark.parametrize(
    ("model", "version", "tensor", "rank", "without", "logged"),
    [
        ("llama-3.1-8b", "0.8.3", 1, 32, 14.99, 15.1749),  # refused060: its weights less those of other logs
        ("qwen3-8b", "0.22.1", 2, 16, 7.64, 7.71),  # kv057 and later047
    ],
)
def test_real_servers_logged_so_much_more(model: str, version: str, tensor: int, rank: int, without: float, logged: float) -> None:
    found = adapters_gib(CATALOG.models[model], Adapters(1, rank), VLLM, version, Spread(tensor), 1)
    assert without + found == pytest.approx(logged, abs=0.02)


def sized(**asked: Any) -> Any:
    return size(CATALOG.models["phi-4-14b"], "bf16", CATALOG.gpus["l40s"], max_context_tokens=4096, **asked)


def test_adapters_are_a_term_of_their_own_and_graphs_are_captured_twice() -> None:
    without, with_adapters = sized(max_concurrent_requests=8), sized(max_concurrent_requests=8, adapters=Adapters(4, 64))
    assert "adapters" not in without.terms
    assert sum(gib for term, gib in with_adapters.terms.items() if term != "budget") == pytest.approx(with_adapters.terms["budget"])
    assert with_adapters.terms["cuda_graphs"] == pytest.approx(2 * without.terms["cuda_graphs"])
    assert with_adapters.flags["max_lora_rank"] == 64


def test_adapters_can_make_a_server_that_fits_not_fit() -> None:
    assert sized().verdict == "fits"
    assert sized(adapters=Adapters(32, 256)).verdict == "does-not-fit"


def test_a_rank_vllm_does_not_know_is_told_those_it_does() -> None:
    with pytest.raises(BlueprintError, match=r"1, 8, 16, 32.*not 12"):
        sized(adapters=Adapters(1, 12))


@given(
    st.sampled_from([name for name in CATALOG.models if CATALOG.models[name].parameters]),
    st.integers(1, 64),
    st.sampled_from(VLLM.lora.ranks[:-1]),
    st.sampled_from([1, 2, 4, 8]),
)
@settings(max_examples=60, deadline=None)
def test_more_adapters_or_rank_never_take_less_and_more_gpus_never_more(name: str, at_once: int, rank: int, tensor: int) -> None:
    model, larger = CATALOG.models[name], VLLM.lora.ranks[VLLM.lora.ranks.index(rank) + 1]
    taken = adapters_gib(model, Adapters(at_once, rank), VLLM, None, Spread(tensor), 1)
    assert 0 < taken < adapters_gib(model, Adapters(at_once + 1, rank), VLLM, None, Spread(tensor), 1)
    assert taken < adapters_gib(model, Adapters(at_once, larger), VLLM, None, Spread(tensor), 1)
    assert taken > adapters_gib(model, Adapters(at_once, rank), VLLM, None, Spread(2 * tensor), 1)
    assert taken >= adapters_gib(model, Adapters(at_once, rank, fully_sharded=True), VLLM, None, Spread(tensor), 1)
