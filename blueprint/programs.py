"""What a program is told in other objects: config maps and secrets its pods mount or take variables from, and whoever else uses those.

A bucket's region, a library's address or a switch often stands beside, in another object of the same program.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from blueprint.concerns import Concern
from blueprint.facts import Facts, Found, Resource, remembered
from blueprint.kubernetes import Container, objects
from blueprint.said import said

MAPS = ("k8s.ConfigMap", "k8s.Secret")
REFERENCE = re.compile(r"(?i)(?P<kind>configMap|secret)(Ref|KeyRef|s\[\d+\])?\.(name|secretName)$|configMaps\[\d+\]$")
MAP = Concern(key=re.compile("(?i)configMap|secret").search)
Key = tuple[str, str]  # namespace and name; a map and a secret of one name belong to one program


@remembered
def beside(resource: Resource) -> list[Resource]:
    """The other objects of the program: the maps a workload uses, the workloads that use a map, and their other maps."""
    if resource.facts is None or not resource.type.startswith("k8s."):
        return []
    users = _users(resource.facts)
    own = users.get(_key(resource), []) if resource.type in MAPS else [resource]
    names = {name for user in own for name in _used(user)}
    maps = (one for one in resource.facts.of(*MAPS) if _key(one) in names)
    return [one for one in dict.fromkeys((*own, *maps)) if one is not resource]


def leaves(resource: Resource) -> Iterator[Found]:
    """What the other objects of the program say."""
    for one in beside(resource):
        yield from said(one).leaves


def words(resource: Resource) -> frozenset[str]:
    """The keys and texts of an object and of the others of its program."""
    return frozenset(word for one in (resource, *beside(resource)) for word in said(one).words)


def environment(container: Container, workload: Resource) -> dict[str, Any]:
    """The variables of a container with those it takes from config maps, as a whole (`envFrom`) or one by one."""
    own = container.environment()
    known: dict[str, Any] = {}
    for source in objects(container.spec.get("envFrom")):
        prefix = source.get("prefix") or ""
        known |= {f"{prefix}{key}": value for key, value in _data(workload, source.get("configMapRef")).items()}
    for item in objects(container.spec.get("env")):
        given = item.get("valueFrom")
        reference = given.get("configMapKeyRef") if isinstance(given, Mapping) else None
        if isinstance(reference, Mapping):
            own[str(item.get("name"))] = _data(workload, reference).get(str(reference.get("key")))
    return {**known, **own}


def _data(workload: Resource, reference: Any) -> Mapping[str, Any]:
    name = reference.get("name") if isinstance(reference, Mapping) else None
    maps = workload.facts.of("k8s.ConfigMap") if name and workload.facts else iter(())
    found = next((one.attributes.get("data") for one in maps if _key(one) == (_key(workload)[0], name)), None)
    return found if isinstance(found, Mapping) else {}


@remembered
def _users(facts: Facts) -> dict[Key, list[Resource]]:
    found: dict[Key, list[Resource]] = {}
    for one in facts.resources:
        for key in _used(one) if one.type.startswith("k8s.") and one.type not in MAPS else ():
            found.setdefault(key, []).append(one)
    return found


@remembered
def _used(user: Resource) -> list[Key]:
    named = said(user).those(MAP)
    return [(_key(user)[0], found.value) for found in named if isinstance(found.value, str) and REFERENCE.search(found.path)]


@remembered
def _key(resource: Resource) -> Key:
    return str(resource.first("metadata.namespace") or ""), str(resource.first("metadata.name") or "")
