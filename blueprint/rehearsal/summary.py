"""What a rehearsal has shown: what there would be, where, on which GPUs, for how much, and what to do for the real thing."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from blueprint.catalog import load_catalog
from blueprint.environment import Environment
from blueprint.hosting import provider
from blueprint.images import guard
from blueprint.rehearsal.cost import Amount, MonthlyCost, monthly_cost
from blueprint.zones import Zone, country_name

Json = dict[str, Any]

IN_CLUSTER = "in the cluster"
NOWHERE = "part of another resource"
UNRESOLVED = "location known only after apply"
NO_REGION = (IN_CLUSTER, NOWHERE, UNRESOLVED)


@dataclass(frozen=True)
class Gpus:
    """GPUs of one card: with every pool at its minimum, and at its maximum."""

    card: str
    now: int
    most: int


@dataclass(frozen=True)
class Summary:
    """`resources` by Terraform type, `places` regions (with country) first; `images`: which are not locked, and what to run."""

    environment: str
    terraform: str
    zone: str
    stand_ins: tuple[str, ...]
    resources: dict[str, int]
    places: dict[str, int]
    outside: int
    gpus: tuple[Gpus, ...]
    cost: MonthlyCost
    images: str
    next: tuple[str, ...]


def summarize(env: Environment, stack: Json, terraform: str) -> Summary:
    """The summary of an environment and its synthesized stack; `terraform` is the program used, with its version."""
    places = Counter(place for kind, resource in _resources(stack) for place in sorted(_places(kind, resource)))
    zone = env.data_residency.perimeter
    return Summary(
        environment=env.name,
        terraform=terraform,
        zone=zone.name,
        stand_ins=tuple(sorted(stack["terraform"]["required_providers"])),
        resources=dict(Counter(kind for kind, _ in _resources(stack)).most_common()),
        places={
            _with_country(env, place): places[place] for place in sorted(places, key=lambda place: (place in NO_REGION, -places[place]))
        },
        outside=sum(count for place, count in places.items() if not _inside(env, zone, place)),
        gpus=tuple(_gpus(env)),
        cost=monthly_cost(env),
        images=guard.complaint(env, stack),
        next=tuple(_next_steps(env, stack["terraform"]["backend"])),
    )


def _resources(stack: Json) -> Iterator[tuple[str, Json]]:
    return ((kind, resource) for kind, named in stack.get("resource", {}).items() for resource in named.values())


def _places(kind: str, resource: Json) -> set[str]:
    if kind == "helm_release":
        return {IN_CLUSTER}
    return {UNRESOLVED if "${" in place else place for place in _locations(resource)} or {NOWHERE}


def _locations(value: Any) -> Iterator[str]:
    """Every `location`, `region` and `zone` argument (a zone is its region and a number), nested ones too."""
    if isinstance(value, list):
        for item in value:
            yield from _locations(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("location", "region") and isinstance(item, str):
                yield item
            elif key == "zone" and isinstance(item, str):
                yield re.sub(r"-\d+$", "", item)
            else:
                yield from _locations(item)


def _country(env: Environment, place: str) -> str | None:
    region = provider(env).regions.get(place)
    return region.country if region else None


def _with_country(env: Environment, place: str) -> str:
    country = _country(env, place)
    return f"{place} ({country_name(country)})" if country else place


def _inside(env: Environment, zone: Zone, place: str) -> bool:
    country = _country(env, place)
    return place in (IN_CLUSTER, NOWHERE) or (country is not None and zone.contains(country))


def _gpus(env: Environment) -> Iterator[Gpus]:
    catalog = load_catalog()
    instances = provider(env).instances
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for pool in env.cluster.gpu_pools.values():
        instance = instances[pool.instance]
        card = catalog.gpus[instance.gpu or ""].label
        now[card] += pool.min * instance.gpus
        most[card] += pool.max * instance.gpus
    return (Gpus(card, now[card], count) for card, count in most.items())


def _next_steps(env: Environment, backend: Json) -> Iterator[str]:
    (settings,) = backend.values()
    store = settings.get("storage_account_name") or settings.get("bucket")
    yield f"blueprint preflight {env.name}   what a real deploy needs"
    yield f"blueprint bootstrap {env.name}   creates the store of the state ({store})"
    yield f"npx cdktf deploy {env.name}      the first one in two steps: docs/how-to/first-deploy.md"


def render(summary: Summary) -> list[tuple[str, list[str]]]:
    """The summary as labelled lines, for people."""
    cards = [f"{gpus.now} × {gpus.card} now, {gpus.most} at most" for gpus in summary.gpus]
    places = ", ".join(f"{place} {count}" for place, count in summary.places.items())
    return [
        ("Resources", [_kinds(summary.resources)]),
        ("Where", [f"{places}; outside {summary.zone} {summary.outside}"]),
        ("GPUs", cards),
        ("Cost", _money(summary.cost)),
        *([("Images", [f"warning: {summary.images}"])] if summary.images else []),
        ("Next", list(summary.next)),
    ]


def _kinds(resources: dict[str, int]) -> str:
    several = [f"{count} {re.sub('^(azurerm|scaleway)_', '', kind).replace('_', ' ')}" for kind, count in resources.items() if count > 1]
    single = len(resources) - len(several)
    return ", ".join([*several, *([f"one each of {single} other kinds"] if single else [])])


def _money(cost: MonthlyCost) -> list[str]:
    regions = f"list prices of {', '.join(cost.priced_in)}" if cost.priced_in else "no list prices"
    missing = f"; no price for {', '.join(cost.unpriced)}" if cost.unpriced else ""
    return [
        f"{_amounts(cost.now)} per month for the nodes now",
        f"{_amounts(cost.most)} per month with every pool full",
        f"({regions}{missing}; other services and tokens come on top)",
    ]


def _amounts(amounts: tuple[Amount, ...]) -> str:
    return " + ".join(_amount(amount) for amount in amounts) or "nothing"


def _amount(amount: Amount) -> str:
    low, high = (f"{value:,}".replace(",", " ") for value in (amount.low, amount.high))
    return f"{low} {amount.currency}" if low == high else f"{low} to {high} {amount.currency}"
