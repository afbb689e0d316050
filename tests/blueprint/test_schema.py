"""The JSON Schema is what the models say now, and judges files as we do."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from blueprint.environment.schema import render, schema

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
VALIDATOR = jsonschema.Draft202012Validator(schema())


def as_json(path: Path) -> object:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path), default=str))


def test_the_file_is_current() -> None:
    assert (ENVIRONMENTS / "environment.schema.json").read_text() == render(), "run `make schema`"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", sorted(ENVIRONMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_it_accepts_the_environments_we_ship(path: Path) -> None:
    assert list(VALIDATOR.iter_errors(as_json(path))) == []


def test_it_refuses_unknown_keys_bad_names_and_a_name() -> None:
    data = as_json(ENVIRONMENTS / "dev.yaml")
    assert isinstance(data, dict)
    for change in ({"name": "dev"}, {"colour": "green"}, {"models": {"Bad Name": data["models"]["chat"]}}):
        assert list(VALIDATOR.iter_errors({**data, **change})), change


def test_every_section_is_described() -> None:
    assert [name for name, node in schema()["$defs"].items() if not node.get("description")] == []


@pytest.mark.parametrize("path", sorted(ENVIRONMENTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_environment_points_editors_to_it(path: Path) -> None:
    assert path.read_text().splitlines()[0] == "# yaml-language-server: $schema=./environment.schema.json"
