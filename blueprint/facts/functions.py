"""Terraform's functions that depend on nothing but their arguments.

https://developer.hashicorp.com/terraform/language/functions. What reads files, the clock or chance is not here: its result is
unknown before apply. Arguments are known values; a wrong one raises, which the evaluator turns into an unknown.
"""

import base64
import csv
import hashlib
import ipaddress
import json
from collections.abc import Callable, Mapping
from itertools import chain, product
from typing import Any
from urllib.parse import quote_plus

from blueprint.facts.documents import load_json, load_yaml
from blueprint.facts.texts import (
    all_matched,
    boolean,
    encoded,
    formatted,
    formatted_list,
    matched,
    number,
    replaced,
    substring,
    text,
    titled,
)

Function = Callable[..., Any]
MOST_ITEMS = 100_000


def distinct(values: list[Any]) -> list[Any]:
    """The same in order, each once."""
    return list({json.dumps(value, sort_keys=True, default=repr): value for value in reversed(values)}.values())[::-1]


def _set(values: Any) -> list[Any]:
    return sorted(distinct(list(values)), key=lambda value: json.dumps(value, sort_keys=True, default=repr))


def _coalesce(*values: Any) -> Any:
    return next(value for value in values if value not in (None, ""))


def _coalescelist(*values: Any) -> Any:
    return next(value for value in values if value)


def _flatten(values: list[Any]) -> list[Any]:
    return list(chain.from_iterable(_flatten(value) if isinstance(value, list) else [value] for value in values))


def _lookup(found: Mapping[str, Any], key: str, *default: Any) -> Any:
    return found.get(key, default[0]) if default else found[key]


def _merge(*parts: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for part in parts if part is not None for key, value in part.items()}


def _range(*bounds: Any) -> list[int]:
    found = range(*map(int, bounds))
    if len(found) > MOST_ITEMS:
        raise ValueError("too long")
    return list(found)


def _slice(values: list[Any], start: int, end: int) -> list[Any]:
    return values[int(start) : int(end)]


def _yaml(value: str) -> Any:
    (document,) = load_yaml(value)
    return document


def _transpose(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    names = sorted({name for values in found.values() for name in values})
    return {name: sorted(key for key, values in found.items() if name in values) for name in names}


def _length(value: Any) -> int:
    if not isinstance(value, str | list | Mapping):
        raise TypeError("has no length")
    return len(value)


def _contains(values: Any, value: Any) -> bool:
    return any(item == value and type(item) is type(value) for item in values)


def _subnet(prefix: str, bits: int, which: int) -> str:
    network = ipaddress.ip_network(prefix, strict=False)
    size = 1 << (network.max_prefixlen - network.prefixlen - int(bits))
    return f"{network.network_address + int(which) * size}/{network.prefixlen + int(bits)}"


FUNCTIONS: Mapping[str, Function] = {
    "abs": lambda value: abs(number(value)),
    "alltrue": lambda values: all(map(boolean, values)),
    "anytrue": lambda values: any(map(boolean, values)),
    "base64decode": lambda value: base64.b64decode(value, validate=True).decode(),
    "base64encode": lambda value: base64.b64encode(value.encode()).decode(),
    "base64sha256": lambda value: base64.b64encode(hashlib.sha256(value.encode()).digest()).decode(),
    "ceil": lambda value: -int(-number(value) // 1),
    "chomp": lambda value: value.rstrip("\r\n"),
    "chunklist": lambda values, size: [values[at : at + int(size)] for at in range(0, len(values), int(size))],
    "cidrhost": lambda prefix, which: str(ipaddress.ip_network(prefix, strict=False)[int(which)]),
    "cidrsubnet": _subnet,
    "coalesce": _coalesce,
    "csvdecode": lambda value: list(csv.DictReader(value.splitlines())),
    "coalescelist": _coalescelist,
    "compact": lambda values: [value for value in values if value not in (None, "")],
    "concat": lambda *parts: list(chain.from_iterable(parts)),
    "contains": _contains,
    "distinct": distinct,
    "element": lambda values, at: values[int(at) % len(values)],
    "endswith": lambda value, end: value.endswith(end),
    "flatten": _flatten,
    "floor": lambda value: int(number(value) // 1),
    "format": formatted,
    "formatlist": formatted_list,
    "indent": lambda spaces, value: value.replace("\n", "\n" + " " * min(int(spaces), 1000)),
    "index": lambda values, value: values.index(value),
    "join": lambda glue, *parts: glue.join(text(item) for part in parts for item in part),
    "jsondecode": load_json,
    "jsonencode": encoded,
    "keys": lambda found: sorted(found),
    "length": _length,
    "lookup": _lookup,
    "lower": lambda value: text(value).lower(),
    "max": lambda *values: max(map(number, values)),
    "md5": lambda value: hashlib.md5(value.encode(), usedforsecurity=False).hexdigest(),
    "merge": _merge,
    "min": lambda *values: min(map(number, values)),
    "nonsensitive": lambda value: value,
    "one": lambda values: values[0] if len(values) == 1 else None if not values else [][0],
    "parseint": lambda value, base: int(text(value), int(base)),
    "pow": lambda value, power: number(value) ** min(int(power), 64),
    "range": _range,
    "regex": matched,
    "regexall": all_matched,
    "replace": replaced,
    "reverse": lambda values: list(reversed(values)),
    "setintersection": lambda *sets: _set(item for item in sets[0] if all(item in other for other in sets)),
    "setproduct": lambda *sets: [list(items) for items in product(*sets)] if _few(sets) else [][0],
    "setsubtract": lambda one, other: [item for item in one if item not in other],
    "setunion": lambda *sets: _set(chain.from_iterable(sets)),
    "sha1": lambda value: hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest(),
    "sha256": lambda value: hashlib.sha256(value.encode()).hexdigest(),
    "sha512": lambda value: hashlib.sha512(value.encode()).hexdigest(),
    "slice": _slice,
    "sort": lambda values: sorted(map(text, values)),
    "split": lambda glue, value: value.split(glue) if value else [""],
    "startswith": lambda value, start: value.startswith(start),
    "strcontains": lambda value, part: part in value,
    "strrev": lambda value: value[::-1],
    "substr": substring,
    "sum": lambda values: sum(map(number, values)),
    "title": titled,
    "tobool": lambda value: None if value is None else boolean(value),
    "tolist": list,
    "tomap": dict,
    "tonumber": lambda value: None if value is None else number(value),
    "toset": _set,
    "tostring": lambda value: None if value is None else text(value),
    "transpose": _transpose,
    "trim": lambda value, cut: value.strip(cut),
    "trimprefix": lambda value, cut: value.removeprefix(cut),
    "trimspace": lambda value: value.strip(),
    "trimsuffix": lambda value, cut: value.removesuffix(cut),
    "upper": lambda value: text(value).upper(),
    "urlencode": lambda value: quote_plus(value),
    "values": lambda found: [found[key] for key in sorted(found)],
    "yamldecode": _yaml,
    "yamlencode": encoded,
    "zipmap": lambda keys, values: dict(zip(keys, values, strict=True)),
}


def _few(sets: tuple[Any, ...]) -> bool:
    total = 1
    for items in sets:
        total *= len(items)
    return total <= MOST_ITEMS
