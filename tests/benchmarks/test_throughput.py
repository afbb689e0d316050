"""The benchmark scores what it says it scores, and the goals hold on the sample."""

from pathlib import Path

import pytest

from benchmarks.throughput import __main__ as command
from benchmarks.throughput import rows
from benchmarks.throughput.burst import share_of_steady
from blueprint.catalog import load_catalog
from blueprint.errors import BlueprintError
from blueprint.throughput import Load, Roofline

HERE = Path(rows.__file__).parent
SCORES = rows.score(HERE / "throughput.csv")
SUMMARY = command.summary(SCORES)


def test_the_truth_is_inside_the_band_of_most_plausible_rows() -> None:
    for kind in ("all", "closed loop"):
        found = SUMMARY["bands"][kind]
        assert found["n"] > 300
        assert found["inside"] >= 0.8 * found["n"]


def test_no_band_is_wider_than_three_times_nor_one_figure() -> None:
    widths = [each.high / each.low for each in SCORES if each.low and each.high]
    assert 1.05 < min(widths) <= max(widths) <= 3.0 + 1e-9


def test_a_point_left_out_is_interpolated_from_its_neighbours() -> None:
    found = SUMMARY["interpolation"]
    assert found["n"] > 200
    assert found["median"] <= 0.15


def test_every_row_marked_implausible_is_flagged_and_hardly_any_other() -> None:
    gate = SUMMARY["gate"]
    assert gate["marked"] > 0
    assert gate["missed"] == []
    assert len(gate["false_alarms"]) < 0.02 * gate["plausible"]


def test_every_claim_of_the_articles_is_flagged() -> None:
    claims = rows.score(HERE / "claims.csv")
    assert {each.id for each in claims if not each.flagged} == set()
    assert {each.id for each in claims if each.impossible} == {"break-even-1", "break-even-2"}


def test_rows_collected_later_are_mostly_inside_and_trip_no_gate_but_one_and_a_typing_error() -> None:
    """latertp177 is derived from a batch size, and 5 % over what bandwidth allows with a 16-bit KV cache."""
    later = rows.score(HERE / "throughput_later.csv")
    judged = [each for each in later if each.inside is not None]
    assert len(judged) > 400
    assert all(each.low and each.high and each.high / each.low <= 3.0 + 1e-9 for each in judged)
    assert sum(bool(each.inside) for each in judged) > 0.8 * len(judged)
    assert [each.id for each in later if each.flagged] == ["latertp177", *(each.id for each in later if each.marked)]


def test_a_burst_of_chats_is_slower_than_a_batch_that_stays_full() -> None:
    """One slot: nothing empties, 1. As many slots as requests and a step that takes as long for one as for two: 1 + 1/2 steps for 2."""
    model, gpu = load_catalog().models["qwen3-8b"], load_catalog().gpus["h100-sxm"]
    roofline, load = Roofline(model, "bf16", gpu), Load(0, 200, 1000)
    assert share_of_steady(roofline, load, 1, 1000) == pytest.approx(1)
    assert share_of_steady(roofline, load, 2, 2) == pytest.approx(1 / 1.5, rel=0.02)
    assert 0.3 < share_of_steady(roofline, load, 256, 1000) < share_of_steady(roofline, load, 256, 10_000) < 1


def edited(tmp_path: Path, **changes: str) -> rows.Score:
    lines = (HERE / "claims.csv").read_text().splitlines()
    row = dict(zip(lines[0].split(","), lines[4].split(","), strict=True)) | changes
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([lines[0], ",".join(row.values())]))
    (score,) = rows.score(path)
    return score


def test_an_unknown_model_gets_no_band_and_says_why(tmp_path: Path) -> None:
    found = edited(tmp_path, model="nobody/unheard-of-7b")
    assert found.inside is None
    assert found.why_not == "the catalogue knows no model of that name"


def test_a_slow_measurement_is_outside_the_band_and_not_flagged(tmp_path: Path) -> None:
    found = edited(tmp_path, output_tok_s="3", plausibility="")
    assert found.inside is False
    assert not found.flagged


def test_weights_larger_than_the_cards_get_no_band(tmp_path: Path) -> None:
    assert edited(tmp_path, precision="fp16/bf16").why_not == "the weights are larger than the cards it names"


def test_lengths_are_read_from_what_the_workload_says(tmp_path: Path) -> None:
    assert rows._lengths({"isl": "", "osl": "", "workload": "Balanced: 8K in / 1K out (optimization target)"}) == (8000, 1000)
    assert rows._lengths({"isl": "", "osl": "", "workload": "ShareGPT"}) == rows.SHAREGPT
    assert edited(tmp_path, isl="", osl="").why_not == "it does not say how long requests are"


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("id,model\n1,2\n")
    with pytest.raises(BlueprintError, match=r"lacks columns gpu, n_gpus"):
        rows.score(path)
