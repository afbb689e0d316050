"""`blueprint size`, `calibrate` and `catalog add` as a person meets them."""

import json
from pathlib import Path

import pytest

from blueprint.catalog import writing
from tests.blueprint.command import Run

DATA = Path(__file__).parent / "data"


def test_a_model_is_sized_without_an_environment(run: Run) -> None:
    code, out, _ = run("size", "--model", "phi-4-14b", "--gpu", "l40s", "--context", "8192")
    assert code == 0
    assert out.splitlines()[0] == "phi-4-14b: phi-4-14b in bf16 on 1 x l40s: fits"
    assert "vLLM 0.33.0 will say: Available KV cache memory:" in out


def test_what_does_not_fit_is_a_finding_and_says_what_limits(run: Run) -> None:
    code, out, _ = run("size", "--model", "llama-3.3-70b", "--weights", "bf16")
    assert code == 1
    assert "does not fit" in out
    assert "limited by weights" in out


def test_a_format_nobody_measured_is_sized_from_shapes_and_says_so(run: Run) -> None:
    code, out, _ = run("size", "--model", "qwen3-8b", "--weights", "int8", "--format", "json")
    assert code == 0
    assert any("computed from shapes" in said for said in json.loads(out)["qwen3-8b"]["assumptions"])


@pytest.mark.parametrize(
    ("arguments", "said", "next_step"),
    [
        (["--model", "phi4"], "'phi4' is no model", "phi-4-14b"),
        (["--model", "phi-4-14b", "--gpu", "h100"], "'h100' is no GPU", "h100-sxm"),
        (["--model", "phi-4-14b", "--weights", "fp7"], "'fp7' is no weight format", "fp8"),
        (["--model", "phi-4-14b", "--context", "-5"], "max_context_tokens is -5", "correct"),
        (["--model", "phi-4-14b", "--tensor-parallel", "7"], "10 KV heads", "correct"),
        (["--model", "phi-4-14b", "--requests", "99999999999"], "1 to 1,000,000", "correct"),
        (["--model", "phi-4-14b", "--data-parallel", "100000"], "1 to 1,024", "correct"),
        (["--model", "phi-4-14b", "--kv-cache", "int2"], "'int2'", "fp8"),
        (["--model", "phi-4-14b", "--engine", "new"], "'new' is no version", "0.25"),
        ([], "an environment, or --model", "blueprint size eu-prod"),
        (["eu-prod", "--model", "phi-4-14b"], "an environment, or --model", "blueprint size eu-prod"),
    ],
)
def test_nonsense_gets_one_clear_message(run: Run, arguments: list[str], said: str, next_step: str) -> None:
    code, out, err = run("size", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert next_step in err.splitlines()[-1]


def test_a_log_is_put_beside_the_prediction(run: Run) -> None:
    code, out, _ = run("calibrate", str(DATA / "startup_logs" / "v0.17.1.txt"), "--gpu", "a100-80")
    assert code == 0
    assert out.startswith("llama-3.1-8b on vLLM 0.17.1\n")
    assert out.splitlines()[-1].split() == ["tokens", "from", "the", "logged", "memory", "457,024", "457,024", "0", "tokens"]


def test_a_log_of_an_unknown_model_asks_for_its_name(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "vllm.log"
    log.write_text("model='acme/secret'\nAvailable KV cache memory: 3.00 GiB\n")
    code, _, err = run("calibrate", str(log))
    assert code == 2
    assert "no model of the catalogue is acme/secret" in err
    assert run("calibrate", str(tmp_path / "none.log"))[0] == 2


def test_a_model_is_added_from_its_config(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(writing, "FOLDER", tmp_path)
    code, out, _ = run("catalog", "add", str(DATA / "configs" / "llama-3.1-8b.json"), "--name", "llama-new")
    assert code == 0
    assert "15.0 GiB of weights by its shapes" in out
    assert (tmp_path / "models" / "llama-new.yaml").read_text().startswith("label: llama-new\nlayers:\n")
