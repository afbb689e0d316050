"""What Kubernetes objects and Helm values say: pods, containers, images.

Charts name images in a handful of ways, and all of them are read: a reference in one string, or its parts side by side
(`registry`, `repository`, `image`, `tag`, `version`, `digest`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from blueprint.facts import Found, Resource, Unknown
from blueprint.facts.embedded import opened

# Where a workload's pods are described, by kind.
TEMPLATES = {
    "k8s.Pod": "",
    "k8s.Deployment": "spec.template",
    "k8s.StatefulSet": "spec.template",
    "k8s.DaemonSet": "spec.template",
    "k8s.ReplicaSet": "spec.template",
    "k8s.ReplicationController": "spec.template",
    "k8s.Job": "spec.template",
    "k8s.CronJob": "spec.jobTemplate.spec.template",
}
MOVABLE = "the tag may be moved to other bytes unseen"  # what a lock is for
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
DEFAULT_REGISTRY = "docker.io"
REFERENCE = re.compile(r"^[\w.-]+(:\d+)?(/[\w.-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$")
DEEPEST = 3
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Container:
    """One container of a workload and where it stands."""

    path: str
    spec: Mapping[str, Any]

    def environment(self) -> dict[str, Any]:
        """Variables with plain values."""
        return {str(item.get("name")): item.get("value") for item in self.spec.get("env") or [] if isinstance(item, Mapping)}


@dataclass(frozen=True)
class Image:
    """An image as it is named: host of its registry, whether a digest pins it, and the reference people know it by."""

    path: str
    registry: str
    reference: str
    pinned: bool


@dataclass(frozen=True)
class Said:
    """Everything a resource says: as nested data, as leaves with their paths, and all keys there are."""

    data: Any
    leaves: list[Found]
    keys: set[str]


SAID: WeakKeyDictionary[Resource, Said] = WeakKeyDictionary()


def pod_spec(workload: Resource) -> tuple[str, Mapping[str, Any]]:
    """The path of a workload's pod specification and the specification itself, empty where it is not known."""
    prefix = TEMPLATES[workload.type]
    path = f"{prefix}.spec" if prefix else "spec"
    spec = workload.first(path)
    return path, spec if isinstance(spec, Mapping) else {}


def containers(workload: Resource) -> Iterator[Container]:
    """All containers of a workload's pods, init containers first."""
    path, spec = pod_spec(workload)
    for kind in CONTAINERS:
        for index, container in enumerate(spec.get(kind) or []):
            if isinstance(container, Mapping):
                yield Container(f"{path}.{kind}[{index}]", container)


def said(resource: Resource) -> Said:
    """What a resource itself says, documents inside strings opened: an object all of it, a release its values without the objects
    in them, which are judged on their own. Walked once, whoever asks."""
    if resource not in SAID:
        own = _without_objects(resource.attributes.get("values", {})) if resource.type == "helm_release" else resource.attributes
        leaves: list[Found] = []
        keys: set[str] = set()
        SAID[resource] = Said(_unfolded(own, "", leaves, keys), leaves, keys)
    return SAID[resource]


def _unfolded(data: Any, path: str, leaves: list[Found], keys: set[str], depth: int = 0) -> Any:
    """Nested data with the YAML and JSON inside its strings as data, too; leaves and keys are noted on the way."""
    if isinstance(data, dict):
        keys.update(map(str, data))
        return {key: _unfolded(value, f"{path}.{key}" if path else str(key), leaves, keys, depth) for key, value in data.items()}
    if isinstance(data, list):
        return [_unfolded(item, _step(item, path, index), leaves, keys, depth) for index, item in enumerate(data)]
    found = opened(data) if isinstance(data, str) and depth < DEEPEST else None
    if isinstance(found, dict | list):
        return _unfolded(found, path, leaves, keys, depth + 1)
    leaves.append(Found(path, data))
    return data


def _step(item: Any, path: str, index: int) -> str:
    """A list's item that has a name and a value is called by it: `env.SENTRY_DSN.value`, not `env[3].value`."""
    named = isinstance(item, dict) and isinstance(item.get("name"), str) and "value" in item
    return f"{path}.{item['name']}" if named else f"{path}[{index}]"


def _without_objects(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_objects(value) for key, value in data.items() if not _is_object(value)}
    if isinstance(data, list):
        return [_without_objects(item) for item in data if not _is_object(item)]
    return data


def _is_object(data: Any) -> bool:
    return isinstance(data, dict) and {"apiVersion", "kind", "metadata"} <= set(data)


def images(resource: Resource) -> Iterator[Image | tuple[str, Unknown]]:
    """Every image a resource names, but those of parts that are switched off; (path, Unknown) where the name is not known yet."""
    everything = said(resource)
    if any(key == "repository" or key.lower().endswith(("image", "imagename")) for key in everything.keys):
        yield from _images(everything.data, "")


def _images(data: Any, path: str) -> Iterator[Image | tuple[str, Unknown]]:
    if isinstance(data, dict) and data.get("enabled") is not False:
        yield from _assembled(data, path)
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            if str(key).lower().endswith(("image", "imagename")) and isinstance(value, str | Unknown):
                yield from _single(value, here, data)
            else:
                yield from _images(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _images(item, f"{path}[{index}]")


def _single(value: str | Unknown, path: str, beside: Mapping[str, Any]) -> Iterator[Image | tuple[str, Unknown]]:
    if isinstance(value, Unknown):
        yield path, value
    elif value and "repository" not in beside and REFERENCE.match(value) and (re.search(r"[/:@]", value) or "name" in beside):
        name = f"{beside['registry']}/{value}" if isinstance(beside.get("registry"), str) and beside["registry"] else value
        marks = [name, *(str(beside[key]) for key in ("tag", "digest") if isinstance(beside.get(key), str))]
        yield Image(path, registry_of(name), name, any(DIGEST.search(mark) for mark in marks))


def _assembled(parts: Mapping[str, Any], path: str) -> Iterator[Image | tuple[str, Unknown]]:
    repository = parts.get("repository")
    if isinstance(repository, Unknown):
        yield f"{path}.repository", repository
    elif isinstance(repository, str) and repository and "://" not in repository and not _a_chart(parts):
        name = "/".join(str(part) for part in (parts.get("registry"), repository, parts.get("image")) if isinstance(part, str) and part)
        marks = [str(parts[key]) for key in ("tag", "version", "digest", "sha") if isinstance(parts.get(key), str) and parts[key]]
        pinned = any(DIGEST.search(mark) or re.fullmatch(r"[0-9a-f]{64}", mark) for mark in [*marks, name])
        yield Image(f"{path}.repository", registry_of(name), ":".join([name, *marks]), pinned)


def _a_chart(parts: Mapping[str, Any]) -> bool:
    return "chart" in parts or "targetRevision" in parts


def registry_of(reference: str) -> str:
    """The host an image is pulled from: Docker's where the reference names none."""
    first, _, rest = reference.partition("/")
    return first if rest and re.search(r"[.:]|^localhost$", first) else DEFAULT_REGISTRY
