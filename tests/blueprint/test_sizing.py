"""Sizing against real vLLM start-up logs, vLLM's own grouping code, and what must hold whatever the figures."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint import kv_cache as kv
from blueprint.catalog import Attention, Model, ModelFormat, load_catalog
from blueprint.environment.loading import load
from blueprint.sizing import GIB, LABELS, MOST_REQUESTS, SOURCES, size, size_deployment

CATALOG = load_catalog()
H100_NVL = CATALOG.gpus["h100-nvl"]
ENVIRONMENTS = Path(__file__).parents[2] / "environments"
LOGS = list(csv.DictReader((Path(__file__).parent / "data" / "vllm_kv_logs.csv").read_text().splitlines()))


def logged_model(row: dict[str, str]) -> Model:
    layers = Attention(kind="attention", count=int(row["layers"]), kv_heads=int(row["kv_heads"]), head_dim=int(row["head_dim"]))
    weights = float(row["weights_gib_per_gpu"]) * int(row["tensor_parallel"])
    return Model(
        name=row["model"],
        label=row["model"],
        layers=(layers,),
        vocabulary=int(row["vocabulary"]),
        hidden=int(row["hidden"] or 1),
        feed_forward=int(row["feed_forward"] or 1),
        formats={"logged": ModelFormat(weights_gib=weights, source="start-up log", as_of="2026")},
        source="start-up log",
        as_of="2026",
    )


@pytest.mark.parametrize("row", [row for row in LOGS if row["kv_gib_per_gpu"]], ids=lambda row: row["id"])
def test_given_the_free_memory_the_tokens_are_those_of_the_log(row: dict[str, str]) -> None:
    layout = kv.layout(logged_model(row), int(row["tensor_parallel"]), 1 if row["kv_cache"] == "fp8" else 2)
    tokens = layout.blocks(float(row["kv_gib_per_gpu"]) * GIB) * kv.BLOCK_TOKENS
    assert tokens == pytest.approx(int(row["kv_tokens"]), rel=0.003)


@pytest.mark.parametrize("row", [row for row in LOGS if row["hidden"]], ids=lambda row: row["id"])
def test_from_nothing_but_the_card_the_kv_cache_is_within_ten_percent_of_the_log(row: dict[str, str]) -> None:
    model = logged_model(row)
    card = {"memory_gib": float(row["memory_gib"]), "batched_tokens": int(row["max_num_batched_tokens"])}
    gpu = H100_NVL.model_copy(update=card)
    used = CATALOG.engines["vllm"].gpu_memory_utilization.model_copy(update={"value": float(row["gpu_memory_utilization"])})
    sizing = size(
        model,
        "logged",
        gpu,
        tensor_parallel=int(row["tensor_parallel"]),
        max_context_tokens=int(row["max_context_tokens"] or 8192),
        max_concurrent_requests=int(row["max_num_seqs"]),
        engine=CATALOG.engines["vllm"].model_copy(update={"gpu_memory_utilization": used}),
    )
    assert sizing.kv_tokens == pytest.approx(int(row["kv_tokens"]), rel=0.1)


# vLLM 0.32.0's own v1/core/kv_cache_utils.py, run on CPU with these layers. The two of Qwen 3.6 27B and Gemma 4 at 83.89 GiB
# are also what servers printed. Columns: model, GPUs, KV bytes, GiB, context, batched tokens -> blocks, tokens.
ORACLE = [
    ("llama-3.3-70b", 2, 2, 32.0, 32000, 8192, 13107, 209712),
    ("llama-3.3-70b", 4, 1, 50.0, 32000, 8192, 81920, 1310720),
    ("phi-4-14b", 1, 2, 20.0, 16384, 8192, 6553, 104848),
    ("gpt-oss-120b", 1, 2, 3.33, 16384, 8192, 6062, 64284),
    ("gpt-oss-120b", 4, 2, 45.32, 16384, 2048, 330010, 4657092),
    ("qwen3.5-27b", 1, 2, 41.03, 4096, 4096, 857, 292522),
    ("gemma-4-26b-a4b", 1, 2, 83.89, 262144, 2496, 137445, 3875484),
    ("gemma-4-26b-a4b", 1, 2, 20.0, 32768, 8192, 32768, 274684),
    ("deepseek-v3.2", 8, 2, 32.0, 65536, 8192, 6854, 438656),
]


@pytest.mark.parametrize("case", ORACLE, ids=lambda case: f"{case[0]}-{case[1]}gpu-{case[4]}")
def test_blocks_and_tokens_are_those_of_vllm(case: tuple[str, int, int, float, int, int, int, int]) -> None:
    name, ways, element_bytes, gib, context, batched, blocks, tokens = case
    layout = kv.layout(CATALOG.models[name], ways, element_bytes)
    assert layout.blocks(gib * GIB) == blocks
    assert int(blocks / layout.blocks_per_request(context, batched) * context) == tokens


@pytest.mark.parametrize("ways", [1, 2, 4])
def test_an_attention_block_of_qwen_grows_to_784_tokens_to_hold_a_state(ways: int) -> None:
    layout = kv.layout(CATALOG.models["qwen3.5-27b"], ways, 2)
    assert layout.page_bytes // kv.token_bytes(layout.layers[0], ways, 2) == 784  # type: ignore[arg-type]


def test_kv_heads_fewer_than_gpus_are_replicated() -> None:
    layer = Attention(kind="attention", count=1, kv_heads=2, head_dim=128)
    assert kv.token_bytes(layer, 8, 2) == kv.token_bytes(layer, 2, 2) == 512


def test_the_terms_add_up_to_the_budget() -> None:
    terms = size(CATALOG.models["phi-4-14b"], "bf16", H100_NVL, max_context_tokens=8192).terms
    assert sum(gib for term, gib in terms.items() if term != "budget") == pytest.approx(terms["budget"])
    assert set(terms) == set(LABELS) == set(SOURCES)


def test_phi_4_by_hand() -> None:
    """93.1 x 0.92 = 85.652; less 27.31, forward 8192 x 2 x (3 x 17920 + 8 x 5120) B = 1.4453 GiB, 0.13 and the graphs."""
    sizing = size(CATALOG.models["phi-4-14b"], "bf16", H100_NVL, max_context_tokens=8192, max_concurrent_requests=32)
    graphs = 11 * 0.016  # 1, 2, 4, 8, 16, 24 … 64
    room = 85.652 - 27.31 - 1.4453125 - 0.13 - graphs
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


@given(
    name=st.sampled_from([name for name, model in CATALOG.models.items() if model.formats]),
    gpu=st.sampled_from(list(CATALOG.gpus)),
    ways=st.sampled_from([1, 2, 4, 8]),
    context=st.integers(256, 131072),
    kv_cache=st.sampled_from(["auto", "fp8"]),
)
@settings(max_examples=100, deadline=None)
def test_more_context_never_holds_more_requests_and_fp8_never_fewer(name: str, gpu: str, ways: int, context: int, kv_cache: str) -> None:
    model = CATALOG.models[name]
    layouts = {kind: kv.layout(model, ways, size_of) for kind, size_of in (("auto", 2), ("fp8", 1))}
    tokens = CATALOG.gpus[gpu].batched_tokens
    assert layouts[kv_cache].blocks_per_request(context, tokens) <= layouts[kv_cache].blocks_per_request(context + 4096, tokens)
    sizing = size(model, next(iter(model.formats)), CATALOG.gpus[gpu], tensor_parallel=ways, max_context_tokens=context, kv_cache=kv_cache)
    assert (sizing.kv_tokens == 0) >= (sizing.terms["kv_room"] <= 0)
    assert 1 <= int(sizing.flags["max_num_seqs"]) <= MOST_REQUESTS


def test_the_deployments_we_ship_fit() -> None:
    for name in ("eu-prod", "dev"):
        environment = load(ENVIRONMENTS / f"{name}.yaml")
        assert {size_deployment(environment, model).verdict for model in environment.models} == {"fits"}
