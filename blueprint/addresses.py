"""Places of address ranges: private ones are here, published ones of clouds are theirs, of all others nobody can tell."""

from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network

from blueprint import residency_catalog as catalog
from blueprint.facts import Unknown
from blueprint.hostnames import Network, is_private, lies_in
from blueprint.hostnames import network as addresses
from blueprint.places import Place

HERE = Place("inside the network", frozenset())


@cache
def network(cidr: str) -> Place | Unknown:
    """The place behind a range: `10.0.0.0/8`, `2001:db8::/32`, a single address. Unknown where no cloud has published it."""
    wanted = addresses(cidr)
    if wanted is None:
        return Unknown(f"{cidr} is no range of addresses")
    if is_private(wanted):
        return HERE
    found = next((place for published, place in _published() if lies_in(wanted, published)), None)
    if found is not None:
        return found
    if wanted.prefixlen == 0:
        return Place(f"{cidr}, every address there is,", None)
    return Unknown(f"nobody can tell which country {cidr} is in")


@cache
def _published() -> tuple[tuple[Network, Place], ...]:
    return tuple(_ranges())


def _ranges() -> Iterator[tuple[Network, Place]]:
    for name, path in catalog.clouds().items():
        for cidr in catalog.table(path).get("public_cidrs", ()):
            cloud = catalog.cloud(name)
            assert cloud is not None
            countries = frozenset(region.country for region in cloud.regions.values())
            yield ip_network(cidr), Place(f"{cidr} ({cloud.label})", countries, cloud.operator.name, cloud.operator.jurisdiction)
