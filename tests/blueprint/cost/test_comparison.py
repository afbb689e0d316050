"""Environments and demands, compared."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from blueprint.catalog import load_catalog
from blueprint.cli import command_line
from blueprint.cost.case import Case, demand_case, environment_case
from blueprint.cost.comparison import Comparison, Row, compare
from blueprint.cost.curves import cost_over_volume, total_over_months
from blueprint.cost.nodes import average_nodes, spare_nodes
from blueprint.cost.render import paragraphs
from blueprint.cost.uncertainty import bases
from blueprint.cost.ways import way_total, ways_of
from blueprint.environment import Replicas
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.rehearsal.cost import monthly_cost
from blueprint.workload import Demand
from blueprint.workload.loading import load_demand

ROOT = Path(__file__).parents[3]
CUSTOMER = {"documents": {"input_tokens_per_month": 85e6, "output_tokens_per_month": 22e6}}
KNOWN = {"usd_per_eur": 1, "api_decline_per_year": 0, "price_change": 1}


def case(workload: dict[str, Any] = CUSTOMER, **given: Any) -> Case:
    return demand_case(Demand.model_validate({"workload": workload, "assumptions": KNOWN, **given}), "case")


def row(comparison: Comparison, name: str) -> Row:
    return next(row for row in comparison.rows if row.name == name)


def environment(name: str) -> Any:
    return load(ROOT / "environments" / f"{name}.yaml")


def test_the_api_costs_its_list_price_this_month_and_over_the_horizon() -> None:
    found = row(compare(case(), 100), "API")
    assert found.per_month == pytest.approx(542.50)
    assert found.total == pytest.approx(542.50 * 18)


def test_the_bill_is_shown_beside_the_list_price() -> None:
    comparison = compare(case(bill_eur_per_month=18_500), 100)
    assert row(comparison, "API").effective_per_month == 18_500
    assert comparison.effective_price == pytest.approx(172.9, abs=0.01)
    told = " ".join(paragraphs(comparison)[0][1])
    assert "34.1 times the list price" in told
    assert "Against the bill of 18,500 EUR a month these cost less" in told


def test_machines_are_held_against_the_bill_as_well_as_against_the_list_price() -> None:
    found = row(compare(case(bill_eur_per_month=18_500), 100), "managed-endpoint")
    assert found.cheaper == 0
    assert found.cheaper_than_bill is not None
    assert found.cheaper_than_bill > 0.9
    assert row(compare(case(), 100), "managed-endpoint").cheaper_than_bill is None


def test_emissions_follow_the_country_the_machines_are_in() -> None:
    comparison = compare(case(), 100)
    paris, frankfurt = row(comparison, "scaleway").hardware, row(comparison, "owned").hardware
    assert paris is not None
    assert frankfurt is not None
    assert (paris.country, frankfurt.country) == ("FR", "DE")
    assert paris.kwh is not None
    assert paris.kwh == frankfurt.kwh  # the same two cards
    assert paris.kg_co2e is not None
    assert [emitted / paris.kwh for emitted in paris.kg_co2e] == pytest.approx([0.041, 0.056])
    (lines,) = [lines for title, lines in paragraphs(comparison) if title.startswith("Energy")]
    assert any("in FR  [EcoLogits" in line for line in lines)


def test_prices_that_are_no_longer_true_stay_visible_as_such() -> None:
    shown = paragraphs(compare(case(options={"fr": {"instance": "H100-1-80G"}}), 100))
    (lines,) = [lines for title, lines in shown if title.startswith("Prices of these machines")]
    assert [line.partition("  [")[0] for line in lines] == [
        "H100-1-80G: 2.52 EUR an hour, stale",
        "H100-1-80G: 2.73 EUR an hour, superseded",
    ]


def test_published_rules_stand_beside_the_model_and_may_disagree_with_it() -> None:
    (rules,) = [lines for title, lines in paragraphs(compare(case(bill_eur_per_month=18_500), 100)) if title.startswith("Rules")]
    assert "stay at 542 EUR at list price" in rules[0]
    assert "worth considering at 18,500 EUR by the bill" in rules[0]
    assert "api-inference at 107 M tokens" in rules[1]


def test_a_stale_rate_is_told_with_its_date_unless_one_gives_ones_own() -> None:
    found = demand_case(Demand.model_validate({"workload": CUSTOMER}), "case")
    rate = found.assumptions["usd_per_eur"].model_copy(update={"status": "stale", "as_of": "2025-02-28"})
    stale = replace(found, assumptions={**found.assumptions, "usd_per_eur": rate})
    assert any("of 2025-02-28, which is stale" in line for line in paragraphs(compare(stale, 100))[0][1])
    assert not any("stale" in line for line in paragraphs(compare(case(), 100))[0][1])


def test_machines_of_scaleway_cost_their_list_price_and_the_people_around_them() -> None:
    lines = row(compare(case(), 100), "scaleway").lines
    assert lines["GPU machines"] == pytest.approx(2 * 2.8665 * 730)
    assert {"set-up, amortised", "operations", "monitoring", "security and compliance"} <= set(lines)


def test_every_way_of_hosting_is_compared() -> None:
    names = {row.name for row in compare(case(apis=["deepseek/v3.2"]), 100).rows}
    hosted = {"azure-on-demand", "azure-reserved", "azure-spot", "scaleway", "managed-endpoint", "owned"}
    assert names == {"API", "deepseek/v3.2", *hosted}
    reserved, on_demand = (row(compare(case(), 100), f"azure-{kind}").per_month for kind in ("reserved", "on-demand"))
    assert reserved < on_demand


def test_an_enormous_volume_is_cheapest_on_machines_and_the_draws_say_so() -> None:
    comparison = compare(case({"bulk": {"input_tokens_per_month": 85e9, "output_tokens_per_month": 22e9}}), 100)
    first = comparison.rows[0]
    assert first.hardware is not None
    assert first.cheaper == 1
    assert first.hardware.machines > 2
    assert f"{first.hardware.machines:.3g} machines, own NVIDIA H100 PCIe" in paragraphs(comparison)[0][1][0]


def test_what_must_be_self_hosted_rules_the_api_out_and_the_answer_says_why() -> None:
    comparison = compare(case({"records": {**CUSTOMER["documents"], "placement": "self-hosted"}}), 100)
    assert row(comparison, "API").why_not == "records must be self-hosted"
    assert comparison.rows[-1].why_not
    assert "API costs least" not in " ".join(paragraphs(comparison)[0][1])


def test_a_hybrid_keeps_the_frontier_at_its_api_and_the_bulk_on_machines() -> None:
    bulk = {"input_tokens_per_month": 20e9, "output_tokens_per_month": 5e9}
    frontier = {"input_tokens_per_month": 1e6, "output_tokens_per_month": 1e6, "placement": "api"}
    comparison = compare(case({"bulk": bulk, "frontier": frontier}), 100)
    (hybrid,) = [row for row in comparison.rows if row.name.startswith("hybrid")]
    assert comparison.rows[0] is hybrid
    assert hybrid.label == "bulk self-hosted, frontier at APIs"
    assert "tokens, frontier" in hybrid.lines


def test_the_same_seed_gives_the_same_answer_to_the_last_bit() -> None:
    assert compare(case(), 100, seed=3) == compare(case(), 100, seed=3)
    assert compare(case(), 100, seed=3) != compare(case(), 100, seed=4)


def test_the_middle_of_the_draws_is_the_closed_form_where_ranges_are_even() -> None:
    even = {
        name: {"low": base * 0.8, "base": base, "high": base * 1.2}
        for name, base in (("engineer_eur_per_year", 150_000), ("setup_eur", 45_000))
    }
    flat = {"operations_fte": 0.28, "security_eur_per_month": 1_600, "monitoring_eur_per_month": 650, "support_usd_per_month": 1_000}
    found = compare(case(assumptions=KNOWN | even | flat), 500)
    for name in ("scaleway", "azure-on-demand", "API"):
        one = row(found, name)
        middle = one.spread.p50 if name != "API" else row(compare(case(assumptions=KNOWN | {"api_factor": 1})), name).spread.p50
        assert middle == pytest.approx(one.total, rel=0.01)


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1, 1000), tokens=st.floats(1e3, 1e11))
def test_more_tokens_never_cost_less_whichever_way(scale: float, tokens: float) -> None:
    small, large = (case({"a": {"input_tokens_per_month": one, "output_tokens_per_month": one}}) for one in (tokens, tokens * scale))
    values = bases(small.inputs)
    for less, more in zip(ways_of(small, values), ways_of(large, values), strict=True):
        assert way_total(large, more)(values) >= way_total(small, less)(values) * (1 - 1e-9)


def test_only_assumptions_the_answer_rests_on_are_listed() -> None:
    comparison = compare(case(options={"fr": {"instance": "H100-1-80G", "region": "fr-par"}}), 100)
    assert "operations_fte" in comparison.used
    assert not {"purchase_usd_per_gpu", "spot_discount", "managed_premium"} & set(comparison.used)


def test_ones_own_throughput_replaces_the_assumed_one_with_its_source() -> None:
    measured = {"base": 4000, "source": "guidellm, 2026-11-20"}
    own = case(assumptions=KNOWN | {"tokens_per_second_per_gpu": measured})
    before, after = (compare(one, 100).crossings[3].capacity_tokens_per_month for one in (case(), own))
    assert after == pytest.approx(2 * before)
    assert own.assumptions["tokens_per_second_per_gpu"].source == "guidellm, 2026-11-20"


def test_people_are_compared_with_licences_for_what_those_are() -> None:
    (lines,) = [lines for title, lines in paragraphs(compare(case(people=500), 100)) if title == "Licences per person"]
    assert "180,000 USD a year" in lines[0]
    assert "no endpoint that applications can call" in lines[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": {"instance": "H100-1-80"}}, "no machine with a GPU 'H100-1-80'"),
        ({"x": {"instance": "POP2-4C-16G"}}, "no machine with a GPU"),
        ({"x": {"instance": "Standard_NCC40ads_H100_v5"}}, "no price per hour is known"),
        ({"x": {"instance": "H100-1-80G", "region": "fr-pra"}}, "no region fr-pra"),
        ({"x": {"gpu": "h100", "pricing": "owned", "country": "DE"}}, "no card 'h100'"),
    ],
)
def test_an_option_nobody_can_price_is_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BlueprintError, match=message) as refused:
        case(options=options)
    assert refused.value.next_step


def test_ones_own_price_replaces_the_list_price() -> None:
    lines = row(compare(case(options={"deal": {"instance": "H100-2-80G", "price_per_hour": 4.0}}), 100), "deal").lines
    assert lines["GPU machines"] == pytest.approx(4 * 730)


# ── environments ──


@pytest.mark.parametrize("name", ["dev", "dc-prod", "eu-prod", "eu-staging", "fr-prod"])
def test_an_environment_costs_something_before_the_first_token(name: str) -> None:
    comparison = compare(environment_case(environment(name), None), 100)
    (only,) = comparison.rows
    assert only.per_month > 0
    assert "before the first token" in paragraphs(comparison)[0][1][0]


def test_machines_agree_with_what_a_rehearsal_says_of_the_pools() -> None:
    """dc-prod runs at its minimum around the clock, at one price."""
    env = environment("dc-prod")
    (amount,) = monthly_cost(env).now
    lines = row(compare(environment_case(env, None), 100), "dc-prod").lines
    assert lines["GPU machines"] + lines["other machines"] == pytest.approx(amount.low, abs=1)


def test_a_pool_that_sleeps_at_night_is_paid_for_by_day() -> None:
    assert average_nodes(environment("dev"), "gpu") == pytest.approx(50 / 168)  # 8 to 18 on five days
    assert average_nodes(environment("eu-prod"), "batch") == pytest.approx(7 / 24)  # 22 to 5, over midnight
    assert average_nodes(environment("dc-prod"), "whole") == 1


@pytest.mark.parametrize(
    ("name", "pool", "spares"),
    [
        ("eu-prod", "h100", 108 / 168 + 1),  # two replicas of both; analysis has its second in office hours
        ("eu-prod", "batch", 0),  # it waits
        ("fr-prod", "h100", 108 / 168),  # two cards a machine; one machine outside office hours
        ("dc-prod", "slices", 1),  # all replicas would fit one machine, and fail with it
        ("dev", "gpu", 0),
        ("eu-staging", "h100", 0),
    ],
)
def test_spares_are_machines_more_so_that_one_may_fail(name: str, pool: str, spares: float) -> None:
    assert spare_nodes(environment(name), pool) == pytest.approx(spares)


def test_a_spare_that_is_declared_is_not_priced_twice() -> None:
    env = environment("eu-prod")
    models = {
        name: model.model_copy(update={"replicas": Replicas(min=2, max=2)}) for name, model in env.models.items() if model.pool == "h100"
    }
    declared = env.model_copy(update={"models": {**env.models, **models}})
    assert spare_nodes(declared, "h100") == 0
    assert average_nodes(declared, "h100") == average_nodes(env, "h100") + spare_nodes(env, "h100")


@given(st.sets(st.sampled_from(["analysis", "classify", "nightly", "retrieval"])), st.sampled_from(["analysis", "classify", "nightly"]))
@settings(max_examples=30, deadline=None)
def test_one_more_use_case_never_wants_fewer_spares(wanting: set[str], more: str) -> None:
    env = environment("eu-prod")
    assert 0 <= spare_nodes(env, "h100", wanting) <= spare_nodes(env, "h100", wanting | {more}) <= spare_nodes(env, "h100")


def test_machines_without_a_price_are_named_and_have_no_break_even() -> None:
    env = environment("dc-prod")
    unpriced = {name: kind.model_copy(update={"eur_per_hour": None}) for name, kind in env.cluster.node_types.items()}
    env = env.model_copy(update={"cluster": env.cluster.model_copy(update={"node_types": unpriced})})
    comparison = compare(environment_case(env, None), 100)
    assert comparison.crossings[0].at_list.tokens_per_month is None
    told = " ".join(paragraphs(comparison)[0][1])
    assert "Not in it, because no price is known: machines of system (general), machines of whole (hgx)" in told
    assert "unknown: its machines have no price" in told


def test_a_demand_is_served_as_the_environment_declares_it() -> None:
    use = {"input_tokens_per_month": 1e6, "output_tokens_per_month": 1e6}
    demand = Demand.model_validate({"workload": {"analysis": use, "retrieval": use}, "apis": ["deepseek/v3.2"]})
    comparison = compare(environment_case(environment("eu-prod"), demand), 100)
    declared = row(comparison, "as declared")
    assert "tokens, retrieval" in declared.lines
    assert "tokens, analysis" not in declared.lines
    assert row(comparison, "deepseek/v3.2").why_not


def test_a_use_case_the_environment_does_not_have_is_refused_with_the_nearest() -> None:
    demand = Demand.model_validate({"workload": {"analysi": CUSTOMER["documents"]}})
    with pytest.raises(BlueprintError, match="analysi") as refused:
        environment_case(environment("eu-prod"), demand)
    assert "`analysis`" in refused.value.next_step


def test_an_api_paid_by_the_machine_needs_another_price_for_its_tokens() -> None:
    demand = Demand.model_validate({"workload": {"drafting": CUSTOMER["documents"]}})
    with pytest.raises(BlueprintError, match=r"workload\.drafting: no price per token is known for scaleway-inference/") as refused:
        environment_case(environment("fr-prod"), demand)
    assert "`api:`" in refused.value.next_step


# ── what a report draws ──


def test_the_curve_over_volume_crosses_where_break_even_says() -> None:
    one = case(options={"fr": {"instance": "H100-1-80G"}}, assumptions=KNOWN | {"tokens_per_second_per_gpu": 20_000})
    (crossing,) = compare(one, 100).crossings
    volume = crossing.at_list.tokens_per_month
    assert volume is not None
    before, at, after = cost_over_volume(one, one.fleets[0], [volume * 0.99, volume, volume * 1.01])
    assert at.api == pytest.approx(at.machines_cost)
    assert before.api < before.machines_cost
    assert after.api > after.machines_cost


def test_totals_over_the_months_end_at_the_horizons_total() -> None:
    one = case()
    way = next(way for way in ways_of(one, bases(one.inputs)) if way.name == "scaleway")
    months = total_over_months(one, way, 100, 7)
    assert list(months) == list(range(1, 19))
    assert months[18] == row(compare(one, 100), "scaleway").spread
    assert months[1].p50 * 18 == pytest.approx(months[18].p50)


# ── the command ──


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(ROOT)
    return CliRunner().invoke(command_line(), ["cost", *arguments])


def test_the_command_answers_first_and_then_shows_what_it_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("--demand", "demand/eu-prod.yaml", "--draws", "100", monkeypatch=monkeypatch).stdout
    assert said.index("costs least") < said.index("Break-even") < said.index("Assumed")
    assert "stale" in said


def test_the_command_speaks_json(monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(run("eu-prod", "--format", "json", "--draws", "100", monkeypatch=monkeypatch).stdout)
    assert data["answer"][0].startswith("eu-prod costs")
    assert data["case"]["assumptions"]["operations_fte"]["source"]


def test_the_command_lists_published_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "crossover_example" in run("claims", monkeypatch=monkeypatch).stdout
    claims = json.loads(run("claims", "--format", "json", monkeypatch=monkeypatch).stdout)
    assert {"id", "says", "gives", "why", "verdict"} <= set(claims[0])


def test_the_command_needs_something_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch=monkeypatch).exit_code == 2


def test_the_demand_the_documentation_shows_is_accepted_and_compared(tmp_path: Path) -> None:
    (shown,) = [part for part in (ROOT / "docs/concepts/cost.md").read_text().split("```") if part.startswith("yaml")]
    (tmp_path / "shown.yaml").write_text(shown.removeprefix("yaml"))
    names = {row.name for row in compare(demand_case(load_demand(tmp_path / "shown.yaml"), "shown"), 100).rows}
    assert {"API", "deepseek/v3.2", "paris", "deal", "rack"} <= names


def test_an_unpriced_pool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    machines = load_catalog().providers["scaleway"].instances
    monkeypatch.setitem(machines, "POP2-8C-32G", machines["POP2-8C-32G"].model_copy(update={"prices": ()}))
    assert "machines of system (POP2-8C-32G)" in run("fr-prod", "--draws", "100", monkeypatch=monkeypatch).stdout


def test_a_free_api_never_loses() -> None:
    free = replace(case(), rate=replace(case().rate, input=0, output=0))
    uses = tuple(use.at(free.rate) for use in free.uses)
    found = compare(replace(free, uses=uses), 100)
    assert all(crossing.at_list.tokens_per_month is None for crossing in found.crossings)
    json.dumps([crossing.parity_utilization for crossing in found.crossings], allow_nan=False)
