"""Placements by everything they cost: machines for peaks, or an API for them, and when it is which."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.cost.overflow import overflow_share
from blueprint.recommendation import Recommendation, recommend
from blueprint.recommendation.picture import Picture
from blueprint.recommendation.result import UseCaseAdvice, WeighedPlacement
from blueprint.recommendation.varied import dearer
from blueprint.recommendation.weighing import AT_APIS, ON_MACHINES, PEAKS_AT_APIS, RECOMMENDED, whole
from tests.blueprint.recommendation.cases import DAY, demand, environment, picture, residing

STEADY: dict[str, Any] = {"tokens_per_second_per_gpu": 2_000, "api_decline_per_year": 0, "api_factor": 1}
FROZEN: dict[str, Any] = {"frozen_model": True, "growth_per_year": 0}
PEAKY: dict[str, Any] = {"input_tokens_per_month": 6e9, "output_tokens_per_month": 1e9, "peak_factor": 4, "growth_per_year": 0}
USES = {"analysis": FROZEN, "classify": PEAKY}


def advised(uses: dict[str, dict[str, Any]], **more: Any) -> Recommendation:
    return recommend(environment(), demand(uses, assumptions=STEADY, **more), DAY)


def one(found: Recommendation, name: str) -> UseCaseAdvice:
    return next(each for each in found.use_cases if each.name == name)


def placements(found: UseCaseAdvice) -> dict[str, WeighedPlacement]:
    return {each.placement: each for each in found.weighed}


def test_peaks_go_to_an_api_where_machines_for_them_cost_more() -> None:
    found = advised(USES)
    classify = one(found, "classify")
    ways = placements(classify)
    assert classify.placement == "hybrid"
    assert ways["hybrid"].chosen
    costs = [ways[name].eur_per_month for name in ("hybrid", "self-hosted", "api")]
    assert costs[0] == min(cost for cost in costs if cost is not None)
    assert (ways["hybrid"].gpus or 0) < (ways["self-hosted"].gpus or 0)
    assert found.costs is not None
    assert found.costs.recommended == ways["hybrid"].eur_per_month


def test_the_overflow_is_priced_by_the_curve_and_is_in_the_sum() -> None:
    found, seen = advised(USES), picture(USES, assumptions=STEADY)
    classify, money = one(found, "classify"), seen.money("self-hosted")
    use, bound = money.uses["classify"], money.uses["analysis"].stream.peak_tokens_per_second
    gpus = placements(classify)["hybrid"].gpus or 0
    taken = (gpus * 2_000 / 1.5 - bound) / use.stream.peak_tokens_per_second
    by_hand = use.api_month(money.values) * overflow_share(taken, 4)
    assert classify.overflow is not None
    assert classify.overflow.eur_per_month == pytest.approx(by_hand, rel=1e-2)  # gpus is told with two digits
    assert classify.apart == classify.overflow.eur_per_month
    assert f"{classify.apart:,.0f} EUR a month at {classify.overflow.name}" in classify.reasons[-1].text
    machines = money.month(["analysis"]) + money.machine_month() * round(gpus - money.fleet.gpus)
    assert found.costs is not None
    rest = sum(each.eur_per_month or 0 for each in found.use_cases if each.placement == "api")
    assert found.costs.recommended == pytest.approx(machines + (classify.apart or 0) + rest)


def test_the_first_reason_has_all_three_ways_in_one_sentence() -> None:
    classify = one(advised(USES), "classify")
    amounts = [f"{placements(classify)[name].eur_per_month:,.0f}" for name in ("hybrid", "self-hosted", "api")]
    assert all(amount in classify.reasons[0].text for amount in amounts)


def test_the_api_stays_where_it_costs_least_and_machines_where_they_do() -> None:
    little = one(advised({"classify": {**PEAKY, "input_tokens_per_month": 6e6, "output_tokens_per_month": 1e6}}), "classify")
    assert little.placement == "api"
    steady = one(advised({**USES, "classify": {**PEAKY, "peak_factor": 1, "input_tokens_per_month": 1e9}}), "classify")
    assert steady.placement == "self-hosted"
    assert placements(steady)["hybrid"].closed.endswith("nothing would overflow")


def test_an_api_the_law_or_a_need_closes_takes_no_peak() -> None:
    frozen = one(advised({**USES, "classify": {**PEAKY, "frozen_model": True}}), "classify")
    assert (frozen.placement, frozen.overflow) == ("self-hosted", None)
    assert "its weights may only change" in placements(frozen)["hybrid"].closed
    sovereign = residing(environment(), zone="eu-resident", data_class="personal", conditions={"processor_contract": DAY})
    closed = recommend(sovereign, demand(USES, assumptions=STEADY), DAY)
    assert all(each.overflow is None for each in closed.use_cases)
    assert all(each.closed for found in closed.use_cases for each in found.weighed if each.placement == "hybrid")


def test_what_would_change_a_hybrid_does() -> None:
    classify = one(advised(USES), "classify")
    changes = {change.what: change.placement for change in classify.changes}
    assert changes["its weights must not change unless we change them"] == "self-hosted"
    peak = next(what for what, placement in changes.items() if what.startswith("its busiest minute") and placement == "self-hosted")
    factor = float(peak.split()[4])
    assert 1 <= factor < 4
    lower = one(advised({**USES, "classify": {**PEAKY, "peak_factor": max(1, factor * 0.95)}}), "classify")
    assert lower.placement == "self-hosted"


def test_the_price_from_which_machines_take_the_whole_peak_is_told_and_holds() -> None:
    flat = {**USES, "classify": {**PEAKY, "peak_factor": 1.5, "input_tokens_per_month": 7e9}}
    classify = one(advised(flat), "classify")
    assert classify.placement == "hybrid"
    times = next(float(each.what.split()[3]) for each in classify.changes if each.what.endswith("times as much"))
    money = picture(flat, assumptions=STEADY).money("self-hosted")
    for factor, over in ((times * 1.02, False), (times * 0.98, True)):
        plan = dearer(money, "classify", factor).plan(["analysis", "classify"], frozenset({"classify"}), 1)
        assert (plan.euros["classify"] > 0) is over


def test_the_peak_from_which_an_api_would_take_it_is_told_of_machines() -> None:
    steady = one(advised({**USES, "classify": {**PEAKY, "peak_factor": 1.2, "input_tokens_per_month": 1e9}}), "classify")
    assert steady.placement == "self-hosted"
    (what,) = [change.what for change in steady.changes if change.placement == "hybrid"]
    higher = {**PEAKY, "peak_factor": float(what.split()[4]) * 1.1, "input_tokens_per_month": 1e9}
    assert one(advised({**USES, "classify": higher}), "classify").placement == "hybrid"


def test_a_use_case_that_would_overflow_nearly_all_stays_at_its_api() -> None:
    crowded = {"analysis": {**FROZEN, "input_tokens_per_month": 8e9, "peak_factor": 1}, "classify": {**PEAKY, "peak_factor": 60}}
    classify = one(advised(crowded), "classify")
    assert classify.placement == "api"
    assert "would stay there" in classify.reasons[0].text


def test_replicas_the_environment_does_not_allow_are_machines_that_cost() -> None:
    uses = {"analysis": FROZEN, "classify": {**PEAKY, "input_tokens_per_month": 2e9, "output_tokens_per_month": 4e8}}
    found = picture(uses)
    needed = found.capacities["classify"]
    assert needed.replicas > needed.allowed
    cards = found.money("self-hosted").uses["classify"].stream.peak_tokens_per_second / (2_000 / 1.5)
    assert cards == pytest.approx(needed.replicas * needed.gpus_per_replica)


def test_the_ways_beside_each_other_name_who_may_not_be_so() -> None:
    found = advised(USES)
    assert found.costs is not None
    ways = {way.name: way for way in found.costs.ways}
    assert list(ways) == [RECOMMENDED, AT_APIS, ON_MACHINES, PEAKS_AT_APIS]
    assert ways[AT_APIS].barred == ("analysis",)
    assert ways[AT_APIS].gpus == 0
    assert ways[PEAKS_AT_APIS].eur_total <= ways[ON_MACHINES].eur_total
    assert ways[RECOMMENDED].overflow_eur_per_month == pytest.approx(one(found, "classify").apart)


AMOUNTS = st.sampled_from([1e7, 1e9, 5e9, 2e10])


@st.composite
def asked(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    names = draw(st.lists(st.sampled_from(["classify", "nightly", "retrieval", "summaries"]), unique=True, min_size=1))
    return {"analysis": FROZEN} | {
        name: {
            "input_tokens_per_month": draw(AMOUNTS),
            "output_tokens_per_month": draw(AMOUNTS),
            "peak_factor": draw(st.sampled_from([1, 1.5, 3, 8])),
            "growth_per_year": draw(st.sampled_from([0, 0.5])),
        }
        for name in names
    }


@settings(max_examples=25, deadline=None)
@given(asked(), st.data())
def test_cheaper_overflow_never_raises_what_everything_costs(uses: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    found: Picture = picture(uses, assumptions={"tokens_per_second_per_gpu": 4_000})
    money, spill = found.money("self-hosted"), frozenset(uses) - {"analysis"}
    name, times = data.draw(st.sampled_from(sorted(spill))), data.draw(st.floats(0.01, 1))
    less = dearer(money, name, times)
    own = list(uses)
    for cheap, dear in (
        (less.total(own, (), spill), money.total(own, (), spill)),
        (less.month(own, (), spill), money.month(own, (), spill)),
    ):
        assert cheap <= dear * (1 + 1e-6)
    assert money.total(own, (), spill) <= money.total(own) * (1 + 1e-9)
    kinds = found.decision.kinds
    assert whole(found, kinds, found.spill).total <= whole(found, kinds, frozenset()).total * (1 + 1e-9)
