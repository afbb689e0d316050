"""The registry of types: complete, in the providers' own words, and no default overlooked."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest

from blueprint import residency_catalog as catalog
from blueprint.whereabouts.types import FOLDER, Semantics, Trace, semantics
from tests.modules.terraform_schemas import rules, schema

PROVIDERS = ("azurerm", "scaleway")
TABLES = sorted(path.stem for path in (catalog.FOLDER / FOLDER).glob("*.yaml"))
TYPES = [(provider, type) for provider in PROVIDERS for type in schema(provider)["resource_schemas"]]
SPEAKS_OF_A_REGION = re.compile(r"(^|_)(location|region)s?$")
# Attributes that speak of a region and place nothing, read one by one.
SAYS_NOTHING = {
    "certificate_location",  # a certificate store of the machine
    "certificate_store_location",
    "criteria.service_health.locations",  # which regions' health an alert is about
    "custom_location",  # a resource id
    "fabric_location",  # primary or recovery
    "filter.locations",  # which machines a maintenance window is for
    "firewall_location",  # whose logs go to the workspace beside it
    "target_resource_location",  # which resources an alert is about
}

# Attributes whose inside is a document or a map with keys of its own.
FREE = ("settings", "configuration_settings")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_type_of_a_provider_is_classified_and_no_other(provider: str) -> None:
    lines = catalog.table(f"{FOLDER}/{provider}.yaml")["types"].splitlines()
    named = [line.split()[0] for line in lines]
    assert named == sorted(schema(provider)["resource_schemas"])


@pytest.mark.parametrize("table", TABLES)
def test_every_line_of_a_table_can_be_read(table: str) -> None:
    content = catalog.table(f"{FOLDER}/{table}.yaml")
    for section in ("types", "earlier"):
        for line in content.get(section, "").splitlines():
            found = semantics(line.split()[0].replace("*", "x"))
            assert found is not None, line


@pytest.mark.parametrize("table", TABLES)
def test_every_table_says_where_it_is_from(table: str) -> None:
    content = catalog.table(f"{FOLDER}/{table}.yaml")
    assert content["source"]
    assert content["as_of"]


def test_the_attributes_a_type_is_judged_by_exist() -> None:
    for provider, type in TYPES:
        known, paths = _known(type), _paths(provider, type)
        if known.kind in ("inherits", "part-of"):
            assert known.at[0] in paths, f"{type}: what follows the first are attributes of earlier releases"
        if known.kind == "located":
            assert set(known.at) & paths, type


def test_a_type_that_must_say_its_region_is_judged_by_it() -> None:
    for provider, type in TYPES:
        attributes = schema(provider)["resource_schemas"][type]["block"]["attributes"]
        if attributes.get("location", {}).get("required"):
            assert _known(type).kind in ("located", "opaque", "anywhere"), type


def test_no_attribute_that_names_a_region_is_overlooked() -> None:
    overlooked = []
    for provider, type in TYPES:
        known = _known(type)
        judged = {*known.at, *(trace.at for trace in known.traces)}
        found = {path for path in _paths(provider, type) if SPEAKS_OF_A_REGION.search(path.rpartition(".")[2])}
        if known.kind not in ("anywhere", "opaque"):  # those are refused, whatever they say
            overlooked += [(type, path) for path in found - judged if not any(path.endswith(name) for name in SAYS_NOTHING)]
    assert overlooked == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_further_place_is_read_from_an_attribute_of_some_type(provider: str) -> None:
    also = catalog.table(f"{FOLDER}/{provider}.yaml")["also"]
    for pattern, traces in also.items():
        types = [type for type in schema(provider)["resource_schemas"] if fnmatchcase(type, pattern)]
        earlier = [
            line
            for line in catalog.table(f"{FOLDER}/{provider}.yaml").get("earlier", "").splitlines()
            if fnmatchcase(line.split()[0], pattern)
        ]
        for at in (trace["at"] for trace in traces if "at" in trace and not earlier):
            written = at.partition(".")[0] if at.startswith(FREE) else at
            assert any(written in _paths(provider, type) for type in types), f"{pattern}: {at}"


def test_the_tables_take_defaults_from_the_provider() -> None:
    compared = 0
    for type, trace in _azure_traces():
        default = rules("azurerm").get(type, {}).get(trace.at, {}).get("default")
        if default is not None and trace.default is not None:
            assert trace.default == default, f"{type}.{trace.at}"
            compared += 1
    assert compared >= 8


def test_no_default_that_makes_a_place_is_overlooked() -> None:
    for type, trace in _azure_traces():
        default = rules("azurerm").get(type, {}).get(trace.at, {}).get("default")
        if default not in (None, "") and trace.to not in ("destination", "region") and trace.concerns(default):
            assert trace.default == default, f"{type}.{trace.at} is {default} by default"


def test_values_are_spelled_as_the_provider_spells_them() -> None:
    for type, trace in _azure_traces():
        allowed = rules("azurerm").get(type, {}).get(trace.at, {}).get("values")
        if allowed and type != "azurerm_cognitive_deployment":  # new deployment types appear before the provider knows them
            assert [value for value in (*trace.when, *trace.unless) if "*" not in value and value not in map(str, allowed)] == [], type


def _azure_traces() -> Iterator[tuple[str, Trace]]:
    return ((type, trace) for provider, type in TYPES if provider == "azurerm" for trace in _known(type).traces)


def _known(type: str) -> Semantics:
    found = semantics(type)
    assert found is not None, f"{type} is not classified"
    return found


def _paths(provider: str, type: str) -> set[str]:
    """Every attribute one can write, dotted; blocks are not attributes."""
    return set(_of_block(schema(provider)["resource_schemas"][type]["block"], ""))


def _of_block(block: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, attribute in block.get("attributes", {}).items():
        if attribute.get("required") or attribute.get("optional"):
            yield prefix + name
            yield from _of_object(attribute.get("type"), f"{prefix}{name}.")
    for name, nested in block.get("block_types", {}).items():
        yield from _of_block(nested["block"], f"{prefix}{name}.")


def _of_object(type: Any, prefix: str) -> Iterator[str]:
    """Fields of an attribute that is a list of objects: `["list", ["object", {…}]]`."""
    if isinstance(type, list) and type[0] in ("list", "set"):
        yield from _of_object(type[1], prefix)
    elif isinstance(type, list) and type[0] == "object":
        yield from (prefix + name for name in type[1])
