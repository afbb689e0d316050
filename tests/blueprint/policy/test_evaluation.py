"""Nothing is passed over in silence: not what cannot be read, not what breaks a rule, not what no rule knows."""

import pytest

from blueprint.errors import Problem
from blueprint.facts import Resource
from blueprint.policy.evaluation import judge, total
from blueprint.policy.report import Census, Report
from tests.blueprint.policy.picture import INTERNAL, PERSONAL, account, by_color, facts


def test_a_kept_rule_is_reported_too() -> None:
    results, census = judge(facts(account(color="green")), PERSONAL, [by_color()])
    assert [(result.rule, result.status, result.counts) for result in results] == [("R99", "PASS", False)]
    assert census == Census(1, 1)


def test_a_broken_rule_says_where_what_and_what_to_do() -> None:
    results, _ = judge(facts(account(color="red")), PERSONAL, [by_color()])
    assert results[0].as_dict() == {
        "rule": "R99",
        "address": "cloud_account.a",
        "construct": "eu-prod/a",
        "status": "FAIL",
        "found": "red",
        "allowed": "green",
        "why": "accounts are green by law",
        "basis": "Art. 5",
        "controls": ["C5 1"],
        "path": "color",
        "next": "paint it",
        "file": "eu-prod/cdk.tf.json",
        "severity": "HIGH",
    }


@pytest.mark.parametrize(("scope", "counts"), [(PERSONAL, True), (INTERNAL, False)])
def test_what_nobody_can_tell_is_a_failure_where_data_is_personal(scope, counts) -> None:  # type: ignore[no-untyped-def]
    results, _ = judge(facts(account(color="unknown")), scope, [by_color()])
    assert [(result.status, result.counts) for result in results] == [("UNRESOLVED", counts)]


@pytest.mark.parametrize("scope", [PERSONAL, INTERNAL])
def test_a_rule_that_breaks_is_a_failure_with_the_exception_named(scope) -> None:  # type: ignore[no-untyped-def]
    results, _ = judge(facts(account(color="broken")), scope, [by_color()])
    assert [(result.status, result.counts) for result in results] == [("FAIL", True)]
    assert "ZeroDivisionError: division by zero" in results[0].why


def test_a_resource_no_rule_answers_for_is_unchecked_and_fails_the_check() -> None:
    unknown = Resource("moon_base", "moon_base.one", {})
    results, census = judge(facts(account(color="green"), unknown), PERSONAL, [by_color()])
    assert census == Census(2, 1, ("moon_base.one",))
    assert not Report(results, census).ok


def test_a_rule_that_says_nothing_has_not_checked() -> None:
    _, census = judge(facts(account()), PERSONAL, [by_color()])
    assert census.unchecked == ("cloud_account.a",)


def test_what_could_not_be_read_is_a_failure() -> None:
    picture = facts(problems=(Problem("eu-prod/cdk.tf.json", 7, "resource", "key given twice", next="keep one"),))
    results, _ = judge(picture, INTERNAL, [by_color()])
    assert [(result.rule, result.address, result.why, result.counts) for result in results] == [
        ("R00", "eu-prod/cdk.tf.json:7", "key given twice", True)
    ]


def test_censuses_add_up() -> None:
    assert total([Census(3, 2, ("a",)), Census(1, 1)]) == Census(4, 3, ("a",))
