"""Every rule is proven by inputs that break it and twins that pass all rules, none left out (tests/policies/cases.py)."""

import pytest

from blueprint.policy import Status
from blueprint.policy.registry import rules
from tests.policies.cases import Case, cases

CASES = list(cases())
ROWS = range(1, 71)  # of the catalogue of evasions the rules were made against
# Rows no rule can see, with the reason.
UNSEEN: dict[int, str] = {}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_violating_input_is_caught_by_its_rule(case: Case) -> None:
    report = case.check("violating")
    caught = [result for result in report.failures if result.rule == case.rule]
    assert caught, f"{case} passes {case.rule}"
    assert not [result for result in caught if not result.why], "every finding says why"
    reason = case.settings.get("reason", "")
    assert any(reason in result.why for result in caught), f"{[result.why for result in caught]} do not say {reason!r}"
    assert not [result.why for result in report.failures if "broke on this resource" in result.why], "a broken rule has caught nothing"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_its_compliant_twin_passes_every_rule(case: Case) -> None:
    report = case.check("compliant")
    assert [(result.rule, result.address, result.path, result.why) for result in report.failures] == []
    assert report.census.unchecked == ()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_looked_at_the_compliant_twin(case: Case) -> None:
    """A twin that passes because nothing of it concerns the rule would prove nothing."""
    assert [result for result in case.check("compliant").results if result.rule == case.rule and result.status is Status.passed]


def test_every_rule_has_a_case() -> None:
    assert {rule.id for rule in rules()} - {case.rule for case in CASES} == set()


def test_every_case_is_of_a_rule() -> None:
    assert {case.rule for case in CASES} - {rule.id for rule in rules()} == set()


def test_every_row_of_the_evasion_catalogue_has_a_case() -> None:
    told = {row for case in CASES for row in case.settings.get("rows", [])}
    assert set(ROWS) - told == set(UNSEEN)
