"""Command lines as they are read: options and variables by name, words of a shell, variables in texts filled in."""

import re
from collections.abc import Mapping
from typing import Any

WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")
COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")
OPTION = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?", re.DOTALL)
ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
PLACE_OF_A_VARIABLE = re.compile(r"\$\((\w+)\)|\$\{(\w+)\}|\$(\w+)")


def as_options(value: Any) -> Any:
    """The words of a command line as options; what is no list of words stays."""
    words = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return options(words) if words and all(isinstance(word, str) for word in words) else value


def options(words: list[str]) -> dict[str, Any]:
    """What a command line says, by option (`--region`) and by variable (`export REGION=…`); other words under their number."""
    found: dict[str, Any] = {}
    known: dict[str, str] = {}
    split = [part for word in words for part in _words(word)]
    taken = -1
    for index, word in enumerate(split):
        word = filled(word, known) if known else word
        after = split[index + 1] if index + 1 < len(split) else "-"
        if option := OPTION.fullmatch(word):
            follows = option["value"] is None and not after.startswith("-")
            taken = index + 1 if follows else taken
            _add(found, f"--{option['name']}", after if follows else option["value"] or "")
        elif assigned := ASSIGNMENT.fullmatch(word):
            known[assigned["name"]] = assigned["value"].rstrip(";")
            _add(found, assigned["name"], assigned["value"])
        elif index != taken:
            found[str(index)] = word
    return found


def _add(found: dict[str, Any], name: str, value: str) -> None:
    """An option may be given several times."""
    found[name] = value if name not in found else [*(found[name] if isinstance(found[name], list) else [found[name]]), value]


def _words(text: str) -> list[str]:
    """The words of a shell's line, which a container may have in one; an option's value stays whole."""
    if not re.search(r"\s", text) or OPTION.fullmatch(text):
        return [text]
    return [word.replace('"', "").replace("'", "") for word in WORD.findall(COMMENT.sub("", text))]


def filled(text: str, known: Mapping[str, str]) -> str:
    """A text with variables in place of their names: `https://$(HOST)/v1`, and `$HOST` as shells write it."""
    return PLACE_OF_A_VARIABLE.sub(lambda found: known.get(found[1] or found[2] or found[3], found[0]), text) if "$" in text else text
