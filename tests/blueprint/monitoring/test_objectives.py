"""Objectives: which can be kept, and that burning them can be noticed."""

from pathlib import Path
from typing import Any

import pytest

from blueprint.catalog import Engine, load_catalog
from blueprint.environment import Environment
from blueprint.environment.checks import figures, monitoring
from blueprint.monitoring import histograms, load, objectives
from blueprint.monitoring.rendering import names
from tests.blueprint.monitoring.test_rendering import environment

EDGES = (0.01, 0.025, 0.05, 0.075, 0.08, 0.1)


def old_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "custom_buckets", None)


def told(check: Any, env: Environment) -> list[tuple[str, str]]:
    return [(".".join(map(str, finding.place)), finding.message) for finding in check(env)]


def test_figures_are_looked_at_where_an_environment_sets_some_and_ours_are_as_they_should() -> None:
    assert told(monitoring.figures, environment(thresholds={"request_p99_seconds": 10}))
    assert told(monitoring.figures, environment(objectives={"requests": 50}))
    plain = environment()
    assert [*figures.named(plain), *figures.reachable(plain), *figures.edges(plain)] == []
    settings = {parameter.setting.rpartition(".")[0] for _, parameter in load().parameters() if parameter.setting}
    assert settings == {"monitoring.thresholds", "monitoring.objectives"}  # what the check asks for before it looks


def test_the_fastest_burn_is_the_alerts() -> None:
    alert = load().alerts["ErrorBudgetBurnsFast"]
    assert max(float(one.value) for one in alert.parameters.values()) == objectives.FASTEST


def test_every_objective_of_ours_can_burn_fast_enough() -> None:
    assert all(float(one.objective.value) > objectives.lowest() for one in load().objectives.values())


def test_every_window_an_alert_reads_is_recorded() -> None:
    groups = [group for one in load().objectives.values() for group in objectives.records(one, environment()).values()]
    recorded = {name for group in groups for name, _ in group}
    for alert in ("ErrorBudgetBurnsFast", "ErrorBudgetBurnsSlowly"):
        assert {name for name in names(load().alerts[alert].expr) if name.startswith("slo:")} <= recorded


@pytest.mark.parametrize("percent", [50, 90, 93, 93.05])
def test_an_objective_whose_budget_is_too_large_to_burn_is_refused(percent: float) -> None:
    ((place, message),) = told(figures.reachable, environment(objectives={"first_token": percent}))
    assert place == "monitoring.objectives.first_token"
    assert "cannot be used up 14.4 times too fast" in message


@pytest.mark.parametrize("percent", [93.1, 95, 99.9])
def test_stricter_objectives_are_taken(percent: float) -> None:
    assert told(figures.reachable, environment(objectives={"first_token": percent})) == []


def test_the_budget_is_what_the_objective_leaves() -> None:
    env = environment(objectives={"first_token": 99.5})
    fast = dict(objectives.records(load().objectives["first_token"], env)["1m"])
    assert fast["slo:error_budget:ratio"] == "vector(0.005)"


def test_settings_nobody_reads_are_told_with_the_nearest_that_is() -> None:
    env = environment(thresholds={"ttft_p95_secs": 1, "queue_depth": 60}, objectives={"first_tokens": 95})
    found = list(figures.named(env))
    assert [finding.place[-1] for finding in found] == ["ttft_p95_secs", "first_tokens"]
    assert "ttft_p95_seconds" in found[0].next
    assert "first_token" in found[1].next


def test_the_engine_is_given_the_edges_that_figures_ask_for() -> None:
    found = histograms.custom(load(), environment())
    assert list(found) == ["inter_token_latency"]
    assert tuple(found["inter_token_latency"][:6]) == EDGES
    more = histograms.custom(load(), environment(thresholds={"ttft_p95_seconds": 0.4, "itl_p95_seconds": 0.1}))
    assert list(more) == ["time_to_first_token"]
    assert 0.4 in more["time_to_first_token"]
    assert 0.5 in more["time_to_first_token"]


def test_an_engine_with_edges_of_its_own_takes_figures_that_are_edges_only(monkeypatch: pytest.MonkeyPatch) -> None:
    old_engine(monkeypatch)
    assert histograms.custom(load(), environment()) == {}
    ((place, message),) = told(figures.edges, environment())
    assert place == "monitoring.thresholds.itl_p95_seconds"
    assert message == "vllm:inter_token_latency_seconds has no bucket that ends at 0.08, so nobody can tell what is above it"
    assert told(figures.edges, environment(thresholds={"itl_p95_seconds": 0.075})) == []


def test_the_gateway_has_edges_of_its_own_whatever_the_engine() -> None:
    ((place, _),) = told(figures.edges, environment(thresholds={"request_p99_seconds": 10}))
    assert place == "monitoring.thresholds.request_p99_seconds"
    assert told(figures.edges, environment(thresholds={"request_p99_seconds": 5.12})) == []


def test_the_option_is_the_deployed_releases() -> None:
    engine = load_catalog().engines["vllm"]
    assert engine.custom_buckets is not None
    assert engine.model_copy(update={"version": "0.31.1"}).custom_buckets is None


def test_edges_are_offered_that_are_near(monkeypatch: pytest.MonkeyPatch) -> None:
    old_engine(monkeypatch)
    (finding,) = figures.edges(environment())
    assert finding.allowed == "0.025, 0.05, 0.075, 0.1, …"


def test_a_time_zone_with_other_summers_is_refused() -> None:
    ((place, _),) = told(monitoring.business_hours, environment(business_hours={"timezone": "America/New_York"}))
    assert place == "monitoring.business_hours.timezone"


def test_the_page_of_reference_is_current() -> None:
    from blueprint.monitoring import reference

    page = Path(reference.PAGE)
    assert page.read_text(encoding="utf-8") == reference.render(load()), "python -m blueprint.monitoring.reference"
