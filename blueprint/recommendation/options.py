"""The places a use case could go to, each judged by the matrix (`blueprint/matrix.py`) before anything else is asked.

An option is open only where every place of it is allowed today: a condition that nobody declared keeps it closed, whatever it costs.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from blueprint import matrix, places
from blueprint.catalog import load_catalog
from blueprint.catalog.prices import load_prices
from blueprint.environment import Environment
from blueprint.environment.checks.destinations import in_region
from blueprint.facts import Unknown
from blueprint.hosting import provider
from blueprint.matrix import CLASSES, DataClass, Outcome
from blueprint.places import Place
from blueprint.recommendation.data import hosting
from blueprint.recommendation.result import Kind, Option
from blueprint.workload import DEFAULT_API, Demand, UseCase

Where = Place | Unknown


def options(env: Environment, name: str, use: UseCase | None, demand: Demand | None, on: date) -> tuple[Option, ...]:
    """Every option of a use case, what the environment has first of its kind."""
    found = [_self_hosted(env, name), *_managed(env, name), *_apis(env, name, use, demand)]
    each = [judged(env, data_class_of(env, use), option, where, on) for option, where in found]
    return tuple(_best_of_each(each))


def _best_of_each(found: list[Option]) -> Iterator[Option]:
    """One deployment of each hosted model: what the environment has, else the first that is open, else the first."""
    yield from (option for option in found if not option.api)
    for api in dict.fromkeys(option.api for option in found if option.api):
        yield min((option for option in found if option.api == api), key=lambda option: (not option.built, not option.open))


def data_class_of(env: Environment, use: UseCase | None) -> DataClass:
    """The class of a use case's data: the strictest the environment admits, unless it says its own."""
    return use.data_class if use and use.data_class else env.data_residency.data_class


def judged(env: Environment, data_class: DataClass, option: Option, where: list[Where], on: date) -> Option:
    """The option with the matrix's answer for the worst of its places."""
    known = tuple(place for place in where if not isinstance(place, Unknown))
    option = replace(option, places=known)
    said = env.data_residency
    if CLASSES.index(data_class) > CLASSES.index(said.data_class):
        why = f"{env.name} admits {said.data_class} data at most; this is {data_class}"
        return replace(option, closed=why, closed_by="residency", law="data_residency.data_class is the environment's promise")
    unknown = next((place for place in where if isinstance(place, Unknown)), None)
    if unknown is not None or not where:
        return replace(option, closed=unknown.reason if unknown else "nobody knows where it is", closed_by="residency")
    answers = [matrix.judge(data_class, place, said.perimeter, said.declared, on) for place in known]
    worst = max(answers, key=lambda answer: list(Outcome).index(answer.outcome))
    if worst.outcome is Outcome.allowed:
        return replace(option, law=worst.basis)
    why = worst.why if worst.outcome is Outcome.denied else f"{worst.why}, which nobody has declared"
    return replace(option, closed=why, closed_by="residency", law=worst.basis, missing=worst.missing)


def _option(kind: Kind, name: str, *, built: bool, refused: str = "", api: str = "") -> Option:
    return Option(kind, name, (), refused, "offer" if refused else None, "", built=built, api=api)


def _self_hosted(env: Environment, name: str) -> tuple[Option, list[Where]]:
    cloud = provider(env)
    label = f"{env.name}, our own machines" if env.cluster.target == "onprem" else f"{env.name}, machines at {cloud.label}"
    return _option("self-hosted", label, built=name in env.models), [in_region(cloud, env.cluster.region)]


def _managed(env: Environment, name: str) -> Iterator[tuple[Option, list[Where]]]:
    """The environment's own endpoint on rented machines, or what the cluster's cloud offers."""
    api = env.apis.get(name)
    if api is not None and _rents_machines(api.provider, api.model):
        label = f"{load_catalog().apis[api.provider].label}, {api.model}"
        yield _option("managed", label, built=True), _api_places(api.provider, api.deployment, api.region)
        return
    cloud = provider(env)
    service = hosting().managed.get(cloud.name)
    if service is not None:
        yield _option("managed", service.label, built=False), [in_region(cloud, env.cluster.region)]


def _rents_machines(offer: str, model: str) -> bool:
    entry = load_catalog().apis[offer].models.get(model)
    return entry is not None and entry.node_type is not None


def _apis(env: Environment, name: str, use: UseCase | None, demand: Demand | None) -> Iterator[tuple[Option, list[Where]]]:
    """The environment's own API for the use case, then those the demand names."""
    api = env.apis.get(name)
    if api is not None and not _rents_machines(api.provider, api.model):
        rate = f"{api.provider}/{api.model}"
        label = _api_name(rate, api.deployment, api.region)
        yield _option("api", label, built=True, api=rate), _api_places(api.provider, api.deployment, api.region)
    named = [use.api if use else None, *((demand.api, *demand.apis) if demand else (DEFAULT_API,))]
    for rate in dict.fromkeys(one for one in named if one):
        yield from _named_api(env, rate)


def _named_api(env: Environment, rate: str) -> Iterator[tuple[Option, list[Where]]]:
    """An API by its price's name: in the cluster's cloud by its deployment types, elsewhere by its host."""
    service, _, _ = rate.partition("/")
    offer = load_catalog().apis.get(service)
    if offer is None:
        yield _by_host(rate)
        return
    cloud = provider(env)
    if offer.provider != cloud.name:
        refused = f"{offer.label} is not created beside a cluster at {cloud.label}"
        regions = env.data_residency.perimeter.regions(load_catalog().providers[offer.provider])[:1]
    else:
        refused, regions = "", [env.cluster.region]
    for region in regions:
        for kind in offer.deployment_types:
            built = (rate, kind, region) in {(f"{api.provider}/{api.model}", api.deployment, api.region) for api in env.apis.values()}
            option = _option("api", _api_name(rate, kind, region), built=built, refused=refused, api=rate)
            yield option, _api_places(service, kind, region)


def _by_host(rate: str) -> tuple[Option, list[Where]]:
    """An API that no stack builds a route to. An open model is offered where the law allows it: the same weights may be had elsewhere, so
    that nobody depends on the route; a closed one is shown."""
    host, price = api_host(rate), load_prices().tokens.get(rate)
    where: list[Where] = [places.host(host)] if host else []
    refused = "" if price and price.kind == "managed-open" else "no environment has a route to it"
    return _option("api", rate, built=False, refused=refused, api=rate), where


def api_host(rate: str) -> str:
    """The host of an API outside catalog/apis/, by its price's name; empty where that is none, or not known."""
    return hosting().api_hosts.get(rate.partition("/")[0], "")


def hosted_open(env: Environment, use: UseCase | None, on: date) -> Iterator[Option]:
    """Open models at other clouds' APIs that the law leaves open to a use case."""
    for rate, price in load_prices().tokens.items():
        if price.kind == "managed-open" and price.status != "contradicted":
            found = judged(env, data_class_of(env, use), *_by_host(rate), on)
            yield from [found] if found.open else []


def elsewhere(env: Environment, use: UseCase | None, option: Option, on: date) -> Option | None:
    """The same hosted model in another region of the zone, if the data may be there."""
    service, _, _ = option.api.partition("/")
    offer, here = load_catalog().apis.get(service), {place.label for place in option.places}
    if offer is None:
        return None
    for region in env.data_residency.perimeter.regions(load_catalog().providers[offer.provider]):
        for kind in offer.deployment_types if region not in here else ():
            other = _option("api", _api_name(option.api, kind, region), built=False, api=option.api)
            found = judged(env, data_class_of(env, use), other, _api_places(service, kind, region), on)
            if found.open:
                return found
    return None


def _api_name(rate: str, deployment: str, region: str) -> str:
    return f"{rate} as {deployment} in {region}"


def _api_places(service: str, deployment: str, region: str) -> list[Where]:
    """What an account stores, and where its prompts are processed."""
    cloud = load_catalog().providers[load_catalog().apis[service].provider]
    return [in_region(cloud, region), places.processing(service, deployment, region)]
