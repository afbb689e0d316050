"""An entry by its name, or one clear message with the nearest names; a model also by what repositories call it."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from blueprint.catalog.models import Model
from blueprint.errors import BlueprintError

T = TypeVar("T")

OTHER_MODELS = {"vl", "embedding", "distill", "llava"}  # words that make it another model of the same family
SAME_SHAPES = (({"qwen3.6"}, {"qwen3.5"}), ({"llama", "70b"}, {"3.3"}), ({"mistral", "small", "3.1"}, {"3.2"}))


def find(what: str, name: str, entries: Mapping[str, T]) -> T:
    """The entry of that name.

    Raises:
        BlueprintError: there is none; the nearest names follow.
    """
    if name in entries:
        return entries[name]
    near = get_close_matches(name.lower(), entries, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(sorted(entries))}"
    raise BlueprintError(f"{name!r} is no {what} in the catalogue", hint)


def named(name: str, models: Mapping[str, Model]) -> Model | None:
    """The model a repository such as `RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic` holds: all words of the entry's name occur."""
    for model in models.values() if "/" in name else ():  # reads every file, which a name that is no repository's need not
        if any(format.repository and name.startswith(format.repository) for format in model.formats.values()):
            return model
    words = _words(name)
    for said, same in SAME_SHAPES:
        words |= same if said <= words else set()
    found = [] if words & OTHER_MODELS else [entry for entry in models if _words(entry) <= words]
    return models[max(found, key=len)] if found else None


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z0-9.]+", name.lower()))
