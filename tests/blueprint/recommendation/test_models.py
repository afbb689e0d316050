"""Open models by task, engines and cards: published figures, and what ours says of them."""

import pytest

from blueprint.catalog import load_catalog
from blueprint.recommendation import compare
from blueprint.recommendation.contradictions import contradictions
from blueprint.recommendation.data import workloads
from blueprint.recommendation.engines import engine_rows, load_engines
from blueprint.recommendation.hardware import card_rows, judged_claims
from blueprint.recommendation.hardware import why_default as why_hardware
from blueprint.recommendation.models import advised_models, best_fit
from tests.blueprint.recommendation.cases import demand, environment


def test_every_model_of_the_table_is_in_the_catalogue_with_a_licence() -> None:
    known = workloads()
    for task in known.tasks.values():
        assert set(task.models) <= set(load_catalog().models)
        assert set(task.models) <= set(known.licences)


def test_a_task_gets_the_articles_model_and_our_own_word_on_where_it_fits() -> None:
    use = demand({"retrieval": {"task": "retrieval"}}).workload["retrieval"]
    (advice,) = advised_models(environment(), "retrieval", use)
    assert (advice.model, advice.licence) == ("qwen3.5-122b-a10b", "Apache-2.0")
    assert advice.fit is not None
    assert (advice.fit.gpu, advice.fit.gpus) == ("h100-nvl", 1)
    (in_paris,) = advised_models(environment("fr-prod"), "records", use)
    assert in_paris.fit is not None
    assert in_paris.fit.gpus == 2
    assert in_paris.note == "the article says 1x H100 80GB"


def test_a_task_nobody_named_gets_no_model() -> None:
    assert advised_models(environment(), "retrieval", demand({"retrieval": {}}).workload["retrieval"]) == ()


@pytest.mark.parametrize(
    ("model", "gpu", "format", "gpus"),
    [("gemma-4-26b-a4b", "l40s", "awq-int4", 1), ("qwen3.5-122b-a10b", "h100-sxm", "gptq-int4", 2), ("phi-4-14b", "l40s", "bf16", 1)],
)
def test_the_fewest_cards_win_then_precision(model: str, gpu: str, format: str, gpus: int) -> None:
    found, fit = best_fit(load_catalog().models[model], load_catalog().gpus[gpu], 8192)
    assert fit is not None
    assert (found, fit.gpus) == (format, gpus)


def test_what_fits_nowhere_says_so() -> None:
    _, fit = best_fit(load_catalog().models["llama-3.1-405b"], load_catalog().gpus["l4"], 8192)
    assert fit is None


def test_published_throughput_goes_through_the_gate() -> None:
    marks = {row.name: row for row in engine_rows()}
    assert all(marks[name].claimed_mark.startswith("doubtful") for name in ("vllm", "sglang", "tensorrt-llm"))
    assert "380.8" in marks["vllm"].claimed_mark  # as docs/concepts/capacity.md has it
    assert marks["vllm"].measured_mark == "plausible"
    assert marks["tgi"].claimed_mark == ""


def test_the_default_engine_is_not_the_fastest_and_why_is_told_in_numbers() -> None:
    known = load_engines()
    assert known.default == "vllm"
    text = "\n".join(compare.engines())
    assert "16% faster" in text
    assert "28 minutes instead of 62 s" in text


def test_cards_say_what_they_hold_and_which_claims_fail() -> None:
    rows = {row.gpu.name: row for row in card_rows() if row.gpu}
    assert rows["l40s"].holds[1:] == (0.0, 0.0)
    assert rows["h100-nvl"].holds[2] > 0 == rows["h100-sxm"].holds[2]
    marks = {claim.says: mark for claim, mark in judged_claims()}
    assert marks["a 70B model in 8 bits fits one H100 comfortably"].startswith("does not fit")
    assert marks["80 tokens/s for one user of a 70B model in INT8"].startswith("impossible")
    assert marks["Gemma 4 26B on one L40S, in four bits"].startswith("fits")
    assert next(why_hardware()).endswith("NVIDIA H100 0.15, NVIDIA A100 0.17, NVIDIA L40S 0.30")


def test_tables_are_for_programs_too() -> None:
    assert compare.as_dict("engines")["default"] == "vllm"
    assert {card["kind"] for card in compare.as_dict("hardware")["cards"]} >= {"h100", "h200", "a100", "l40s", "mi300x", "apple-m"}
    assert "agents" in compare.as_dict("models")["tasks"]


def test_contradictions_have_both_numbers_and_belong_to_what_is_told() -> None:
    found = {one.claim: one.text for one in contradictions({"break-even", "bill", "machines", "capacity", "memory", "people"})}
    assert "50 M" in found["breakeven_50M"]
    assert "1,578 to 2,367 M" in found["breakeven_50M"]
    assert "67.7 GiB" in found["llama70_fp8_35gb"]
    assert {one.topic for one in contradictions({"bill"})} == {"bill"}
    assert contradictions(()) == ()
