"""Which resource of a stack a host's name belongs to: `acme` of `acme.azurecr.io` is a registry (`catalog/residency/accounts.yaml`)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from blueprint.facts import Facts, Resource, remembered
from blueprint.residency_catalog import table

# Resources that hold a domain of ours, and their attributes that name it.
HOLDS_A_DOMAIN = re.compile(r"^(?!data\.).*(dns|zone|domain|certificate|route53)")
DOMAINS = ("name", "domain", "domain_name", "dns_zone", "zone_name", "hostname", "host_name", "fqdn", "custom_domain", "dns_name")


def account(name: str, facts: Facts) -> Resource | None:
    """The resource of the stack that a plain host name is named after, None if there is none."""
    label, _, domain = name.lower().partition(".")
    entry = _entry(domain)
    if entry is None:
        return None
    named = ((one, one.first(key)) for one in facts.of(*entry["types"]) for key in entry["attributes"])
    return next((one for one, value in named if isinstance(value, str) and value.lower() == label), None)


@lru_cache(maxsize=4096)
def _entry(domain: str) -> Mapping[str, Any] | None:
    """The entry of the service whose domain this is, or lies below."""
    entries = table("residency/accounts.yaml")["accounts"]
    return next((one for one in entries if any(domain == known or domain.endswith(f".{known}") for known in one["domains"])), None)


def is_ending(name: str) -> bool:
    """Whether a plain host name is only what follows an account's name: `core.windows.net`."""
    domains = (domain for entry in table("residency/accounts.yaml")["accounts"] for domain in entry["domains"])
    return any(domain == name or domain.endswith(f".{name}") for domain in domains)


def is_own(name: str, facts: Facts) -> bool:
    """Whether a plain host name is, or lies below, a domain that the stack itself holds: of a zone, a certificate, a custom domain."""
    return any(name == own or name.endswith(f".{own}") for own in _own(facts))


@remembered
def _own(facts: Facts) -> frozenset[str]:
    values = (one.attributes.get(key) for one in facts.resources if HOLDS_A_DOMAIN.match(one.type) for key in DOMAINS)
    return frozenset(value.lower().strip(".") for value in values if isinstance(value, str) and "." in value)
