"""Buckets that objects of a cluster and values of charts name: `s3://weights/phi`, `bucket: chunks`, `storageAccount: acme`.

Their name says who operates them and not where they are. A resource of the same stack with that name does, or a region or endpoint
said in the same object, which is judged by itself (R57, R58); otherwise nobody can tell.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from blueprint import places as known_places
from blueprint import programs
from blueprint.concerns import Concern
from blueprint.facts import Found, Resource, Unknown
from blueprint.places import Place
from blueprint.said import said
from blueprint.whereabouts.hosts import place_of, places
from blueprint.whereabouts.mentions import BUCKETS, FOR_PEOPLE, URL, WITH_AN_ADDRESS, hosts, key_of

NAMES = re.compile(r"(?i)(^|[._-])(bucket(_?names?)?|container_?name)$|[a-z]Bucket(Names?)?$|(^|\.)bucket_?names\.\w+$")
LIKELY = re.compile(r"(?i)://|bucket|container_?name|account")
ACCOUNTS = re.compile(r"(?i)^((azure_?)?storage_?account(_?name)?|account_?name)$")
DECLARED = re.compile(
    r"(?i)(region(_?name)?|location|endpoint([_-]?ur[il]|[_-]?hostname)?|s3_?ur[il]|host_?base|minio_?url|account_?name|storage_?account)s?(_s3)?$"
)
BUCKET = re.compile(r"(?i)bucket")
HOSTS = ("host", "hostname")
STORE = re.compile(r"(?i)(^|[./-])(s3|minio|storage)[.-]")
AS_OPTION = re.compile(r"(?i)(^|\s)-{0,2}(region|endpoint[_-]url)[ =]")
IN_THE_ADDRESS = re.compile(r"(?i)[?&](region|endpoint)=")
HUBS = {
    "ollama": "registry.ollama.ai",
    "ngc": "api.ngc.nvidia.com",
    "modelscope": "modelscope.cn",
    "hf": "huggingface.co",
    "huggingface": "huggingface.co",
    "bigquery": "bigquery.googleapis.com",
}
OF_AZURE = ("abfs", "abfss", "wasb", "wasbs", "adl")
BUCKET_OR_ACCOUNT = Concern(key=LIKELY.search, text=lambda text: "://" in text)
REGION_OR_ENDPOINT = Concern(key=lambda key: DECLARED.search(key) or key.lower() in HOSTS, text=AS_OPTION.search)
TERRAFORM = ("aws_s3_bucket", "google_storage_bucket", "scaleway_object_bucket", "azurerm_storage_container", "ovh_cloud_project_storage")


def buckets(resource: Resource) -> Iterator[tuple[Found, str, Place | Unknown]]:
    """Every bucket an object names, where that says something: where it stands, its name, and where it is."""
    everything = said(resource)
    found = [leaf for leaf in everything.those(BUCKET_OR_ACCOUNT) if _may_name(leaf)]
    beside = bool(found) and declared(resource)
    for leaf in found:
        text = WITH_AN_ADDRESS.sub("", leaf.value)
        for address in URL.finditer(text):
            if address["scheme"].lower() in BUCKETS:
                yield from ((leaf, address[0], place) for place in addressed(text, resource, beside))
        if "://" not in leaf.value and not beside and NAMES.search(re.sub(r"\[\d+\]", "", leaf.path.removesuffix(".value"))):
            told = _has_a_host(leaf, everything.leaves) or _has_an_alias(leaf.value, everything.leaves)
            yield from ((leaf, leaf.value, place) for place in (() if told else _named(leaf.value, resource)))
        elif ACCOUNTS.search(key_of(leaf.path)):
            yield from ((leaf, leaf.value, place) for place in places(f"{leaf.value}.blob.core.windows.net", resource.facts))


def _may_name(leaf: Found) -> bool:
    if not isinstance(leaf.value, str) or not leaf.value:
        return False
    return ("://" in leaf.value or LIKELY.search(leaf.path) is not None) and not FOR_PEOPLE.search(leaf.path)


def declared(resource: Resource) -> bool:
    """Whether an object, or another of its program, says a region or an endpoint of its storage somewhere."""
    found = (leaf for one in (resource, *programs.beside(resource)) for leaf in said(one).those(REGION_OR_ENDPOINT) if leaf.value)
    return any(DECLARED.search(key_of(one.path)) or AS_OPTION.search(str(one.value)) or _is_store(one) for one in found)


def _has_a_host(bucket: Found, leaves: list[Found]) -> bool:
    """Whether a bucket's client is told a host: in the same block, or by variables whose names begin alike."""
    block, _, key = bucket.path.removesuffix(".value").rpartition(".")
    beginning = BUCKET.split(key)[0] if bucket.path.endswith(".value") else ""
    if not beginning and bucket.path.endswith(".value"):
        return False
    around = (one for one in leaves if one is not bucket and one.path.startswith(f"{block}.{beginning}") and isinstance(one.value, str))
    return any(hosts(one.path, one.value, loose=True) for one in around)


def _has_an_alias(name: str, leaves: list[Found]) -> bool:
    """Whether a name begins with what a command before has called an address: `mc alias set dr https://…`."""
    alias, slash, _ = name.partition("/")
    return bool(slash) and any(one.value == alias and "://" in str(after.value) for one, after in pairwise(leaves))


def _is_store(found: Found) -> bool:
    """Whether a host is one of a store of objects: `host: s3.fr-par.scw.cloud`."""
    return key_of(found.path).lower() in HOSTS and STORE.search(str(found.value)) is not None


def addressed(address: str, resource: Resource, beside: bool) -> list[Place | Unknown]:
    """The places of an address with a scheme of its own, none where something `beside` it says so. `s3://eu-west-3/bucket` is how
    Loki and Mimir write a region."""
    found = URL.search(address := WITH_AN_ADDRESS.sub("", address))
    scheme, name = (found["scheme"].lower(), found["hosts"]) if found else ("", address)
    if scheme in HUBS:
        return [known_places.host(HUBS[scheme])]
    if scheme in OF_AZURE and "." in name:
        return places(name, resource.facts)
    region = known_places.region("aws", name)
    if isinstance(region, Place):
        return [region]
    if "." in name and "@" not in name and isinstance(region := known_places.host(name), Place):
        return [region]
    return [] if (beside or IN_THE_ADDRESS.search(address)) and not scheme.startswith("g") else _named(name, resource)


def _named(name: str, resource: Resource) -> list[Place | Unknown]:
    """Where the stack's own bucket of that name is."""
    own = [one for one in (resource.facts.of(*TERRAFORM) if resource.facts else ()) if name in (one.first("name"), one.first("bucket"))]
    return [place for one in own for place in place_of(one)] or [
        Unknown(f"the name of the bucket {name} does not say in which region it is, and nothing beside it does")
    ]
