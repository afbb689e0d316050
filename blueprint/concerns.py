"""Whom a key or a text concerns: each distinct one is shown to everybody once, however many objects say it."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

HIDDEN = "⟨hidden⟩"  # stands for the text of a value that is unknown or secret
Test = Callable[[str], Any]


class Concern:
    """What somebody looks for, by keys and by texts. `words` are those that turned out to be of concern."""

    def __init__(self, key: Test | None = None, text: Test | None = None) -> None:
        self.key, self.text = key, text
        self.words: set[str] = set()
        CONCERNS.append(self)
        of_key.cache_clear()
        of_text.cache_clear()


CONCERNS: list[Concern] = []
Concerns = frozenset[Concern]
NOBODY: Concerns = frozenset()


@lru_cache(maxsize=65_536)
def of_key(key: str) -> Concerns:
    """Whom a key concerns, or a part of it between dots."""
    return _noted(key, (one for one in CONCERNS if one.key and any(map(one.key, {key, *key.split(".")}))))


@lru_cache(maxsize=65_536)
def of_text(text: str) -> Concerns:
    """Whom a text concerns."""
    return _noted(text, (one for one in CONCERNS if one.text and one.text(text)))


def _noted(word: str, concerned: Iterable[Concern]) -> Concerns:
    found = frozenset(concerned)
    for one in found:
        one.words.add(word)
    return found
