"""Places: countries, and the operator whose law reaches what is there. Looked up by a cloud's region or by a host's name.

What the catalogue does not name is Unknown, never guessed from how a name looks: `europe` is no region, and a region that opened
yesterday is none until somebody has added it.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from blueprint import hostnames
from blueprint import residency_catalog as catalog
from blueprint.facts import Unknown


@dataclass(frozen=True)
class Place:
    """Where something is. `countries` are ISO 3166 codes, all of them; None: it may be anywhere in the world; empty: nowhere but
    inside the cluster or its network.

    `jurisdiction` is the country whose law reaches the operator, empty where nobody but ourselves operates it.
    """

    label: str
    countries: frozenset[str] | None
    operator: str = ""
    jurisdiction: str = ""


# Where clouds say "anywhere in the world" in the place of a region.
WORLDWIDE = ("global", "aws-global", "multi-region")
EVERYWHERE = ("*", "0.0.0.0/0", "::/0")


@cache
def region(cloud: str, name: str) -> Place | Unknown:
    """The place of a cloud's region (`azure`, `scaleway`, `aws`, …), or of a zone in it; display names too. Unknown if the
    catalogue has none."""
    known = catalog.cloud(cloud)
    if known is None:
        return Unknown(f"the catalogue has no regions of {cloud}; add them: catalog/residency/regions/{cloud}.yaml")
    found = known.regions.get(_region_name(known, name) or "")
    if found is not None:
        return Place(name, frozenset({found.country}), known.operator.name, known.operator.jurisdiction)
    if normalized(name) in WORLDWIDE:
        return Place(f"{known.label}, {name}", None, known.operator.name, known.operator.jurisdiction)
    return Unknown(f"{name} is no region of {known.label} in the catalogue; if it is one, add it to catalog/{catalog.clouds()[cloud]}")


def regions(name: str) -> list[Place]:
    """The places of the regions of that name, of every cloud that has one."""
    return [found for cloud in catalog.clouds() if isinstance(found := region(cloud, name), Place)]


def anywhere(name: str) -> Place | None:
    """The place of a region of whatever cloud has one of that name, however it is spelled; None if none has."""
    known = catalog.spellings().get(name.lower())
    found = region(*known) if known else None
    return found if isinstance(found, Place) else None


def pair(cloud: str, name: str) -> Place | Unknown | None:
    """Where a cloud copies a region's data when asked for geo-redundancy; None: the region has no pair."""
    known = catalog.cloud(cloud)
    found = known.regions.get(_region_name(known, name) or "") if known else None
    if found is None:
        return region(cloud, name)
    return region(cloud, found.pair) if found.pair else None


def processing(api: str, deployment: str, account: str) -> Place | Unknown:
    """Where a hosted model's prompts are processed: its deployment type decides (`azure-openai`, `GlobalStandard`), given the region
    of its account. A data zone is the EU's for accounts in the EU only."""
    content = catalog.table(f"apis/{api}.yaml")
    kinds = {name.lower(): fields["processing"] for name, fields in content["deployment_types"].items()}
    kind, home = kinds.get(deployment.lower()), region(content["provider"], account)
    if kind is None:
        known = ", ".join(content["deployment_types"])
        return Unknown(f"{deployment} is no deployment type of {content['label']} in the catalogue, which has {known}")
    if isinstance(home, Unknown) or kind == "region":
        return home
    label, in_the_eu = f"{deployment} of {account}", home.countries is not None and home.countries <= catalog.members("eu")
    return replace(home, label=label, countries=catalog.members("eu") if kind == "eu" and in_the_eu else None)


@cache
def host(name: str) -> Place | Unknown:
    """The place behind a host name (or URL): cluster-internal and private ones are here, known services where the catalogue says."""
    plain = hostnames.plain(name)
    if not plain or "${" in name:
        return Unknown(f"{name!r} is no host name that can be judged")
    if plain in EVERYWHERE:
        return Place(f"any host ({plain})", None)
    if hostnames.is_inside(plain):
        return Place(plain, frozenset())
    found = hostnames.match(plain)
    if found is None:
        what = "address" if hostnames.network(plain) else "host"
        return Unknown(f"nobody has said where the {what} {plain} is; if it is in the zone, add it to catalog/residency/hosts/")
    return _of_service(plain, found)


def residual(name: str) -> str:
    """Why a platform cannot do without a host (a cloud's own control plane); empty for every other."""
    found = hostnames.match(hostnames.plain(name))
    return found.service.residual if found else ""


def _of_service(name: str, found: hostnames.Match) -> Place | Unknown:
    service = found.service
    if service.cloud:
        place = region(service.cloud, found.region)
        return place if isinstance(place, Unknown) else replace(place, label=f"{name} ({place.label})")
    if service.location == "account":
        return Unknown(f"{name} does not say where it is: {service.next or 'the region of the account behind it does'}")
    operator = catalog.operators()[service.operator]
    return Place(f"{name} ({service.name})", _countries(service.location), operator.name, operator.jurisdiction)


def _countries(location: str | tuple[str, ...]) -> frozenset[str] | None:
    if location == "anywhere":
        return None
    if location == "eu":
        return catalog.members("eu")
    return frozenset([location] if isinstance(location, str) else location)


def normalized(name: str) -> str:
    """A region's name as Azure's provider reads it: `West Europe` is `westeurope`."""
    return name.lower().replace(" ", "")


def _region_name(cloud: catalog.Cloud, name: str) -> str | None:
    spelled = {known.lower(): known for known in cloud.regions}
    plain = normalized(name)
    ending = catalog.zone_endings().get(cloud.name)
    candidates = [plain, re.sub(f"{ending}$", "", plain)] if ending else [plain]
    return next((spelled[candidate] for candidate in candidates if candidate in spelled), None)
