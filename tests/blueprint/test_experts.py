"""Experts in slices or whole: vLLM's own rules by hand, real servers, and what cannot be spread."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.catalog import load_catalog
from blueprint.errors import BlueprintError
from blueprint.sizing import size
from blueprint.sizing.experts import Spread, held, refuse_uneven
from blueprint.sizing.weights import weights_per_gpu

CATALOG = load_catalog()
VLLM = CATALOG.engines["vllm"]
DEEPSEEK, QWEN, OSS = CATALOG.models["deepseek-v3"], CATALOG.models["qwen3-235b-a22b"], CATALOG.models["gpt-oss-120b"]


def test_whole_experts_are_spread_as_evenly_as_they_divide() -> None:
    assert held(DEEPSEEK, Spread(8, 2, whole=True), VLLM, None) == 16
    assert held(DEEPSEEK, Spread(8, 3, whole=True), VLLM, None) == 11  # 256 over 24: sixteen GPUs have 11, eight have 10
    assert held(DEEPSEEK, Spread(8, 2, whole=True, redundant=32), VLLM, None) == 18


def test_the_last_gpu_once_took_all_that_were_left_over() -> None:
    """256 over 24 are 10 each; the last GPU had the other 16 too."""
    assert held(DEEPSEEK, Spread(8, 3, whole=True), VLLM, "0.9.2") == 26
    assert held(DEEPSEEK, Spread(8, 3, whole=True), VLLM, "0.10.2") == 11


def test_deepseek_over_sixteen_gpus_by_hand() -> None:
    """Experts 653.909 G of 671.9 G numbers; embedding and head at 16 bits: shares of 642.14 GiB measured."""
    experts, others = 653_908_770_816, 12_264_931_328 + 3_743_416_320 + 2 * (2 * 926_679_040 + 106_430_464)
    one_rank = 642.14 * (others + experts / 16) / (others + experts)
    assert weights_per_gpu(CATALOG.models["deepseek-v3.2"], "fp8", VLLM, Spread(1, 16, whole=True)) == pytest.approx(one_rank)


@pytest.mark.parametrize(
    ("model", "format", "spread", "logged"),
    [
        (QWEN, "fp8", Spread(8, whole=True), 27.6656),  # later010
        (QWEN, "fp8", Spread(4), 55.19),  # later054
        (QWEN, "bf16", Spread(8, whole=True), 54.92),  # refused028
        (OSS, "mxfp4", Spread(4), 17.2217),  # later025: a width of 720 padded to 768
    ],
)
def test_real_servers_logged_these_weights(model: Any, format: str, spread: Spread, logged: float) -> None:
    assert weights_per_gpu(model, format, VLLM, spread) == pytest.approx(logged, rel=0.006)


def test_slices_that_cut_a_block_of_scales_are_tight_and_whole_experts_are_not() -> None:
    """1536 / 8 = 192 is no multiple of 128: vLLM issue 17569."""
    card = CATALOG.gpus["h100-sxm"]
    sliced, whole = (size(QWEN, "fp8", card, tensor_parallel=8, max_context_tokens=8192, expert_parallel=each) for each in (False, True))
    assert (sliced.verdict, whole.verdict) == ("tight", "fits")
    assert any("blocks of 128" in note for note in sliced.assumptions)
    assert size(QWEN, "fp8", card, tensor_parallel=4, max_context_tokens=8192).verdict == "fits"
    assert whole.terms["activation"] > sliced.terms["activation"]


def test_copies_of_experts_are_flags_and_weights() -> None:
    asked = {"tensor_parallel": 8, "data_parallel": 2, "max_context_tokens": 8192, "expert_parallel": True}
    plain, copied = (size(DEEPSEEK, "fp8", CATALOG.gpus["h200-sxm"], **asked, redundant_experts=each) for each in (0, 32))  # type: ignore[arg-type]
    assert copied.terms["weights"] > plain.terms["weights"]
    assert copied.flags["eplb_config"] == '{"num_redundant_experts":32}'
    assert copied.flags["enable_eplb"] is True
    assert "enable_eplb" not in plain.flags


@pytest.mark.parametrize(
    ("model", "spread", "said"),
    [
        ("llama-3.3-70b", Spread(2, whole=True), "needs experts, which llama-3.3-70b has not"),
        ("deepseek-v3", Spread(1, whole=True), "needs more than one GPU"),
        ("deepseek-v3", Spread(8, redundant=8), "copies of experts need expert parallelism"),
        ("deepseek-v3", Spread(8, whole=True, redundant=30), "256 experts and 30 copies do not come out even on 8 GPUs"),
        ("deepseek-v3", Spread(8, 3), "2048 wide, which 24 GPUs cannot cut evenly"),
    ],
)
def test_what_cannot_be_spread_is_refused(model: str, spread: Spread, said: str) -> None:
    with pytest.raises(BlueprintError, match=said):
        refuse_uneven(CATALOG.models[model], spread)


@given(
    st.sampled_from([name for name in CATALOG.models if CATALOG.models[name].experts]),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from([1, 2, 4]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_more_gpus_never_hold_more_each_and_all_hold_all(name: str, tensor: int, data: int, whole: bool) -> None:
    model = CATALOG.models[name]
    spread, wider = Spread(tensor, data, whole), Spread(tensor, 2 * data, whole)
    assert held(model, wider, VLLM, None) <= held(model, spread, VLLM, None)
    assert held(model, spread, VLLM, None) * spread.gpus >= model.experts
    assert held(model, Spread(tensor, data, True), VLLM, None) >= model.experts / spread.gpus
