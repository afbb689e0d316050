"""Which resource of a stack a host's name belongs to: `acme` of `acme.azurecr.io` is a registry (`catalog/residency/accounts.yaml`)."""

from blueprint.facts import Facts, Resource
from blueprint.residency_catalog import table


def account(name: str, facts: Facts) -> Resource | None:
    """The resource of the stack that a plain host name is named after, None if there is none."""
    label, _, domain = name.lower().partition(".")
    for entry in table("residency/accounts.yaml")["accounts"]:
        if any(domain == known or domain.endswith(f".{known}") for known in entry["domains"]):
            named = ((one, one.first(key)) for one in facts.of(*entry["types"]) for key in entry["attributes"])
            return next((one for one, value in named if isinstance(value, str) and value.lower() == label), None)
    return None
