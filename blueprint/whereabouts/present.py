"""Keys that mean somebody by being there: a dashboard by its number is fetched from Grafana's maker, `modelURL: org/model` from the
hub (`catalog/residency/defaults.yaml`, present)."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from blueprint.concerns import Concern
from blueprint.residency_catalog import table
from blueprint.said import Said
from blueprint.whereabouts.mentions import key_of

ELASTIC = "cloud.es.io"
CLOUD_ID = re.compile(r"(?i)(^|[._])cloud[._]?id(\.value)?$")


def meant(everything: Said) -> Iterator[tuple[str, str]]:
    """Path and host of every such key with a value, and of every such section, unless something else in the object says otherwise."""
    if not everything.any(PRESENT):
        return
    for name in sorted(everything.words & _sections()):
        yield name, _known()[name]["host"]
    yield from _cloud_ids(everything)
    for found in everything.leaves:
        known = _known().get(key := key_of(found.path))
        if known and key not in _sections() and not everything.words & set(known["unless"]) and _looks(known, found.value):
            yield found.path, known["host"].format(found.value)


def _cloud_ids(everything: Said) -> Iterator[tuple[str, str]]:
    """The host in an Elastic cloud's id, `name:base64 of host$search$dashboards`; that of its maker where it is none."""
    for found in everything.leaves:
        if CLOUD_ID.search(found.path) and isinstance(found.value, str) and found.value:
            yield found.path, _of_cloud_id(found.value)


def _of_cloud_id(text: str) -> str:
    try:
        domain, *names = base64.b64decode(text.rpartition(":")[2], validate=True).decode().split("$")
    except (binascii.Error, UnicodeDecodeError):
        return ELASTIC
    return f"{names[0]}.{domain.partition(':')[0]}" if names and names[0] else ELASTIC


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


PRESENT = Concern(key=lambda key: key in _known(), text=lambda text: text in _known())
