"""Configuration in plain text as data: TOML, INI, properties, variables, and the blocks of nginx, fluent-bit, Alloy or HCL.

No format is known by its name. A line is a key and its value, brackets and braces and tags open sections, and what stands behind a
comment sign is nobody's configuration. Templates stay as `$(…)`; one with a default is its default.
"""

import re
from collections.abc import Iterator
from typing import Any

_COMMENT = re.compile(
    r"^[ \t]*[rRuU]?(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?''')[ \t]*$"  # what a Python script says of itself
    r"|(?:\w+:)?schemaLocation\s*=\s*(?:\"[^\"]*\"|'[^']*')"  # names of schemas in XML
    r"|^\s*(?:#|;|//|!|--\s|/\*|\*\s|<!--).*$|\s(?:#|//).*$",
    re.MULTILINE,
)
_PROPERTY = re.compile(r"<name>\s*([^<]+?)\s*</name>\s*<value>\s*([^<]*?)\s*</value>")  # Hadoop's XML
_TEMPLATE = re.compile(r"\$\{(?P<name>[^{}:]*)(?::?-(?P<default>[^{}]*))?[^{}]*\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PUNCTUATION = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[{};]')
_HEADING = re.compile(r"\[+\s*(?P<name>[^\[\]=]+?)\s*\]+")
_TAG = re.compile(r"<(?P<name>\w[\w.-]*)[^<>=]*(?<!/)>")
_ASSIGNED = re.compile(r"(?:export\s+|set\s+)?[\"']?(?P<key>[\w.@*/-]+)[\"']?\s*(?:\+?=>?|:=|:(?=\s|$))\s*(?P<value>.*)")
_SPACED = re.compile(r"(?P<key>[^\s(]+)(?:\s+|(?=\([\"']))(?P<value>.+)")  # host db.eu, or a call: syslog("db.eu" port(514))
_ITEM = re.compile(r'"([^"]*)"|\'([^\']*)\'|([^\s,\[\]()]+)')
DEEPEST = 20


def settings(text: str) -> dict[str, Any]:
    """The sections, keys and values of a text; lines that are neither are values of the key "" (or of the list they stand in)."""
    root: dict[str, Any] = {}
    open_sections = [root]
    listed = ""
    for line in _lines(text):
        if line == "}" or line.startswith("</"):
            open_sections = open_sections[:-1] or [root]
        elif line.endswith("{") or (tag := _TAG.fullmatch(line)):
            name = line[:-1] if line.endswith("{") else tag["name"] if tag else line
            open_sections = [*open_sections, _section(open_sections[-1], name)][-DEEPEST:]
        elif heading := _HEADING.fullmatch(line):
            open_sections = [root, _section(root, heading["name"])]
        elif listed:
            if item := _value(line.rstrip("])")):
                _add(open_sections[-1], listed, item)
            listed = "" if line.endswith(("]", ")")) else listed
        elif assigned := _ASSIGNED.fullmatch(line) or _SPACED.fullmatch(line):
            listed = assigned["key"] if assigned["value"] in ("[", "(") else ""
            _add(open_sections[-1], assigned["key"], [] if listed else _value(assigned["value"]))
        else:
            _add(open_sections[-1], "", _value(line))
    return root


def _lines(text: str) -> Iterator[str]:
    """Lines without comments, each brace and each statement on one of its own."""
    without = _TEMPLATE.sub(
        lambda found: found["default"] or f"$({found['name'] or 'template'})", _PROPERTY.sub(r"\n\1=\2\n", _COMMENT.sub("", text))
    )
    split = _PUNCTUATION.sub(lambda found: {"{": " {\n", "}": "\n}\n", ";": "\n"}.get(found[0], found[0]), without)
    return filter(None, (line.strip() for line in split.splitlines()))


def _section(inside: dict[str, Any], name: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    _add(inside, name.replace('"', "").strip(" =:"), made)
    return made


def _add(section: dict[str, Any], key: str, value: Any) -> None:
    """Put a value under a key; a second one makes a list."""
    values = value if isinstance(value, list) else [value]
    if key in section:
        section[key] = [*(section[key] if isinstance(section[key], list) else [section[key]]), *values]
    else:
        section[key] = value


def _value(written: str) -> Any:
    """A text without its quotes; a list in brackets as a list."""
    text = written.strip().rstrip(",").strip()
    if text[:1] == "[" and text[-1:] == "]":
        return ["".join(found) for found in _ITEM.findall(text[1:-1])]
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
