"""What Kubernetes objects and Helm values say: pods, containers, images.

Charts name images in a handful of ways, and all of them are read: a reference in one string, or its parts side by side
(`registry`, `repository`, `image`, `tag`, `version`, `digest`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.concerns import Concern
from blueprint.facts import Found, Resource, Unknown
from blueprint.facts.values import last_key
from blueprint.said import said

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
IMAGE_KEY = re.compile(r"(?i)image(name)?$")
VARIABLE_OF_IMAGE = re.compile(r"(?i)(^|[_.-])image(name|[_-]name)?([_.-]|$)")
FLUX = ".fluxcd.io/"  # whose sources R52 looks at
OCI = "oci://"  # weights as an image
STORAGE = re.compile(r"(?i)(storage|model)_?uri$|(^|\.)ur[il]$")  # of weights and plugins
WITH_REGISTRY = re.compile(r"[a-zA-Z][\w-]*(\.[\w-]+)+(:\d+)?/")
# A variable or option of an image with nothing but a name: Docker's library is meant. Pictures and disks are other images.
IMAGE_ALONE = tuple(f"{name}{end}" for name in ("_IMAGE", "_image", "-image", ".IMAGE") for end in ("", ".value"))
ANOTHER_IMAGE = re.compile(
    r"(?i)(logo|icon|avatar|banner|background|cover|hero|splash|profile|picture|os|vm|disk|boot|machine|ami)[_.-]?image$"
)
BARE = re.compile(r"(?!(?:true|false|none|null|auto|default|latest|always|never)$)[a-z][a-z0-9]+(-[a-z0-9]+)*")
# Where images are named in passing: command lines, variables, plain configuration.
FREE = re.compile(r"(^|\.)(data|command|args|extraArgs|env|extraEnv|extraEnvVars|envVars)[.\[]")
PUSHED = re.compile(r"(?i)^-*(destination|push|output[_-]?image|cache-repo)$")  # what is built has no digest yet
MARKS_OF_A_NAME = ("tag", "digest", "imageDigest")  # what a chart has beside it
MARKS_OF_A_REPOSITORY = ("tag", "version", "digest", "imageDigest", "sha")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


IMAGE = Concern(key=lambda key: key == "repository" or IMAGE_KEY.search(key))
IMAGE_IN_PASSING = Concern(
    key=lambda key: f".{key}".endswith(IMAGE_ALONE),
    text=lambda text: text.startswith(OCI) or ((":" in text or "/" in text) and REFERENCE.match(text)),
)


def listed(value: Any) -> list[Any]:
    """A list as it is, anything else as none: the API server takes no other, and what is not known yet is R52's."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    return [item for item in listed(value) if isinstance(item, Mapping)]


def block(value: Any) -> Mapping[str, Any]:
    """An object as it is, anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}


@dataclass(frozen=True)
class Container:
    """One container of a workload and where it stands."""

    path: str
    spec: Mapping[str, Any]

    def environment(self) -> dict[str, Any]:
        """Variables with plain values."""
        return {str(item.get("name")): item.get("value") for item in objects(self.spec.get("env"))}

    def words(self, *keys: str) -> list[str]:
        """What it starts: command and arguments, or one of them."""
        return [str(word) for key in keys or ("command", "args") for word in listed(self.spec.get(key))]


@dataclass(frozen=True)
class Image:
    """An image as it is named: host of its registry, whether a digest pins it, and the reference people know it by."""

    path: str
    registry: str
    reference: str
    pinned: bool


def pod_spec(workload: Resource) -> tuple[str, Mapping[str, Any]]:
    """The path of a workload's pod specification and the specification itself, empty where it is not known."""
    prefix = TEMPLATES[workload.type]
    path = f"{prefix}.spec" if prefix else "spec"
    return path, block(workload.first(path))


def containers(workload: Resource) -> Iterator[Container]:
    """All containers of a workload's pods, init containers first."""
    path, spec = pod_spec(workload)
    for kind in CONTAINERS:
        for index, container in enumerate(listed(spec.get(kind))):
            if isinstance(container, Mapping):
                yield Container(f"{path}.{kind}[{index}]", container)


def all_containers(resource: Resource) -> Iterator[Container]:
    """The containers of a workload, and those an operator's object makes pods of, wherever they stand in it."""
    if resource.type in TEMPLATES:
        yield from containers(resource)
    elif not said(resource).keys.isdisjoint(CONTAINERS):
        yield from _containers(resource.attributes, "")


def _containers(data: Any, path: str) -> Iterator[Container]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            for index, item in enumerate(value) if key in CONTAINERS and isinstance(value, list) else ():
                if isinstance(item, Mapping):
                    yield Container(f"{here}[{index}]", item)
            yield from _containers(value, here)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _containers(item, f"{path}[{index}]")


def images(resource: Resource) -> Iterator[Image | tuple[str, Unknown]]:
    """Every image a resource names, but those of parts that are switched off; (path, Unknown) where the name is not known yet."""
    everything = said(resource)
    if everything.any(IMAGE):
        yield from _images(everything.data, "", _registry_of_all(everything.data) if resource.type == "helm_release" else "")
    is_source = FLUX in str(resource.attributes.get("apiVersion"))
    for found in everything.those(IMAGE_IN_PASSING):
        if not isinstance(found.value, str) or not ("/" in found.value or ":" in found.value or _alone(found)):
            continue
        if found.value.startswith(OCI) and STORAGE.search(found.path) and not is_source:
            reference = found.value.removeprefix(OCI)
            yield Image(found.path, registry_of(reference), reference, bool(DIGEST.search(reference)))
        elif FREE.search(found.path) and (known := _told(found)):
            yield known


def registries(resource: Resource) -> Iterator[tuple[str, str]]:
    """Path and name of every registry that values name without an image: charts put it in front of their own images' names."""
    for found in said(resource).leaves:
        if re.search(r"(?i)(^|\.)(image_?registry|registry)$", found.path) and isinstance(found.value, str) and "." in found.value:
            yield found.path, found.value


def _registry_of_all(values: Any) -> str:
    """The registry a chart takes all its images from (`global.imageRegistry`), whatever each of them says."""
    above = values.get("global") if isinstance(values, dict) else None
    above = above if isinstance(above, dict) else {}
    image = above.get("image")
    named = above.get("imageRegistry") or (image.get("registry") if isinstance(image, dict) else "")
    return named if isinstance(named, str) else ""


def _told(found: Found) -> Image | None:
    """The image a variable, an option or a line of configuration names: with a registry and a tag or digest wherever it stands, any
    under a name that says image. What stands under a key of that name is read with the parts beside it."""
    if _alone(found):
        return Image(found.path, DEFAULT_REGISTRY, found.value, False)
    key = last_key(found.path.removesuffix(".value"))
    if not REFERENCE.match(found.value) or (IMAGE_KEY.search(key) and not found.path.endswith(".value")):
        return None
    pinned_or_tagged, has_registry = re.search(r"/.*[:@]", found.value), WITH_REGISTRY.match(found.value)
    by_name = VARIABLE_OF_IMAGE.search(key) and (pinned_or_tagged or has_registry)
    if (pinned_or_tagged and has_registry) or by_name or (IMAGE_KEY.search(key) and ":" in found.value):
        return Image(found.path, registry_of(found.value), found.value, bool(DIGEST.search(found.value) or PUSHED.search(key)))
    return None


def _alone(found: Found) -> bool:
    """Whether a value is the bare name of an image (`HELPER_IMAGE: busybox`)."""
    if not found.path.endswith(IMAGE_ALONE):
        return False
    return BARE.fullmatch(found.value) is not None and not ANOTHER_IMAGE.search(found.path.removesuffix(".value"))


def _images(data: Any, path: str, registry: str = "") -> Iterator[Image | tuple[str, Unknown]]:
    if isinstance(data, dict) and data.get("enabled") is not False:
        yield from _assembled(data, path, registry)
        for key, value in data.items():
            here = f"{path}.{key}" if path else str(key)
            inside = value.get("reference") if isinstance(value, dict) and str(key) == "image" else value
            if IMAGE_KEY.search(str(key)) and isinstance(inside, str | Unknown):
                yield from _single(inside, here, data, registry)
            else:
                yield from _images(value, here, registry)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _images(item, f"{path}[{index}]", registry)


def _single(value: str | Unknown, path: str, beside: Mapping[str, Any], all_from: str) -> Iterator[Image | tuple[str, Unknown]]:
    if isinstance(value, Unknown):
        yield path, value
    elif value and "repository" not in beside and REFERENCE.match(value) and (re.search(r"[/:@]", value) or "name" in beside):
        name = _prefixed(value, beside.get("registry"), all_from)
        marks = [name, *(str(beside[key]) for key in MARKS_OF_A_NAME if isinstance(beside.get(key), str))]
        yield Image(path, registry_of(name), name, any(DIGEST.search(mark) for mark in marks))


def _prefixed(name: str, registry: Any, all_from: str) -> str:
    """A name with the registry that stands in front of it: the one of all images, else its own; none where it has a host."""
    before = (all_from or registry) if registry or registry_of(name) == DEFAULT_REGISTRY else registry
    return f"{before}/{name}" if isinstance(before, str) and before else name


def _assembled(parts: Mapping[str, Any], path: str, all_from: str) -> Iterator[Image | tuple[str, Unknown]]:
    repository = parts.get("repository")
    if isinstance(repository, Unknown):
        yield f"{path}.repository", repository
    elif isinstance(repository, str) and repository and "://" not in repository and not _a_chart(parts):
        named = "/".join(part for part in (repository, parts.get("image")) if isinstance(part, str) and part)
        name = _prefixed(named, parts.get("registry"), all_from)
        marks = [str(parts[key]) for key in MARKS_OF_A_REPOSITORY if isinstance(parts.get(key), str) and parts[key]]
        pinned = any(DIGEST.search(mark) or re.fullmatch(r"[0-9a-f]{64}", mark) for mark in [*marks, name])
        yield Image(f"{path}.repository", registry_of(name), ":".join([name, *marks]), pinned)


def _a_chart(parts: Mapping[str, Any]) -> bool:
    return "chart" in parts or "targetRevision" in parts


def registry_of(reference: str) -> str:
    """The host an image is pulled from: Docker's where the reference names none."""
    first, _, rest = reference.partition("/")
    return first if rest and re.search(r"[.:]|^localhost$", first) else DEFAULT_REGISTRY
