"""Terraform's expression and template language as a tree.

Written by hand, 300 lines with the templates: the maintained parser on PyPI (python-hcl2) needs 0.3 s to import, ten times what a check of
five environments may cost, and reads files of blocks, not the templates inside JSON strings.
Grammar: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from textwrap import dedent

from blueprint.facts.templates import SyntaxProblem, Templates
from blueprint.facts.tree import (
    ITEM,
    Attribute,
    Call,
    Conditional,
    For,
    Index,
    Literal,
    Mapped,
    Name,
    Node,
    Operation,
    Sequenced,
    Splat,
    Template,
)

__all__ = ["SyntaxProblem", "expression", "template"]


PRECEDENCE: Sequence[tuple[str, ...]] = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))
_SPACE = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w-]*(?:::[^\W\d][\w-]*)*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_HEREDOC = re.compile(r"<<(?P<flush>-?)(?P<end>[^\W\d][\w-]*)[ \t]*\r?\n(?P<body>(?:[^\n]*\n)*?)[ \t]*(?P=end)(?![\w-])")
_MOST_NESTED = 100


@lru_cache(maxsize=4096)
def template(text: str) -> Node:
    """The tree of a JSON string: one interpolation alone keeps its type, anything else is text.

    Raises:
        SyntaxProblem: it is not a template.
    """
    return _Parser(text).whole_template()


@lru_cache(maxsize=1024)
def expression(text: str) -> Node:
    """The tree of a bare expression (`azurerm_subnet.nodes.id`).

    Raises:
        SyntaxProblem: it is not one.
    """
    parser = _Parser(text)
    node = parser.expression()
    parser.expect_end()
    return node


class _Parser(Templates):
    """Recursive descent over one text; `at` is where it stands."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > _MOST_NESTED:
            raise SyntaxProblem(f"nested more than {_MOST_NESTED} times")
        node = self.operation(0)
        if self.take("?"):
            yes = self.expression()
            self.expect(":")
            node = Conditional(node, yes, self.expression())
        self.depth -= 1
        return node

    def operation(self, level: int) -> Node:
        if level == len(PRECEDENCE):
            return self.unary()
        node = self.operation(level + 1)
        while operator := next((sign for sign in PRECEDENCE[level] if self.take(sign)), None):
            node = Operation(operator, (node, self.operation(level + 1)))
        return node

    def unary(self) -> Node:
        for sign in ("!", "-"):
            if self.take(sign):
                return Operation(sign, (self.unary(),))
        return self.traversed(self.primary())

    def traversed(self, node: Node) -> Node:
        """What follows a value: `.name`, `.0`, `[key]`, `.*`, `[*]`."""
        while True:
            if self.take("[*]") or self.take(".*"):
                return self.traversed(Splat(node, self.traversed(Name(ITEM))))
            if self.take("["):
                node = Index(node, self.expression())
                self.expect("]")
            elif self.peek(".") and not self.peek("..."):
                self.take(".")
                number = self.match(re.compile(r"\d+"))
                node = Index(node, Literal(int(number))) if number else Attribute(node, self.name())
            else:
                return node

    def primary(self) -> Node:
        if self.take("("):
            node = self.expression()
            self.expect(")")
            return node
        if self.take('"'):
            parts = self.parts(quoted=True)
            self.expect('"')
            return parts[0] if len(parts) == 1 and isinstance(parts[0], Literal) else Template(tuple(parts))
        if self.take("["):
            return self.loop("]") if self.loops() else Sequenced(tuple(self.items("]")))
        if self.take("{"):
            return self.loop("}") if self.loops() else Mapped(tuple(self.pairs()))
        if (document := _HEREDOC.match(self.text, self.at)) is not None:
            self.at = document.end()
            return template(dedent(document["body"]) if document["flush"] else document["body"])
        if number := self.match(_NUMBER):
            return Literal(float(number) if any(sign in number for sign in ".eE") else int(number))
        return self.named()

    def named(self) -> Node:
        name = self.name()
        if not self.peek("("):
            return Literal({"true": True, "false": False, "null": None}[name]) if name in ("true", "false", "null") else Name(name)
        self.take("(")
        arguments = list(self.items(")"))
        return Call(name, tuple(arguments), spread=self.spread)

    def items(self, end: str) -> list[Node]:
        """Expressions up to the closing sign; `spread` tells whether the last one had `...`."""
        found: list[Node] = []
        self.spread = spread = False
        while not self.take(end):
            found.append(self.expression())
            spread = self.take("...")
            if not self.take(","):
                self.expect(end)
                break
        self.spread = spread
        return found

    def pairs(self) -> list[tuple[Node, Node]]:
        found: list[tuple[Node, Node]] = []
        while not self.take("}"):
            key = self.expression()
            if not (self.take("=") or self.take(":")):
                raise SyntaxProblem("an object needs key = value")
            found.append((Literal(key.name) if isinstance(key, Name) else key, self.expression()))
            self.take(",")
        return found

    def loops(self) -> bool:
        return self.match(re.compile(r"for\b(?=\s+[^\W\d])")) is not None

    def loop(self, end: str) -> Node:
        names = [self.name()]
        if self.take(","):
            names.append(self.name())
        if self.name() != "in":
            raise SyntaxProblem("`for` without `in`")
        of = self.expression()
        self.expect(":")
        value: Node = self.expression()
        key = None
        if end == "}":
            self.expect("=>")
            key, value = value, self.expression()
        group = self.take("...")
        when = self.expression() if self.match(re.compile(r"if\b")) else None
        self.expect(end)
        return For(tuple(names), of, key, value, when, group)

    def name(self) -> str:
        if not (name := self.match(_NAME)):
            raise SyntaxProblem(f"a name was expected at {self.text[self.at : self.at + 20]!r}")
        return name

    def match(self, pattern: re.Pattern[str]) -> str | None:
        self.skip()
        found = pattern.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        return found.group()

    def skip(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def peek(self, sign: str) -> bool:
        self.skip()
        return self.text.startswith(sign, self.at)

    def take(self, sign: str) -> bool:
        found = self.peek(sign)
        self.at += len(sign) if found else 0
        return found

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise SyntaxProblem(f"{sign!r} was expected at {self.text[self.at : self.at + 20]!r}")

    def expect_end(self) -> None:
        self.skip()
        if self.at < len(self.text):
            raise SyntaxProblem(f"nothing more was expected at {self.text[self.at : self.at + 20]!r}")
