"""`blueprint recommend` and `blueprint compare` as a person meets them."""

import json
from pathlib import Path

import pytest

from blueprint.cost import wording
from tests.blueprint.command import Run


@pytest.mark.parametrize("name", ["eu-prod", "fr-prod", "dc-prod"])
def test_the_answer_comes_first_and_fits_one_screen(run: Run, name: str) -> None:
    code, out, _ = run("recommend", name)
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith(f"{name}: ")
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 130


def test_an_environment_without_a_demand_is_asked_about_what_is_missing(run: Run) -> None:
    code, out, _ = run("recommend", "eu-staging")
    assert code == 0
    assert "Cost was not asked, as no demand is given" in out
    assert "Ask next" in out


def test_one_use_case_is_told_in_full(run: Run) -> None:
    code, out, _ = run("recommend", "eu-prod", "--only", "retrieval")
    assert code == 0
    assert out.startswith("retrieval: api, firm")
    assert "would be" in out
    assert "Qwen 3.5 122B-A10B (Apache-2.0, context 262,144)" in out


def test_everything_includes_dimensions_checklist_and_contradictions(run: Run) -> None:
    _, out, _ = run("recommend", "eu-prod", "--full")
    assert "Vendor and platform risk: What happens when the landscape changes?" in out
    assert "[breakeven_50M]" in out
    assert out.count("hosting primer's rule says") == 7


def test_programs_get_all_of_it_as_json(run: Run) -> None:
    _, out, _ = run("recommend", "dc-prod", "--format", "json")
    found = json.loads(out)
    assert found["on"].startswith("20")
    assert [one["placement"] for one in found["use_cases"]] == ["self-hosted"] * 3
    assert len(found["dimensions"]) == 5
    assert len(found["checklist"]) == 9


def test_placements_and_ways_have_the_shape_the_documentation_gives_them(run: Run) -> None:
    found = json.loads(run("recommend", "eu-prod", "--format", "json")[1])
    classify = next(one for one in found["use_cases"] if one["name"] == "classify")
    assert [one["placement"] for one in classify["weighed"]] == ["self-hosted", "hybrid", "managed", "api"]
    assert {"placement", "gpus", "eur_per_month", "eur_total", "overflow_share", "closed", "chosen"} == set(classify["weighed"][0])
    assert [one["chosen"] for one in classify["weighed"]] == [True, False, False, False]
    assert {"name", "gpus", "eur_per_month", "overflow_eur_per_month", "eur_total", "barred"} == set(found["costs"]["ways"][0])
    assert found["costs"]["ways"][0]["eur_per_month"] == found["costs"]["recommended"]
    shown = Path("docs/how-to/decide.md").read_text()
    assert all(f"`{key}`" in shown for key in (*classify["weighed"][0], *found["costs"]["ways"][0]))


@pytest.mark.parametrize(
    ("text", "said", "next_step"),
    [
        ("workload: {analysys: {input_tokens_per_month: 1, output_tokens_per_month: 1}}", "neither a model nor an API", "analysis"),
        (
            "workload: {analysis: {input_tokens_per_month: 1, output_tokens_per_month: 1, api: openai/gpt-6}}",
            "no price per token",
            "gpt-5.4",
        ),
        (
            "workload: {analysis: {input_tokens_per_month: 1, output_tokens_per_month: 1, task: clasification}}",
            "unknown task",
            "classification",
        ),
        (
            "workload: {analysis: {input_tokens_per_month: 1, output_tokens_per_month: 1, capability: maybe}}",
            "'maybe' is not allowed",
            "frontier",
        ),
        ("workload: {analysis: {input_tokens_per_month: 1, output_tokens_per_month: 1}}\nreadiness: {mlop: none}", "unknown key", "mlops"),
    ],
)
def test_a_mistake_in_a_demand_is_one_clear_message(run: Run, tmp_path: Path, text: str, said: str, next_step: str) -> None:
    path = tmp_path / "demand.yaml"
    path.write_text(text)
    code, _, err = run("recommend", "eu-prod", "--demand", str(path))
    assert code in (1, 2)
    assert said in err
    assert next_step in err


def test_a_use_case_that_may_go_nowhere_is_a_finding(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "demand.yaml"
    path.write_text("workload: {analysis: {input_tokens_per_month: 1, output_tokens_per_month: 1, capability: frontier}}")
    code, out, _ = run("recommend", "dc-prod", "--demand", str(path))
    assert code == 1
    assert "analysis nowhere yet" in out


def test_a_use_case_that_is_none_is_refused_with_the_names(run: Run) -> None:
    code, _, err = run("recommend", "eu-prod", "--only", "chat")
    assert code == 2
    assert "analysis, classify" in err


@pytest.mark.parametrize(("what", "line"), [("engines", "Why vLLM"), ("hardware", "Why NVIDIA H100"), ("models", "GLM-4.7-Flash: MIT")])
def test_comparisons_are_printed(run: Run, what: str, line: str) -> None:
    code, out, _ = run("compare", what)
    assert code == 0
    assert line in out
    assert run("compare", what, "--format", "json")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("recommend", "eu-prod", "--full"),
        ("recommend", "eu-prod"),
        ("cost", "eu-prod", "--demand", "demand/eu-prod.yaml"),
        ("cost", "--demand", "demand/eu-prod.yaml"),
        ("capacity", "eu-prod"),
        ("compare", "hardware"),
        ("compare", "models"),
    ],
)
def test_on_eighty_columns_nothing_runs_over_the_edge(run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setattr(wording, "WIDEST", wording.NARROWEST)
    _, out, _ = run(*arguments)
    words = [line for line in out.splitlines() if len(line) > 80 and " " in line.strip()]
    assert words == []
