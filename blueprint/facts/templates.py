"""Terraform's templates: text with interpolations and directives, as `syntax` reads what stands in them.

A directive is what an expression could say, too: `%{ if }` a conditional, `%{ for }` a loop whose texts are joined.
"""

import re

from blueprint.facts.tree import Call, Conditional, For, Literal, Node, Template


class SyntaxProblem(ValueError):
    """A template or expression that Terraform would refuse, or that we do not read."""


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_DIRECTIVE = re.compile(r"%\{(?P<trim>~?)\s*(?P<word>if|else|endif|for|endfor)\b")
_MEANS_SOMETHING = re.compile(r"(?:\$\$?|%%?)\{")
_MEANS_SOMETHING_QUOTED = re.compile(r'(?:\$\$?|%%?)\{|["\\]')
_SPACE = re.compile(r"\s*")


class Templates:
    """The part of a parser that reads templates; `at` is where it stands."""

    text: str
    at: int

    def expression(self) -> Node:
        """The expression that begins here."""
        raise NotImplementedError

    def name(self) -> str:
        """The name that begins here."""
        raise NotImplementedError

    def take(self, sign: str) -> bool:
        """Whether a sign stands here; if so, it is passed."""
        raise NotImplementedError

    def expect(self, sign: str) -> None:
        """Pass a sign that must stand here."""
        raise NotImplementedError

    def whole_template(self) -> Node:
        """The template that the whole text is."""
        node = _joined(self.parts(quoted=False))
        if self.at < len(self.text):
            raise SyntaxProblem(f"{self.text[self.at : self.at + 20]!r} ends what has not begun")
        return node

    def parts(self, quoted: bool) -> list[Node]:
        """Text, interpolations and directives up to the end, to the closing quote, or to what ends a directive around them."""
        parts: list[Node] = []
        text = ""
        while self.at < len(self.text) and not (quoted and self.text[self.at] == '"'):
            if self.text.startswith(("$${", "%%{"), self.at):
                text += self.text[self.at + 1 : self.at + 3]
                self.at += 3
            elif self.text.startswith(("${", "%{"), self.at):
                text = text.rstrip() if self.text.startswith("~", self.at + 2) else text
                if self.word() in ("else", "endif", "endfor"):
                    break
                parts += [Literal(text)] if text else []
                text = ""
                parts.append(self.interpolation() if self.text[self.at] == "$" else self.directive(quoted))
            else:
                text += self.plain(quoted)
        return [*parts, Literal(text)] if text or not parts else parts

    def plain(self, quoted: bool) -> str:
        """A run of text up to the next character that may mean something."""
        start = self.at
        if quoted and self.text[start] == "\\":
            self.at += 2
            return self.escape(self.text[start + 1 : start + 2])
        stop = (_MEANS_SOMETHING_QUOTED if quoted else _MEANS_SOMETHING).search(self.text, start + 1)
        self.at = stop.start() if stop else len(self.text)
        return self.text[start : self.at]

    def escape(self, letter: str) -> str:
        """What stands for a letter behind a backslash."""
        length = {"u": 4, "U": 8}.get(letter, 0)
        if not length:
            return _ESCAPES.get(letter, letter)
        digits = self.text[self.at : self.at + length]
        self.at += length
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            raise SyntaxProblem(f"\\{letter}{digits} is no character") from None

    def interpolation(self) -> Node:
        """`${ … }`"""
        self.at += 2
        self.take("~")
        node = self.expression()
        self.close()
        return node

    def directive(self, quoted: bool) -> Node:
        """`%{ if … }` or `%{ for … }` with all that belongs to it."""
        if self.open("if"):
            condition = self.expression()
            yes, no = self.block(quoted), self.block(quoted) if self.open("else") else Literal("")
            self.end("endif")
            return Conditional(condition, yes, no)
        if not self.open("for"):
            raise SyntaxProblem(f"{self.text[self.at : self.at + 20]!r} is no directive")
        names = [self.name()]
        names += [self.name()] if self.take(",") else []
        if self.name() != "in":
            raise SyntaxProblem("`in` was expected in a directive")
        of = self.expression()
        body = self.block(quoted)
        self.end("endfor")
        return Call("join", (Literal(""), For(tuple(names), of, None, body, None)))

    def word(self) -> str:
        """The word of the directive that begins here; empty where none does."""
        found = _DIRECTIVE.match(self.text, self.at)
        return found["word"] if found else ""

    def open(self, word: str) -> bool:
        """Whether a directive begins here; if so, its word is passed."""
        found = _DIRECTIVE.match(self.text, self.at)
        self.at = found.end() if found and found["word"] == word else self.at
        return found is not None and found["word"] == word

    def block(self, quoted: bool) -> Node:
        """What a directive is around."""
        self.close()
        return _joined(self.parts(quoted))

    def end(self, word: str) -> None:
        """The end of a directive."""
        if not self.open(word):
            raise SyntaxProblem(f"%{{ {word} }} was expected at {self.text[self.at : self.at + 20]!r}")
        self.close()

    def close(self) -> None:
        """The closing brace; a tilde before it swallows the space behind it."""
        trims = self.take("~")
        self.expect("}")
        found = _SPACE.match(self.text, self.at) if trims else None
        self.at = found.end() if found else self.at


def _joined(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Template(tuple(parts))
