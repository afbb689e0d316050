"""How the value of an attribute is read as a place: a region, the pair of one, a resource, a host, a name of a geography."""

import re
from collections.abc import Callable, Mapping

from blueprint import hostnames
from blueprint import places as known_places
from blueprint import residency_catalog as catalog
from blueprint.facts import Found, Resource, Sensitive, Unknown, leaves
from blueprint.places import Place
from blueprint.whereabouts import mentions
from blueprint.whereabouts.accounts import account, is_own
from blueprint.whereabouts.home import home, named_by, targets
from blueprint.whereabouts.regions import region, region_of, worldwide
from blueprint.whereabouts.types import Semantics, Table, Trace

ARN = re.compile(r"^arn:(?P<partition>[\w-]+):[\w-]+:(?P<region>[\w-]*):")
REGIONAL_ID = re.compile(r"^(?P<region>[a-z]{2}-[a-z]{3}(-\d)?)/")
LOCATION = re.compile(r"/locations/(?P<region>[a-z0-9-]+)(/|$)")  # in the ids of Azure and Google
CONNECTION = re.compile(r"[A-Za-z ]+=[^;]*;")  # a connection string: Endpoint=sb://…;SharedAccessKey=…
ACCOUNT = re.compile(r"(?i)(?:^|;)\s*AccountName=([a-z0-9]+)")


def places(trace: Trace, found: Found, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """Every place a value may mean."""
    value = found.value.value if isinstance(found.value, Sensitive) else found.value
    if isinstance(value, Unknown) and trace.to not in ("destination", "addresses", "image", "anywhere", "nobody-knows"):
        return [value]
    stated = trace.value if trace.at and trace.value else value
    return READINGS[trace.to](Found(found.path, stated), trace, resource, known)


def _region(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    return [region_of(resource, known.table, str(found.value))]


def _pair(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """Where the cloud copies to from the resource's own region; a region without a pair keeps the copy."""
    copies: list[Place | Unknown] = []
    for residence in home(resource):
        if isinstance(residence.place, Unknown):
            copies.append(Unknown(f"the paired region is unknown because the region is: {residence.place.reason}"))
        else:
            copies.append(known_places.pair(known.table.cloud, residence.found) or residence.place)
    return copies


def _own(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    return [residence.place for residence in home(resource)]


def _copies(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """Where the stack's copies of a resource are, which name it; what has none there may be copied to any region."""
    copies = [residence.place for residence in named_by(resource, str(found.value))]
    return copies or [worldwide(known)]


def _destination(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """A resource of the stack, else what the value itself says: an id that names its region, or a host."""
    named = targets(resource, found)
    if named:
        return [residence.place for target in named for residence in home(target)]
    if isinstance(found.value, Unknown):
        return [Unknown(f"it names something outside this stack: {found.value.reason}")]
    if resource.facts and found.key.endswith("account_name") and (owner := account(f"{found.value}.blob.core.windows.net", resource.facts)):
        return [residence.place for residence in home(owner)]
    return _said_by(str(found.value), resource, known)


def _addresses(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """Every host a document names, but those the platform cannot do without."""
    text = found.value.text if isinstance(found.value, Unknown) else found.value
    named = [
        name
        for leaf in leaves(text, found.path)
        if isinstance(leaf.value, str)
        for name in mentions.hosts(leaf.path, leaf.value, loose=True)
    ]
    wanted = (name for name in dict.fromkeys(named) if "⟨" not in name and not known_places.residual(name))
    return [place for name in wanted for place in _said_by(name, resource, known)]


def _image(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """The registry in front of an image's name; Docker Hub where there is none."""
    if isinstance(found.value, Unknown) or targets(resource, found):
        return _destination(found, trace, resource, known)
    registry, slash, _ = str(found.value).partition("/")
    named = slash and re.search(r"[.:]|^localhost$", registry)
    return _said_by(registry if named else "docker.io", resource, known)


def _said_by(text: str, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    if place := of_id(text, known.table):
        return [place]
    if CONNECTION.search(text):
        return _connected(text, resource)
    if text.startswith("alias/"):  # of a key, in the same region as what uses it
        return [residence.place for residence in home(resource)]
    if text.startswith(("/subscriptions/", "/providers/", "arn:")) or not re.search(r"://|\.|:.*:", text):
        return [Unknown(f"{text} is outside this stack, and its id does not say where")]
    if resource.facts and (owner := account(hostnames.plain(text), resource.facts)):
        return [residence.place for residence in home(owner)]
    place = known_places.host(text)
    own = isinstance(place, Unknown) and resource.facts and is_own(hostnames.plain(text), resource.facts)
    return [Place(text, frozenset())] if own else [place]


def of_id(text: str, table: Table) -> Place | Unknown | None:
    """The region an id names: an ARN, a cloud's regional id, a path with a location."""
    found = next((match for pattern in (ARN, REGIONAL_ID, LOCATION) if (match := pattern.search(text)) and match["region"]), None)
    return region(table, found["region"]) if found else None


def _connected(text: str, resource: Resource) -> list[Place | Unknown]:
    """Every host of a connection string, the account's own included."""
    parts = (part.partition("=") for part in text.split(";"))
    named = [name for key, _, value in parts for name in mentions.hosts(f"connection.{key.strip()}", value, loose=True)]
    named += [f"{name}.blob.core.windows.net" for name in ACCOUNT.findall(text)]
    found = [owner for name in named if resource.facts and (owner := account(hostnames.plain(name), resource.facts))]
    if found:
        return [residence.place for owner in found for residence in home(owner)]
    return [known_places.host(name) for name in named] or [Unknown("it is a connection string that names no host")]


def _geography(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    name = str(found.value).lower()
    if name not in known.table.geographies:
        return [Unknown(f"{found.value} is not in the geographies of the registry")]
    countries = known.table.geographies[name]
    whose = worldwide(known)
    return [Place(str(found.value), frozenset(countries) if countries else None, whose.operator, whose.jurisdiction)]


def _country(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    spelled = str(found.value).lower().removeprefix("the ")
    for code, country in catalog.countries().items():
        if spelled in (code.lower(), country.name.lower().removeprefix("the ")):
            return [Place(country.name, frozenset({code}))]
    return [Unknown(f"{found.value} is no country of the catalogue")]


def _country_or_region(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """What a person wrote of a place of ours: a country, or a region of the cloud."""
    named = _country(found, trace, resource, known)
    return named if isinstance(named[0], Place) else [region(known.table, str(found.value))]


def _eu_data_zone(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    """The member states for an account in one of them; accounts elsewhere have another data zone or none."""
    members = catalog.members("eu")
    zones: list[Place | Unknown] = []
    whose = worldwide(known)
    for place in _own(found, trace, resource, known):
        if isinstance(place, Place) and place.countries and place.countries <= members:
            zones.append(Place(f"{whose.operator}, any region in the EU", members, whose.operator, whose.jurisdiction))
        else:
            zones.append(place if isinstance(place, Unknown) else whose)
    return zones


def _any_region(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    cloud = catalog.cloud(known.table.cloud)
    whose = worldwide(known)
    if cloud is None:
        return [whose]
    countries = frozenset(region.country for region in cloud.regions.values())
    return [Place(f"any region of {cloud.label}", countries, whose.operator, whose.jurisdiction)]


def _anywhere(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    return [worldwide(known, trace.operator)]


def _nobody_knows(found: Found, trace: Trace, resource: Resource, known: Semantics) -> list[Place | Unknown]:
    return [Unknown(trace.why)]


READINGS: Mapping[str, Callable[[Found, Trace, Resource, Semantics], list[Place | Unknown]]] = {
    "region": _region,
    "pair": _pair,
    "own": _own,
    "copies": _copies,
    "destination": _destination,
    "addresses": _addresses,
    "image": _image,
    "geography": _geography,
    "country": _country,
    "country-or-region": _country_or_region,
    "eu-data-zone": _eu_data_zone,
    "any-region": _any_region,
    "anywhere": _anywhere,
    "nobody-knows": _nobody_knows,
}
