"""A YAML file as plain data that remembers its lines, and everything YAML itself has to say against it.

Duplicate keys, keys that are not words, tags, merge keys and anchors that contain themselves are findings rather than
surprises.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import ParserError
from yaml.scanner import ScannerError

from blueprint.environment.yaml12 import Constructor, Loader, Resolver
from blueprint.errors import Problem

Place = tuple[str | int, ...]

STANDARD = "tag:yaml.org,2002:"
MOST_NODES = 20_000  # anchors can make a small file enormous


def show(place: Place) -> str:
    """A place as people write it: models.analysis.replicas, cluster.zones[0]."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


@dataclass
class Document:
    """`lines` holds the line of every key and item, counted from 1."""

    file: str
    data: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest thing around it: the first of the file if there is none."""
        return next((self.lines[place[:length]] for length in range(len(place), 0, -1) if place[:length] in self.lines), 1)

    def told(self) -> set[str]:
        """The paths that have a finding by now."""
        return {problem.path for problem in self.problems}

    def problem(self, place: Place, message: str, allowed: str = "", next: str = "", line: int = 0, severity: str = "error") -> None:
        """Note a finding at a place."""
        self.problems.append(Problem(self.file, line or self.line(place), show(place), message, allowed, next, severity))


def read(path: Path) -> Document:
    """Read a file. `data` stays None where nothing can be made of it; `problems` says why."""
    document = Document(str(path))
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = Loader(text).get_single_node()
    except OSError as error:
        document.problem((), f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        document.problem((), f"is not UTF-8 text (byte {error.start})", next="save it as UTF-8")
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        document.problem((), f"is not valid YAML: {_first_line(error.problem or str(error))}", next=_hint(error, text), line=line)
    except (YAMLError, ValueError) as error:
        document.problem((), f"is not valid YAML: {_first_line(str(error))}")
    except RecursionError:
        document.problem((), "is nested too deeply to be an environment")
    else:
        _take(document, root)
    return document


def _take(document: Document, root: Node | None) -> None:
    if not isinstance(root, MappingNode):
        found = "is empty" if root is None else "is not a mapping of keys to values"
        document.problem((), found, next="see environments/dev.yaml for the smallest one")
        return
    try:
        document.data = _Reader(document).value(root, (), ())
    except _TooLargeError:
        document.problem((), f"has more than {MOST_NODES} values once its anchors are written out")


class _TooLargeError(Exception):
    pass


class _Reader:
    """Turns nodes into data and notes lines and findings on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.resolver, self.constructor = Resolver(), Constructor()

    def value(self, node: Node, place: Place, around: tuple[Node, ...]) -> Any:
        self.document.nodes += 1
        if self.document.nodes > MOST_NODES:
            raise _TooLargeError
        if any(node is outer for outer in around):
            self.document.problem(place, "contains itself through an anchor", next="write the value out", line=_line(node))
        elif self._tagged(node):
            self.document.problem(place, f"tag {node.tag} is not used in environments", next="leave the tag out", line=_line(node))
        elif isinstance(node, MappingNode):
            return {key: self.value(item, (*place, key), (*around, node)) for key, item in self._entries(node, place)}
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self.document.lines[*place, index] = _line(item)
            return [self.value(item, (*place, index), (*around, node)) for index, item in enumerate(node.value)]
        else:
            return self._scalar(node, place)
        return None

    def _entries(self, node: MappingNode, place: Place) -> Iterator[tuple[str, Node]]:
        seen: dict[str, int] = {}
        for key_node, item in node.value:
            line, key = _line(key_node), str(key_node.value)
            if not isinstance(key_node, ScalarNode):
                self.document.problem(place, "a key must be a word", line=line)
            elif key == "<<":
                self.document.problem((*place, key), "merge keys are not supported", next="write the values out", line=line)
            elif key in seen:
                self.document.problem((*place, key), f"key already given on line {seen[key]}", next="keep one of them", line=line)
            else:
                seen[key] = self.document.lines[*place, key] = line
                yield key, item

    def _tagged(self, node: Node) -> bool:
        if not isinstance(node, ScalarNode):
            return str(node.tag) not in (f"{STANDARD}map", f"{STANDARD}seq")
        return str(node.tag) not in (f"{STANDARD}str", self.resolver.tag(node.value))

    def _scalar(self, node: Node, place: Place) -> Any:
        try:
            return self.constructor.construct_object(node)
        except (ValueError, OverflowError) as error:  # a date that no calendar has
            self.document.problem(place, f"{node.value} cannot be read: {error}", line=_line(node))
            return None


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _hint(error: MarkedYAMLError, text: str) -> str:
    if error.problem_mark and text[error.problem_mark.index :].startswith("\t"):
        return "indent with spaces, not tabs"
    syntax = isinstance(error, ParserError | ScannerError)
    return "often a missing space after a colon, an open bracket or uneven indentation" if syntax else ""


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no reason given"
