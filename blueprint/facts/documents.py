"""JSON and YAML as they are written, strictly: a key that is there twice is an error, with its line.

YAML is built from libyaml's events: three times as fast as `CSafeLoader`, and it sees doubled keys, which the loader drops.
Anchors are resolved, but a document may not grow through them beyond what anybody would write.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import yaml

MOST_NODES = 1_000_000
MOST_NESTED = 200
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|\n', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class BrokenDocument(ValueError):
    """A document that cannot be read; `line` counts from 1, 0 where nobody knows."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def load_json(text: str) -> Any:
    """One JSON document.

    Raises:
        BrokenDocument: it is not JSON, or an object has a key twice.
    """
    doubled = False

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        found = dict(pairs)
        if len(found) != len(pairs):
            doubled = True
        return found

    try:
        value = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise BrokenDocument(f"not JSON: {error.msg}", error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise BrokenDocument(f"not JSON that can be read: {str(error)[:80]}") from None
    if doubled:
        key, line = _doubled_key(text)
        raise BrokenDocument(f"the key {key} is there twice", line)
    if isinstance(value, dict | list) and _nested(value) > MOST_NESTED:
        raise BrokenDocument(f"nested more than {MOST_NESTED} times")
    return _printable(value) if _SURROGATE.search(text) else value


def load_yaml(text: str) -> Iterator[Any]:
    """Every YAML document of a text; None for an empty one.

    Raises:
        BrokenDocument: it is not YAML, a mapping has a key twice, or it grows without bounds.
    """
    try:
        yield from _Builder(text).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BrokenDocument(f"not YAML: {error.problem or error.context}", mark.line + 1 if mark else 0) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise BrokenDocument(f"not YAML: {str(error).splitlines()[0][:120]}") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


def _nested(value: Any) -> int:
    """How deep lists and objects lie in each other."""
    level, depth = [value], 0
    while level and depth <= MOST_NESTED:
        items = (item for outer in level if outer for item in (outer.values() if type(outer) is dict else outer))
        level = [item for item in items if type(item) in (dict, list)]
        depth += 1
    return depth


def _printable(value: Any) -> Any:
    """Lone surrogates, which no terminal prints, as Terraform has them: U+FFFD."""
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def _doubled_key(text: str) -> tuple[str, int]:
    """The first key that an object has twice, and the line of its second place. The text is valid JSON."""
    line, last, open_objects = 1, "", list[set[str]]()
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign == "{":
            open_objects.append(set())
        elif sign == "}":
            open_objects.pop()
        elif sign == ":":
            if last in open_objects[-1]:
                return last, line
            open_objects[-1].add(last)
        elif sign == "\n":
            line += 1
        last = json.dumps(json.loads(sign)) if sign[0] == '"' else last
    return "", 0


class _Builder:
    """Plain data from the events of one text."""

    def __init__(self, text: str) -> None:
        self.next: Callable[[], Any] = yaml.CSafeLoader(text).get_event
        self.anchors: dict[str, Any] = {}
        self.sizes: dict[int, int] = {}
        self.nodes = self.depth = 0

    def documents(self) -> Iterator[Any]:
        while not isinstance(event := self.next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}
                yield self.node(self.next())

    def node(self, event: Any) -> Any:
        kind = type(event)
        self.nodes += 1
        if kind is yaml.ScalarEvent and not event.anchor:
            return scalar(event)
        before = self.nodes
        if kind is yaml.AliasEvent:
            return self.alias(event)
        value = scalar(event) if kind is yaml.ScalarEvent else self.collection(event, kind)
        if event.anchor:
            self.anchors[event.anchor] = value
            self.sizes[id(value)] = self.nodes - before + 1
        return value

    def collection(self, event: Any, kind: type) -> Any:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise BrokenDocument(f"nested more than {MOST_NESTED} times", event.start_mark.line + 1)
        value = self.mapping() if kind is yaml.MappingStartEvent else self.sequence()
        self.depth -= 1
        return value

    def alias(self, event: Any) -> Any:
        line = event.start_mark.line + 1
        if event.anchor not in self.anchors:
            raise BrokenDocument(f"*{event.anchor} is not defined", line)
        value = self.anchors[event.anchor]
        self.nodes += self.sizes[id(value)]
        if self.nodes > MOST_NODES:
            raise BrokenDocument("anchors make it grow without bounds", line)
        return value

    def sequence(self) -> list[Any]:
        found: list[Any] = []
        next, node, end = self.next, self.node, yaml.SequenceEndEvent
        while type(event := next()) is not end:
            found.append(node(event))
        return found

    def mapping(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        next, node, end = self.next, self.node, yaml.MappingEndEvent
        while type(event := next()) is not end:
            key, value = self.key(event), node(next())
            if key == "<<":
                merged = self.merge(value, event.start_mark.line + 1)
            elif key in found:
                raise BrokenDocument(f"the key {key} is there twice", event.start_mark.line + 1)
            else:
                found[key] = value
        return {**merged, **found} if merged else found

    def key(self, event: Any) -> str:
        """A key is its text: `on` and `1` stay as they are written."""
        return event.value if type(event) is yaml.ScalarEvent and not event.anchor else str(self.node(event))

    def merge(self, value: Any, line: int) -> dict[str, Any]:
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            raise BrokenDocument("<< takes mappings", line)
        return {key: item for part in reversed(parts) for key, item in part.items()}


def scalar(event: Any) -> Any:
    """A scalar as Kubernetes reads it: quoted is text, dates stay text."""
    text: str = event.value
    if not event.implicit[0] or event.tag == "!":
        return int(text) if event.tag == "tag:yaml.org,2002:int" and text.isdecimal() else text
    return _plain(text)


@lru_cache(maxsize=4096)
def _plain(text: str) -> Any:
    """A scalar that is not quoted."""
    tag = next((tag for tag, pattern in _RESOLVERS.get(text[:1], ()) if pattern.match(text)), "")
    match tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "int" | "float" as kind:
            return _number(text, kind)
    return text


def _number(text: str, kind: str) -> int | float | str:
    try:
        return _integer(text.replace("_", "")) if kind == "int" else float(text.replace("_", ""))
    except ValueError:
        return text  # 1:30, .inf


def _integer(text: str) -> int:
    digits = text.lstrip("+-").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if digits.startswith("0") and len(digits) > 1 else 10)
    return int(text, base)
