"""Regions that objects of the cluster name are inside the zone.

A secret store, a backup, a storage class or a node selector names a region as plainly as Terraform does, in a place no check of a
plan looks at: `provider.aws.region`, `topology.kubernetes.io/region`, AWS_REGION. Names no cloud has are left alone.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from blueprint.concerns import Concern
from blueprint.facts import Resource, Unknown
from blueprint.facts.model import leaves
from blueprint.places import Place, pair, regions
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.residency_catalog import spellings
from blueprint.said import said
from blueprint.whereabouts.kubernetes import FREE_TEXT
from blueprint.whereabouts.mentions import FOR_PEOPLE
from blueprint.whereabouts.pipelines import scripts
from blueprint.whereabouts.regions import region as in_words_of
from blueprint.whereabouts.types import table_of

KEYS = re.compile(r"(?i:(^|[._/-])(region|location|zone)s?(_?name)?$)|[a-z0-9](Region|Location|Zone)s?(Name)?$")
LONGEST_KEY = 30  # of which KEYS sees the end
SPLIT = re.compile(r"[\s,;()'\"]+")
# In texts: arn:aws:kms:us-east-1:…, projects/p/locations/us-central1/…, project:us-central1:instance, region=us-east-1
IN_A_TEXT = re.compile(
    r"\barn:aws[\w-]*:[\w-]+:([a-z0-9-]+):|/(?:locations|regions|zones)/([a-z0-9-]+)|(?:^|=)[\w-]+:([a-z]+-[a-z]+\d):[\w-]+(?:$|=|,)"
    r"|\b(?:client|resource|Session)\([^()]*[\"']([a-z]{2}-[a-z]+-\d)[\"']"  # boto3
    r"|(?i:\b(?:region|location|zone)(?:_name)?)(?:=|\s|:\s?)[\"']?([a-z0-9-]+)"
)
HINT = re.compile(
    r"arn:aws|(?:client|resource|Session)\(|/(?:locations|regions|zones)/|\w:[a-z]+-[a-z]+\d:|(?i:(?:region|location|zone)(?:_name)?[=\s:])"
)
LIKE_A_REGION = re.compile(r"[a-z]{2,}-[a-z]+(-[a-z]+)?-?\d+[a-z]?")
# Storage that copies itself to the region's pair, in the words of Azure's CSI drivers.
COPIES = re.compile(r"(?i)^(standard|premium)_(ra)?gz?rs$")
LOCALITY = "locality"  # Istio's key of where a mesh fails over to
# What a pipeline's script writes into files: the new text of `sed s/old/new/`, whatever follows an assignment of yq and jq.
WRITES = re.compile(
    r"\b(?:g?sed|perl)\b.*?[\s'\";]s(?P<between>[/|#,@!~%])(?:\\.|(?!(?P=between)).)*(?P=between)(?P<new>(?:\\.|(?!(?P=between)).)*)(?P=between)"
    r"|\b(?:yq|jq|dasel|tomlq|crudini|hcledit)\b[^=]*(?P<set>.*)"
)
WORD = re.compile(r"[A-Za-z][\w-]+")
ENDPOINTS = re.compile(r"(?i)endpoint|s3_?url")
GENERIC = frozenset(("", "AWS", "S3", "AWS_S3", "AWS_DEFAULT", "MINIO", "STORAGE", "OBJECT_STORE", "OBJECT_STORAGE"))
NEXT = "name a region inside the zone"


@rule(
    "R58",
    "regions named in the cluster and in pipelines are inside the zone",
    looks_at=["k8s.*", "helm_release", "pipeline"],
    basis="Art. 44 GDPR",
    controls=["C5:2020 PSS-12", "ISO 27001:2022 5.23"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every value under a key that says it is a region, and storage classes that copy."""
    found = [*_regions(resource, scope), *_copies(resource, scope)]
    yield from found or [passes(resource)]


def _regions(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    everything = said(resource)
    named = _named(everything.data) if everything.any(REGION) else ()
    told = (found for found in everything.those(REGION_IN_A_TEXT) if isinstance(found.value, str) and not FOR_PEOPLE.search(found.path))
    inside = [(found.path, name) for found in told for name in _in_a_text(found.value)]
    written = _written(resource) if resource.type == "pipeline" else ()
    for path, name in (*named, *inside, *written):
        places = [*regions(name), *_area(name)]
        if places and not any(scope.answer(place).allowed for place in places):
            yield fails(resource, path, name, scope.answer(places[0]).why, "a region inside the zone", NEXT)


def _area(name: str) -> Iterator[Place]:
    """What Google calls the regions of a continent: `us`."""
    table = table_of("google")
    if table and name.lower() in table.areas and isinstance(place := in_words_of(table, name), Place):
        yield place


def _written(pipeline: Resource) -> Iterator[tuple[str, str]]:
    """Regions that a script's commands write over what was reviewed."""
    for path, command in scripts(pipeline.attributes):
        for change in WRITES.finditer(command):
            words = WORD.findall(change["new"] or change["set"] or "")
            yield from ((path, name) for name in map(_spelled, words) if name)


def _spelled(word: str) -> str:
    """The region that a word is, as its cloud spells it (`useast1`); empty for others."""
    return spellings().get(word.lower(), ("", ""))[1]


@lru_cache(maxsize=65_536)
def _in_a_text(text: str) -> tuple[str, ...]:
    """Regions inside a longer text: an ARN, a resource's path, `region=…` in a connection string."""
    return tuple(name for groups in IN_A_TEXT.findall(text) for name in groups if name) if HINT.search(text) else ()


def _says_where(word: str) -> bool:
    """Whether a key or a variable's name is one of a region, or a value is spelled like one, or a mesh says where it fails over to."""
    return KEYS.search(word[-LONGEST_KEY:]) is not None or LIKE_A_REGION.fullmatch(word) is not None or LOCALITY in word


REGION = Concern(key=_says_where, text=_says_where)
REGION_IN_A_TEXT = Concern(text=_in_a_text)


def _named(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and value of every key that says region; for S3-compatible storage of one's own the region is only a word."""
    if isinstance(data, dict):
        endpoints = [str(key) for key in data if ENDPOINTS.search(str(key)) and data[key]]
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            names = value if isinstance(value, list) else [value]
            named_beside = key in ("value", "values") and bool({"name", "key"} & set(data))
            if (KEYS.search(str(key)) or _free(here, names)) and not _of_own_storage(str(key), endpoints) and not named_beside:
                yield from ((here, word) for word in _words(names))
            yield from _named(value, here)
    elif isinstance(data, list):
        yield from _listed(data, path)


def _listed(items: list[Any], path: str) -> Iterator[tuple[str, str]]:
    """Lists of variables (name and value) and of requirements (key and values) name their key inside the item."""
    entries = [item for item in items if isinstance(item, dict)]
    endpoints = [str(item.get("name", "")) for item in entries if ENDPOINTS.search(str(item.get("name", "")))]
    for index, item in enumerate(items):
        key = str(item.get("name") or item.get("key") or "") if isinstance(item, dict) else ""
        values = [item.get("value"), *(item.get("values") or [])] if key and isinstance(item.get("values") or [], list) else []
        if key and (KEYS.search(key) or _free(f"{path}.{key}", values)) and not _of_own_storage(key, endpoints):
            yield from ((f"{path}[{index}].{key}", word) for word in _words(values))
        yield from _named(item, f"{path}[{index}]")


def _of_own_storage(region: str, endpoints: list[str]) -> bool:
    """Whether an endpoint belongs to the client that a region is named for: their names begin alike, or one says nothing but S3."""
    own = _client(region, KEYS)
    return any(own == other or not GENERIC.isdisjoint((own, other)) for other in (_client(one, ENDPOINTS) for one in endpoints))


def _client(key: str, ending: re.Pattern[str]) -> str:
    """What stands before the word for a region or an endpoint in a variable's name, `LOGS_S3` of LOGS_S3_REGION."""
    found = ending.search(key)
    return key[: found.start()].strip("_.-").upper() if found else ""


def _words(values: list[Any]) -> Iterator[str]:
    """Names in values: each as a whole (`East US`), the words of it (`us-east-1,us-east-2`), and as constants spell it (`US_EAST_1`)."""
    for value in values:
        if isinstance(value, list):
            yield from _words(value)
        elif isinstance(value, str):
            yield from dict.fromkeys([value, *SPLIT.split(value), value.replace("_", "-"), _spelled(value)])


def _free(path: str, values: list[Any]) -> bool:
    """Whether a variable, an option or a line of configuration holds nothing but what only regions are called."""
    among = LOCALITY in path
    likely = (value for value in values if isinstance(value, str) and (LIKE_A_REGION.fullmatch(value) or (among and _spelled(value))))
    return bool(among or FREE_TEXT.search(path)) and any(likely)


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
