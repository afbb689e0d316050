"""`blueprint policies` as a person and a pipeline use it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from blueprint import cli
from blueprint.errors import BlueprintError
from blueprint.policy.registry import rules

Json = dict[str, Any]
DECLARED: Json = {"zone": "eu-resident", "data_class": "internal", "country": "", "conditions": {}}
KEYS = ["rule", "address", "construct", "status", "found", "allowed", "why", "basis", "controls", "path", "next", "file", "severity"]


def stack(folder: Path, location: str = "westeurope", said: Json | None = None, name: str = "eu-test") -> Path:
    group = {"name": "rg", "location": location, "tags": {"environment": "test"}, "//": {"metadata": {"path": f"{name}/group"}}}
    output = {"output": {"data_residency": {"value": said}}} if said else {}
    backend = {"http": {"address": "https://state.acme.internal/x", "lock_address": "https://state.acme.internal/x/lock"}}
    content = {"terraform": {"backend": backend}, "resource": {"azurerm_resource_group": {"main": group}}, **output}
    place = folder / name
    place.mkdir(parents=True)
    (place / "cdk.tf.json").write_text(json.dumps(content))
    return place


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.command_line(), ["policies", *map(str, arguments)])


def test_a_stack_inside_its_zone_passes(tmp_path: Path) -> None:
    done = run("check", stack(tmp_path, said=DECLARED))
    assert done.exit_code == 0, done.stdout
    assert done.stdout.startswith("data stays where it may be\n    eu-test: eu-resident, internal\n")


def test_a_region_outside_is_told_with_its_construct_and_what_is_allowed(tmp_path: Path) -> None:
    done = run("check", stack(tmp_path, "eastus", DECLARED))
    assert done.exit_code == 1
    assert "FAIL R01  eu-test/group  location" in done.stdout
    assert "eastus" in done.stdout


def test_the_json_has_the_stable_shape(tmp_path: Path) -> None:
    done = run("check", stack(tmp_path, "eastus", DECLARED), "--format", "json")
    found = json.loads(done.stdout)
    assert list(found) == ["results", "census", "waived"]
    assert [list(result) for result in found["results"]] == [KEYS] * len(found["results"])
    assert found["census"] == {"resources": found["census"]["checked"], "checked": found["census"]["resources"], "unchecked": []}


def test_a_stack_that_declares_nothing_asks_for_options(tmp_path: Path) -> None:
    done = run("check", stack(tmp_path))
    assert isinstance(done.exception, BlueprintError)
    assert done.exception.exit_code == 2
    assert "eu-test does not declare its zone, and no --zone was given" in str(done.exception)
    assert run("check", tmp_path / "eu-test", "--zone", "eu-resident", "--data-class", "internal").exit_code == 0


@pytest.mark.parametrize(("option", "value"), [("--zone", "mars"), ("--data-class", "secret")])
def test_an_unknown_zone_or_class_is_wrong_use(option: str, value: str, tmp_path: Path) -> None:
    done = run("check", stack(tmp_path, said=DECLARED), option, value)
    assert isinstance(done.exception, BlueprintError)


def test_an_option_weaker_than_the_declaration_is_said(tmp_path: Path) -> None:
    done = run("check", stack(tmp_path, said=DECLARED), "--zone", "global", "--data-class", "public")
    assert "eu-test declares zone eu-resident; --zone global is wider" in done.output
    assert "eu-test declares internal data; --data-class public is less strict" in done.output


def test_a_country_narrows_the_zone(tmp_path: Path) -> None:
    assert run("check", stack(tmp_path, said=DECLARED), "--country", "NL").exit_code == 0
    assert run("check", tmp_path / "eu-test", "--country", "de").exit_code == 1


def test_a_path_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert isinstance(run("check", tmp_path / "gone").exception, BlueprintError)


@pytest.mark.parametrize("broken", ["{", "[]", '{"resource": {"a": null}}', ""])
def test_what_cannot_be_read_fails(broken: str, tmp_path: Path) -> None:
    (stack(tmp_path, said=DECLARED) / "cdk.tf.json").write_text(broken)
    assert run("check", tmp_path / "eu-test", "--zone", "eu-resident", "--data-class", "public").exit_code == 1


def test_several_stacks_are_judged_each_by_what_it_declares(tmp_path: Path) -> None:
    stack(tmp_path / "stacks", "eastus", {**DECLARED, "zone": "global", "data_class": "public"}, "world")
    stack(tmp_path / "stacks", "eastus", DECLARED, "europe")
    manifest = {"version": "0.21.0", "stacks": {name: {"name": name, "workingDirectory": f"stacks/{name}"} for name in ("world", "europe")}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    found = json.loads(run("check", tmp_path, "--format", "json").stdout)
    assert {result["construct"] for result in found["results"] if result["status"] == "FAIL" and result["rule"] == "R01"} == {
        "europe/group"
    }


def test_rules_are_not_taken_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "__init__.py").write_text("raise SystemExit('taken from the change under review')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    rules.cache_clear()
    assert run("check", stack(tmp_path, "eastus", DECLARED)).exit_code == 1


def test_every_rule_is_listed_and_explained() -> None:
    listed = run("list").stdout.splitlines()
    assert [line[:3] for line in listed] == [rule.id for rule in rules()]
    done = run("explain", "r01")
    assert done.stdout.startswith("R01  ")
    assert "basis" in done.stdout
    assert isinstance(run("explain", "R999").exception, BlueprintError)
