"""Regions that objects of the cluster name are inside the zone.

A secret store, a backup, a storage class or a node selector names a region as plainly as Terraform does, in a place no check of a
plan looks at: `provider.aws.region`, `topology.kubernetes.io/region`, AWS_REGION. Names no cloud has are left alone.
"""

import re
from collections.abc import Iterator
from typing import Any

from blueprint.facts import Resource, Unknown
from blueprint.facts.model import leaves
from blueprint.kubernetes import said
from blueprint.places import Place, pair, region
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.residency_catalog import clouds

KEYS = re.compile(r"(?i:(^|[._/-])(region|location|zone)s?(_?name)?$)|[a-z](Region|Location|Zone)s?(Name)?$")
WORDS = ("region", "location", "zone", "regions", "locations", "zones", "region_name", "regionname")
# Storage that copies itself to the region's pair, in the words of Azure's CSI drivers.
COPIES = re.compile(r"(?i)^(standard|premium)_(ra)?gz?rs$")
ENDPOINTS = re.compile(r"(?i)endpoint|s3_?url")
NEXT = "name a region inside the zone"


@rule(
    "R58",
    "regions named in the cluster are inside the zone",
    looks_at=["k8s.*", "helm_release"],
    basis="Art. 44 GDPR",
    controls=["C5:2020 PSS-12", "ISO 27001:2022 5.23"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every value under a key that says it is a region, and storage classes that copy."""
    found = [*_regions(resource, scope), *_copies(resource, scope)]
    yield from found or [passes(resource)]


def _regions(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    everything = said(resource)
    words = [*everything.keys, *(found.value for found in everything.leaves if isinstance(found.value, str))]
    for path, name in _named(everything.data) if any(word.lower().endswith(WORDS) for word in words) else ():
        places = [place for cloud in clouds() if isinstance(place := region(cloud, name), Place)]
        if places and not any(scope.answer(place).allowed for place in places):
            yield fails(resource, path, name, scope.answer(places[0]).why, "a region inside the zone", NEXT)


def _named(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and value of every key that says region; for S3-compatible storage of one's own the region is only a word."""
    if isinstance(data, dict):
        own_storage = any(ENDPOINTS.search(str(key)) and data[key] for key in data)
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            names = value if isinstance(value, list) else [value]
            if KEYS.search(str(key)) and not own_storage:
                yield from ((here, name) for name in names if isinstance(name, str))
            yield from _named(value, here)
    elif isinstance(data, list):
        yield from _listed(data, path)


def _listed(items: list[Any], path: str) -> Iterator[tuple[str, str]]:
    """Lists of variables (name and value) and of requirements (key and values) name their key inside the item."""
    entries = [item for item in items if isinstance(item, dict)]
    own_storage = any(ENDPOINTS.search(str(item.get("name", ""))) for item in entries)
    for index, item in enumerate(items):
        key = str(item.get("name") or item.get("key") or "") if isinstance(item, dict) else ""
        values = [item.get("value"), *(item.get("values") or [])] if key and isinstance(item.get("values") or [], list) else []
        if KEYS.search(key) and not own_storage:
            yield from ((f"{path}[{index}].{key}", value) for value in values if isinstance(value, str))
        yield from _named(item, f"{path}[{index}]")


def _copies(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    if resource.type != "k8s.StorageClass":
        return
    for leaf in leaves(resource.attributes.get("parameters") or {}, "parameters"):
        if isinstance(leaf.value, str) and COPIES.match(leaf.value):
            yield from _pairs(resource, leaf.path, leaf.value, scope)


def _pairs(resource: Resource, path: str, kind: str, scope: Scope) -> Iterator[Verdict]:
    where = resource.first("parameters.location")
    place = pair("azure", where) if isinstance(where, str) else Unknown("nobody says which region's pair it copies to")
    if isinstance(place, Unknown) or place is None:
        why = place if isinstance(place, Unknown) else f"{where} has no pair"
        yield unresolved(resource, path, why, "storage that stays in its region (LRS, ZRS)", NEXT)
    elif not (answer := scope.answer(place, "backup")).allowed:
        yield fails(resource, path, kind, f"it copies to the region's pair: {answer.why}", "LRS, ZRS", NEXT)
