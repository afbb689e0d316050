"""Which block of a stack answers for a result, for tools that only know blocks (checkov).

A Kubernetes object is answered for by the Helm release around it; what is no block (the backend, a stray file, a setting of
the pipeline) by the stack's first block. So nothing our rules say is lost.
"""

import json
import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from blueprint.errors import BlueprintError, Problem
from blueprint.policy.checking import check
from blueprint.policy.declared import Options
from blueprint.policy.report import READING, Result, unread

Answers = Mapping[tuple[str, str], Sequence[Result]]


def answers(folder: Path, options: Options) -> Answers:
    """Results on a stack's directory by rule and block: `("R05", "azurerm_cognitive_deployment.gpt")`."""
    texts = [file.read_text(encoding="utf-8-sig", errors="replace") for file in sorted(folder.glob("*.tf.json"))]
    blocks = dict.fromkeys(address for text in texts for address in addresses(load(text) or {}))
    found: dict[tuple[str, str], list[Result]] = {}
    for result in _results(folder, options):
        found.setdefault((result.rule, _block(result, blocks)), []).append(result)
    return found


def load(text: str) -> dict[str, Any] | None:
    """A file's blocks of these kinds, every one as an object; None if the file is no JSON object."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    found: dict[str, Any] = {}
    for kind in ("resource", "data"):
        for type, named in _items(content.get(kind)):
            found.setdefault(kind, {}).setdefault(type, {}).update({name: _body(body) for name, body in _items(named)})
    for name, body in _items(content.get("module")):
        found.setdefault("module", {})[name] = _body(body)
    for name, body in _items(content.get("provider")):
        found.setdefault("provider", {}).setdefault(name, []).extend(body if isinstance(body, list) else [_body(body)])
    return found


def _body(value: Any) -> dict[str, Any]:
    """A block may be a list of one, or null."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, dict) else {}


def numbered(value: Any, text: str, names: tuple[str, str]) -> Any:
    """The same with the line every object's key is first seen on, under two names (its first and last line); nulls left out."""
    ends = [match.start() for match in re.finditer("\n", text)]

    def walked(value: Any, at: int) -> Any:
        if isinstance(value, list):
            return [walked(item, at) for item in value]
        if not isinstance(value, dict):
            return value
        found = {key: walked(item, max(text.find(json.dumps(key), at), at)) for key, item in value.items() if item is not None}
        return {**found, **dict.fromkeys(names, bisect(ends, at) + 1)}

    numbered: Any = walked(value, 0)
    return numbered


def addresses(blocks: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of loaded blocks, resources first."""
    for kind, prefix in (("resource", ""), ("data", "data.")):
        yield from (f"{prefix}{type}.{name}" for type, named in blocks.get(kind, {}).items() for name in named)
    yield from (f"{kind}.{name}" for kind in ("module", "provider") for name in blocks.get(kind, {}))


def _results(folder: Path, options: Options) -> Sequence[Result]:
    try:
        report = check(folder, options)
    except BlueprintError as error:
        return [unread(Problem(str(folder), 0, "", str(error), next=error.next_step))]
    unchecked = [unread(Problem("", 0, address, "no rule has an answer for this")) for address in report.census.unchecked]
    return [*report.results, *unchecked]


def _block(result: Result, blocks: Mapping[str, None]) -> str:
    """The block a result is about: of its address, else of what carries it, else the first."""
    for address in (result.address, result.within, result.path if result.rule == READING else ""):
        words = address.split("[")[0].split(".")
        starts = (".".join(words[:count]) for count in range(1, len(words) + 1))
        if match := next((start for start in starts if start in blocks), ""):
            return match
    return next(iter(blocks), "")


def _items(value: Any) -> list[tuple[str, Any]]:
    """The entries of a block that may be an object or a list of them."""
    parts = value if isinstance(value, list) else [value]
    return [item for part in parts if isinstance(part, dict) for item in part.items() if item[0] != "//"]
