"""Start-up logs of three generations of vLLM beside the prediction."""

from pathlib import Path

import pytest

from blueprint.catalog import load_catalog
from blueprint.errors import BlueprintError
from blueprint.sizing import startup_log

LOGS = Path(__file__).parent / "data" / "startup_logs"
CATALOG = load_catalog()
VLLM = CATALOG.engines["vllm"]


def compared(name: str, model: str, gpu: str | None) -> dict[str, startup_log.Line]:
    log = startup_log.read((LOGS / name).read_text())
    lines = startup_log.compare(log, CATALOG.models[model], None, CATALOG.gpus[gpu] if gpu else None, VLLM)
    return {line.label: line for line in lines}


def test_a_log_of_0_17_is_read() -> None:
    log = startup_log.read((LOGS / "v0.17.1.txt").read_text())
    assert (log.version, log.model, log.max_context_tokens) == ("0.17.1", "meta-llama/Llama-3.1-8B-Instruct", 32768)
    assert (log.weights, log.kv_room, log.kv_tokens, log.max_concurrency) == (14.99, 55.79, 457024, 13.95)
    assert (log.enforce_eager, log.tensor_parallel, log.gpu_memory_utilization) == (False, 1, 0.9)


def test_the_prediction_agrees_and_the_tokens_of_the_logged_memory_are_exact() -> None:
    lines = compared("v0.17.1.txt", "llama-3.1-8b", "a100-80")
    assert lines["KV cache"].predicted == pytest.approx(55.79, rel=0.01)
    assert lines["tokens from the logged memory"].predicted == lines["tokens"].logged == 457024


def test_the_memory_in_the_log_goes_before_the_cards() -> None:
    lines = compared("v0.26.1.txt", "qwen3-30b-a3b", "a100-80")
    assert lines["budget"].predicted == pytest.approx(79.25 * 0.9)
    assert lines["KV cache"].predicted == pytest.approx(13.84, rel=0.02)


def test_a_log_of_the_first_engine_tells_its_terms() -> None:
    lines = compared("v0.txt", "phi-4-14b", None)
    assert (lines["weights"].logged, lines["activation peak"].logged, lines["CUDA and NCCL"].logged) == (8.63, 1.16, 0.09)
    assert lines["KV cache"].predicted == pytest.approx(45.21, rel=0.02)


def test_without_the_cards_memory_a_card_has_to_be_named() -> None:
    with pytest.raises(BlueprintError, match="how much memory the GPU has"):
        compared("v0.17.1.txt", "llama-3.1-8b", None)


@pytest.mark.parametrize("text", ["", "hello", "INFO vLLM API server version 0.17.1"])
def test_a_text_without_profiling_is_no_start_up_log(text: str) -> None:
    with pytest.raises(BlueprintError, match="no line of vLLM's memory profiling"):
        startup_log.read(text)


def test_the_second_start_in_a_log_counts() -> None:
    first = (LOGS / "v0.17.1.txt").read_text()
    assert startup_log.read(first + first.replace("55.79", "50.00")).kv_room == 50.0


def test_a_log_of_a_model_with_states_says_their_type_and_its_tokens_are_exact() -> None:
    log = startup_log.read((LOGS / "v0.13.0.txt").read_text())
    assert (log.state_type, log.prefix_caching, log.block_tokens) == ("float16", False, 992)
    lines = compared("v0.13.0.txt", "nemotron-3-nano-4b", "h100-sxm")
    assert lines["tokens from the logged memory"].predicted == lines["tokens"].logged == 208_320


@pytest.mark.parametrize(
    ("said", "version", "requests"),
    [
        ("enable_prefix_caching=False", "0.30.0", 20316 / 337),
        ("enable_prefix_caching=True", "0.30.0", 20316 / 346),
        ("enable_prefix_caching=False", "0.22.0", 20316 / 337),
        ("enable_prefix_caching=True\nMamba cache mode is set to 'align' for a model", "0.22.0", 20316 / 346),
        ("enable_prefix_caching=True", "0.22.0", 15872 / 2560),
    ],
)
def test_states_take_the_blocks_the_log_says_they_take(said: str, version: str, requests: float) -> None:
    """Granite 4.0 H 1B in 62 GiB, requests of 131,072 tokens: 328 blocks of 400 tokens and nine states or twice as many; where a state is
    kept for every block, ten times 256 blocks of 512."""
    text = f"LLM engine (v{version}) with config: max_seq_len=131072\n{said}\nAvailable KV cache memory: 62 GiB\n"
    lines = startup_log.compare(startup_log.read(text), CATALOG.models["granite-4.0-h-1b"], "bf16", CATALOG.gpus["h100-sxm"], VLLM)
    tokens = next(line.predicted for line in lines if line.label == "tokens from the logged memory")
    assert tokens == int(requests * 131072)
