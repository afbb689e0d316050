"""Where a host is, as seen from a stack: an account's host is where the stack's resource of that name is."""

from blueprint.facts import Facts, Resource, Unknown, remembered
from blueprint.hostnames import match
from blueprint.places import Place, host
from blueprint.whereabouts.accounts import account
from blueprint.whereabouts.model import Role
from blueprint.whereabouts.terraform import whereabouts


def places(name: str | Unknown, facts: Facts | None) -> list[Place | Unknown]:
    """Every place behind a host name; one that is made while applying answers where the resource is that makes it."""
    if isinstance(name, Unknown):
        maker = facts.target(name) if facts else None
        return place_of(maker) if maker else [name]
    if facts and _is_a_service(name, facts):
        return [Place(name, frozenset())]
    named = account(name, facts) if facts else None
    return (place_of(named) if named else []) or [host(name)]


def _is_a_service(name: str, facts: Facts) -> bool:
    """Whether this is a service and its namespace (`loki.monitoring`), as the cluster's own DNS answers it."""
    service, _, namespace = name.partition(".")
    return bool(service) and namespace in namespaces(facts) and match(name) is None


@remembered
def namespaces(facts: Facts) -> frozenset[str]:
    """The namespaces that objects and releases of a picture are in."""
    objects = (one.first("metadata.namespace") for one in facts.resources if one.type.startswith("k8s."))
    releases = (one.first("namespace") for one in facts.of("helm_release"))
    return frozenset(name for name in (*objects, *releases) if isinstance(name, str))


def place_of(resource: Resource) -> list[Place | Unknown]:
    """Where a resource's own data is, and where it is worked on."""
    return [one.place for one in whereabouts(resource) if one.role in (Role.primary, Role.processing)]
