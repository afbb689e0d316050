"""What a scope says of the places of a resource: one verdict per place, the same for every rule that asks about a role."""

from collections.abc import Mapping

from blueprint import places
from blueprint import residency_catalog as catalog
from blueprint.facts import Resource, Unknown
from blueprint.matrix import Kind
from blueprint.policy import Scope, Verdict, fails, passes, unresolved
from blueprint.whereabouts.model import Residence, Role
from blueprint.whereabouts.terraform import whereabouts
from blueprint.whereabouts.types import table_of

# Terraform resources, data sources and ephemeral ones: their types have a provider in front.
TERRAFORM = ("*_*", "data.*", "ephemeral.*")
OTHERS = ("provider.", "backend.", "k8s.")
KINDS: Mapping[Role, Kind] = {Role.backup: "backup", Role.telemetry: "logs", Role.source: "image"}
SOME = 6  # regions named as allowed; the catalogue has the rest


def verdicts(resource: Resource, scope: Scope, *roles: Role) -> list[Verdict]:
    """A verdict for each place data is at in one of some roles; none for what is no Terraform resource."""
    if resource.type.startswith(OTHERS):
        return []
    return [verdict(resource, residence, scope) for residence in whereabouts(resource) if residence.role in roles]


def verdict(resource: Resource, residence: Residence, scope: Scope, kind: Kind | None = None, allowed: str = "") -> Verdict:
    """Whether data may be at one place: data of the kind its role says, and regions of the resource's cloud, unless told otherwise."""
    if isinstance(residence.place, Unknown):
        next = residence.next or "write a value that can be judged"
        return unresolved(resource, residence.path, residence.place, allowed or _allowed(resource, scope), next)
    if kind is None and residence.role in (Role.source, Role.identity) and places.residual(residence.found):
        return passes(resource, residence.path, residence.found)
    answer = scope.answer(residence.place, kind or KINDS.get(residence.role, "content"))
    if answer.allowed:
        return passes(resource, residence.path, residence.found)
    why, next = f"{residence.why}; {answer.why}. {answer.basis}", residence.next or "choose a place inside the zone"
    return fails(resource, residence.path, residence.found, why, allowed or _allowed(resource, scope), next)


def _allowed(resource: Resource, scope: Scope) -> str:
    """Regions of the resource's cloud in the zone; the zone where the cloud has none there or the catalogue does not know it."""
    provider = resource.type.removeprefix("provider.").rpartition(".")[2].partition("_")[0]
    table = table_of(provider)
    cloud = catalog.cloud(table.cloud) if table else None
    if cloud is None or not scope.zone.accepts_operator(cloud.operator.jurisdiction):
        return f"a place in zone {scope.zone}"
    inside = sorted(name for name, region in cloud.regions.items() if scope.zone.contains(region.country))
    more = ", …" if len(inside) > SOME else ""
    return f"{', '.join(inside[:SOME])}{more} (zone {scope.zone})" if inside else f"a place in zone {scope.zone}"
