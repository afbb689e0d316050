"""What a resource says, opened to the last value: YAML, JSON and plain configuration in its texts, options on its command lines,
variables put together from others. Whoever looks for addresses, regions, images or switches looks here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from blueprint.credentials import plain
from blueprint.facts import Found, Resource
from blueprint.facts.embedded import opened
from blueprint.facts.plain import settings

DEEPEST = 3
SHORTEST = 16  # of base64, which has no other sign
SIGN_OF_A_DOCUMENT = re.compile(r"^[{\[-]|[:\n]")
COMMANDS = ("command", "args", "extraArgs", "cmd", "entrypoint")
VARIABLES = frozenset(("env", "extraEnv", "extraEnvVars", "envVars"))
WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")
COMMENT = re.compile(r"(?m)(?:^|\s)#.*$")
OPTION = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<value>.*))?", re.DOTALL)
ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
PLACE_OF_A_VARIABLE = re.compile(r"\$\((\w+)\)|\$\{(\w+)\}|\$(\w+)")


@dataclass(frozen=True)
class Said:
    """Everything a resource says: as nested data, as leaves with their paths, and all keys there are."""

    data: Any
    leaves: list[Found]
    keys: set[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """Its keys and its texts, each once: they tell whether looking closer is worth it."""
        return frozenset((*self.keys, *(found.value for found in self.leaves if isinstance(found.value, str))))


KNOWN: WeakKeyDictionary[Resource, Said] = WeakKeyDictionary()


def said(resource: Resource) -> Said:
    """What a resource itself says: an object all of it, a release its values without the objects in them, which are judged on
    their own. Walked once, whoever asks."""
    if resource not in KNOWN:
        own = _own(resource)
        leaves: list[Found] = []
        keys: set[str] = set()
        KNOWN[resource] = Said(_unfolded(own, "", leaves, keys, {}), leaves, keys)
    return KNOWN[resource]


def _own(resource: Resource) -> Any:
    if resource.type == "helm_release":
        return _without_objects(resource.attributes.get("values", {}))
    readable = plain(resource.attributes) if resource.type == "k8s.Secret" else None
    return resource.attributes if readable is None else {**resource.attributes, "data": readable, "stringData": {}}


def options(words: list[str]) -> dict[str, Any]:
    """What a command line says, by option (`--region`) and by variable (`export REGION=…`); other words under their number."""
    found: dict[str, Any] = {}
    known: dict[str, str] = {}
    split = [part for word in words for part in _words(word)]
    taken = -1
    for index, word in enumerate(split):
        word = _filled(word, known) if known else word
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


def _unfolded(data: Any, path: str, leaves: list[Found], keys: set[str], known: Mapping[str, str], depth: int = 0) -> Any:
    """Nested data with what is inside its texts as data, too; leaves and keys are noted on the way. `known` are variables."""
    if isinstance(data, dict):
        keys.update(map(str, data))
        known = known if VARIABLES.isdisjoint(data) else _variables(data) or known
        return {
            key: _unfolded(_command(value) if key in COMMANDS else value, f"{path}.{key}" if path else str(key), leaves, keys, known, depth)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [_unfolded(item, _step(item, path, index), leaves, keys, known, depth) for index, item in enumerate(data)]
    text = _filled(data, known) if known and isinstance(data, str) else data
    inside = _opened(text) if depth < DEEPEST and isinstance(text, str) else None
    if inside is None:
        leaves.append(Found(path, text))
        return text
    if known:
        return _unfolded(inside, path, leaves, keys, known, depth + 1)
    part = _document(text, path, depth + 1)
    leaves += part.leaves
    keys |= part.keys
    return part.data


@lru_cache(maxsize=1024)
def _document(text: str, path: str, depth: int) -> Said:
    """What a document inside a text says; the same dashboard or script lies in every cluster."""
    leaves: list[Found] = []
    keys: set[str] = set()
    return Said(_unfolded(_opened(text), path, leaves, keys, {}, depth), leaves, keys)


@lru_cache(maxsize=65_536)
def _opened(text: str) -> dict[str, Any] | list[Any] | None:
    """The document, or the plain configuration, that a text is."""
    if len(text) < SHORTEST and not SIGN_OF_A_DOCUMENT.search(text):
        return None
    found = opened(text)
    if isinstance(found, dict | list):
        return found
    return settings(text) if "\n" in text and "\n" in text.strip() else None


def _command(value: Any) -> Any:
    """The words of a command line as options; what is no list of words stays."""
    words = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return options(words) if words and all(isinstance(word, str) for word in words) else value


def _variables(data: Mapping[str, Any]) -> dict[str, str]:
    """Plain variables of a container, by name, each with the earlier ones filled in."""
    known: dict[str, str] = {}
    for item in (item for key in VARIABLES & data.keys() if isinstance(data[key], list) for item in data[key]):
        if isinstance(item, dict) and isinstance(item.get("value"), str):
            known[str(item.get("name"))] = _filled(item["value"], known)
    return known


def _filled(text: str, known: Mapping[str, str]) -> str:
    """A text with variables in place of their names: `https://$(HOST)/v1`, and `$HOST` as shells write it."""
    return PLACE_OF_A_VARIABLE.sub(lambda found: known.get(found[1] or found[2] or found[3], found[0]), text) if "$" in text else text


def _step(item: Any, path: str, index: int) -> str:
    """A list's item that has a name and a value is called by it: `env.SENTRY_DSN.value`, not `env[3].value`."""
    named = isinstance(item, dict) and isinstance(item.get("name"), str) and "value" in item
    return f"{path}.{item['name']}" if named else f"{path}[{index}]"


def _without_objects(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_objects(value) for key, value in data.items() if not _is_object(value)}
    if isinstance(data, list):
        return [_without_objects(item) for item in data if not _is_object(item)]
    return data


def _is_object(data: Any) -> bool:
    return isinstance(data, dict) and {"apiVersion", "kind", "metadata"} <= set(data)
