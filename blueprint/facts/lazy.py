"""What expressions are evaluated with: names, things that are looked up when asked for, and unknown or secret values."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blueprint.facts.values import Sensitive, Unknown

MOST_VALUES = 100_000
LONGEST = 10_000_000


class Failure(ValueError):
    """An expression that has no value: Terraform would refuse it."""


class Lazy:
    """Something whose parts are looked up when asked for: `var`, `local`, a resource."""

    def item(self, key: Any) -> Any:
        """One part."""
        raise NotImplementedError

    def whole(self) -> Any:
        """All of it as a value: data, `Unknown`, or a list or mapping of lazy parts."""
        raise NotImplementedError


class Scope:
    """What names mean: those of iterators, then what the stack knows. `folder` is where its files are."""

    def __init__(self, root: Callable[[str], Any], names: Mapping[str, Any] | None = None, folder: Path | None = None) -> None:
        self.root, self.names, self.folder = root, names or {}, folder

    def named(self, names: Mapping[str, Any]) -> "Scope":
        """The same with more names."""
        return Scope(self.root, {**self.names, **names}, self.folder)

    def of(self, name: str) -> Any:
        """The value of a name."""
        return self.names[name] if name in self.names else self.root(name)


def settled(value: Any) -> Any:
    """A value without lazy parts.

    Raises:
        Failure: it is larger than anybody would write, as names that double each other are.
    """
    left = MOST_VALUES

    def settle(value: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Failure("it grows without bounds")
        if isinstance(value, Lazy):
            return settle(value.whole())
        if isinstance(value, dict):
            return {key: settle(item) for key, item in value.items()}
        return [settle(item) for item in value] if isinstance(value, list) else value

    return settle(value) if isinstance(value, dict | list | Lazy) else value


def marked(value: Any) -> Any:
    """The value as a secret; an unknown one stays unknown."""
    return value if isinstance(value, Sensitive | Unknown) else Sensitive(value)


def combined(values: Any, known: str = "") -> Unknown:
    """One unknown for all in some data; the first says why."""
    found = list(unknowns(values))
    return Unknown(found[0].reason, tuple(dict.fromkeys(name for one in found for name in one.references)), known)


def unknowns(value: Any) -> Iterable[Unknown]:
    """Every unknown inside."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Sensitive):
        yield from unknowns(value.value)
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from unknowns(item)


@contextmanager
def no_collection() -> Iterator[None]:
    """Reading and judging make a million small values and no garbage: looking for some would take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
