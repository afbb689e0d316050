"""Where an environment's data goes: each destination with where in the file it is chosen, and where its operator is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from blueprint import places, residency_catalog
from blueprint.catalog import ApiProvider, Provider, load_catalog
from blueprint.environment import Api, AzurermState, Environment, Onprem
from blueprint.environment.base import Section
from blueprint.environment.document import Place
from blueprint.facts import Unknown
from blueprint.hosting import provider
from blueprint.matrix import Kind

# Keys that hold an address without a scheme. `gateway.hostname` is our own name, not somewhere data goes.
HOST_KEYS = ("host", "registry")


@dataclass(frozen=True)
class Destination:
    """One place; `label` is what people call it."""

    chosen: Place
    operated: Place
    label: str
    place: places.Place
    kind: Kind = "content"


def destinations(env: Environment) -> Iterator[Destination]:
    """The cluster, hosted models and the Terraform state. Where a place is not in the catalogue (another finding says so), who
    operates it still is: such a place has no countries here. The same goes for a region that was refused (then it is empty)."""
    catalog, cloud = load_catalog(), provider(env)
    place = in_region(cloud, getattr(env.cluster, "region", ""))
    yield _destination(("cluster", "region"), ("cluster", "target"), cloud, place)
    for name, api in env.apis.items():
        offer, account = catalog.apis[api.provider], getattr(api, "region", "")
        for key, place in (("region", in_region(catalog.providers[offer.provider], account)), ("deployment", processing(api, account))):
            yield _destination(("apis", name, key), ("apis", name, "provider"), offer, place)
    operated: Place = ("state", "backend" if isinstance(env.state, AzurermState) else "region")
    for place in state_places(env):
        found = _destination(("state", "region"), operated, catalog.providers["azure"], place)
        yield replace(found, label="the Terraform state's storage", kind="state")
    for path, place in known_addresses(env):
        yield Destination(path, path, place.label, place, kind_at(path))


def kind_at(path: Place) -> Kind:
    """What goes to an address by where in the file it stands. Alerts name models and teams, so they are logs."""
    kinds: dict[str | int, Kind] = {"state": "state", "monitoring": "logs"}
    return kinds.get(path[0], "content")


def _destination(chosen: Place, operated: Place, service: Provider | ApiProvider, place: places.Place | Unknown) -> Destination:
    if isinstance(place, Unknown):
        place = places.Place(service.label, frozenset(), service.operator.name, service.operator.jurisdiction)
    return Destination(chosen, operated, service.label, place)


def state_places(env: Environment) -> list[places.Place | Unknown]:
    """Where the Terraform state may be."""
    name = env.state.region or env.cluster.region
    if isinstance(env.state, AzurermState):
        return [in_region(load_catalog().providers["azure"], name)]
    if isinstance(env.cluster, Onprem) and name == env.cluster.region:
        return [in_region(provider(env), name)]
    return list(_anywhere_called(name))


def _anywhere_called(name: str) -> Iterator[places.Place | Unknown]:
    """Every cloud's region of a name: S3 is spoken by many."""
    for cloud in map(residency_catalog.cloud, residency_catalog.clouds()):
        if cloud and name in cloud.regions:
            yield places.region(cloud.name, name)


def in_region(cloud: Provider, name: str) -> places.Place | Unknown:
    """The place of a cloud's region, or of a site of one's own."""
    region = cloud.regions.get(name)
    if region is None:
        return Unknown(f"{name} is no region of {cloud.label}")
    return places.Place(name, frozenset({region.country}), cloud.operator.name, cloud.operator.jurisdiction)


def processing(api: Api, account: str) -> places.Place | Unknown:
    """Where an API's prompts are processed."""
    return places.processing(api.provider, api.deployment, account)


def known_addresses(env: Environment) -> Iterator[tuple[Place, places.Place]]:
    """Addresses in the file that are inside, or of a service somebody knows; and regions of a site's object store that are a
    cloud's. Of others the file's own words hold."""
    found = [(path, places.host(address)) for path, address in _addresses(env)]
    if isinstance(env.cluster, Onprem) and env.cluster.object_store.region != env.cluster.region:
        found += [(("cluster", "object_store", "region"), place) for place in _anywhere_called(env.cluster.object_store.region)]
    yield from ((path, place) for path, place in found if not isinstance(place, Unknown))


def _addresses(section: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every address somebody wrote into the file: URLs, and hosts under keys that hold one."""
    if isinstance(section, Section):
        section = {name: getattr(section, name, None) for name in type(section).model_fields}
    if isinstance(section, dict):
        for key, value in section.items():
            yield from _addresses(value, (*path, key))
    elif isinstance(section, list):
        for index, value in enumerate(section):
            yield from _addresses(value, (*path, index))
    elif isinstance(section, str) and (section.startswith(("https://", "http://")) or (path and path[-1] in HOST_KEYS)):
        yield path, section
