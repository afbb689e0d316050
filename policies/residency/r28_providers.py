"""Provider blocks speak to the cloud, region and hosts the zone allows.

The same resource types exist in other clouds of the same maker: `environment = "usgovernment"`, another `metadata_host`, an
endpoint of one's own. A block sets the region of everything that names none, and where it says nothing the environment of whoever
applies does.
"""

from collections.abc import Iterator

from blueprint.facts import Found, Resource, Unknown
from blueprint.places import Place, host, residual
from blueprint.policy import Scope, Verdict, passes, rule, unresolved
from blueprint.whereabouts import Residence, Role
from blueprint.whereabouts.home import home, targets, values_of
from blueprint.whereabouts.regions import region as in_words_of
from blueprint.whereabouts.regions import region_of
from blueprint.whereabouts.types import table_of
from blueprint.whereabouts.verdicts import verdict

REGIONS = ("region", "zone", "location", "default_region")
HOSTS = ("host", "url", "api_url", "address", "endpoint", "metadata_host", "api_endpoint", "auth_url", "msi_endpoint")
OTHER_CLOUDS = {"usgovernment": "US", "usgovernmentl4": "US", "usgovernmentl5": "US", "dod": "US", "china": "CN"}


@rule(
    "R28",
    "provider blocks name the zone's cloud and regions",
    looks_at=["provider.*"],
    basis="Art. 44 GDPR; Art. 30(2)(b) DORA",
    controls=["C5:2020 PSS-12", "ISO 27001:2022 5.23", "NIST 800-53r5 SA-9(5)"],
    severity="CRITICAL",
)
def check(block: Resource, scope: Scope) -> Iterator[Verdict]:
    """Regions, hosts, other clouds and other tenants a block names."""
    found = [*_cloud(block, scope), *_tenants(block), *_places(block, scope)]
    yield from found or [passes(block)]


def _cloud(block: Resource, scope: Scope) -> Iterator[Verdict]:
    named = next((value for found in block.each("environment") for value in values_of(block, found)), None)
    if isinstance(named, Unknown):
        yield unresolved(block, "environment", named, "public", "leave it out")
    elif isinstance(named, str) and named != "public" and block.type == "provider.azurerm":
        country = OTHER_CLOUDS.get(named.lower())
        place: Place | Unknown = (
            Place(f"Azure {named}", frozenset({country}), "Microsoft", "US") if country else Unknown(f"{named} is no cloud")
        )
        yield verdict(block, Residence(Role.primary, "environment", named, place, "it is another Azure cloud", "leave it out"), scope)


def _tenants(block: Resource) -> Iterator[Verdict]:
    for found in block.each("auxiliary_tenant_ids"):
        if found.value:
            why = "resources of other tenants are reached, whose place this stack does not say"
            yield unresolved(block, found.path, why, "no auxiliary tenants", "keep the stack in one tenant")


def _places(block: Resource, scope: Scope) -> Iterator[Verdict]:
    for leaf in block.leaves():
        name = leaf.key
        if not leaf.value or "features" in leaf.path:
            continue
        if name in REGIONS:
            yield from (_judged(block, leaf, place, scope) for place in _regions(block, leaf))
        elif name in HOSTS or "endpoints" in leaf.path:
            yield from (_judged(block, leaf, place, scope) for place in _hosts(block, leaf))


def _regions(block: Resource, found: Found) -> list[Place | Unknown]:
    provider = block.type.removeprefix("provider.")
    table = table_of(provider)
    if table is None:
        return [Unknown(f"the registry has no table of {provider}")]
    return [value if isinstance(value, Unknown) else region_of(block, table, str(value)) for value in values_of(block, found)]


def _hosts(block: Resource, found: Found) -> list[Place | Unknown]:
    named = targets(block, found)
    if named:
        return [residence.place for target in named for residence in home(target)]
    if isinstance(found.value, Unknown):
        return [Unknown(f"it names something outside this stack: {found.value.reason}")]
    table = table_of(block.type.removeprefix("provider."))
    if table and str(found.value).lower() in table.areas:  # OVH's endpoints have names
        return [in_words_of(table, str(found.value))]
    return [host(str(found.value))]


def _judged(block: Resource, found: Found, place: Place | Unknown, scope: Scope) -> Verdict:
    text = found.value.reason if isinstance(found.value, Unknown) else str(found.value)
    if isinstance(found.value, str) and residual(found.value):
        return passes(block, found.path, text)
    said = "everything that names no region of its own is created there" if found.key in REGIONS else "resources are created through it"
    return verdict(block, Residence(Role.primary, found.path, text, place, said), scope)
