"""Where a host is, as seen from a stack: an account's host is where the stack's resource of that name is."""

from blueprint.facts import Facts, Resource, Unknown
from blueprint.places import Place, host
from blueprint.whereabouts.accounts import account
from blueprint.whereabouts.model import Role
from blueprint.whereabouts.terraform import whereabouts


def places(name: str | Unknown, facts: Facts | None) -> list[Place | Unknown]:
    """Every place behind a host name; one that is made while applying answers where the resource is that makes it."""
    if isinstance(name, Unknown):
        maker = facts.target(name) if facts else None
        return _of(maker) if maker else [name]
    named = account(name, facts) if facts else None
    return (_of(named) if named else []) or [host(name)]


def _of(resource: Resource) -> list[Place | Unknown]:
    return [one.place for one in whereabouts(resource) if one.role in (Role.primary, Role.processing)]
