"""Demand files: what is asked for, and everything wrong with a file at once."""

from pathlib import Path

import pytest

from blueprint.catalog.prices import load_prices
from blueprint.errors import EnvironmentInvalid
from blueprint.workload import Demand, Readiness, UseCase
from blueprint.workload.loading import load_demand, nearest

SHIPPED = Path(__file__).parents[2] / "demand" / "eu-prod.yaml"


def problems(tmp_path: Path, text: str) -> dict[str, str]:
    """What is said of a demand file, by path; hints included."""
    path = tmp_path / "demand.yaml"
    path.write_text(text)
    with pytest.raises(EnvironmentInvalid) as refused:
        load_demand(path)
    return {problem.path: f"{problem.line}: {problem.message}; {problem.allowed}; {problem.next}" for problem in refused.value.problems}


def test_requests_become_tokens_of_a_month() -> None:
    use = UseCase(requests_per_second=2, prompt_tokens=400, output_tokens=8, cached_share=0.25)
    tokens = use.tokens(730)
    assert (tokens.input, tokens.output, tokens.cached) == (2 * 3600 * 730 * 400, 2 * 3600 * 730 * 8, 2 * 3600 * 730 * 100)
    assert use.peak_tokens_per_second(730) == pytest.approx(2 * 408)


def test_office_hours_make_fewer_tokens_by_request_and_a_higher_peak_by_month() -> None:
    by_request = UseCase(requests_per_second=1, prompt_tokens=100, output_tokens=0, hours="office")
    assert by_request.tokens(730).total == pytest.approx(3600 * 730 * 100 * 50 / 168)
    assert by_request.peak_tokens_per_second(730) == pytest.approx(100)
    by_month = UseCase(input_tokens_per_month=1e9, output_tokens_per_month=0, peak_factor=2)
    busy = by_month.model_copy(update={"hours": "office"})
    assert busy.peak_tokens_per_second(730) == pytest.approx(by_month.peak_tokens_per_second(730) * 168 / 50)


def test_requests_at_once_are_their_number_over_the_time_of_one() -> None:
    by_rate = UseCase(requests_per_second=50 / 60, prompt_tokens=400, output_tokens=8)
    at_once = UseCase(concurrent_requests=50, seconds_per_request=60, prompt_tokens=400, output_tokens=8)
    assert at_once.rate == by_rate.rate
    assert at_once.tokens(730) == by_rate.tokens(730)
    assert UseCase(input_tokens_per_month=1, output_tokens_per_month=1).rate is None


def test_the_shipped_demand_is_the_customers_total() -> None:
    tokens = load_demand(SHIPPED).tokens
    assert (round(tokens.input), round(tokens.output)) == (85_000_000, 22_000_000)


def test_everything_wrong_is_said_at_once_with_line_and_nearest_name(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
workload:
  a: {input_tokens_per_month: -5, output_tokens_per_month: 10}
  b: {requests_per_second: 1e9, prompt_tokens: 1, output_tokens: 1}
  c: {input_tokens_per_mont: 5}
  d: {requests_per_second: .nan, prompt_tokens: 1, output_tokens: 1, hours: offce}
assumptions: {usd_per_euro: 1.1, pue: {low: 3, base: 1, high: 2}}
optoins: {}
horizon_months: 0
""",
    )
    assert found["workload.a.input_tokens_per_month"].startswith("3: -5 is not allowed")
    assert "1000000" in found["workload.b.requests_per_second"]
    assert "did you mean `input_tokens_per_month`" in found["workload.c.input_tokens_per_mont"]
    assert "finite" in found["workload.d.requests_per_second"]
    assert "'office'" in found["workload.d.hours"]
    assert "did you mean `usd_per_eur`" in found["assumptions.usd_per_euro"]
    assert "not in order" in found["assumptions.pue"]
    assert "did you mean `options`" in found["optoins"]
    assert "horizon_months" in found


@pytest.mark.parametrize(
    "use",
    [
        "{}",
        "{requests_per_second: 1}",
        "{requests_per_second: 1, input_tokens_per_month: 5}",
        "{concurrent_requests: 50, prompt_tokens: 1, output_tokens: 1}",
        "{requests_per_second: 1, concurrent_requests: 50, seconds_per_request: 1, prompt_tokens: 1, output_tokens: 1}",
    ],
)
def test_a_use_case_says_its_volume_in_one_way(tmp_path: Path, use: str) -> None:
    said = problems(tmp_path, f"workload: {{a: {use}}}")["workload.a"]
    assert "requests_per_second, prompt_tokens, output_tokens, or concurrent_requests and seconds_per_request" in said


@pytest.mark.parametrize("text", ["", "workload: {}", "[1]", "workload: ["])
def test_a_file_of_nothing_is_refused_without_a_traceback(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentInvalid, match="cannot be read"):
        load_demand(tmp_path / "nowhere.yaml")


def test_a_plain_number_is_an_assumption_known_exactly() -> None:
    own = Demand.model_validate(
        {"workload": {"a": {"input_tokens_per_month": 1, "output_tokens_per_month": 1}}, "assumptions": {"pue": 1.2}}
    ).assumptions["pue"]
    assert (own.base, own.low, own.high) == (1.2, None, None)


@pytest.mark.parametrize(
    "said", ["usd_per_eur: 0", "tokens_per_second_per_gpu: 0", "api_decline_per_year: 1.5", "pue: 0.5", "depreciation_years: 0"]
)
def test_an_absurd_assumption_is_refused_with_what_can_be_meant(tmp_path: Path, said: str) -> None:
    name = said.partition(":")[0]
    found = problems(tmp_path, f"workload: {{a: {{input_tokens_per_month: 1, output_tokens_per_month: 1}}}}\nassumptions: {{{said}}}")
    assert "cannot be meant" in found[f"assumptions.{name}"]
    assert " to " in found[f"assumptions.{name}"]


def test_every_assumption_may_be_what_the_catalogue_says() -> None:
    assert all(figure.least <= figure.low <= figure.high <= figure.most for figure in load_prices().assumptions.values())


def test_nothing_near_is_no_hint() -> None:
    assert nearest("xyz", ["usd_per_eur"]) == ""


def test_what_a_recommendation_asks_may_be_left_out_or_said_to_be_unknown() -> None:
    said = UseCase(
        input_tokens_per_month=1, output_tokens_per_month=1, capability="unknown", frozen_model="unknown", first_token_ms="unknown"
    )
    left_out = UseCase(input_tokens_per_month=1, output_tokens_per_month=1)
    assert said.model_copy(update={"frozen_model": None}) == left_out
    assert Readiness(mlops="unknown", on_call="unknown") == Readiness()


def test_answers_that_cannot_be_meant_are_refused_with_what_can(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
workload:
  a: {input_tokens_per_month: 1, output_tokens_per_month: 1, capability: maybe, frozen_model: sometimes, first_token_ms: 0}
  b: {input_tokens_per_month: 1, output_tokens_per_month: 1, task: clasification, data_class: secret}
readiness: {mlops: some, platform_engineers: -1, oncall: true}
""",
    )
    assert "'open' or 'frontier'" in found["workload.a.capability"]
    assert "true, false or unknown" in found["workload.a.frozen_model"]
    assert "greater than 0" in found["workload.a.first_token_ms"]
    assert "did you mean `classification`" in found["workload.b.task"]
    assert "'personal'" in found["workload.b.data_class"]
    assert "'dedicated'" in found["readiness.mlops"]
    assert "greater than or equal to 0" in found["readiness.platform_engineers"]
    assert "did you mean `on_call`" in found["readiness.oncall"]


def test_a_spread_that_no_requests_can_have_is_refused_with_what_can_be_meant(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
workload:
  below: {requests_per_second: 1, prompt_tokens: 2000, prompt_tokens_p95: 900, output_tokens: 1}
  above: {requests_per_second: 1, prompt_tokens: 2000, output_tokens: 100, output_tokens_p95: 5000}
  alone: {input_tokens_per_month: 1, output_tokens_per_month: 1, prompt_tokens_p95: 900}
  never: {requests_per_second: 1, prompt_tokens: 2000, output_tokens: 1, ttft_p95_ms: 0}
""",
    )
    assert "prompt_tokens_p95 is 900; 2000 to 7,7" in found["workload.below"]
    assert "split the use case into short and long requests" in found["workload.above"]
    assert "give prompt_tokens, too" in found["workload.alone"]
    assert "greater than 0" in found["workload.never.ttft_p95_ms"]


ONE = "workload: {a: {input_tokens_per_month: 1, output_tokens_per_month: 1}}\n"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("workload: {a: {input_tokens_per_month: true, output_tokens_per_month: 1}}", "workload.a", "input_tokens_per_month is true"),
        (
            "workload: {a: {input_tokens_per_month: 2026-01-01, output_tokens_per_month: 1}}",
            "workload.a.input_tokens_per_month",
            "2026-01-01 is",
        ),
        (
            "workload: {a: {input_tokens_per_month: 1e40, output_tokens_per_month: 1}}",
            "workload.a.input_tokens_per_month",
            "1,000,000,000,000,000",
        ),
        (
            "workload: {a: {input_tokens_per_month: 1, output_tokens_per_month: 1, cached_share: 30}}",
            "workload.a.cached_share",
            "write 0.3",
        ),
        (
            "workload: {a: {input_tokens_per_month: 1, output_tokens_per_month: 1, cached_share: 30%}}",
            "workload.a.cached_share",
            "write 0.3",
        ),
        ("workload: {a: }", "workload.a", "nothing is not allowed; a mapping"),
        ("workload: {}", "workload", "at least one"),
        (f"{ONE}readiness: none", "readiness", "a mapping"),
        (f"{ONE}assumptions: {{reserved_discount: 40}}", "assumptions.reserved_discount", "write 0.4 for 40 %"),
        (f"{ONE}assumptions: {{usd_per_eur: {{base: 1.1, as_of: yesterday}}}}", "assumptions.usd_per_eur.as_of", "such as 2026-11-20"),
        (f"{ONE}options: {{x: {{gpu: h100-pcie, pricing: owned, country: germany}}}}", "options.x.country", "such as DE"),
    ],
)
def test_a_slip_is_told_in_words_with_what_to_write(tmp_path: Path, text: str, place: str, said: str) -> None:
    assert said in problems(tmp_path, text)[place]


def test_a_date_may_be_written_as_yaml_writes_dates(tmp_path: Path) -> None:
    path = tmp_path / "demand.yaml"
    path.write_text(f"{ONE}assumptions: {{usd_per_eur: {{base: 1.1, as_of: 2026-11-20}}}}")
    assert load_demand(path).assumptions["usd_per_eur"].as_of == "2026-11-20"
