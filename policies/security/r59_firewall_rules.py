"""What the cloud's firewall lets out leads into the zone.

Where policies in the cluster leave addresses to the firewall behind them (R07), the firewall's rules are the perimeter. A rule that
allows every address, or a host abroad, is a way out for prompts. What a cluster cannot run without, and carries no data of ours
(sign-in, the provider's own packages), is named as such in catalog/residency/hosts/.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from blueprint import places
from blueprint.addresses import HERE, network
from blueprint.facts import Resource, Unknown
from blueprint.places import Place
from blueprint.policy import Scope, Verdict, fails, passes, rule, unresolved

COLLECTIONS = ("network_rule_collection", "application_rule_collection")
DESTINATIONS = ("destination_addresses", "destination_fqdns", "destination_urls", "target_fqdns")
EVERYWHERE = ("*", "0.0.0.0/0", "Internet", "AzureCloud")
# Azure's service tags of sign-in and of the platform itself; regional ones (Storage.WestEurope) are judged by their region.
PLATFORM_TAGS = ("AzureActiveDirectory", "AzureResourceManager", "MicrosoftContainerRegistry", "AzureMonitor", "VirtualNetwork")
# Rules beside a firewall: what they leave open is the network's, but a service tag names a region.
TAGGED = (
    "azurerm_network_security_group",
    "azurerm_network_security_rule",
    "azurerm_machine_learning_workspace_network_outbound_rule_service_tag",
)
REGIONAL_TAG = re.compile(r"[A-Z]\w+\.[A-Z]\w+")
ALLOWED = "addresses of the network, services inside the zone, the platform's own"
NEXT = "name the destinations one by one"


@rule(
    "R59",
    "the firewall lets traffic out to places inside the zone only",
    looks_at=[
        "azurerm_firewall_policy_rule_collection_group",
        "azurerm_firewall_network_rule_collection",
        "azurerm_firewall_application_rule_collection",
        *TAGGED,
    ],
    basis="Art. 32, 44 GDPR",
    controls=["C5:2020 COS-01", "C5:2020 COS-06", "ISO 27001:2022 8.20", "ISO 27001:2022 8.22"],
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Every destination of every rule that allows."""
    if not scope.regulated:
        return
    destinations = _tags(resource) if resource.type in TAGGED else _destinations(resource)
    found = [_judged(resource, path, value, scope) for path, value in destinations]
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


def _tags(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Service tags of one region that rules let traffic out to."""
    for block in _blocks(resource.attributes.get("security_rule")) or [resource.attributes]:
        outbound = str(block.get("direction", "Outbound")).lower() == "outbound" and str(block.get("access", "Allow")).lower() == "allow"
        for name in ("destination_address_prefix", "destination_address_prefixes", "service_tag") if outbound else ():
            values = block.get(name) or []
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, str) and REGIONAL_TAG.fullmatch(value):
                    yield name, value


def _blocks(value: Any) -> list[Mapping[str, Any]]:
    return [block for block in (value if isinstance(value, list) else [value]) if isinstance(block, Mapping)]


def _judged(resource: Resource, path: str, value: Any, scope: Scope) -> Verdict:
    if isinstance(value, Unknown):
        return unresolved(resource, path, value, ALLOWED, NEXT)
    name = str(value)
    if name in EVERYWHERE:
        return fails(resource, path, name, "every address is let out, to any country", ALLOWED, NEXT)
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
