"""The benchmark scores what it says it scores, and the goals hold on the sample."""

import json
from pathlib import Path

import pytest

from benchmarks.sizing import __main__ as command
from benchmarks.sizing import rows
from blueprint.errors import BlueprintError

SAMPLE = Path(rows.__file__).parent / "vllm_kv_logs.csv"
SCORES = rows.score(SAMPLE)
SUMMARY = command.summary(SCORES)
LATER = command.summary(rows.score(SAMPLE.with_name("vllm_kv_logs_later.csv")))
EDGE = rows.score(SAMPLE.with_name("vllm_kv_logs_refused.csv"))
UNEXPLAINED = {"refused022", "refused028"}  # a card Windows uses too; graphs of an eight-way split in 0.8.5
ATTACHED_CACHE = 1  # a server with LMCache keeps blocks for it


def test_every_usable_row_of_plain_attention_is_within_rounding() -> None:
    assert SUMMARY["tokens"]["n"] == 25
    assert SUMMARY["tokens"]["within"] == SUMMARY["tokens"]["n"]


def test_hybrid_models_of_the_catalogue_print_what_their_logs_say() -> None:
    assert SUMMARY["tokens_of_hybrids"] == {"n": 3, "median": 0.0, "within": 3}


def test_the_pool_is_within_the_goals_and_beats_every_other_rule_threefold() -> None:
    ours = SUMMARY["pools"].pop(rows.OURS)
    assert ours["median"] <= 0.03
    assert ours["large_within_10_percent"] >= 0.9 * ours["n_large"] > 0
    assert all(3 * ours["median"] < other["median"] for other in SUMMARY["pools"].values())


def test_no_refused_server_is_called_fitting() -> None:
    assert SUMMARY["verdicts"]["refused"] > 0
    assert SUMMARY["verdicts"]["false_fits"] == []


def test_logs_collected_later_are_within_the_goals_too() -> None:
    assert LATER["tokens"]["n"] > 30
    assert LATER["tokens"]["within"] >= LATER["tokens"]["n"] - ATTACHED_CACHE
    assert LATER["tokens_of_hybrids"]["within"] == LATER["tokens_of_hybrids"]["n"] > 5
    pools = LATER["pools"][rows.OURS]
    assert pools["n"] > 30
    assert pools["median"] <= 0.03
    assert pools["large_within_10_percent"] >= 0.9 * pools["n_large"] > 0
    assert LATER["verdicts"]["false_fits"] == []


def test_models_with_recurrent_layers_print_what_their_logs_say() -> None:
    scores = rows.score(SAMPLE.with_name("vllm_kv_logs_recurrent.csv"))
    assert command.summary(scores)["tokens_of_hybrids"]["within"] == len(scores) == 5
    assert sum(score.tokens_error == 0 for score in scores) == 4  # the fifth is a block off, as its memory is rounded
    assert {score.id: score.pool_error(rows.OURS) for score in scores}["rec004"] == pytest.approx(0, abs=0.1)


def test_a_server_for_more_sequences_than_blocks_for_states_is_told_it_does_not_start(tmp_path: Path) -> None:
    lines = SAMPLE.with_name("vllm_kv_logs_recurrent.csv").read_text().splitlines()
    row = next(line for line in lines if line.startswith("rec004"))
    (tmp_path / "rows.csv").write_text("\n".join([lines[0], row, row.replace(",256000,128,", ",256000,1024,")]))
    assert [score.verdict for score in rows.score(tmp_path / "rows.csv")] == ["fits", "does-not-fit"]


def test_servers_at_the_edge_are_called_fitting_only_where_the_readme_says_why() -> None:
    verdicts = command.summary(EDGE)["verdicts"]
    assert verdicts["refused"] > 40
    assert set(verdicts["false_fits"]) == UNEXPLAINED
    assert len(verdicts["false_refusals"]) <= 3


def test_a_server_beside_a_neighbour_is_not_judged() -> None:
    assert {each.verdict for each in EDGE if each.id in {"refused004", "refused045"}} == {None}


def edited(tmp_path: Path, **changes: str) -> rows.Score:
    lines = SAMPLE.read_text().splitlines()
    row = dict(zip(lines[0].split(","), next(line for line in lines if line.startswith("kv008")).split(","), strict=True)) | changes
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([",".join(row), ",".join(row.values())]))
    return rows.score(path)[0]


def test_a_log_with_other_tokens_misses(tmp_path: Path) -> None:
    assert edited(tmp_path).tokens_error == pytest.approx(0, abs=0.003)
    assert edited(tmp_path, kv_tokens="450000").tokens_error == pytest.approx(0.0325, abs=0.001)


def test_a_server_that_did_not_start_but_would_have_fitted_is_a_false_fit(tmp_path: Path) -> None:
    assert edited(tmp_path, available_kv_gib_per_rank="-1.4", max_concurrency="", kv_tokens="").false_fit


def test_a_row_without_shapes_of_an_unknown_model_is_said_to_be_unusable(tmp_path: Path) -> None:
    score = edited(tmp_path, model="acme/secret", layers="", kv_heads="", head_dim="", vocab="")
    assert (score.tokens, score.pools, score.note) == (None, {}, "neither shapes nor a model of the catalogue")


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,model\n1,a\n")
    with pytest.raises(BlueprintError, match="lacks columns"):
        rows.score(tmp_path / "rows.csv")


def test_json_has_a_line_per_row_and_the_summary(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["sizing", "--rows", str(SAMPLE), "--format", "json"])
    assert command.main() == 0
    printed = json.loads(capsys.readouterr().out)
    assert len(printed["rows"]) == len(SCORES)
    assert printed["summary"]["tokens"] == SUMMARY["tokens"]
