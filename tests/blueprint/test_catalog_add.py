"""A model's entry from its config.json: the same as those written by hand, and clear words for what is no model."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from blueprint.catalog import FOLDER, load_catalog, writing
from blueprint.catalog.config_json import model_entry, shipped_format
from blueprint.catalog.folders import Folder
from blueprint.catalog.lookup import find, named
from blueprint.catalog.models import Model
from blueprint.errors import BlueprintError

CONFIGS = sorted((Path(__file__).parent / "data" / "configs").glob("*.json"))
MODELS = load_catalog().models
SMALL = '"hidden_size": 64, "num_attention_heads": 4, "vocab_size": 99'


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_catalogues_entry_follows_from_the_config(path: Path) -> None:
    entry = Model.model_validate(
        {"name": path.stem, "label": "-", "source": "config.json", "as_of": "2026", **model_entry(json.loads(path.read_text()))}
    )
    known = MODELS[path.stem]
    assert set(entry.layers) == set(known.layers)
    for field in ("vocabulary", "hidden", "feed_forward", "experts", "experts_per_token", "parameters", "multimodal", "max_context_tokens"):
        assert getattr(entry, field) == getattr(known, field), field


def test_llama_8b_by_hand() -> None:
    """Embedding 128256 x 4096, twice; 32 layers of 4096 x (4096 x 2 + 1024 x 2) and 3 x 4096 x 14336."""
    config = json.loads((CONFIGS[0].parent / "llama-3.1-8b.json").read_text())
    assert model_entry(config)["parameters"] == {
        "embedding": 525_336_576,
        "head": 525_336_576,
        "attention": 1_342_177_280,
        "feed_forward": 5_637_144_576,
    }


def test_the_format_is_the_one_the_repository_ships() -> None:
    found = {path.stem: shipped_format(json.loads(path.read_text())) for path in CONFIGS}
    assert (found["gpt-oss-120b"], found["deepseek-v3.2"], found["llama-3.1-8b"]) == ("mxfp4", "fp8", "bf16")


@pytest.mark.parametrize(
    ("quantization", "format"),
    [
        ({"quant_method": "awq"}, "awq-int4"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        ({"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": {"type": "int", "num_bits": 4}}}}, "int4"),
        ({"config_groups": {"group_0": {"weights": {"type": "float", "num_bits": 4, "group_size": 16}}}}, "nvfp4"),
        (None, "bf16"),
    ],
)
def test_quantization_is_read_in_each_tools_words(quantization: dict[str, object] | None, format: str) -> None:
    assert shipped_format({"quantization_config": quantization}) == format
    assert shipped_format({"text_config": {"quantization_config": quantization}}) == format


def test_the_written_file_is_an_entry_of_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(writing, "FOLDER", tmp_path)
    path, weights = writing.add_model(
        CONFIGS[0].parent / "llama-3.1-8b.json", "llama-new", "Llama: ours # 1", "acme/llama-new", None, date(2026, 11, 21)
    )
    written = Model.model_validate({"name": "llama-new", **yaml.safe_load(path.read_text())})
    assert weights == pytest.approx(14.96)
    assert written.formats["bf16"].repository == "acme/llama-new"
    assert written.label == "Llama: ours # 1"
    assert written.layers == MODELS["llama-3.1-8b"].layers
    with pytest.raises(BlueprintError, match="in the catalogue already"):
        writing.add_model(CONFIGS[0], "llama-new", None, None, None, date(2026, 11, 21))


def test_an_architecture_the_engine_dropped_is_written_with_the_last_release_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(writing, "FOLDER", tmp_path)
    config = json.loads((CONFIGS[0].parent / "granite-4.0-h-1b.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "architectures": ["BambaForCausalLM"]}))
    path, _ = writing.add_model(tmp_path / "config.json", "bamba-new", None, None, None, date(2026, 11, 22))
    written = Model.model_validate({"name": "bamba-new", **yaml.safe_load(path.read_text())})
    assert written.last_engine_version == "0.23.0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds no object"),
        ("{}", "lacks num_hidden_layers, hidden_size"),
        ('{"num_hidden_layers": -4, "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 99}', "lacks num_hidden_layers"),
        (
            '{"num_hidden_layers": 4, "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 99, "compress_ratios": [4]}',
            "does not know yet",
        ),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(BlueprintError, match=said):
        writing.add_model(tmp_path / "config.json", "never-written", None, None, None, date(2026, 11, 21))


@pytest.mark.parametrize("name", ["../evil", "Llama", "", "a b"])
def test_a_name_is_lower_case_letters_and_digits(name: str) -> None:
    with pytest.raises(BlueprintError, match="is no name of a model"):
        writing.add_model(CONFIGS[0], name, None, None, None, date(2026, 11, 21))


@pytest.mark.parametrize(
    ("repository", "entry"),
    [
        ("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", "llama-3.3-70b"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3-30b-a3b"),
        ("Qwen/Qwen3.6-27B-FP8", "qwen3.5-27b"),
        ("microsoft/phi-4", "phi-4-14b"),
        ("Qwen/Qwen3-VL-30B-A3B-Instruct", None),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", None),
        ("", None),
    ],
)
def test_a_repository_names_a_model_only_if_it_holds_that_one(repository: str, entry: str | None) -> None:
    found = named(repository, MODELS)
    assert (found.name if found else None) == entry


def test_a_name_that_is_no_repositorys_reads_the_file_of_its_model_alone(tmp_path: Path) -> None:
    for entry in ("llama-3.3-70b", "llama-9"):
        (tmp_path / f"{entry}.yaml").write_text("{")
    shutil.copy(FOLDER / "models" / "phi-4-14b.yaml", tmp_path)
    models = Folder(tmp_path, Model)
    assert named("phi-4-14b-instruct", models) == MODELS["phi-4-14b"]
    with pytest.raises(BlueprintError, match="cannot be read"):
        named("microsoft/phi-4-14b-instruct", models)


def test_an_unknown_name_is_told_the_nearest_ones() -> None:
    with pytest.raises(BlueprintError) as caught:
        find("model", "lama-3.3-70b", MODELS)
    assert "llama-3.3-70b" in caught.value.next_step
