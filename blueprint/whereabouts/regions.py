"""The place of a region's name in a provider's own words."""

import re
from dataclasses import replace

from blueprint import hostnames, places
from blueprint.facts import Resource, Unknown
from blueprint.patterns import fits
from blueprint.places import Place
from blueprint.residency_catalog import cloud as cloud_named
from blueprint.whereabouts.types import Semantics, Table

# What Google calls a place inside another name: projects/p/locations/europe-west3, regional-europe-west3.
REGION_IN_A_NAME = re.compile(r"^(?:regional-|projects/[^/]+/locations/)(?P<region>[a-z0-9-]+)(?:/.*)?$")


def worldwide(known: Semantics, operator: str = "") -> Place:
    """Any country, under the law that reaches an operator; the cloud's own where none is named."""
    if operator:
        return Place(f"{operator}, any country", None, operator, known.table.operators[operator].jurisdiction)
    cloud = cloud_named(known.table.cloud)
    if cloud is None:
        return Place("any country", None)
    return Place(f"{cloud.label}, any region", None, cloud.operator.name, cloud.operator.jurisdiction)


def region_of(resource: Resource, table: Table, name: str) -> Place | Unknown:
    """The place of a region as a resource or a provider block names it. Where many clouds have the same provider, the host its block
    signs in at says whose region it is; at a host of our own network it is ours."""
    if not table.clouds:
        return region(table, name)
    block = resource if resource.type.startswith("provider.") else resource.configured_by
    host = block.first("auth_url") if block else None
    if not isinstance(host, str):
        return Unknown("the provider block says no auth_url, so whoever applies decides which cloud it is")
    if hostnames.is_inside(hostnames.plain(host)):
        return Place(name, frozenset())
    cloud = next((cloud for pattern, cloud in table.clouds.items() if fits(hostnames.plain(host), pattern)), "")
    return region(replace(table, cloud=cloud), name) if cloud else Unknown(f"nobody has said which cloud's regions those of {host} are")


def region(table: Table, name: str) -> Place | Unknown:
    """The place of a name in a provider's own words: a region, else an area of several."""
    name = REGION_IN_A_NAME.sub(r"\g<region>", name)
    found, countries = places.region(table.cloud, name), table.areas.get(name.lower())
    cloud = cloud_named(table.cloud)
    if not isinstance(found, Unknown) or countries is None or cloud is None:
        return found
    return Place(f"{name} ({cloud.label})", frozenset(countries), cloud.operator.name, cloud.operator.jurisdiction)
