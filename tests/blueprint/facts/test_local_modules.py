"""Modules beside a stack are read with the values it hands them; whatever cannot be read whole is not seen."""

import json
from pathlib import Path

import pytest

from blueprint.facts import Facts, Unknown
from tests.blueprint.facts.writing import Json, stack

CALL = {"source": "./inner"}


def called(folder: Path, call: Json, inner: Json | str, name: str = "main.tf.json", **document: Json) -> Facts:
    """A stack that calls the module `inner`."""
    (folder / "inner").mkdir()
    (folder / "inner" / name).write_text(inner if isinstance(inner, str) else json.dumps(inner))
    return stack(folder, {"module": {"m": call}, **document})


def test_names_inside_a_module_mean_its_own_resources(tmp_path: Path) -> None:
    named = {"a": {"where": "abroad"}}
    inner = {"resource": {"cloud_thing": {"a": {"where": "inside"}}, "cloud_part": {"p": {"of": "${cloud_thing.a.id}"}}}}
    facts = called(tmp_path, CALL, inner, resource={"cloud_thing": named})
    part = facts.by_address["module.m.cloud_part.p"]
    assert part.referred("of") is facts.by_address["module.m.cloud_thing.a"]
    assert facts.by_address["cloud_thing.a"].first("where") == "abroad"


def test_what_a_module_is_given_comes_from_the_variables_of_the_stack(tmp_path: Path) -> None:
    inner = {"variable": {"where": {}}, "resource": {"cloud_thing": {"a": {"where": "${var.where}"}}}}
    given = {**CALL, "where": "${var.place}"}
    facts = called(tmp_path, given, inner, variable={"place": {"default": "here"}})
    thing = facts.by_address["module.m.cloud_thing.a"]
    assert (thing.first("where"), thing.variables("where")) == ("here", ("var.place",))


def test_a_default_inside_a_module_hangs_on_nobody_outside(tmp_path: Path) -> None:
    inner = {"variable": {"where": {"default": "here"}}, "resource": {"cloud_thing": {"a": {"where": "${var.where}"}}}}
    thing = called(tmp_path, CALL, inner).by_address["module.m.cloud_thing.a"]
    assert (thing.first("where"), thing.variables("where")) == ("here", ())


def test_what_goes_round_between_modules_is_unknown(tmp_path: Path) -> None:
    inner = {"variable": {"x": {}}, "output": {"x": {"value": "${var.x}"}}, "resource": {"cloud_thing": {"a": {"x": "${var.x}"}}}}
    facts = called(tmp_path, {**CALL, "x": "${module.m.x}"}, inner)
    assert isinstance(facts.by_address["module.m.cloud_thing.a"].first("x"), Unknown)


def test_a_module_that_calls_itself_is_read_so_far(tmp_path: Path) -> None:
    inner = {"module": {"again": {"source": "../inner"}}, "resource": {"cloud_thing": {"a": {}}}}
    assert "module.m.cloud_thing.a" in called(tmp_path, CALL, inner).by_address


@pytest.mark.parametrize("more", [{"count": 2}, {"for_each": ["a"]}, {"providers": {"aws": "aws.other"}}], ids=str)
def test_a_call_that_changes_what_is_made_is_not_followed(more: Json, tmp_path: Path) -> None:
    facts = called(tmp_path, {**CALL, **more}, {"resource": {"cloud_thing": {"a": {}}}})
    assert "module.m.cloud_thing.a" not in facts.by_address


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("main.tf", 'resource "cloud_thing" "a" {}\n'),
        ("main.tf.json", "{"),
        ("main.tf.json", {"provider": {"cloud": {}}, "resource": {"cloud_thing": {"a": {}}}}),
    ],
)
def test_a_module_that_cannot_be_read_whole_is_not_seen(name: str, inner: Json | str, tmp_path: Path) -> None:
    facts = called(tmp_path, CALL, inner, name)
    assert [one.address for one in facts.resources if one.address.startswith("module.m.")] == []


def test_a_module_outside_the_stack_s_directory_is_not_seen(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "main.tf.json").write_text(json.dumps({"resource": {"cloud_thing": {"a": {}}}}))
    facts = stack(tmp_path / "stack", {"module": {"m": {"source": "../other"}}})
    assert "module.m.cloud_thing.a" not in facts.by_address


def test_a_backend_inside_a_module_is_not_the_stack_s(tmp_path: Path) -> None:
    inner = {"terraform": {"backend": {"s3": {"bucket": "b"}}}, "resource": {"cloud_thing": {"a": {}}}}
    assert "terraform.backend.local" in called(tmp_path, CALL, inner).by_address
