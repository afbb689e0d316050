"""Charts say what the results behind them say, and nothing in them leaves the drawing."""

import re
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.environment.loading import load
from blueprint.report import Report, gather
from blueprint.report.chart import LETTER, PIN, WIDTH, Chart, Frame, stepped
from blueprint.report.plots.tornado import tornado
from blueprint.report.plots.utilization import cost_by_utilization
from blueprint.report.plots.volume import cost_by_volume
from blueprint.report.scales import Scale, linear, logarithmic
from blueprint.report.wording import euros, figure, percent, prose, said
from blueprint.workload import Demand
from blueprint.workload.loading import load_demand

ROOT = Path(__file__).parents[3]
AMOUNTS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@cache
def report(name: str) -> Report:
    demand = ROOT / "demand" / f"{name}.yaml"
    return gather(load(ROOT / "environments" / f"{name}.yaml"), load_demand(demand) if demand.exists() else None, "test")


def charts(name: str) -> list[Chart]:
    found = report(name)
    return [*found.cost_charts, found.memory, *found.days]


def chart(name: str, id: str) -> Chart:
    return next(each for each in charts(name) if each.id == id)


def points(chart: Chart, tone: str, style: str) -> list[tuple[float, float]]:
    """The corners of the first mark of a tone and style."""
    path = next(mark.path for mark in chart.frame.marks if (mark.tone, mark.style) == (tone, style))
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", path)]


@given(st.lists(AMOUNTS, min_size=1), st.booleans())
def test_a_linear_axis_holds_its_values_between_round_ends(values: list[float], from_zero: bool) -> None:
    scale = linear(values, from_zero=from_zero)
    rounding = 1e-6 * (scale.high - scale.low)
    assert scale.low <= min(values) + rounding
    assert scale.high >= max(values) - rounding
    assert 2 <= len(scale.ticks) <= 8
    assert [scale.share(tick) for tick in scale.ticks] == sorted(scale.share(tick) for tick in scale.ticks)


@given(st.lists(st.floats(min_value=1e-3, max_value=1e15), min_size=1))
def test_a_logarithmic_axis_runs_between_powers_of_ten(values: list[float]) -> None:
    scale = logarithmic(values)
    assert scale.low <= min(values) * (1 + 1e-9)
    assert scale.high >= max(values) * (1 - 1e-9)
    assert scale.ticks[0] == pytest.approx(scale.low)
    assert scale.share(scale.low * (scale.high / scale.low) ** 0.5) == pytest.approx(0.5)


def test_stairs_keep_a_value_until_the_next() -> None:
    assert stepped([(0, 1), (2, 5), (3, 4)]) == [(0, 1), (2, 1), (2, 5), (3, 5), (3, 4), (3, 4)]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=6))
def test_pins_never_cover_each_other(places: list[tuple[float, float]]) -> None:
    frame = Frame(Scale(0, 1), Scale(0, 1))
    for place in places:
        frame.pin(place, "here")
    assert all(abs(one.x - other.x) >= PIN or abs(one.y - other.y) >= PIN for one, other in combinations(frame.labels, 2))
    assert [entry.letter for entry in frame.legend] == list("ABCDEF"[: len(places)])


@pytest.mark.parametrize("name", ["eu-prod", "dc-prod", "fr-prod", "dev"])
def test_no_text_leaves_its_drawing_and_no_two_ticks_touch(name: str) -> None:
    for each in charts(name):
        for label in each.frame.labels:
            start = label.x if label.anchor == "start" else label.x - len(label.text) * LETTER / 2
            assert -1 <= start <= start + len(label.text) * LETTER <= WIDTH + 1, f"{each.id}: {label.text}"
        ticks = [
            (x if anchor == "start" else x - len(text) * 6 if anchor == "end" else x - len(text) * 3, text)
            for x, text, anchor in each.x_ticks
        ]
        assert all(x + len(text) * 6 <= after for (x, text), (after, _) in pairwise(ticks)), f"{each.id}: {ticks}"
        assert all(len(text) * LETTER <= each.frame.left - 4 for _, text in each.y_ticks), each.id
        assert len(each.x_title) * 5.6 <= WIDTH, each.id


def test_the_apis_line_is_the_list_price_and_the_stairs_never_fall() -> None:
    comparison = report("eu-prod").comparison
    found = cost_by_volume(comparison)
    line = points(found, "api", "line")
    today = comparison.case.tokens.total
    expected = found.frame.place((today, today / 1e6 * comparison.api_price))
    (x1, y1), (x2, y2) = line[0], line[-1]
    assert y1 + (y2 - y1) * (expected[0] - x1) / (x2 - x1) == pytest.approx(expected[1], abs=0.2)
    heights = [y for _, y in points(found, "own", "line")]
    assert all(after <= before for before, after in pairwise(heights)), "downwards on a page is more money"
    assert len(set(heights)) > 3, "stairs"


def test_the_break_even_is_marked_where_the_line_meets_the_stairs() -> None:
    found = cost_by_volume(report("dev").comparison)
    meant = next(entry for entry in found.frame.legend if "4.40 EUR" in entry.text)
    pin = next(label for label in found.frame.labels if label.text == meant.letter)
    stairs = points(found, "own", "line")
    below = [y for x, y in stairs if x <= pin.x + 1][-1]
    assert pin.y == pytest.approx(below, abs=1.5)
    assert "2.21 B tokens" in meant.text


def test_where_lines_never_cross_the_chart_says_why() -> None:
    found = cost_by_volume(report("eu-prod").comparison)
    assert found.note.startswith("Break-even at list price: never: a full machine alone costs")


def test_machines_cost_at_parity_what_apis_do() -> None:
    comparison = report("eu-prod").comparison
    found = cost_by_utilization(comparison)
    assert found is not None
    parity = comparison.crossings[0].parity_utilization
    assert parity is not None
    assert any(f"when {percent(parity)} busy" in entry.text for entry in found.frame.legend)
    full = {busy: float(cost) for busy, cost, _ in found.table.rows}
    assert full["100%"] == pytest.approx(parity * comparison.api_price, abs=0.01)
    assert full["50%"] == pytest.approx(2 * full["100%"], abs=0.02)


def test_nothing_is_drawn_of_machines_without_a_price() -> None:
    comparison = report("dev").comparison
    unpriced = replace(comparison, crossings=(replace(comparison.crossings[0], parity_utilization=None),), swings=())
    assert cost_by_utilization(unpriced) is None
    assert tornado(unpriced) is None


def test_every_bar_of_the_tornado_starts_at_the_base_and_the_widest_is_first() -> None:
    comparison, found = report("eu-prod").comparison, chart("eu-prod", "tornado")
    hosted, api = (next(row.total for row in comparison.rows if bool(row.hardware) is own) for own in (True, False))
    base = found.frame.place((hosted - api, 0))[0]
    for mark in found.frame.marks:
        if mark.style == "bar":
            assert float(mark.path[1:].split()[0]) == pytest.approx(base, abs=0.06)
    widths = [float(row[3].replace(",", "")) for row in found.table.rows]
    assert widths == sorted(widths, reverse=True)


def test_what_has_been_spent_ends_at_the_total_and_grows_every_month() -> None:
    found, comparison = chart("eu-prod", "horizon"), report("eu-prod").comparison
    last, first = found.table.rows[-1], found.table.rows[0]
    assert (first[0], last[0]) == ("1", "18")
    declared = next(row for row in comparison.rows if row.name == "as declared")
    assert float(last[5].replace(",", "")) == pytest.approx(declared.spread.p50, rel=0.02)
    for column in range(1, 7):
        spent = [float(row[column].replace(",", "")) for row in found.table.rows]
        assert spent == sorted(spent)


def test_the_parts_of_a_gpu_add_up_to_what_its_driver_reports() -> None:
    found = chart("eu-prod", "memory")
    sizings = report("eu-prod").sizings
    assert [row[0] for row in found.table.rows] == list(sizings)
    for row in found.table.rows:
        assert sum(map(float, row[1:5])) == pytest.approx(93.1, abs=0.2), "H100 NVL"


def test_a_day_shows_replicas_as_scheduled_and_demand_in_its_hours() -> None:
    nightly, analysis = chart("eu-prod", "day-nightly"), chart("eu-prod", "day-analysis")
    assert [(row[0], row[3]) for row in nightly.table.rows] == [("00:00", "1"), ("05:00", "0"), ("22:00", "1")]
    assert [(row[0], row[3]) for row in analysis.table.rows] == [
        ("00:00", "1"),
        ("07:00", "2"),
        ("08:00", "2"),
        ("18:00", "2"),
        ("19:00", "1"),
    ]
    needed = report("eu-prod").capacities["analysis"]
    rows = {row[0]: row for row in analysis.table.rows}
    assert (rows["07:00"][2], rows["08:00"][2], rows["18:00"][2]) == ("0", figure(needed.peak_tokens_per_second), "0")
    assert rows["08:00"][4] == figure(2 * needed.replica_tokens_per_second[0])


def test_the_peak_of_a_deployment_is_that_of_its_use_case() -> None:
    needed = report("eu-prod").capacities["analysis"]
    office_seconds = 730 * 3600 * 50 / 168
    assert needed.peak_tokens_per_second == pytest.approx(6e6 / office_seconds * 4)


def test_every_assumption_in_use_is_listed_with_source_and_date() -> None:
    found = report("eu-prod")
    listed = {row.name: row for row in found.assumptions}
    assert {said(name) for name in found.comparison.used if name in found.comparison.case.assumptions} <= set(listed)
    assert listed["operations FTE"].source.startswith("inferops article")
    assert all(row.source for row in found.assumptions)
    assert (listed["USD per EUR"].status, listed["USD per EUR"].as_of) == ("current", "2026-06")


def test_use_cases_and_what_they_share_add_up_to_the_recommendation() -> None:
    found = report("eu-prod")
    assert found.advice.costs is not None
    assert found.shared is not None
    apart = sum(case.eur_per_month or 0 for case in found.advice.use_cases if case.placement == "api")
    assert {case.placement for case in found.advice.use_cases} <= {"api", "self-hosted", "hybrid"}
    assert apart + found.shared == pytest.approx(found.advice.costs.recommended)
    assert report("dev").shared is None, "without volumes nothing is counted"


def test_what_to_measure_next_names_each_unmeasured_deployment() -> None:
    steps = report("eu-prod").next_steps
    assert steps[0] == (
        "Throughput of analysis: run guidellm or aiperf on one replica, then blueprint capacity eu-prod --measured analysis=FILE"
    )
    assert sum(step.startswith("Throughput of") for step in steps) == 3


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (euros(1234567.8), "1,234,568"),
        (euros(None), "–"),
        (percent(0), "0%"),
        (percent(0.0034), "0.3%"),
        (percent(0.413), "41%"),
        (figure(5400), "5,400"),
        (figure(0.07612), "0.0761"),
        (said("api_decline_per_year"), "API decline per year"),
        (str(prose("give `usd_per_eur` <b>")), "give <code>usd_per_eur</code> &lt;b&gt;"),
    ],
)
def test_figures_and_names_are_said_as_people_read_them(found: str, expected: str) -> None:
    assert found == expected


@cache
def with_peaks() -> Report:
    """A use case whose peaks overflow to its API, beside one that has to stay on machines."""
    use = {"growth_per_year": 0, "capability": "open", "first_token_ms": 1000}
    workload = {
        "analysis": {**use, "input_tokens_per_month": 1e7, "output_tokens_per_month": 2e6, "peak_factor": 2, "frozen_model": True},
        "classify": {**use, "input_tokens_per_month": 6e9, "output_tokens_per_month": 1e9, "peak_factor": 4, "frozen_model": False},
    }
    said = {"workload": workload, "assumptions": {"tokens_per_second_per_gpu": 2_000, "api_decline_per_year": 0}}
    return gather(load(ROOT / "environments" / "eu-prod.yaml"), Demand.model_validate(said), "test")


def test_peaks_at_an_api_are_drawn_where_they_cost_less() -> None:
    found = {each.id: each for each in (*with_peaks().cost_charts, *with_peaks().days)}
    stairs, fewer = (points(found["volume"], "own", style) for style in ("line", "dashed"))
    assert fewer[-1][1] > stairs[-1][1]  # lower in the drawing is less
    assert "as declared, peaks at APIs: 8 of 10 draws" in [entry.text for entry in found["horizon"].frame.legend]
    assert any("peaks at APIs, 32% busy" in entry.text for entry in found["utilization"].frame.legend)
    assert "36% of its tokens, those of its peaks, go to azure-openai/gpt-5.4" in found["day-classify"].note
    assert "go to" not in found["day-analysis"].note


def test_ways_that_cost_the_same_are_shown_once() -> None:
    assert [way.name for way in with_peaks().ways][-1] == "everything on machines, peaks at APIs"
    assert [way.name for way in report("eu-prod").ways][-1] == "everything on machines"


def test_a_tick_that_would_run_into_the_one_before_is_not_written() -> None:
    crowded = replace(tornado(with_peaks().comparison) or chart("eu-prod", "tornado"), x_text=lambda value: f"{value:,.0f} euros")
    assert any(not text for _, text, _ in crowded.x_ticks)
    assert crowded.x_ticks[0][1]
