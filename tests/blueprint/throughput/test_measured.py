"""guidellm's and aiperf's results are taken as they are, and between them the roofline's shape counts."""

import json
from math import sqrt
from pathlib import Path

import pytest

from blueprint.errors import BlueprintError
from blueprint.throughput import Load
from blueprint.throughput.measured import interpolate, read

DATA = Path(__file__).parent / "data"


def half_of_the_truth(load: Load) -> float:
    return 20 * sqrt(load.concurrency)


def test_every_run_of_guidellm_comes_back_exactly() -> None:
    written = [
        run["metrics"]["output_tokens_per_second"]["successful"]["mean"]
        for run in json.loads((DATA / "guidellm.json").read_text())["benchmarks"]
    ]
    points = read(DATA / "guidellm.json")
    assert [point.output_tokens_per_second for point in points] == written
    for point in points:
        found = interpolate(points, point.load, half_of_the_truth)
        assert found.low == found.high == point.output_tokens_per_second


def test_aiperf_counts_requests_under_way_as_rate_times_latency() -> None:
    (point,) = read(DATA / "aiperf.json")
    assert point.load == Load(1024.0, 256.25, 8.0)
    assert point.output_tokens_per_second == 512.5
    assert point.milliseconds_per_token == 15.25


def test_between_points_the_answer_lies_between_them_with_a_band() -> None:
    points = read(DATA / "guidellm.json")
    found = interpolate(points, Load(1024, 256, 16), half_of_the_truth)
    assert points[1].output_tokens_per_second < found.middle < points[2].output_tokens_per_second
    assert found.low < found.high


def test_a_roofline_off_by_a_constant_is_corrected_exactly() -> None:
    points = read(DATA / "guidellm.json")
    (point,) = points[1:2]
    found = interpolate([point], Load(1024, 256, 4 * point.load.concurrency), half_of_the_truth)
    assert found.middle == pytest.approx(2 * point.output_tokens_per_second)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no json", "cannot be read"),
        ("[]", "is no result of guidellm or aiperf"),
        ('{"request_throughput": {"avg": 1}}', "'request_latency' is missing"),
        ('{"benchmarks": []}', "without successful requests"),
        ("[" * 100_000, "cannot be read"),
        ('{"benchmarks": 5}', "something else stands where its figures should be"),
    ],
)
def test_another_file_is_refused_with_the_ones_that_are_read(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(BlueprintError, match=said):
        read(path)
