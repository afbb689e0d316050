"""Where the data of a Terraform resource may be, by the tables in `catalog/residency/types/`.

Defaults count: absence of an attribute is judged by what the provider makes of it. References are followed to the resource they
name; one that leads out of the stack, or a region that hangs on a variable, is unknown.
"""

from collections.abc import Container, Iterator
from typing import Any

from blueprint.facts import Found, Resource, Sensitive, Unknown, remembered
from blueprint.patterns import fits
from blueprint.places import Place
from blueprint.whereabouts import mentions
from blueprint.whereabouts.called import called, texts, told
from blueprint.whereabouts.home import flat, home, shown, targets, values_of, without_indexes
from blueprint.whereabouts.model import Residence, Role
from blueprint.whereabouts.reading import places
from blueprint.whereabouts.types import Semantics, Trace, semantics

WHY = {Role.key: "data is encrypted with that key", Role.telemetry: "logs are sent there", Role.primary: "data is kept there"}
# What an id stands for there sends nothing: an alert watches it, a role reaches it.
NOT_SENT = ("id", "scope", "scopes", "target_resource_id", "resource_id")
NOWHERE_ELSE = Place("no other place", frozenset())


@remembered
def whereabouts(resource: Resource) -> list[Residence]:
    """Every place a Terraform resource's data may be; empty for what holds none and sends none."""
    return [*_primary(resource), *_provisioned(resource), *_traced(resource)]


def _primary(resource: Resource) -> Iterator[Residence]:
    known = semantics(resource.type)
    if known is None:
        yield _unclassified(resource)
    elif known.kind in ("located", "inherits", "members", "served", "anywhere") or _reads_from_a_region(resource, known):
        yield from home(resource)
    elif known.kind == "opaque":
        yield from _regions_inside(resource, known)
        can = "can create, run or send anything; what it does stands in a document of its own"
        yield _deployer("", resource.type, f"{resource.type} {can}")
    elif known.kind == "generic":
        yield from _regions_inside(resource, known) or home(resource)


def _unclassified(resource: Resource) -> Residence:
    reason = f"{resource.type} is not in the registry, so nobody has said where its data is"
    next = "say what it is in catalog/residency/types/, or leave it out"
    return Residence(Role.primary, "", resource.type, Unknown(reason), reason, next)


def _deployer(path: str, found: str, reason: str) -> Residence:
    return Residence(Role.deployer, path, found, Unknown(reason), reason, "write the resources themselves, so that they can be judged")


def _reads_from_a_region(resource: Resource, known: Semantics) -> bool:
    """Whether a data source is told where to read; what it finds by itself is judged where it is used."""
    return known.kind == "reads" and any(attribute in resource.written for attribute in known.at)


def _regions_inside(resource: Resource, known: Semantics) -> list[Residence]:
    """Every region a document names under a key that says so: `location`, `secondaryLocation`, `regions`."""
    found = []
    for leaf in resource.leaves():
        key = leaf.key.lower()
        if isinstance(leaf.value, str | Unknown) and ("location" in key or "region" in key):
            places_of_it = list(_residences(resource, known, Trace(Role.deployer, "region", "it creates resources there"), leaf))
            found += [one for one in places_of_it if key in ("location", "region") or isinstance(one.place, Place)]
    return found


def _provisioned(resource: Resource) -> Iterator[Residence]:
    for path in ("provisioner", "provisioners"):
        if resource.attributes.get(path) or resource.written.get(path):
            yield _deployer(path, "provisioner", "a provisioner can run anything, anywhere")


def _traced(resource: Resource) -> Iterator[Residence]:
    known = semantics(resource.type)
    if known is None or known.kind == "reads":
        return
    for trace in known.traces:
        for found in _found(resource, trace):
            if _concerns(trace, found):
                yield from _residences(resource, known, trace, found)
            else:
                yield Residence(trace.role, found.path, shown(found.value), NOWHERE_ELSE, "it sends nothing elsewhere")
    yield from _everywhere(resource, known)


def _everywhere(resource: Resource, known: Semantics) -> Iterator[Residence]:
    """Attributes whose name says what they are on any type. A reference to the parent is not one of them, and a release's values
    are Kubernetes' (kubernetes.py)."""
    attributes = {name: value for name, value in resource.attributes.items() if (resource.type, name) != ("helm_release", "values")}
    traced = (*known.at, *(trace.at for trace in known.traces))
    for found in _named(attributes, known.table.everywhere):
        name = found.key
        role = known.table.everywhere[name]
        if role is Role.processing:
            yield from told(found, resource) if not known.table.hosts else ()
        elif found.value and without_indexes(found.path) not in traced and (role is Role.key or _names_something(found)):
            yield from _residences(resource, known, Trace(role, "destination", WHY[role]), found)
    if known.table.named or known.table.texts or known.table.hosts:
        yield from _generic(resource, known)


def _names_something(found: Found) -> bool:
    """Whether a value is an id, an address or a name, and not a word that stands for one."""
    if isinstance(found.value, dict):
        return False
    return not isinstance(found.value, str) or "/" in found.value or "." in found.value or found.key.endswith("_name")


def _generic(resource: Resource, known: Semantics) -> Iterator[Residence]:
    """What says where without being named by the type's own entry: attributes called like a region, ids and names with one in them,
    addresses of known services."""
    table, traced = known.table, [trace.at for trace in known.traces]
    for leaf in resource.leaves() if table.named else texts(resource.attributes):
        if leaf.path.startswith(("tags", "labels", "lifecycle")) or leaf.path in known.at or mentions.FOR_PEOPLE.search(leaf.path):
            continue
        name = leaf.key
        role = next((role for pattern, role in table.named if fits(name.lower(), pattern)), None)
        if role and leaf.value and isinstance(leaf.value, str | Unknown) and not isinstance(leaf.value, bool):
            yield from _residences(resource, known, Trace(role, "region", "it names a place there"), leaf)
        if isinstance(leaf.value, str) and name not in NOT_SENT:
            yield from _texts(resource, known, leaf)
        yield from called(leaf, resource) if table.hosts and without_indexes(leaf.path) not in traced else ()


def _texts(resource: Resource, known: Semantics, leaf: Found) -> Iterator[Residence]:
    for text in known.table.texts:
        if found := text.pattern.search(leaf.value):
            value = Found(leaf.path, found.groupdict().get("region") or leaf.value)
            yield from _residences(resource, known, Trace(text.role, text.to, text.why), value)


def _named(value: Any, names: Container[str], path: str = "") -> Iterator[Found]:
    """The values of attributes with one of some names, however deep."""
    if isinstance(value, dict):
        for name, item in value.items():
            at = f"{path}.{name}" if path else str(name)
            if name in names:
                yield from flat(Found(at, item))
            elif isinstance(item, dict | list):
                yield from _named(item, names, at)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from _named(item, names, f"{path}[{index}]")


def _found(resource: Resource, trace: Trace) -> Iterator[Found]:
    """The values a trace is about; what absence means where there is none."""
    if not all(_matches(resource, path, pattern) for path, pattern in trace.only.items()):
        return
    if not trace.at:
        yield Found("", trace.value)
        return
    values = [leaf for found in resource.each(trace.at) for leaf in flat(found)]
    if trace.told_by and resource.each(trace.told_by):
        values = [found for found in values if targets(resource, found)]
    if not values and trace.default is not None:
        values = [Found(f"{trace.at} (default)", trace.default)]
    yield from (found for found in values if found.value not in (None, ""))


def _matches(resource: Resource, path: str, pattern: str) -> bool:
    """Whether something at a path fits a pattern; what is not known may."""
    values = [found.value for found in resource.each(path)]
    return any(isinstance(value, Unknown) or fits(shown(value).lower(), pattern.lower()) for value in values)


def _concerns(trace: Trace, found: Found) -> bool:
    """Whether a value makes the place; one nobody knows may."""
    plain = found.value.value if isinstance(found.value, Sensitive) else found.value
    return isinstance(plain, Unknown) or trace.concerns(plain)


def _residences(resource: Resource, known: Semantics, trace: Trace, found: Found) -> Iterator[Residence]:
    values = values_of(resource, found) if trace.to == "region" and not trace.value else [found.value]
    for value in values:
        for place in places(trace, Found(found.path, value), resource, known):
            is_told = isinstance(value, Unknown) or trace.to == "addresses"
            named = place.label if is_told and isinstance(place, Place) else shown(value)
            yield Residence(trace.role, found.path, named, place, trace.why, trace.next)
