"""The blocks of a stack's `*.tf.json` files, merged as Terraform merges them.

https://developer.hashicorp.com/terraform/language/syntax/json and …/language/files/override
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from blueprint.errors import Problem

LABELS = {
    **dict.fromkeys(("resource", "data", "ephemeral", "action", "list"), 2),
    **dict.fromkeys(("provider", "module", "variable", "output", "check"), 1),
}
COMMENT = "//"
# Blocks of which there is one per label; a second one outside an override file is an error.
SINGLE = frozenset(("resource", "data", "ephemeral", "module", "variable", "output", "check"))


@dataclass(frozen=True)
class Block:
    """One block: `resource` with its labels and body. `overridden` names arguments an override file replaced."""

    kind: str
    labels: tuple[str, ...]
    body: Mapping[str, Any]
    file: str
    overridden: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, ...]:
        """What an override must share: kind, labels, and the alias of a provider."""
        return (self.kind, *self.labels, *([str(self.body["alias"])] if self.kind == "provider" and "alias" in self.body else []))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What cdktf notes beside a block."""
        comment = self.body.get(COMMENT)
        found = comment.get("metadata") if isinstance(comment, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @property
    def written(self) -> dict[str, Any]:
        """The body without comments."""
        return {key: value for key, value in self.body.items() if key != COMMENT}


@dataclass(frozen=True)
class Source:
    """One file's document; `text` tells lines."""

    file: str
    document: Any
    text: str

    @property
    def overrides(self) -> bool:
        """Whether Terraform merges this file over the others."""
        name = self.file.rpartition("/")[2]
        return name == "override.tf.json" or name.endswith("_override.tf.json")

    def line(self, keys: tuple[str, ...]) -> int:
        """About where a value stands: the line of the last of these keys, each looked for after the one before."""
        at = 0
        for key in keys:
            at = max(self.text.find(json.dumps(key), at), at)
        return self.text.count("\n", 0, at) + 1

    def problem(self, keys: tuple[str, ...], message: str) -> Problem:
        """A finding at a place of this file."""
        return Problem(self.file, self.line(keys), ".".join(keys), message, next="Terraform refuses it too: repair or remove it")


def merged(sources: list[Source]) -> tuple[list[Block], list[Problem]]:
    """All blocks of a stack, override files applied, and what is wrong with them."""
    found: list[Block] = []
    problems: list[Problem] = []
    at: dict[tuple[str, ...], int] = {}
    for source in sorted(sources, key=lambda source: (source.overrides, source.file)):
        for block in _blocks(source, problems):
            known = at.get(block.identity)
            if source.overrides and block.kind in ("terraform", "locals", *LABELS):
                _override(found, block, known, source, problems)
                continue
            if known is not None and block.kind in SINGLE:
                problems.append(source.problem((block.kind, *block.labels), "is there twice"))
            at[block.identity] = len(found)
            found.append(block)
    return found, problems


def _override(found: list[Block], block: Block, known: int | None, source: Source, problems: list[Problem]) -> None:
    if block.kind in ("terraform", "locals", "provider") and known is None:
        found.append(replace(block, overridden=tuple(block.written)))
    elif known is None:
        problems.append(source.problem((block.kind, *block.labels), "overrides what is not there"))
    else:
        old = found[known]
        body = {**old.body, **block.written}
        if isinstance(old.body.get("lifecycle"), Mapping) and isinstance(block.body.get("lifecycle"), Mapping):
            body["lifecycle"] = {**old.body["lifecycle"], **block.body["lifecycle"]}
        if block.kind == "terraform" and {"backend", "cloud"} & block.body.keys():
            body = {key: value for key, value in body.items() if key not in ("backend", "cloud") or key in block.body}
        found[known] = replace(old, body=body, overridden=(*old.overridden, *block.written))


def _blocks(source: Source, problems: list[Problem]) -> Iterator[Block]:
    if not isinstance(source.document, Mapping):
        problems.append(source.problem((), "is no object: not a file of Terraform"))
        return
    for kind, value in source.document.items():
        if kind != COMMENT:
            for labels, body in _bodies(source, value, LABELS.get(kind, 0), (kind,), problems):
                yield Block(kind, labels, body, source.file)


def _bodies(
    source: Source, value: Any, labels: int, path: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Bodies with their labels; at each level there may be one object or a list of them."""
    if isinstance(value, list):
        for item in value:
            yield from _bodies(source, item, labels, path, problems)
    elif not isinstance(value, Mapping):
        problems.append(source.problem(path, "is null" if value is None else f"is no object but {type(value).__name__}"))
    elif labels:
        for key, item in value.items():
            if key != COMMENT:
                yield from _bodies(source, item, labels - 1, (*path, key), problems)
    else:
        yield path[1:], value
