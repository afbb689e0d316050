"""Machines by the month: every line by hand, the staircase, and that cheaper inputs never cost more."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blueprint.catalog.prices import load_prices
from blueprint.cost.machines import Fleet, Pool, Stream, energy_kwh, extra_nodes, horizon_total, month_lines, monthly_peaks
from blueprint.cost.uncertainty import Spread

KNOWN = {name: figure.base for name, figure in load_prices().assumptions.items()}
POOL = Pool("h100", 2, 1, Spread(2.5, 2.5, 2.5), "EUR", watts=350)
FLEET = Fleet("rented", "two rented cards", "on-demand", (POOL,))
VALUES = KNOWN | {
    "rented: h100 per hour": 2.5,
    "setup_eur": 36_000,
    "operations_fte": 0.25,
    "engineer_eur_per_year": 120_000,
    "monitoring_eur_per_month": 500,
    "security_eur_per_month": 1_200,
    "usd_per_eur": 1.25,
    "price_change": 1,
}


def total(fleet: Fleet, values: dict[str, float], peak: float = 0) -> float:
    return horizon_total(fleet, [peak], values, 730, 18)


def test_every_line_of_a_month_is_its_arithmetic() -> None:
    lines = month_lines(replace(FLEET, pools=(replace(POOL, spare=1),), support=True, stored_gib=1_000), VALUES, 730, 18, 0)
    assert {name: round(amount, 2) for name, amount in lines.items() if amount} == {
        "GPU machines": 3_650.00,  # 2 × 2.50 × 730
        "redundancy": 1_825.00,
        "set-up, amortised": 2_000.00,  # 36,000 / 18
        "operations": 2_500.00,  # a quarter of 120,000 a year
        "monitoring": 500.00,
        "security and compliance": 1_200.00,
        "storage and egress": 14.40,  # 1,000 × $0.018 / 1.25
        "support plan": 800.00,  # $1,000 / 1.25
    }


def test_dollars_are_divided_by_the_rate_and_discounts_taken_off() -> None:
    dollars = replace(POOL, currency="USD", discounted="reserved_discount")
    lines = month_lines(replace(FLEET, pools=(dollars,)), {**VALUES, "reserved_discount": 0.4}, 730, 18, 0)
    assert lines["GPU machines"] == pytest.approx(3_650 / 1.25 * 0.6)


def test_a_managed_endpoint_pays_its_premium_and_less_staff() -> None:
    lines = month_lines(replace(FLEET, pricing="managed"), {**VALUES, "managed_premium": 0.3}, 730, 18, 0)
    assert lines["managed premium"] == pytest.approx(0.3 * 3_650)
    assert lines["operations"] < month_lines(FLEET, VALUES, 730, 18, 0)["operations"]


def test_own_cards_wear_and_burn() -> None:
    owned = replace(FLEET, pricing="owned", pools=(replace(POOL, price=None),))
    values = VALUES | {
        "purchase_usd_per_gpu": 30_000,
        "depreciation_years": 4,
        "gpu_power_share": 1,
        "pue": 1.5,
        "electricity_eur_per_kwh": 0.2,
    }
    lines = month_lines(owned, values, 730, 18, 0)
    assert lines["depreciation"] == pytest.approx(2 * 24_000 / 48)
    assert lines["power"] == pytest.approx(2 * 0.35 * 1.5 * 730 * 0.2)
    assert energy_kwh(owned, values, 730, 0) == pytest.approx(2 * 0.35 * 1.5 * 730)


def test_energy_is_unknown_where_a_cards_draw_is() -> None:
    assert energy_kwh(replace(FLEET, pools=(replace(POOL, watts=None),)), VALUES, 730, 0) is None


def test_machines_come_in_steps_with_headroom() -> None:
    values = {**VALUES, "tokens_per_second_per_gpu": 1_000, "headroom": 1.5}
    assert [extra_nodes(FLEET, [peak], values) for peak in (0, 1_333, 1_334, 2_000, 2_001)] == [0, 0, 1, 1, 2]


def test_growth_is_paid_for_from_the_month_it_comes() -> None:
    values = {**VALUES, "tokens_per_second_per_gpu": 1_000, "headroom": 1}
    peaks = monthly_peaks([Stream(1_500, growth_per_year=1)], 12)
    assert peaks[0] == 1_500
    by_hand = sum(1_500 * 2 ** (month / 12) > 2_000 for month in range(12)) / 12  # a third machine, from then on
    assert extra_nodes(FLEET, peaks, values) == by_hand


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(VALUES)), share=st.floats(0.2, 1), peak=st.floats(0, 20_000))
def test_a_cheaper_input_never_raises_the_total(name: str, share: float, peak: float) -> None:
    """Cheaper: a lower cost; for what one gets for it (throughput, discounts, years, euros per dollar) a lower value is dearer."""
    gains = {"tokens_per_second_per_gpu", "usd_per_eur", "depreciation_years", "reserved_discount", "spot_discount"}
    owned = replace(FLEET, name="own", pricing="owned", pools=(replace(POOL, price=None),))
    dollars = replace(FLEET, pools=(replace(POOL, currency="USD", discounted="reserved_discount"),), support=True, stored_gib=100)
    for fleet in (FLEET, owned, dollars, replace(FLEET, pricing="managed")):
        before, after = total(fleet, VALUES, peak), total(fleet, {**VALUES, name: VALUES[name] * share}, peak)
        assert (after >= before * (1 - 1e-9)) if name in gains else (after <= before * (1 + 1e-9))


@given(one=st.floats(0, 1e5), more=st.floats(0, 1e5))
def test_more_tokens_never_cost_less(one: float, more: float) -> None:
    assert total(FLEET, VALUES, one + more) >= total(FLEET, VALUES, one)
