"""Holds Terraform JSON against the real providers' schemas and rules; every complaint names the argument."""

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from blueprint.rehearsal.standin.checks import refusals
from blueprint.rehearsal.standin.values import UNKNOWN

FOLDER = Path(__file__).parents[1] / "schemas" / "providers"
SECTIONS = {"resource": "resource_schemas", "data": "data_source_schemas", "ephemeral": "ephemeral_resource_schemas"}
META = {"//", "depends_on", "lifecycle", "provider"}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "bool": (bool,),
    "list": (list,),
    "set": (list,),
    "map": (dict,),
}


def complaints(stack: Mapping[str, Any]) -> list[str]:
    """Everything the providers would not accept in a synthesized stack."""
    found = []
    for section in SECTIONS:
        for kind, instances in stack.get(section, {}).items():
            for name, arguments in instances.items():
                found += [f"{kind}.{name}: {text}" for text in check(section, kind, arguments)]
    for name, blocks in stack["provider"].items():
        found += [f"provider {name}: {text}" for block in blocks for text in _block(schema(name)["provider"]["block"], block, "")]
    return found


def check(section: str, kind: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one resource's arguments."""
    provider = kind.split("_")[0]
    known = schema(provider)[SECTIONS[section]]
    if kind not in known:
        yield f"is not a {section} of the {provider} provider"
        return
    own = {key: value for key, value in arguments.items() if key not in META}
    misshapen = list(_block(known[kind]["block"], own, ""))
    yield from misshapen
    if section == "resource" and not misshapen:  # the rules speak of well-formed arguments
        found = refusals(rules(provider).get(kind, {}), _normal(known[kind]["block"], own))
        yield from (f"{refusal.summary} {refusal.detail}" for refusal in found)


def _block(block: Mapping[str, Any], values: Mapping[str, Any], path: str) -> Iterator[str]:
    attributes, nested = block.get("attributes", {}), block.get("block_types", {})
    for name, value in values.items():
        if name in nested:
            yield from _nested(nested[name], value, f"{path}{name}")
        elif name not in attributes:
            yield f"unknown argument {path}{name}"
        elif not (attributes[name].get("required") or attributes[name].get("optional")):
            yield f"{path}{name} is read-only"
        else:
            yield from _typed(attributes[name], value, f"{path}{name}")
    yield from (f"missing {path}{name}" for name, attribute in attributes.items() if attribute.get("required") and name not in values)
    yield from (f"missing block {path}{name}" for name, kind in nested.items() if kind.get("min_items") and name not in values)


def _nested(kind: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    items = value if isinstance(value, list) else [value]
    if kind.get("max_items") and len(items) > kind["max_items"]:
        yield f"{path} may appear {kind['max_items']} times at most"
    for item in items:
        if isinstance(item, dict):
            yield from _block(kind["block"], item, f"{path}.")
        else:
            yield f"{path} is a block, not {item!r}"


def _typed(attribute: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("${"):
        return
    if "nested_type" in attribute:
        items = value if isinstance(value, list) else [value]
        for item in items:
            yield from _block(attribute["nested_type"], item, f"{path}.")
        return
    kind = attribute["type"] if isinstance(attribute["type"], str) else attribute["type"][0]
    expected = PYTHON_TYPES.get(kind)
    if expected and (not isinstance(value, expected) or (isinstance(value, bool) and kind != "bool")):
        yield f"{path} is a {kind}, not {value!r}"


def _normal(block: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """As a provider sees it: every argument there, blocks as lists, expressions unknown."""
    plain = {name: _known(values.get(name)) for name in block.get("attributes", {})}
    for name, kind in block.get("block_types", {}).items():
        value = values.get(name, [])
        plain[name] = [_normal(kind["block"], item) for item in (value if isinstance(value, list) else [value])]
    return plain


def _known(value: Any) -> Any:
    return UNKNOWN if isinstance(value, str) and value.startswith("${") else value


@cache
def schema(provider: str) -> Mapping[str, Any]:
    content = json.loads(gzip.decompress((FOLDER / f"{provider}.json.gz").read_bytes()))
    only: Mapping[str, Any] = next(iter(content["provider_schemas"].values()))
    return only


@cache
def rules(provider: str) -> Mapping[str, Any]:
    file = FOLDER / f"{provider}-rules.json.gz"
    return json.loads(gzip.decompress(file.read_bytes())) if file.exists() else {}
