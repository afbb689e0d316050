"""What a resource says, opened to the last value: YAML, JSON and plain configuration in its texts, options on its command lines,
variables put together from others. Whoever looks for addresses, regions, images or switches looks here.

It is walked once, and a document that lies in many objects once for all of them. Who looks for something says by which keys and texts
(`Concern`), asks whether any are there (`any`) or for the leaves that have one (`those`), and walks the data only then.
"""

import marshal
import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from blueprint.command_line import as_options, filled
from blueprint.concerns import CONCERNS, HIDDEN, NOBODY, Concern, Concerns, of_key, of_text
from blueprint.credentials import plain
from blueprint.facts import Found, Resource, Sensitive, Unknown, remembered
from blueprint.facts.embedded import opened
from blueprint.facts.plain import settings

DEEPEST = 3
SHORTEST = 16  # of base64, which has no other sign
SIGN_OF_A_DOCUMENT = re.compile(r"^[{\[-]|[:\n]")
COMMANDS = ("command", "args", "extraArgs", "cmd", "entrypoint")
CONTENT_ALONE = 2  # the version of marshal's format that writes equal data alike, whichever objects it is made of
VARIABLES = frozenset(("env", "extraEnv", "extraEnvVars", "envVars"))


class Said:
    """Everything a resource says, or a document inside one of its texts: as nested data, and in parts: leaves with their paths, and
    documents that other resources may have, too."""

    def __init__(self, data: Any, path: str = "", above: Concerns = NOBODY, depth: int = 0) -> None:
        self.own, self.place = data, (path, above, depth)
        self._walk()

    def any(self, concern: Concern) -> bool:
        """Whether any key or text is of concern: whether looking closer is worth it."""
        return concern in self._asked().concerned

    def those(self, concern: Concern) -> Sequence[Found]:
        """The leaves that are of concern, for their text or for a key above them."""
        return self._asked().concerned.get(concern, ())

    def words_of(self, concern: Concern) -> frozenset[str]:
        """The keys and texts that are of concern."""
        return self._asked().words & concern.words

    @cached_property
    def leaves(self) -> list[Found]:
        """Every leaf with its path."""
        return [leaf for part in self.parts for leaf in (part.leaves if isinstance(part, Said) else (part,))]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every key of a block."""
        return frozenset(self.own_keys).union(*(part.keys for part in self.parts if isinstance(part, Said)))

    @cached_property
    def words(self) -> frozenset[str]:
        """Its keys and its texts, each once."""
        own = (part.value for part in self.parts if isinstance(part, Found) and isinstance(part.value, str))
        return frozenset((*self.own_keys, *own)).union(*(part.words for part in self.parts if isinstance(part, Said)))

    def _asked(self) -> "Said":
        """The same, when everybody has been asked: somebody may have come after it was walked."""
        if self.asked != len(CONCERNS):
            self._walk()
        return self

    def _walk(self) -> None:
        self.asked = len(CONCERNS)
        self.parts: list[Found | Said] = []
        self.own_keys: set[str] = set()
        self.concerned: dict[Concern, list[Found]] = {}
        path, above, depth = self.place
        self.data = self._unfolded(self.own, path, above, {}, depth)

    def _unfolded(self, data: Any, path: str, above: Concerns, known: Mapping[str, str], depth: int) -> Any:
        """Nested data with what is inside its texts as data, too. `above` are those whom a key above concerns, `known` are variables."""
        if isinstance(data, str):
            return self._text(filled(data, known) if known else data, path, above, known, depth)
        if isinstance(data, dict):
            known = known if VARIABLES.isdisjoint(data) else _variables(data) or known
            below = f"{path}." if path else ""
            return {key: self._below(str(key), value, below, above, known, depth) for key, value in data.items()}
        if isinstance(data, list):
            return [self._item(item, path, index, above, known, depth) for index, item in enumerate(data)]
        return self._leaf(data, path, above | of_text(HIDDEN) if isinstance(data, Unknown | Sensitive) else above)

    def _text(self, text: str, path: str, above: Concerns, known: Mapping[str, str], depth: int) -> Any:
        inside = _opened(text) if depth < DEEPEST else None
        if inside is None:
            return self._leaf(text, path, above | of_text(text))
        if known:
            return self._unfolded(inside, path, above, known, depth + 1)
        return self._document(_document(text, path, above, depth + 1))

    def _below(self, key: str, value: Any, path: str, above: Concerns, known: Mapping[str, str], depth: int) -> Any:
        self.own_keys.add(key)
        if concerned := of_key(key):
            above = above | concerned
            for one in concerned:
                self.concerned.setdefault(one, [])
        return self._unfolded(as_options(value) if key in COMMANDS else value, path + key, above, known, depth)

    def _item(self, item: Any, path: str, index: int, above: Concerns, known: Mapping[str, str], depth: int) -> Any:
        """A list's item that has a name and a value is called by it: `env.SENTRY_DSN.value`, not `env[3].value`."""
        if isinstance(item, dict) and "value" in item and isinstance(name := item.get("name"), str):
            return self._unfolded(item, f"{path}.{name}", above | of_key(name), known, depth)
        return self._unfolded(item, f"{path}[{index}]", above, known, depth)

    def _leaf(self, value: Any, path: str, concerned: Concerns) -> Any:
        leaf = Found(path, value)
        self.parts.append(leaf)
        for one in concerned:
            self.concerned.setdefault(one, []).append(leaf)
        return value

    def _document(self, document: "Said") -> Any:
        self.parts.append(document)
        for one, leaves in document._asked().concerned.items():
            self.concerned.setdefault(one, []).extend(leaves)
        return document.data


@remembered
def said(resource: Resource) -> Said:
    """What a resource itself says: an object all of it, a release its values without the objects in them, which are judged on
    their own."""
    own = _own(resource)
    try:
        return _alike(marshal.dumps(own, CONTENT_ALONE))
    except ValueError:  # something in it is unknown or secret
        return Said(own)


@lru_cache(maxsize=1024)
def _alike(content: bytes) -> Said:
    """What all objects of one content say; most lie in every cluster."""
    return Said(marshal.loads(content))


def _own(resource: Resource) -> Any:
    if resource.type == "helm_release":
        return _without_objects(resource.attributes.get("values", {}))
    readable = plain(resource.attributes) if resource.type == "k8s.Secret" else None
    return resource.attributes if readable is None else {**resource.attributes, "data": readable, "stringData": {}}


@lru_cache(maxsize=1024)
def _document(text: str, path: str, above: Concerns, depth: int) -> Said:
    """What a document inside a text says; the same dashboard or script lies in every cluster."""
    return Said(_opened(text), path, above, depth)


@lru_cache(maxsize=65_536)
def _opened(text: str) -> dict[str, Any] | list[Any] | None:
    """The document, or the plain configuration, that a text is."""
    if len(text) < SHORTEST and not SIGN_OF_A_DOCUMENT.search(text):
        return None
    found = opened(text)
    if isinstance(found, dict | list):
        return found
    return settings(text) if "\n" in text and "\n" in text.strip() else None


def _variables(data: Mapping[str, Any]) -> dict[str, str]:
    """Plain variables of a container, by name, each with the earlier ones filled in."""
    known: dict[str, str] = {}
    for item in (item for key in VARIABLES & data.keys() if isinstance(data[key], list) for item in data[key]):
        if isinstance(item, dict) and isinstance(item.get("value"), str):
            known[str(item.get("name"))] = filled(item["value"], known)
    return known


def _without_objects(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_objects(value) for key, value in data.items() if not _is_object(value)}
    if isinstance(data, list):
        return [_without_objects(item) for item in data if not _is_object(item)]
    return data


def _is_object(data: Any) -> bool:
    return isinstance(data, dict) and data.keys() >= {"apiVersion", "kind", "metadata"}
