"""Keys that mean somebody by being there: a dashboard by its number is fetched from Grafana's maker, `modelURL: org/model` from the
hub (`catalog/residency/defaults.yaml`, present)."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from blueprint.residency_catalog import table
from blueprint.said import Said
from blueprint.whereabouts.mentions import key_of


def meant(everything: Said) -> Iterator[tuple[str, str]]:
    """Path and host of every such key with a value, and of every such section, unless something else in the object says otherwise."""
    if not everything.words & _known().keys():
        return
    for name in sorted(everything.words & _sections()):
        yield name, _known()[name]["host"]
    for found in everything.leaves:
        known = _known().get(key := key_of(found.path))
        if known and key not in _sections() and not everything.words & set(known["unless"]) and _looks(known, found.value):
            yield found.path, known["host"].format(found.value)


def _looks(known: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is one that the key is meant with."""
    return value not in ("", None) and ("like" not in known or (isinstance(value, str) and re.fullmatch(known["like"], value) is not None))


@cache
def _known() -> dict[str, Mapping[str, Any]]:
    return {
        name: known
        for known in table("residency/defaults.yaml")["present"]
        for name in (*known.get("keys", ()), *known.get("sections", ()))
    }


@cache
def _sections() -> frozenset[str]:
    return frozenset(name for known in table("residency/defaults.yaml")["present"] for name in known.get("sections", ()))
