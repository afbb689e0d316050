"""What the cloud's firewall lets out leads into the zone.

Where policies in the cluster leave addresses to the firewall behind them (R07), the firewall's rules are the perimeter. A rule that
allows every address, or a host abroad, is a way out for prompts. What a cluster cannot run without, and carries no data of ours
(sign-in, the provider's own packages), is named as such in catalog/residency/hosts/.

Security groups stand beside a firewall: single addresses they let out are its to judge, but a group that lets everything out, or
names a region's service tag abroad, leaves nothing to it (catalog/residency/firewalls.yaml).
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from blueprint import places
from blueprint.addresses import HERE, network
from blueprint.facts import Found, Resource, Unknown
from blueprint.patterns import fits
from blueprint.places import Place
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved
from blueprint.policy.scope import CLASSES
from blueprint.residency_catalog import table
from blueprint.whereabouts.home import flat, shown

COLLECTIONS = ("network_rule_collection", "application_rule_collection")
DESTINATIONS = ("destination_addresses", "destination_fqdns", "destination_urls", "target_fqdns")
EVERYWHERE = ("*", "0.0.0.0/0", "Internet", "AzureCloud")
# Azure's service tags of sign-in and of the platform itself; regional ones (Storage.WestEurope) are judged by their region.
PLATFORM_TAGS = ("AzureActiveDirectory", "AzureResourceManager", "MicrosoftContainerRegistry", "AzureMonitor", "VirtualNetwork")
GROUPS: Mapping[str, Mapping[str, Any]] = table("residency/firewalls.yaml")["types"]
WIDEST = 8  # bits of a network's prefix; with fewer, a range is every address but for some
REGIONAL_TAG = re.compile(r"[A-Z]\w+\.[A-Z]\w+")
ALLOWED = "addresses of the network, services inside the zone, the platform's own"
NEXT = "name the destinations one by one"
OPEN = "every address is let out, to any country"


@rule(
    "R59",
    "the firewall lets traffic out to places inside the zone only",
    looks_at=[
        "azurerm_firewall_policy_rule_collection_group",
        "azurerm_firewall_network_rule_collection",
        "azurerm_firewall_application_rule_collection",
        *GROUPS,
    ],
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 COS-01", "C5:2020 COS-06", "ISO 27001:2022 8.20", "ISO 27001:2022 8.22"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every destination of every rule that allows."""
    if not scope.regulated:
        return
    if resource.type in GROUPS:
        found = [*_default(resource, GROUPS[resource.type], scope), *_let_out(resource, GROUPS[resource.type], scope)]
    else:
        found = [_judged(resource, path, value, scope) for path, value in _destinations(resource)]
    yield from found or [passes(resource)]


def _destinations(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Path and value of each; classic collections are resources of their own, with `action` and `rule` at the top."""
    blocks = [(path, block) for path in COLLECTIONS for block in _blocks(resource.attributes.get(path))]
    for path, collection in blocks or [("", resource.attributes)]:
        if str(collection.get("action", "Allow")).lower() == "allow":
            for inner in _blocks(collection.get("rule")):
                for name in DESTINATIONS:
                    values = inner.get(name) or []
                    yield from ((f"{path}.rule.{name}".lstrip("."), value) for value in (values if isinstance(values, list) else [values]))


def _default(group: Resource, known: Mapping[str, Any], scope: Scope) -> Iterator[Verdict]:
    """What a group does with traffic that no rule is about. What is only the provider's default counts from special data on."""
    if "default" not in known:
        return
    said, path = group.first(known["default"]), known["default"]
    counts = said is not None or CLASSES.index(scope.data_class) >= CLASSES.index("special")
    value = known["value"] if said is None else shown(said).lower()
    if isinstance(said, Unknown):
        yield unresolved(group, path, said, ALLOWED, NEXT)
    elif counts and value == known["value"]:
        yield fails(group, path, value if said is not None else f"{value} (default)", OPEN, ALLOWED, NEXT)


def _let_out(group: Resource, known: Mapping[str, Any], scope: Scope) -> Iterator[Verdict]:
    """Destinations of a group's rules that are everywhere, or a region's service tag."""
    at = known.get("rules")
    for block in _blocks(group.attributes.get(at)) if at else [group.attributes]:
        if all(_is(block.get(name), values) for name, values in known.get("only", {}).items()):
            for found in _named(block, known):
                path = f"{at}.{found.path}" if at else found.path
                if isinstance(found.value, Unknown):
                    yield from () if found.value.references else [unresolved(group, path, found.value, ALLOWED, NEXT)]
                elif _is_everything(str(found.value)):
                    yield fails(group, path, found.value, OPEN, ALLOWED, NEXT)
                elif REGIONAL_TAG.fullmatch(str(found.value)):
                    yield _judged(group, path, found.value, scope)


def _is(value: Any, wanted: list[str]) -> bool:
    """Whether an attribute has one of some values; what is not known may."""
    return isinstance(value, Unknown) or (bool(value) and any(fits(shown(value).lower(), one) for one in wanted))


def _named(rule: Mapping[str, Any], known: Mapping[str, Any]) -> list[Found]:
    """The destinations of one rule, and what it means that there is none."""
    found = [one for path in known.get("to", ()) for one in _below(rule, path)]
    others = any(rule.get(name) for name in known.get("others", ()))
    return found or ([Found(f"{known['to'][0]} (default)", known["absent"])] if "absent" in known and not others else [])


def _below(rule: Mapping[str, Any], path: str) -> Iterator[Found]:
    first, _, rest = path.partition(".")
    for block in _blocks(rule.get(first)) if rest else [rule]:
        value = block.get(rest or first)
        yield from (one for one in flat(Found(path, value)) if one.value not in (None, ""))


def _is_everything(destination: str) -> bool:
    """Whether a destination is every address: by its name, or as a range that leaves hardly any out."""
    if destination in EVERYWHERE:
        return True
    try:
        wanted = ip_network(destination, strict=False)
    except ValueError:
        return False
    return wanted.prefixlen < WIDEST and not wanted.is_private and not wanted.is_multicast


def _blocks(value: Any) -> list[Mapping[str, Any]]:
    return [block for block in (value if isinstance(value, list) else [value]) if isinstance(block, Mapping)]


def _judged(resource: Resource, path: str, value: Any, scope: Scope) -> Verdict:
    if isinstance(value, Unknown):
        return unresolved(resource, path, value, ALLOWED, NEXT)
    name = str(value)
    if name in EVERYWHERE:
        return fails(resource, path, name, OPEN, ALLOWED, NEXT)
    if name in PLATFORM_TAGS or places.residual(name.removeprefix("*.")):
        return passes(resource, path, name)
    place = _place(name)
    if isinstance(place, Unknown):
        return unresolved(resource, path, place, ALLOWED, NEXT)
    if place == HERE or (answer := scope.answer(place)).allowed:
        return passes(resource, path, name)
    return fails(resource, path, name, answer.why, ALLOWED, NEXT)


def _place(name: str) -> Place | Unknown:
    """The place behind an address, a range, a regional service tag or a host (a URL's path is not part of it)."""
    if name.replace(".", "").replace("/", "").isdigit() or ":" in name:
        return network(name)
    service, _, region = name.partition(".")
    if service[:1].isupper():
        return places.region("azure", region) if region else Unknown(f"the service tag {name} is every region's")
    return places.host(name.partition("/")[0].removeprefix("*."))
