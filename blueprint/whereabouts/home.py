"""Where a resource is at home: its own region, its parent's, its provider's, or nowhere in particular."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from blueprint import places
from blueprint.facts import Facts, Found, Resource, Sensitive, Unknown, remembered
from blueprint.places import Place
from blueprint.whereabouts.model import Residence, Role
from blueprint.whereabouts.regions import region_of, worldwide
from blueprint.whereabouts.types import Semantics, semantics, written_value
from blueprint.whereabouts.variables import given_from_outside

DEPTH = 12  # parents above a resource; more is a circle
WRITE_IT = "write the region as a literal"


def home(resource: Resource, depth: int = 0) -> list[Residence]:
    """The place or places a resource's own data is at; one unknown place where nobody can tell."""
    known = semantics(resource.type)
    if known is None or depth > DEPTH:
        return [_unknown("", f"where {resource.address} is, is not in the registry")]
    if known.kind == "generic":
        return list(_located(resource, known)) or list(_inherited(resource, known, known.parent, depth))
    if known.kind in ("located", "reads", "opaque"):
        return list(_located(resource, known)) or [_nowhere(resource, known)]
    if known.kind in ("inherits", "part-of"):
        said = [attribute for attribute in known.at if resource.each(attribute)] or known.at[:1]
        return [residence for attribute in said for residence in _inherited(resource, known, attribute, depth)]
    if known.kind == "served":
        return [_served(resource, known)]
    if known.kind == "members" and (found := list(_members(resource, known.at))):
        return found
    if known.kind in ("anywhere", "members"):
        return [Residence(known.role, "", resource.type, worldwide(known), "it is a service of the whole world, with no region of its own")]
    return [_unknown("", f"{resource.address} has no place of its own")]


def targets(resource: Resource, found: Found) -> list[Resource]:
    """The resources a value names: by reference, by where it came from, or by an id of their own. Those that have no place to
    say are left out."""
    facts, value = resource.facts, found.value
    if facts is None:
        return []
    references = (*(value.references if isinstance(value, Unknown) else ()), *resource.origins.get(found.path, ()))
    named = [facts.target(Unknown("", (reference,))) for reference in dict.fromkeys(references)]
    known = [target for target in named if target is not None and target is not resource and _says_where(target)]
    by_id = facts.target(value) if not known and not references else None
    return known or ([by_id] if by_id is not None and _says_where(by_id) else [])


def values_of(resource: Resource, found: Found) -> list[object]:
    """What an attribute may hold: its value, or every value its variable takes, or unknown."""
    given = given_from_outside(resource, found.path, found.value)
    return [found.value] if given is None else list(given) if isinstance(given, tuple) else [given]


def shown(value: object) -> str:
    """A value as it may be printed, in Terraform's spelling."""
    return value.reason if isinstance(value, Unknown) else written_value(value)


def flat(found: Found) -> Iterator[Found]:
    """The values in a list of lists, each with its path; a value by itself."""
    if isinstance(found.value, list | tuple):
        for index, item in enumerate(found.value):
            yield from flat(Found(f"{found.path}[{index}]", item))
    else:
        yield found


def _located(resource: Resource, known: Semantics) -> Iterator[Residence]:
    values = [leaf for attribute in known.at for found in resource.each(attribute) for leaf in flat(found)]
    if not values and known.default is not None:
        values = [Found(f"{known.at[0]} (default)", known.default)]
    if not values and known.table.from_provider and known.kind == "located" and not known.itself:
        values = list(_from_provider(resource, known))
    for found in values:
        if written_value(found.value).lower() not in known.unless and found.value not in (None, ""):
            yield from _in_region(resource, known, found)


def _in_region(resource: Resource, known: Semantics, found: Found) -> Iterator[Residence]:
    for value in values_of(resource, found):
        plain = value.value if isinstance(value, Sensitive) else value
        place = plain if isinstance(plain, Unknown) else region_of(resource, known.table, str(plain))
        if isinstance(value, Sensitive):
            place = (
                Unknown("the region is secret, and none of the catalogue")
                if isinstance(place, Unknown)
                else replace(place, label=shown(value))
            )
        next = WRITE_IT if isinstance(place, Unknown) else ""
        yield Residence(Role.primary, found.path, shown(value), place, "its data is kept there", next)


def _from_provider(resource: Resource, known: Semantics) -> Iterator[Found]:
    """What the provider block says: the attribute the type has first (a zone for what is in a zone), else any that names a region."""
    block = resource.configured_by
    for attribute in (*known.at, *known.table.region):
        value = block.first(attribute) if block else None
        if block and value is not None:
            yield Found(f"{block.address}.{attribute}", value)
            return


def _inherited(resource: Resource, known: Semantics, attribute: str, depth: int) -> Iterator[Residence]:
    parents = _parents(resource, attribute)
    for parent in parents:
        for residence in home(parent, depth + 1):
            path = f"{attribute} → {parent.address}" + (f".{residence.path}" if residence.path else "")
            yield Residence(residence.role, path, residence.found, residence.place, f"it is where {parent.address} is", residence.next)
    if not parents:
        yield from _outside(resource, known, attribute)


def _served(resource: Resource, known: Semantics) -> Residence:
    """At the host that the provider's block names, or the service's own."""
    block = resource.configured_by
    said = block.first(known.at[0]) if block else None
    host = said if said is not None else known.default
    place = host if isinstance(host, Unknown) else places.host(str(host)) if host else Unknown(f"its provider block says no {known.at[0]}")
    return Residence(known.role, f"provider.{known.at[0]}", shown(host), place, "the service there keeps it")


def _members(resource: Resource, attributes: tuple[str, ...]) -> Iterator[Residence]:
    """Where the parts of a container are: those of the stack that name it, and those it names."""
    attribute, own = attributes
    for member in dict.fromkeys((*_naming(resource, attribute), *_parents(resource, own))):
        for residence in home(member, DEPTH):
            yield replace(residence, path=f"{attribute} ← {member.address}", why=f"{member.address} is part of it")


def named_by(resource: Resource, attribute: str) -> list[Residence]:
    """Where the resources of the stack are that name one by an attribute."""
    return [residence for other in _naming(resource, attribute) for residence in home(other)]


def _naming(resource: Resource, attribute: str) -> Iterator[Resource]:
    others = resource.facts.resources if resource.facts else ()
    return (other for other in others if attribute in other.attributes and other is not resource and resource in _parents(other, attribute))


def _parents(resource: Resource, attribute: str) -> list[Resource]:
    found = next(iter(resource.each(attribute)), None)
    if found is None:
        return []
    return targets(resource, found) or _called(resource, attribute, found.value)


def _called(resource: Resource, attribute: str, name: object) -> list[Resource]:
    """Resources a name could mean: `account_name` of a Cosmos database means an account."""
    ending = attribute.removesuffix("_name")
    if resource.facts is None or ending == attribute or not isinstance(name, str):
        return []
    prefix = resource.type.partition("_")[0]
    return [other for other in _by_name(resource.facts).get(name, ()) if other.type.startswith(prefix) and other.type.endswith(ending)]


@remembered
def _by_name(facts: Facts) -> Mapping[str, list[Resource]]:
    """The resources of a picture by their names."""
    found: dict[str, list[Resource]] = {}
    for resource in facts.resources:
        if isinstance(name := resource.attributes.get("name"), str):
            found.setdefault(name, []).append(resource)
    return found


def _outside(resource: Resource, known: Semantics, attribute: str) -> Iterator[Residence]:
    value = resource.first(attribute)
    if isinstance(value, str) and (located := re.search(r"/locations/([a-z0-9-]+)(/|$)", value)):
        yield from _in_region(resource, known, Found(attribute, located.group(1)))
        return
    named = "nothing" if value is None else shown(value)
    next = "create it in this stack, or check the plan (--plan), which knows what is read"
    yield _unknown(attribute, f"it is wherever the resource is that {attribute} names ({named}), which is outside this stack", next)


def _nowhere(resource: Resource, known: Semantics) -> Residence:
    if known.unless and resource.each(known.at[0]):
        said = shown(resource.first(known.at[0]))
        return Residence(Role.primary, known.at[0], said, Place("no data at rest", frozenset()), "it holds no data there")
    what = f"neither it nor its provider block says a {known.table.region[0]}" if known.table.from_provider else f"it says no {known.at[0]}"
    next = f"write {known.at[0]} here or in the provider block; whoever applies could set another by environment"
    return _unknown(known.at[0], what, next)


def _unknown(path: str, reason: str, next: str = "") -> Residence:
    return Residence(Role.primary, path, "(unknown)", Unknown(reason), reason, next or WRITE_IT)


def _says_where(target: Resource) -> bool:
    known = semantics(target.type)
    return known is not None and known.kind != "none"


def without_indexes(path: str) -> str:
    return re.sub(r"\[\d+\]| \(default\)", "", path)
