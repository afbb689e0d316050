"""What pydantic refuses, in the words of the person who wrote the file: what was found, what is allowed, what to do.

The allowed values are read off the JSON Schema, so that no constraint is described twice.
"""

from collections.abc import Container, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from blueprint.environment.document import Document, Place, show
from blueprint.environment.schema import schema

Node = Mapping[str, Any]

# Every pattern of the models in words; a test asks for a new one.
PATTERNS = {
    "^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$": "lower-case letters, digits and hyphens, starting with a letter, at most 30",
    "^[a-z][a-z0-9]{0,11}$": "lower-case letters and digits, starting with a letter, at most 12",
    "^[a-z][a-z0-9]{1,7}$": "2 to 8 lower-case letters and digits, starting with a letter",
    "^([01]\\d|2[0-3]):[0-5]\\d$": 'a time such as "07:30"',
    "^/subscriptions/[^/]+/resourceGroups/[^/]+/.+$": "an Azure resource id, /subscriptions/…/resourceGroups/…",
    "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$": "an e-mail address",
    "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$": "a host name such as inference.acme.internal",
    "^sha256:[0-9a-f]{64}$": "sha256: and 64 hexadecimal digits",
    "^[a-z0-9][a-z0-9.-]*(:\\d+)?(/[a-z0-9._-]+)*$": "a registry's host, with its port and path if it has them",
    "^[a-z][a-z0-9_]*$": "lower-case letters, digits and underscores, starting with a letter",
    "^(\\d{4}-)?\\d\\d-\\d\\d$": "a date such as 2027-03-29, or a day of every year such as 12-25",
    "^[A-Z]{2}$": "a country's two letters (ISO 3166), such as DE",
    "^[1-7]g\\.\\d+gb$": "a MIG profile such as 3g.47gb",
    "^-----BEGIN CERTIFICATE-----": "a certificate in PEM",
    "^https://": "an address that starts with https://",
}
FORMATS = {
    "date": "a date such as 2026-12-01",
    "uuid": "a UUID",
    "ipv4": "an IPv4 address",
    "ipv4network": "an IPv4 range such as 10.40.0.0/16",
}
TYPES = {"string": "text", "boolean": "true or false", "integer": "a whole number", "number": "a number"}


def tell(document: Document, error: ErrorDetails, told: Container[str] = ()) -> None:
    """Add one of pydantic's complaints to a document's findings, unless its place was `told` of already."""
    place, node, around = _find(error["loc"])
    kind, found = error["type"], error["input"]
    if show(place) in told:
        return
    if kind == "missing":
        document.problem(place, "this key is required", words(node).removeprefix("text"), f"add `{place[-1]}`")
    elif kind == "too_short":
        document.problem(place, "this is empty", words(node))
    elif kind == "extra_forbidden":
        known = sorted(around.get("properties", {}))
        document.problem(place, "unknown key", ", ".join(known), _nearest(str(place[-1]), known))
    elif kind == "value_error":
        document.problem(place, str(error["ctx"]["error"]))
    elif kind.startswith("union_tag"):
        tag, kinds = node["discriminator"]["propertyName"], list(node["discriminator"]["mapping"])
        if tag in found:
            document.problem((*place, tag), f"{_shown(found[tag])} is not allowed", ", ".join(kinds), _nearest(str(found[tag]), kinds))
        else:
            document.problem((*place, tag), "this key is required", ", ".join(kinds), f"add `{tag}`")
    elif error["loc"][-1] == "[key]":
        document.problem(place, f"{found!r} is not allowed as a name", words(node), _nearest(str(found), node.get("enum", [])))
    else:
        said = "this key has no value" if found is None else f"{_shown(found)} is not allowed"
        document.problem(place, said, words(node), _nearest(str(found), node.get("enum", [])))


def discriminator(loc: Sequence[str | int]) -> tuple[Place, str, list[str]]:
    """Where a section of several kinds stands, the key that says which it is, and what that may say."""
    place, node, _ = _find(loc)
    return place, node["discriminator"]["propertyName"], list(node["discriminator"]["mapping"])


def words(node: Node) -> str:
    """What a piece of the schema allows."""
    if "enum" in node or "const" in node:
        return ", ".join(map(str, node.get("enum", [node.get("const")])))
    if "oneOf" in node:
        tag = node["discriminator"]["propertyName"]
        return f"a mapping with {tag}: {' or '.join(node['discriminator']['mapping'])}"
    if "pattern" in node:
        return PATTERNS[node["pattern"]]
    if node.get("type") == "object":
        keys = sorted(node.get("properties", {}))
        return f"a mapping with the keys {', '.join(keys)}" if keys else "a mapping of names" + _bounds(node)
    if node.get("type") == "array":
        return f"a list{_bounds(node)}, each {words(_resolve(node.get('items', {})))}"
    return (FORMATS.get(node.get("format", "")) or TYPES.get(node.get("type", ""), "")) + _bounds(node)


def _bounds(node: Node) -> str:
    lowest, highest = node.get("minimum"), node.get("maximum")
    if lowest is not None and highest is not None:
        return f" from {lowest} to {highest}"
    if node.get("minProperties") or node.get("minItems"):
        return " with at least one entry"
    return f" of at least {lowest}" if lowest is not None else f" of at most {highest}" if highest is not None else ""


def _find(loc: Sequence[str | int]) -> tuple[Place, Node, Node]:
    """The place in the file a pydantic location stands for, its schema and the schema around it."""
    place: list[str | int] = []
    node, around = _resolve(schema()), {}  # type: tuple[Node, Node]
    for step in loc:
        if "oneOf" in node:  # pydantic names the member of a union; the file does not
            node = _resolve({"$ref": node["discriminator"]["mapping"].get(step, "")})
            continue
        if step == "[key]":
            return tuple(place), _key_node(around), around
        place.append(step)
        node, around = _resolve(_inner(node, step)), node
    return tuple(place), node, around


def _inner(node: Node, step: str | int) -> Node:
    if isinstance(step, int):
        return dict(node.get("items", {}))
    values = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return node.get("properties", {}).get(step) or next((value for value in values if isinstance(value, dict)), {})


def _key_node(node: Node) -> Node:
    patterns = [{"pattern": pattern} for pattern in node.get("patternProperties", {})]
    return node.get("propertyNames") or next(iter(patterns), {})


def _resolve(node: Node) -> Node:
    """Follow a reference, and see through `… or nothing`."""
    if "$ref" in node:
        return _resolve(schema()["$defs"].get(node["$ref"].rpartition("/")[2], {}))
    if "anyOf" in node:
        return _resolve(next(option for option in node["anyOf"] if option.get("type") != "null"))
    return node


def _nearest(word: str, known: Sequence[Any]) -> str:
    close = get_close_matches(word, [str(item) for item in known], n=1)
    return f"did you mean `{close[0]}`?" if close else ""


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return repr(value if len(value) <= 60 else f"{value[:57]}...")
