"""The matrix: data class x zone, with conditions, dates and the law of every answer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import pytest

from blueprint import places
from blueprint import residency_catalog as catalog
from blueprint.conditions import ConditionName, complaint, conditions
from blueprint.matrix import CLASSES, Answer, DataClass, Kind, Outcome, class_of, judge, rows, strictest
from blueprint.places import Place
from blueprint.policy import Scope
from blueprint.zones import ZONES, ZoneName

TODAY = date(2026, 11, 21)
ALL = dict.fromkeys(get_args(ConditionName), "2026-10-01")


def region(cloud: str, name: str) -> Place:
    found = places.region(cloud, name)
    assert isinstance(found, Place)
    return found


PLACES: dict[ZoneName, Place] = {
    "eu-sovereign": region("scaleway", "fr-par"),
    "eu-resident": region("azure", "westeurope"),
    "eea": region("azure", "norwayeast"),
    "adequate": region("azure", "switzerlandnorth"),
    "global": region("azure", "eastus"),
}


def answer(data_class: DataClass, where: Place, zone: ZoneName = "global", signed: Mapping[str, str] = MappingProxyType({})) -> Answer:
    return Scope(zone, data_class, conditions=signed, on=TODAY).answer(where)


@pytest.mark.parametrize(
    ("data_class", "outcomes"),
    [  # without a single declaration: a allowed, c conditions missing, d denied
        ("public", "aaaaa"),
        ("internal", "aaaac"),
        ("confidential", "aaacd"),
        ("personal", "ccccd"),
        ("special", "cccdd"),
        ("regulated-function", "cccdd"),
    ],
)
def test_the_matrix_is_the_one_on_the_page(data_class: DataClass, outcomes: str) -> None:
    letters = {Outcome.allowed: "a", Outcome.conditional: "c", Outcome.denied: "d"}
    assert "".join(letters[answer(data_class, PLACES[zone]).outcome] for zone in ZONES) == outcomes


@pytest.mark.parametrize(("data_class", "allowed"), [("personal", 5), ("special", 3), ("regulated-function", 3), ("confidential", 5)])
def test_what_is_signed_opens_all_that_is_not_denied(data_class: DataClass, allowed: int) -> None:
    said = [answer(data_class, PLACES[zone], signed=ALL).outcome for zone in ZONES]
    assert said == [Outcome.allowed] * allowed + [Outcome.denied] * (5 - allowed)


def test_outside_the_zone_is_denied_whatever_the_class_and_whatever_is_signed() -> None:
    for inner, outer in pairwise(ZONES):
        for data_class in CLASSES:
            said = answer(data_class, PLACES[outer], inner, ALL)
            assert said.outcome is Outcome.denied, f"{data_class} in {outer} for {inner}"
            assert not said.allowed


@pytest.mark.parametrize(
    ("data_class", "zone", "missing"),
    [
        ("internal", "global", {"no_training"}),
        ("confidential", "adequate", {"confidentiality_contract", "encryption"}),
        ("personal", "eu-sovereign", {"processor_contract"}),
        ("personal", "eu-resident", {"processor_contract", "transfer_assessment"}),
        ("personal", "eea", {"processor_contract", "transfer_assessment"}),
        ("personal", "adequate", {"processor_contract", "transfer_assessment", "transfer_record"}),
        ("special", "eu-sovereign", {"processor_contract", "impact_assessment"}),
        ("special", "eu-resident", {"processor_contract", "transfer_assessment", "impact_assessment", "customer_keys"}),
        ("regulated-function", "eu-sovereign", {"processor_contract", "dora_register"}),
        ("regulated-function", "eea", {"processor_contract", "transfer_assessment", "dora_register", "exit_plan", "concentration_note"}),
    ],
)
def test_missing_conditions_are_named(data_class: DataClass, zone: ZoneName, missing: set[str]) -> None:
    assert set(answer(data_class, PLACES[zone]).missing) == missing


def test_an_operator_from_an_adequate_country_needs_no_assessment_at_home_but_one_in_the_eea() -> None:
    home, abroad = Place("zurich", frozenset({"CH"}), "Swiss", "CH"), Place("vienna", frozenset({"AT"}), "Swiss", "CH")
    assert "transfer_assessment" not in answer("personal", home).missing
    assert "transfer_assessment" in answer("personal", abroad).missing


def test_what_nobody_else_operates_needs_no_contract() -> None:
    own = Place("vllm", frozenset())
    assert answer("personal", own).outcome is Outcome.allowed
    assert answer("special", own).missing == ("impact_assessment",)


def test_every_answer_has_its_law_in_one_sentence_and_its_reason_in_another() -> None:
    for zone in ZONES:
        for declared in ZONES:
            for data_class in CLASSES:
                said = answer(data_class, PLACES[zone], declared)
                assert said.basis.endswith("."), f"{data_class} in {zone}: {said.basis}"
                assert said.why
    assert "Art. 44" in answer("personal", PLACES["eea"]).basis
    assert answer("personal", PLACES["eea"], "eu-resident").why == "norwayeast is in Norway, outside zone eu-resident"
    assert "DORA" in answer("regulated-function", PLACES["global"]).basis


def test_a_country_narrows_any_zone() -> None:
    scope = Scope("eu-resident", "personal", "FR", ALL, TODAY)
    assert scope.answer(region("azure", "francecentral")).allowed
    assert not scope.answer(region("azure", "westeurope")).allowed
    assert not Scope("global", "public", "FR", {}, TODAY).answer(Place("a model API", None)).allowed
    assert "eu-resident (FR only)" in scope.answer(region("azure", "westeurope")).why


def test_spread_over_several_countries_the_worst_one_counts() -> None:
    spread = Place("replicas", frozenset({"DE", "CH"}))
    assert not answer("personal", spread, "eea").allowed
    assert answer("personal", spread, "adequate").missing == ("transfer_record",)


def test_an_adequacy_decision_counts_while_it_is_in_force() -> None:
    london, last = region("azure", "uksouth"), catalog.countries()["GB"].valid_until
    assert last is not None
    signed = {**ALL, "transfer_record": last.isoformat()}
    on = {day: Scope("adequate", "personal", "", signed, day).answer(london) for day in (last, last + timedelta(1))}
    assert [on[day].allowed for day in on] == [True, False]
    first = catalog.countries()["GB"].valid_from
    assert first is not None
    assert not Scope("adequate", "public", "", {}, first - timedelta(1)).answer(london).allowed


def test_the_framework_with_the_us_covers_certified_recipients_only_with_clauses_to_fall_back_on() -> None:
    eastus, certified = PLACES["global"], {"us_dpf.Microsoft": "2026-05-01"}
    assert not Scope("adequate", "personal", "", ALL, TODAY).answer(eastus).allowed
    said = Scope("adequate", "personal", "", certified, TODAY).answer(eastus)
    assert said.outcome is Outcome.conditional
    assert "standard_clauses" in said.missing
    assert not Scope("adequate", "personal", "", {"us_dpf.OpenAI": "2026-05-01"}, TODAY).answer(eastus).allowed
    assert not Scope("adequate", "personal", "", {"us_dpf.Microsoft": "2025-05-01"}, TODAY).answer(eastus).allowed
    assert not Scope("eea", "personal", "", {**ALL, **certified}, TODAY).answer(eastus).allowed


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("processor_contract", date(2026, 11, 22), "in the future"),
        ("processor_contract", date(2018, 5, 24), "too old: the GDPR applies since then"),
        ("processor_contract", date(2018, 5, 25), ""),
        ("standard_clauses", date(2020, 1, 1), "Decision (EU) 2021/914"),
        ("transfer_assessment", date(2020, 7, 15), "Schrems II"),
        ("dora_register", date(2025, 11, 21), "more than 12 months ago"),
        ("dora_register", date(2025, 11, 22), ""),
        ("encryption", date(1999, 1, 1), ""),
    ],
)
def test_the_day_a_condition_was_met_must_count(name: str, day: date, said: str) -> None:
    assert said in complaint(name, day, TODAY)
    assert bool(said) == bool(complaint(name, day, TODAY))


def test_a_day_that_is_none_counts_as_not_declared() -> None:
    assert answer("personal", PLACES["eu-sovereign"], signed={"processor_contract": "soon"}).missing == ("processor_contract",)


@pytest.mark.parametrize(
    ("data_class", "kind", "becomes"),
    [
        ("special", "content", "special"),
        ("personal", "logs", "personal"),
        ("personal", "metrics", "confidential"),
        ("public", "metrics", "public"),
        ("public", "state", "confidential"),
        ("special", "state", "special"),
        ("personal", "backup", "personal"),
        ("personal", "failover", "personal"),
        ("personal", "fine-tuned weights", "personal"),
        ("special", "weights", "public"),
        ("special", "image", "public"),
    ],
)
def test_what_data_is_in_changes_its_class(data_class: DataClass, kind: Kind, becomes: DataClass) -> None:
    assert class_of(data_class, kind) == becomes


def test_the_strictest_class_wins() -> None:
    assert strictest(["internal", "special", "public"]) == "special"


def test_the_tables_name_every_class_zone_and_condition() -> None:
    assert tuple(rows()) == CLASSES
    assert set(conditions()) == {*get_args(ConditionName), "us_dpf"}
    for row in rows().values():
        assert tuple(row.zones) == ZONES
        named = {*row.operator, *row.foreign_operator, *row.framework, *(name for cell in row.zones.values() for name in cell.needs)}
        assert named <= set(conditions())


def test_a_wider_place_never_needs_less() -> None:
    """More countries, or a stricter class, never turn a denial into permission."""
    order = [Outcome.allowed, Outcome.conditional, Outcome.denied]
    for data_class in CLASSES:
        outcomes = [
            order.index(judge(data_class, PLACES[zone], Scope("global", data_class, on=TODAY).zone, {}, TODAY).outcome) for zone in ZONES
        ]
        assert outcomes == sorted(outcomes), data_class
    for zone in ZONES[:3]:
        here = replace(PLACES[zone], countries=(PLACES[zone].countries or frozenset()) | {"US"})
        assert not answer("special", here).allowed


def test_the_page_shows_the_matrix_there_is() -> None:
    letters = {"allow": "A", "conditions": "C", "exception": "X", "deny": "D"}
    lines = (Path(__file__).parents[2] / "docs" / "concepts" / "residency.md").read_text(encoding="utf-8").splitlines()
    shown = {
        cells[0]: [cell[0] for cell in cells[1:]]
        for line in lines
        if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 6
    }
    assert {name: shown[name] for name in CLASSES} == {
        name: [letters[cell.verdict] for cell in row.zones.values()] for name, row in rows().items()
    }
