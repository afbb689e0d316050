"""What checkov keeps quiet about is said by us."""

import json
from pathlib import Path
from typing import Any

from blueprint.policy import checkov
from blueprint.policy.blocks import addresses, answers, load, numbered
from blueprint.policy.declared import Options
from blueprint.policy.evaluation import judge
from blueprint.policy.registry import rules
from blueprint.policy.report import Report
from tests.blueprint.policy.picture import PERSONAL, account, by_color, facts

Json = dict[str, Any]


def record(rule: str, file: str, resource: str = "resource.a") -> Json:
    return {"check_id": rule, "file_path": file, "resource": resource}


def everything_fires() -> list[Json]:
    return [record(rule.id, "/canary/cdk.tf.json") for rule in rules()]


def complaints(folder: Path, *, parsing_errors: list[str] | None = None, failed: list[Json], report: Report | None = None) -> list[str]:
    answer = {"results": {"failed_checks": failed, "passed_checks": [], "parsing_errors": parsing_errors or []}}
    return list(checkov._complaints(answer, report or Report([], judge(facts(), PERSONAL, [])[1]), folder))


def test_a_run_in_which_every_rule_fires_on_the_canary_has_no_complaint(tmp_path: Path) -> None:
    assert complaints(tmp_path, failed=everything_fires()) == []


def test_a_rule_that_does_not_fire_is_named(tmp_path: Path) -> None:
    found = complaints(tmp_path, failed=[each for each in everything_fires() if each["check_id"] != "R05"])
    assert found == ["R05 does not fire on the canary: it is not loaded, or it broke"]


def test_a_file_checkov_could_not_parse_is_named(tmp_path: Path) -> None:
    assert complaints(tmp_path, failed=everything_fires(), parsing_errors=["x.tf.json"]) == ["could not parse x.tf.json"]


def test_a_resource_no_check_answered_for_is_named(tmp_path: Path) -> None:
    (tmp_path / "cdk.tf.json").write_text(json.dumps({"resource": {"cloud_account": {"a": {}, "b": {}}}}))
    seen = record("R01", "/stacks/cdk.tf.json")
    assert complaints(tmp_path, failed=[*everything_fires(), seen]) == ["did not look at cloud_account.b"]


def test_a_failure_of_ours_that_checkov_does_not_find_is_named(tmp_path: Path) -> None:
    results, census = judge(facts(account(color="red")), PERSONAL, [by_color()])
    assert complaints(tmp_path, failed=everything_fires(), report=Report(results, census)) == ["does not find R99 at eu-prod/a"]


def test_variables_of_the_pipeline_are_ours_alone(tmp_path: Path) -> None:
    results, census = judge(facts(account(color="red"), name="pipeline"), PERSONAL, [by_color()])
    assert complaints(tmp_path, failed=everything_fires(), report=Report(results, census)) == []


def test_a_run_without_any_result_is_one_complaint_per_rule(tmp_path: Path) -> None:
    assert len(complaints(tmp_path, failed=[])) == len(rules())


def test_what_is_no_block_is_answered_for_by_the_stacks_first_block(tmp_path: Path) -> None:
    stack = {
        "terraform": {"backend": {"local": {"path": "x"}}},
        "resource": {"azurerm_resource_group": {"main": {"name": "rg", "location": "westeurope"}}},
    }
    (tmp_path / "cdk.tf.json").write_text(json.dumps(stack))
    found = answers(tmp_path, Options("eu-resident", "personal"))
    assert [result.address for result in found["R06", "azurerm_resource_group.main"]] == ["terraform.backend.local"]


def test_blocks_may_be_objects_or_lists_of_them() -> None:
    stack = {
        "provider": [{"aws": [{"region": "x"}]}],
        "resource": [{"a_b": {"one": [{"x": 1}]}}, {"a_b": [{"two": None}]}],
        "data": {"c_d": {"e": {}}},
    }
    blocks = load(json.dumps(stack))
    assert blocks is not None
    assert blocks["resource"] == {"a_b": {"one": {"x": 1}, "two": {}}}
    assert list(addresses(blocks)) == ["a_b.one", "a_b.two", "data.c_d.e", "provider.aws"]


def test_a_block_knows_its_line_and_nulls_are_left_out() -> None:
    text = json.dumps({"resource": {"a_b": {"one": {"x": None}, "two": {"y": [{"z": 1}]}}}}, indent=1)
    found = numbered(load(text), text, ("first", "last"))["resource"]["a_b"]
    assert [text.splitlines()[found[name]["first"] - 1].strip() for name in ("one", "two")] == ['"one": {', '"two": {']
    assert set(found["one"]) == {"first", "last"}


def test_what_is_no_object_has_no_blocks() -> None:
    assert [load(text) for text in ("{", "[]", "3", '{"locals": {}}')] == [None, None, None, {}]
