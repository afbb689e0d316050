"""Sizing: what fits, what limits it, release by release, and what must hold whatever the figures."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.catalog import load_catalog
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.sizing import GIB, LABELS, MOST_REQUESTS, SOURCES, Sizing, size, size_deployment
from blueprint.sizing.budget import Server, default_flags
from blueprint.sizing.experts import Spread
from blueprint.sizing.request import refuse_nonsense
from blueprint.sizing.weights import weights_from_shapes, weights_per_gpu

CATALOG = load_catalog()
VLLM = CATALOG.engines["vllm"]
H100_NVL = CATALOG.gpus["h100-nvl"]
ENVIRONMENTS = Path(__file__).parents[2] / "environments"


def test_the_terms_add_up_to_the_budget() -> None:
    terms = size(CATALOG.models["phi-4-14b"], "bf16", H100_NVL, max_context_tokens=8192).terms
    assert sum(gib for term, gib in terms.items() if term != "budget") == pytest.approx(terms["budget"])
    assert {*terms, "adapters"} == set(LABELS) == set(SOURCES)


def test_phi_4_by_hand() -> None:
    """93.1 x 0.92 = 85.652; less 27.31, forward 8192 x 2 x (3 x 17920 + 4 x 5120) B = 1.1328 GiB, 0.13 and 0.2 and the graphs."""
    sizing = size(CATALOG.models["phi-4-14b"], "bf16", H100_NVL, max_context_tokens=8192, max_concurrent_requests=32)
    graphs = 11 * 0.016  # 1, 2, 4, 8, 16, 24 … 64
    room = 85.652 - 27.31 - 1.1328125 - 0.33 - graphs
    assert sizing.terms["kv_room"] == pytest.approx(room)
    assert sizing.max_concurrency == pytest.approx(room * GIB / 204_800 / 8192, rel=1e-3)


def test_flags_say_what_was_asked_and_what_fits() -> None:
    sizing = size(CATALOG.models["qwen3.5-27b"], "fp8", H100_NVL, max_context_tokens=32768, kv_cache="fp8")
    assert dict(sizing.flags) == {
        "tensor_parallel_size": 1,
        "max_model_len": 32768,
        "max_num_seqs": sizing.flags["max_num_seqs"],
        "max_num_batched_tokens": 8192,
        "gpu_memory_utilization": 0.92,
        "kv_cache_dtype": "fp8",
    }
    assert 1 <= int(sizing.flags["max_num_seqs"]) <= sizing.max_concurrency


def test_short_requests_are_not_batched_without_end() -> None:
    sizing = size(CATALOG.models["phi-4-14b"], "gptq-int4", H100_NVL, max_context_tokens=256)
    assert sizing.max_concurrency > MOST_REQUESTS == sizing.flags["max_num_seqs"]


def test_70b_in_fp8_does_not_start_on_one_80_gb_h100_with_full_context() -> None:
    """A university service was refused at 131,072 tokens: 20 GiB needed, 5 there."""
    sizing = size(CATALOG.models["llama-3.3-70b"], "fp8", CATALOG.gpus["h100-sxm"], max_context_tokens=131072, kv_cache="fp8")
    assert sizing.verdict == "does-not-fit"


def test_122b_in_4_bit_fits_94_gb_but_not_80() -> None:
    model = CATALOG.models["qwen3.5-122b-a10b"]
    fits = {name: size(model, "gptq-int4", CATALOG.gpus[name], max_context_tokens=32768).verdict for name in ("h100-nvl", "h100-sxm")}
    assert fits == {"h100-nvl": "fits", "h100-sxm": "does-not-fit"}


def test_what_would_not_fit_with_two_gib_less_is_tight() -> None:
    sizing = size(CATALOG.models["llama-3.3-70b"], "fp8", CATALOG.gpus["h100-sxm"], max_context_tokens=4096)
    assert sizing.verdict == "tight"


def test_a_promise_that_cannot_be_kept_does_not_fit_and_says_both_numbers() -> None:
    sizing = size(CATALOG.models["qwen3.5-122b-a10b"], "gptq-int4", H100_NVL, max_context_tokens=32768, max_concurrent_requests=12)
    assert sizing.verdict == "does-not-fit"
    assert "requests of 32768 tokens, 12 asked" in sizing.sentence


def test_weights_larger_than_the_gpu_leave_nothing() -> None:
    sizing = size(CATALOG.models["llama-3.3-70b"], "bf16", H100_NVL, max_context_tokens=1024)
    assert (sizing.verdict, sizing.kv_tokens, sizing.flags["max_num_seqs"]) == ("does-not-fit", 0, 1)
    assert "leave nothing for KV cache" in sizing.sentence


def test_start_up_time_is_loading_plus_what_the_engine_takes() -> None:
    sizing = size(CATALOG.models["phi-4-14b"], "bf16", H100_NVL, max_context_tokens=8192, weights_gib_per_second=0.5)
    assert sizing.startup_seconds == 655  # 27.31 / 0.5 = 54.62, and 600


def sized(version: str) -> Sizing:
    model, gpu = CATALOG.models["qwen3.5-27b"], CATALOG.gpus["a100-80"]
    return size(model, "fp8", gpu, max_context_tokens=32768, max_concurrent_requests=256, engine_version=version)


def test_each_release_takes_what_it_takes() -> None:
    """0.17 has a smaller sampler; 0.20 takes 0.92 of the card and CUDA graphs from it; 0.26 keeps two blocks per state."""
    old, triton, graphs, align = (sized(version) for version in ("0.16.0", "v0.19.1", "0.24.0", "0.26.1rc1.dev156"))
    assert old.terms["budget"] == triton.terms["budget"] == pytest.approx(79.15 * 0.9)
    assert old.terms["activation"] > triton.terms["activation"]
    assert graphs.terms["budget"] == pytest.approx(79.15 * 0.92)
    assert graphs.terms["cuda_graphs"] > triton.terms["cuda_graphs"] == 0
    assert align.max_concurrency < graphs.max_concurrency
    assert any("CUDA graphs" in said for said in triton.assumptions)


def test_tokens_are_counted_as_the_release_prints_them() -> None:
    """One server printed 159,296 tokens and 8.00x at 65,536: 304 blocks // 4 groups x 2096; since 0.20.2 it is 8 x 65,536.

    A 0.20.0 log of Gemma 4 26B still says 177,440 tokens beside 35.75x at 8,192.
    """
    for version in ("0.19.1", "0.20.0", "0.20.1"):
        old = sized(version)
        assert old.log_lines[1] == f"GPU KV cache size: {old.kv_tokens:,} tokens"
        assert old.kv_tokens < old.max_concurrency * 32768
    new = sized("0.20.2")
    assert new.kv_tokens == int(new.max_concurrency * 32768)


def test_an_encoders_warm_up_follows_from_its_largest_item() -> None:
    """65,536 patches x 2 B x 2 x (1152 + 4304 / TP), and 16,384 tokens x 5120 x 2 B left behind = 0.15625 GiB."""
    model = CATALOG.models["qwen3.5-27b"]
    for ways, widest in ((1, 1.33203125), (4, 0.54394531)):
        sizing = size(model, "bf16", CATALOG.gpus["h200-sxm"], tensor_parallel=ways, max_context_tokens=8192, max_concurrent_requests=8)
        forward = 8192 * 2 * (3 * 17408 / ways + 4 * 5120) / GIB
        assert sizing.terms["activation"] == pytest.approx(max(widest, forward) + 0.15625)
    unknown = size(model.model_copy(update={"encoder": None}), "bf16", CATALOG.gpus["h200-sxm"], max_context_tokens=8192)
    assert unknown.terms["activation"] == pytest.approx(8192 * 2 * (3 * 17408 + 4 * 5120) / GIB + VLLM.encoder_gib.value)


def test_an_engine_newer_than_the_figures_is_told() -> None:
    assert any("newer than" in said for said in sized("0.99").assumptions)
    assert not any("newer than" in said for said in sized(VLLM.version).assumptions)


def test_what_is_no_version_is_refused() -> None:
    with pytest.raises(BlueprintError, match="'latest' is no version"):
        sized("latest")


def test_default_flags_follow_card_and_release() -> None:
    assert default_flags(79.18, "h100-sxm", VLLM.release("0.22.1"), 8192) == (1024, 8192)
    assert default_flags(79.15, "a100-80", VLLM.release("0.22.1"), 8192) == (256, 2048)
    assert default_flags(79.15, "a100-80", VLLM.release("0.8.5"), 8192) == (1024, 8192)
    assert default_flags(23.58, "rtx-3090", VLLM.release("0.6.4"), 29000) == (256, 29000)
    assert default_flags(79.18, "h100-sxm", VLLM.release("0.6.4"), 131072, CATALOG.models["llama-3.3-70b"]) == (256, 2048)
    assert default_flags(79.18, "h100-sxm", VLLM.release("0.6.4"), 131072, CATALOG.models["qwen3.5-27b"]) == (256, 131072)
    assert default_flags(191.98, "mi300x", VLLM.release(), 8192) == (1024, 16384)


MEASURED = [
    (name, format)
    for name, model in CATALOG.models.items()
    for format, entry in model.formats.items()
    if model.parameters and format in VLLM.weight_formats and "computed" not in entry.source
]
# Files of a repository also hold draft layers, image encoders or calibration scales that the shapes do not.
LOOSE = {"qwen3.5-27b", "qwen3.5-122b-a10b", "deepseek-v3.2", "mistral-small-3.2-24b", "gemma-4-26b-a4b", "gpt-oss-120b", "phi-4-14b"}
LOOSE |= {"nemotron-3-nano-30b-a3b"}  # some of its recurrent layers are quantized too


@pytest.mark.parametrize(("name", "format"), MEASURED)
def test_weights_from_shapes_agree_with_measured_ones(name: str, format: str) -> None:
    model = CATALOG.models[name]
    measured = model.formats[format].weights_gib
    assert weights_from_shapes(model, format, VLLM) == pytest.approx(measured, rel=0.08 if name in LOOSE else 0.015)


def test_weights_of_llama_70b_in_every_format_by_hand() -> None:
    """68.451 G quantized and 2.101 G of 16-bit numbers: FP8 (68.451 + 2 x 2.101) / 1.0737 = 67.66 GiB."""
    model = CATALOG.models["llama-3.3-70b"]
    found = {format: round(weights_from_shapes(model, format, VLLM), 1) for format in ("bf16", "fp8", "int8", "awq-int4", "gptq-int4")}
    assert found == {"bf16": 131.4, "fp8": 67.7, "int8": 67.7, "awq-int4": 37.0, "gptq-int4": 37.0}


def test_a_pipelines_fullest_stage_has_half_the_layers_and_one_end() -> None:
    """Llama 8B in two stages: 6.980 G of layers / 2 + 0.525 G of embedding, 2 B each: 7.48 GiB of 14.96 counted evenly."""
    model = CATALOG.models["llama-3.1-8b"]
    assert weights_per_gpu(model, "bf16", VLLM, Spread(), 2) == pytest.approx(14.99 / 2, rel=0.001)
    tied = CATALOG.models["gemma-4-26b-a4b"]
    assert weights_per_gpu(tied, "bf16", VLLM, Spread(), 2) > 48.07 / 2


def test_data_parallel_ranks_share_the_experts() -> None:
    model = CATALOG.models["deepseek-v3.2"]
    assert weights_per_gpu(model, "fp8", VLLM, Spread(8, 2)) < 0.6 * weights_per_gpu(model, "fp8", VLLM, Spread(8))
    dense = CATALOG.models["llama-3.3-70b"]
    assert weights_per_gpu(dense, "bf16", VLLM, Spread(2, 4)) == pytest.approx(weights_per_gpu(dense, "bf16", VLLM, Spread(2)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tensor": 0}, "tensor_parallel is 0"),
        ({"context": -1}, "max_context_tokens is -1"),
        ({"context": 10**9}, "max_context_tokens is 1000000000"),
        ({"context": 131073}, "reads at most 131072"),
        ({"pipeline": 100}, "has 80 layers"),
        ({"tensor": 3}, "8 KV heads"),
        ({"requests": 0}, "max_concurrent_requests is 0"),
        ({"adapters": -1}, "adapters is -1"),
        ({"redundant_experts": -8}, "redundant_experts is -8"),
    ],
)
def test_nonsense_is_refused_in_one_message(changes: dict[str, int], said: str) -> None:
    asked = {"tensor": 1, "pipeline": 1, "data": 1, "context": 8192, "requests": None, **changes}
    with pytest.raises(BlueprintError, match=said):
        refuse_nonsense(CATALOG.models["llama-3.3-70b"], **asked)  # type: ignore[arg-type]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(BlueprintError) as caught:
        refuse_nonsense(CATALOG.models["llama-3.3-70b"], -2, 1, 1, -1, None)
    assert len(str(caught.value).splitlines()) == 2


def test_an_unknown_format_is_told_the_nearest() -> None:
    with pytest.raises(BlueprintError, match="'fp9' is no weight format") as caught:
        size(CATALOG.models["llama-3.3-70b"], "fp9", H100_NVL, max_context_tokens=8192)
    assert "fp8" in caught.value.next_step


def test_what_limits_is_named() -> None:
    llama, h100 = CATALOG.models["llama-3.3-70b"], CATALOG.gpus["h100-sxm"]
    assert size(llama, "bf16", h100, max_context_tokens=8192).limit == "weights"
    assert size(llama, "fp8", h100, max_context_tokens=8192, engine_version="0.11.0", max_concurrent_requests=1024).limit == "overhead"
    assert size(llama, "fp8", H100_NVL, max_context_tokens=8192).limit == "kv_cache"
    assert size(CATALOG.models["phi-4-14b"], "gptq-int4", H100_NVL, max_context_tokens=256).limit == "max_num_seqs"


def test_the_margin_is_what_the_requests_asked_for_leave() -> None:
    sizing = size(CATALOG.models["phi-4-14b"], "bf16", H100_NVL, max_context_tokens=8192, max_concurrent_requests=32)
    asked = (32 * 512 + 1) * 16 * 204_800 / GIB  # and one block that is never handed out
    assert sizing.margin_gib == pytest.approx(sizing.terms["kv_room"] - asked)


def test_a_server_that_cannot_start_is_predicted_to_say_so() -> None:
    sizing = size(CATALOG.models["llama-3.3-70b"], "fp8", CATALOG.gpus["h100-sxm"], max_context_tokens=131072)
    assert sizing.log_lines == ("with the model's max seq len (131072), (40.00 GiB KV cache is needed",)
    assert sizing.margin_gib < 0


@given(
    name=st.sampled_from([name for name, model in CATALOG.models.items() if model.formats]),
    gpu=st.sampled_from(list(CATALOG.gpus)),
    context=st.integers(256, 8192),
    more=st.integers(0, 8192),
    requests=st.integers(1, 512),
    further=st.integers(0, 512),
    kv_cache=st.sampled_from(["auto", "fp8"]),
    version=st.sampled_from([release.since for release in VLLM.releases]),
)
@settings(max_examples=60, deadline=None)
def test_more_context_or_concurrency_never_needs_less_memory(
    name: str, gpu: str, context: int, more: int, requests: int, further: int, kv_cache: str, version: str
) -> None:
    model, card = CATALOG.models[name], CATALOG.gpus[gpu]

    def margin(tokens: int, count: int) -> float:
        return size(
            model,
            next(iter(model.formats)),
            card,
            max_context_tokens=tokens,
            kv_cache=kv_cache,
            max_concurrent_requests=count,
            engine_version=version,
        ).margin_gib

    least = margin(context, requests)
    assert margin(context + more, requests) <= least
    assert margin(context, requests + further) <= least


@given(
    name=st.sampled_from([name for name, model in CATALOG.models.items() if model.formats]),
    gpu=st.sampled_from(list(CATALOG.gpus)),
    ways=st.sampled_from([1, 2, 4, 8]),
    context=st.integers(256, 16384),
    kv_cache=st.sampled_from(["auto", "fp8"]),
)
@settings(max_examples=60, deadline=None)
def test_flags_and_tokens_are_sane_whatever_is_asked(name: str, gpu: str, ways: int, context: int, kv_cache: str) -> None:
    model = CATALOG.models[name]
    if any(layer.kind == "attention" and layer.kv_heads % ways and ways % layer.kv_heads for layer in model.layers):
        return
    sizing = size(model, next(iter(model.formats)), CATALOG.gpus[gpu], tensor_parallel=ways, max_context_tokens=context, kv_cache=kv_cache)
    assert (sizing.kv_tokens == 0) >= (sizing.terms["kv_room"] <= 0)
    assert 1 <= int(sizing.flags["max_num_seqs"]) <= MOST_REQUESTS
    assert (sizing.verdict == "does-not-fit") == (sizing.margin_gib < 0)


def test_the_deployments_we_ship_fit() -> None:
    for name in ("eu-prod", "dev"):
        environment = load(ENVIRONMENTS / f"{name}.yaml")
        assert {size_deployment(environment, model).verdict for model in environment.models} == {"fits"}


def test_what_comes_after_the_pool_needs_room_that_utilization_leaves() -> None:
    """Graphs of 4.1 GiB at most, where a release captures them after the pool: a tenth of 44.53 GiB less 0.6 does not hold them.

    Qwen3-32B on two L20 ran out of memory capturing graphs (vllm-project/vllm issue 17462); without graphs, or on a larger card, it fits.
    """
    release = VLLM.release("0.8.4")
    server = Server(CATALOG.models["qwen3-32b"], VLLM, release, 30.59, 44.53, 8192, 2048, 0.9, tensor_parallel=2)
    assert server.outside() == pytest.approx(3.853)
    assert server.after_pool(256) == pytest.approx(4.1)
    assert not server.can_promise(256)
    assert replace(server, enforce_eager=True).can_promise(256)
    assert replace(server, memory_gib=79.18).can_promise(256)
    assert not replace(server, gpu_memory_utilization=0.45).can_promise(256)  # the rest is a neighbour's


def test_a_sampler_that_is_not_profiled_comes_after_the_pool() -> None:
    """1,024 requests x 248,320 tokens x 4 B x 6.2 copies = 5.87 GiB beside 5.73 GiB: out of memory (pull request 48601)."""
    server = Server(CATALOG.models["qwen3.5-27b"], VLLM, VLLM.release("0.26"), 7.39, 79.11, 262144, 8192, 0.92, tensor_parallel=4)
    assert server.after_pool(1024) == pytest.approx(5.873, abs=0.001)
    assert not server.can_promise(1024)
    assert server.can_promise(256)
    assert replace(server, release=VLLM.release("0.25.1")).can_promise(1024)


def test_a_model_whose_encoder_nobody_knows_is_tight_at_best() -> None:
    """Qwen2.5-VL on a fraction of an A100 was refused: its encoder took more than the figure for all (issue 18124)."""
    model = CATALOG.models["qwen3.5-27b"]
    unknown = model.model_copy(update={"encoder": None})
    known, unmeasured = (size(each, "bf16", CATALOG.gpus["h200-sxm"], max_context_tokens=8192) for each in (model, unknown))
    assert (known.verdict, unmeasured.verdict) == ("fits", "tight")
    assert any("nobody has measured it" in said for said in unmeasured.assumptions)
