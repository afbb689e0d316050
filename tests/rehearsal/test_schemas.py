"""The trimmed schemas cover what is synthesized, and nothing in them is our own."""

import json

from blueprint.rehearsal import trim
from blueprint.rehearsal.standin import SCHEMAS
from tests.rehearsal.bench import Json

HINT = "run `make schemas`"


def test_every_synthesized_type_has_a_schema(synthesized: dict[str, Json]) -> None:
    missing = {name for stack in synthesized.values() for name in trim.unknown_types(stack)}
    assert not missing, HINT


def test_the_stand_ins_are_of_the_versions_the_stacks_pin(synthesized: dict[str, Json]) -> None:
    pinned = {
        (name, provider["version"]) for stack in synthesized.values() for name, provider in stack["terraform"]["required_providers"].items()
    }
    assert pinned == {(file.stem, json.loads(file.read_text())["version"]) for file in SCHEMAS.glob("*.json")}, HINT


def test_trimmed_schemas_are_those_of_the_full_ones() -> None:
    for file in SCHEMAS.glob("*.json"):
        trimmed = json.loads(file.read_text())
        used = {kind: set(trimmed[key]) for kind, key in trim.KINDS.items()}
        assert trim.trim(file.stem, trimmed["source"], trimmed["version"], used) == trimmed, HINT


def test_an_unknown_type_is_named() -> None:
    assert trim.unknown_types({"resource": {"azurerm_flux_capacitor": {"one": {}}}}) == ["azurerm_flux_capacitor"]
