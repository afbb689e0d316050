"""Values and schemas between Terraform's wire format and plain Python.

A value is what msgpack gives: dicts, lists, text, numbers, None, and `UNKNOWN` for what is known only after apply.
A schema is a block of `terraform providers schema -json`.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import msgpack

from blueprint.rehearsal.standin.wire import message

Json = dict[str, Any]
Path = tuple[str, ...]
Leaf = Callable[[Path, Json, Any], Any]

UNKNOWN = msgpack.ExtType(0, b"\x00")
BLOCK_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}

_Value = message("DynamicValue")
_Schema = message("Schema")
_Attribute = message("Schema.Attribute")


def is_unknown(value: Any) -> bool:
    """Whether Terraform will know this value only after apply."""
    return isinstance(value, msgpack.ExtType)


def decode(value: Any) -> Any:
    """A value Terraform sent."""
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, strict_map_key=False)
    return json.loads(value.json) if value.json else None


def encode(value: Any) -> Any:
    """A value for Terraform."""
    return _Value(msgpack=msgpack.packb(value))


def schema_message(schema: Json) -> Any:
    """A schema for Terraform."""
    return _Schema(version=schema.get("version", 0), block=_block_message(schema["block"]))


def _block_message(block: Json) -> Any:
    nested = [
        message("Schema.NestedBlock")(
            type_name=name,
            block=_block_message(kind["block"]),
            nesting=BLOCK_NESTING[kind["nesting_mode"]],
            min_items=kind.get("min_items", 0),
            max_items=kind.get("max_items", 0),
        )
        for name, kind in block.get("block_types", {}).items()
    ]
    return message("Schema.Block")(attributes=_attribute_messages(block), block_types=nested)


def _attribute_messages(block: Json) -> list[Any]:
    return [_attribute_message(name, attribute) for name, attribute in block.get("attributes", {}).items()]


def _attribute_message(name: str, attribute: Json) -> Any:
    flags = {flag: attribute.get(flag, False) for flag in ("required", "optional", "computed", "sensitive", "write_only")}
    if nested := attribute.get("nested_type"):
        kind = message("Schema.Object")(attributes=_attribute_messages(nested), nesting=BLOCK_NESTING[nested["nesting_mode"]])
        return _Attribute(name=name, nested_type=kind, **flags)
    return _Attribute(name=name, type=json.dumps(attribute["type"]).encode(), **flags)


def transform(block: Json, value: Any, leaf: Leaf, path: Path = ()) -> Any:
    """The value of a block with every attribute replaced by `leaf(path, attribute, value)`; paths carry no indexes."""
    if value is None or is_unknown(value):
        return value
    changed = {
        name: _transform_attribute(attribute, value.get(name), leaf, (*path, name))
        for name, attribute in block.get("attributes", {}).items()
    }
    for name, kind in block.get("block_types", {}).items():
        changed[name] = _each(kind["nesting_mode"], value.get(name), partial(_transform_nested, kind["block"], leaf, (*path, name)))
    return changed


def _transform_nested(block: Json, leaf: Leaf, path: Path, value: Any) -> Any:
    return transform(block, value, leaf, path)


def _transform_attribute(attribute: Json, value: Any, leaf: Leaf, path: Path) -> Any:
    nested = attribute.get("nested_type")
    if nested is None or value is None or is_unknown(value) or attribute.get("write_only"):
        return leaf(path, attribute, value)
    return _each(nested["nesting_mode"], value, partial(_transform_nested, nested, leaf, path))


def _each(nesting: str, value: Any, change: Callable[[Any], Any]) -> Any:
    if value is None or is_unknown(value):
        return value
    if nesting in ("list", "set"):
        return [change(item) for item in value]
    if nesting == "map":
        return {key: change(item) for key, item in value.items()}
    return change(value)
