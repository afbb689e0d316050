"""Values that are not there to be read: not known yet, or secret."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

INDEXES = re.compile(r"(\[\d+\])+$")


@dataclass(frozen=True)
class Unknown:
    """A value nobody can know yet: why, and the addresses of the resources it refers to (`azurerm_subnet.nodes`).

    `text` is what is known of a text around it, unknown parts in angle brackets: `https://⟨azurerm_search_service.s.name⟩.eu/`.
    """

    reason: str
    references: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Sensitive:
    """A value that must not be shown. Rules may compare it, nothing may print it."""

    value: Any = field(repr=False)

    def __str__(self) -> str:
        return "(sensitive)"


class Found(NamedTuple):
    """A value and where it stands: `georeplications[1].location`."""

    path: str
    value: Any

    @property
    def key(self) -> str:
        """The last key of the path: `location` here."""
        return last_key(self.path)

    @property
    def known(self) -> bool:
        """Whether there is a value to compare, a secret one included."""
        return not isinstance(self.value, Unknown)


@lru_cache(maxsize=65_536)
def last_key(path: str) -> str:
    """The last key of a path, without the index of an item and without the note that nobody wrote it."""
    return INDEXES.sub("", path.removesuffix(" (default)")).rpartition(".")[2]


def gap(unknown: Unknown) -> str:
    """How an unknown stands inside a text; `with_gaps` makes it an unknown again."""
    return unknown.text or f"⟨{unknown.references[0] if unknown.references else 'unknown'}⟩"
