"""Documents inside strings: JSON, YAML and base64 in ConfigMaps, annotations, policies, template bodies.

They are opened when somebody walks there, to a bounded depth and size, and remembered. A text with unknown parts opens too:
the leaves with a gap in them are unknown, the others are known.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from blueprint.facts.documents import BrokenDocument, load_yaml
from blueprint.facts.values import Found, Sensitive, Unknown

MOST_NESTED = 8
LONGEST = 1_000_000
_GAP = re.compile("⟨([^⟩]*)⟩")
_YAML = re.compile(r"\A(?:\s*#[^\n]*\n|\s*---[^\n]*\n|\s*\n)*(?:- )*[\w.\"'/-]+:(?:\s|\Z)|\A\s*(?:- |---\s*\n)", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")


def leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[Found]:
    """Every leaf of nested data with its path; a string that is a document is a leaf and is followed by the document's."""
    if isinstance(value, str):
        yield Found(path, value)
        if depth < MOST_NESTED and _opened(value) is not None:
            yield from _inside(value, path, depth + 1)
    elif isinstance(value, dict | Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key), depth)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]", depth)
    else:
        yield Found(path, value)
        if depth < MOST_NESTED and (inside := opened(value)) is not None:
            yield from leaves(inside, path, depth + 1)


@lru_cache(maxsize=1024)
def _inside(text: str, path: str, depth: int) -> tuple[Found, ...]:
    """The leaves of a document inside a text; several rules ask for those of the same dashboard or script."""
    return tuple(leaves(opened(text), path, depth))


def texts(value: Any, wanted: Callable[[str], Any], path: str = "") -> Iterator[Found]:
    """The texts inside some data that somebody wants, those of documents inside texts included."""
    if isinstance(value, str):
        yield from _wanted(value, wanted, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, wanted, f"{path}.{key}" if path else str(key))
    else:
        yield from (found for found in leaves(value, path) if isinstance(found.value, str) and wanted(found.value))


@lru_cache(maxsize=1024)
def _wanted(text: str, wanted: Callable[[str], Any], path: str) -> tuple[Found, ...]:
    """Those inside one text; the same file lies in every cluster."""
    return tuple(found for found in leaves(text, path) if isinstance(found.value, str) and wanted(found.value))


def opened(value: Any) -> Any:
    """The mapping, list or text inside a text, None if there is none. What is in a secret text stays secret."""
    if isinstance(value, str):
        return _opened(value)
    if isinstance(value, Sensitive):
        return secret(value.value if not isinstance(value.value, str) else _opened(value.value))
    if isinstance(value, Unknown):
        return with_gaps(_opened(value.text), value) if value.text else None
    return None


def with_gaps(value: Any, whole: Unknown) -> Any:
    """Make every leaf with a gap unknown, for the reason of the text it stood in."""
    if isinstance(value, Mapping):
        return {key: with_gaps(item, whole) for key, item in value.items()}
    if isinstance(value, list):
        return [with_gaps(item, whole) for item in value]
    if isinstance(value, str) and (names := _GAP.findall(value)):
        named = tuple(reference for reference in whole.references if reference in names)
        return Unknown(whole.reason, named, value)
    return value


def secret(value: Any) -> Any:
    """The same data with every leaf marked; None stays None."""
    if isinstance(value, Mapping):
        return {key: secret(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [secret(item) for item in value]
    return value if value is None or isinstance(value, Sensitive | Unknown) else Sensitive(value)


@lru_cache(maxsize=4096)
def _opened(text: str) -> Any:
    if not 4 <= len(text) <= LONGEST:
        return None
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    if _YAML.match(text):
        return _yaml(text)
    return _decoded(text) if _BASE64.fullmatch(text) else None


def _json(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _yaml(text)
    return found or None


def _yaml(text: str) -> Any:
    try:
        found = [document for document in load_yaml(text) if isinstance(document, dict | list) and document]
    except BrokenDocument:
        return None
    return found[0] if len(found) == 1 else found or None


def _decoded(text: str) -> Any:
    """What base64 holds: the document inside, or the text itself if it reads like one."""
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not all(character.isprintable() or character.isspace() for character in decoded):
        return None
    inside = _opened(decoded)
    return inside if inside is not None else [decoded]
