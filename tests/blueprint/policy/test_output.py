"""Reports as people, programs, code scanning and CI read them."""

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema

from blueprint.errors import Problem
from blueprint.facts import Resource
from blueprint.policy import junit, sarif, text
from blueprint.policy.evaluation import judge
from blueprint.policy.report import Report, Waived
from tests.blueprint.policy.picture import PERSONAL, account, by_color, facts

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "sarif-2.1.0.json").read_text())


def report(*colors: str) -> Report:
    """Accounts of these colors, something unreadable and something no rule knows."""
    accounts = [account(color, color=color) for color in colors]
    picture = facts(*accounts, Resource("moon_base", "moon_base.one", {}), problems=(Problem("cdk.tf.json", 3, "", "a tab"),))
    results, census = judge(picture, PERSONAL, [by_color()])
    waived = [Waived(results.pop(), {"reason": "r", "owner": "o", "approver": "a", "expires": "2030-01-01"})]
    return Report(results, census, waived, rules=[by_color()], scopes={"eu-prod": "eu-resident, personal"})


def test_people_read_the_verdict_first_then_each_failure_and_what_to_do() -> None:
    lines = text.render(report("green", "red", "blue")).splitlines()
    assert lines[:2] == ["refused: 3 findings", "    eu-prod: eu-resident, personal"]
    assert "FAIL R99  eu-prod/red  color" in lines
    assert "    next     paint it" in lines
    assert "    why      accounts are green by law (Art. 5)" in lines
    assert "    moon_base.one" in lines
    assert lines[-1] == "1 rules, 4 resources: 1 PASS, 2 FAIL, 0 UNRESOLVED, 1 waived"


def test_a_name_in_a_file_cannot_move_the_cursor() -> None:
    assert "\x1b" not in text.render(report("\x1b[2Jgreen", "blue"))


def test_sarif_is_valid_by_its_own_schema() -> None:
    found = json.loads(sarif.render(report("green", "red", "unknown", "blue")))
    jsonschema.Draft4Validator(SCHEMA).validate(found)
    assert [result.get("ruleId") for result in found["runs"][0]["results"]] == ["R00", "R99", "R99", "R99", None]


def test_sarif_shows_waived_failures_as_suppressed() -> None:
    found = json.loads(sarif.render(report("blue")))
    assert [result["suppressions"][0]["status"] for result in found["runs"][0]["results"] if "suppressions" in result] == ["accepted"]


def test_junit_counts_failures_errors_and_waived_ones() -> None:
    suites = ElementTree.fromstring(junit.render(report("green", "red", "blue")))
    counts = {suite.get("name"): {key: suite.get(key) for key in ("tests", "failures", "errors")} for suite in suites}
    assert counts["eu-prod"] == {"tests": "3", "failures": "1", "errors": "1"}
    assert counts["census"] == {"tests": "1", "failures": None, "errors": "1"}
    assert len(suites.findall("testsuite[@name='waived']/testcase/skipped")) == 1


def test_junit_stays_xml_whatever_stands_in_a_value() -> None:
    assert ElementTree.fromstring(junit.render(report("\x00<&]]>", "blue")))
