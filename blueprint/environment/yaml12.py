"""YAML 1.2 from libyaml's fast scanner: `no` is a word and 07:00 a time, 012 is twelve, and an anchor may be used twice.

C scans and parses, Python composes: a hundred thousand open brackets are a RecursionError then, where libyaml's own composer ends the
process. https://yaml.org/spec/1.2.2/#103-core-schema, with underscores in numbers and dates as YAML 1.1 had them.
"""

import re
from typing import Any

from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.events import AliasEvent
from yaml.nodes import Node, ScalarNode
from yaml.resolver import BaseResolver

PLAIN = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "float": (
        r"[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*([eE][-+]?[0-9]+)?|\.(inf|Inf|INF))"
        r"|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
    "int": (r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)", "-+0123456789"),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "timestamp": (
        r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?([Tt]|[ \t]+)\d\d?:\d\d:\d\d(\.\d*)?([ \t]*(Z|[-+]\d\d?(:\d\d)?))?",
        "0123456789",
    ),
}
BASES = {"0b": 2, "0o": 8, "0x": 16}


class Resolver(BaseResolver):
    """Which plain words are not text."""

    def tag(self, plain: str) -> str:
        """What a plain word is."""
        resolve: Any = self.resolve
        return str(resolve(ScalarNode, plain, (True, False)))


for name, (pattern, first) in PLAIN.items():
    Resolver.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(f"^(?:{pattern})$"), list(first))


class Loader(Composer, CParser, Resolver):
    """One document as nodes with their lines."""

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        Resolver.__init__(self)

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """The next node. The nearest anchor of a name is meant: an earlier one is forgotten."""
        event: Any = self.peek_event()
        if not isinstance(event, AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


def _whole(_: SafeConstructor, node: ScalarNode) -> int:
    text = node.value.replace("_", "").lower()
    return int(text, BASES.get(text.lstrip("-+")[:2], 10))


class Constructor(SafeConstructor):
    """Values of scalars; a leading zero of a whole number means nothing."""

    yaml_constructors = {**SafeConstructor.yaml_constructors, "tag:yaml.org,2002:int": _whole}
