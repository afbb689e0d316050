"""The band: never one figure, in the direction physics says, and never over what a card can do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.catalog import load_catalog
from blueprint.errors import BlueprintError
from blueprint.throughput import Claim, Load, Roofline, band, implausible
from blueprint.throughput.figures import load_figures

CATALOG = load_catalog()
LLAMA = Roofline(CATALOG.models["llama-3.3-70b"], "fp8", CATALOG.gpus["h100-sxm"])
EXPERTS = Roofline(CATALOG.models["gpt-oss-120b"], "mxfp4", CATALOG.gpus["h100-sxm"])
CHAT = Load(1000, 300, 16)


def test_a_band_is_three_wide_and_never_one_figure() -> None:
    found = band(LLAMA, CHAT, 16)
    assert found.high / found.low == pytest.approx(load_figures().band)
    assert 1 < load_figures().band <= 3


def test_no_band_reaches_over_what_bandwidth_allows() -> None:
    assert band(LLAMA, Load(0, 300, 1), 1).high == LLAMA.most_output(1, 0)


def test_a_single_user_of_70_gigabytes_gets_at_most_bandwidth_over_weights() -> None:
    weights = 68.45e9 + 1.05e9 * 2  # matrices in one byte, the head in two; the embedding is looked up, not read
    assert LLAMA.most_output(1, 0) == pytest.approx(3.35e12 / weights, rel=0.01)


def test_of_experts_a_step_reads_those_its_tokens_are_sent_to() -> None:
    one, all_of_them = EXPERTS.weight_bytes(1), EXPERTS.weight_bytes(10_000)
    assert one < 0.1 * all_of_them
    assert EXPERTS.weight_bytes(2) < 2 * one
    assert EXPERTS.active_parameters() == pytest.approx(5.1e9, rel=0.05)  # "A5B"


def test_a_window_bounds_what_a_step_reads_of_the_cache() -> None:
    heads, size, full_layers = 8, 64, 18  # the other 18 layers see 128 tokens
    assert EXPERTS.kv_bytes(2000) - EXPERTS.kv_bytes(1000) == full_layers * 1000 * 2 * heads * size * 2


@given(st.floats(1, 4000), st.floats(1, 2000), st.floats(1, 256), st.floats(1.01, 4))
def test_more_requests_at_once_write_more_and_longer_prompts_write_less(given: float, written: float, batch: float, times: float) -> None:
    load = Load(given, written, batch)
    assert band(LLAMA, load, batch * times).middle > band(LLAMA, load, batch).middle
    assert band(LLAMA, replace(load, input_tokens=given * times), batch).middle < band(LLAMA, load, batch).middle


@given(st.floats(0, 30_000), st.floats(1, 4000), st.floats(1, 512), st.sampled_from(["llama-3.3-70b", "gpt-oss-120b", "qwen3.5-27b"]))
def test_the_gate_never_flags_the_middle_of_our_own_band(given: float, written: float, batch: float, name: str) -> None:
    roofline = Roofline(CATALOG.models[name], "fp8" if name != "gpt-oss-120b" else "mxfp4", CATALOG.gpus["h100-sxm"])
    output = band(roofline, Load(given, written, batch), batch).middle
    claim = Claim(output, output * (given + written) / written, batch, 1e3 * batch / output, given)
    assert implausible(claim, roofline) == []


@pytest.mark.parametrize(("format", "tflops"), [("bf16", 312), ("fp8", 312), ("int8", 624), ("awq-int4", 312)])
def test_an_a100_multiplies_in_8_bits_only_integers(format: str, tflops: float) -> None:
    a100 = CATALOG.gpus["a100-80"]
    assert Roofline(LLAMA.model, format, a100, ways=2).peak_flops() == 2 * tflops * 1e12


def test_a_card_nobody_measured_is_refused_with_what_to_add() -> None:
    unknown = replace(LLAMA, gpu=LLAMA.gpu.model_copy(update={"speed": None}))
    with pytest.raises(BlueprintError, match="how fast h100-sxm is"):
        band(unknown, CHAT, 16)


@pytest.mark.parametrize(
    ("claim", "limit"),
    [
        (Claim(output_tokens_per_second=50, concurrency=1), "bandwidth"),
        (Claim(output_tokens_per_second=710, concurrency=10), "bandwidth"),
        (Claim(milliseconds_per_token=0.3), "reading the weights"),
        (Claim(total_tokens_per_second=20_000), "arithmetic"),
        (Claim(output_tokens_per_second=2400, concurrency=100, requests_held=8), "KV cache"),
    ],
)
def test_what_no_card_can_do_is_flagged_with_the_ceiling(claim: Claim, limit: str) -> None:
    assert [finding.limit for finding in implausible(claim, LLAMA)] == [limit]


def test_a_step_reads_and_writes_a_state_whatever_the_length_of_the_request() -> None:
    """Nemotron 3 Nano 30B: 23 states of 2,134,016 B, and 6 layers with 1,024 B a token."""
    roofline = Roofline(CATALOG.models["nemotron-3-nano-30b-a3b"], "bf16", CATALOG.gpus["h100-sxm"])
    assert roofline.kv_bytes(0) == 2 * 23 * 2_134_016
    assert roofline.kv_bytes(100_000) - roofline.kv_bytes(0) == 6 * 1024 * 100_000
    assert roofline.active_parameters() == pytest.approx(3.2e9, rel=0.05)  # "A3B"


def test_a_long_request_costs_a_model_with_states_less_than_one_of_attention_alone() -> None:
    hybrid = Roofline(CATALOG.models["nemotron-nano-9b-v2"], "bf16", CATALOG.gpus["h100-sxm"])
    plain = Roofline(CATALOG.models["llama-3.1-8b"], "bf16", CATALOG.gpus["h100-sxm"])
    short, long = Load(500, 500, 32), Load(60_000, 500, 32)
    slower = [band(roofline, long, 32).middle / band(roofline, short, 32).middle for roofline in (hybrid, plain)]
    assert slower[0] > slower[1]


def test_what_memory_cannot_hold_is_doubtful_as_flags_decide_it() -> None:
    (found,) = implausible(Claim(output_tokens_per_second=2400, concurrency=100, requests_held=8), LLAMA)
    assert not found.impossible
    assert str(found).startswith("doubtful: 2,400 tok/s, KV cache allows 3")


def test_a_claim_below_every_ceiling_passes() -> None:
    assert implausible(Claim(45, 150, 1, 22, 1000, 3), LLAMA) == []
