"""Kubernetes objects as resources: from manifest files, `kubernetes_manifest`, and anything that has apiVersion and kind.

An object without a namespace is in the namespace of what carries it; kinds without namespaces have none.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from blueprint.errors import Problem
from blueprint.facts import pipelines
from blueprint.facts.documents import BrokenDocument, load_json, load_yaml
from blueprint.facts.embedded import opened, secret
from blueprint.facts.files import Unreadable, read_text
from blueprint.facts.model import Resource
from blueprint.facts.typed import typed
from blueprint.facts.values import Sensitive, Unknown

SUFFIXES = (".yaml", ".yml", ".json")
# https://kubernetes.io/docs/reference/kubernetes-api/ and the custom kinds of what the platform installs
# fmt: off
WITHOUT_NAMESPACE = frozenset((
    "Namespace", "Node", "PersistentVolume", "StorageClass", "CSIDriver", "VolumeSnapshotClass", "CustomResourceDefinition",
    "APIService", "GatewayClass", "IngressClass", "PriorityClass", "RuntimeClass", "DeviceClass", "FlowSchema",
    "PriorityLevelConfiguration", "CertificateSigningRequest", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
    "GlobalNetworkPolicy", "CiliumClusterwideNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterRole",
    "ClusterRoleBinding", "ClusterIssuer", "ClusterSecretStore", "ClusterExternalSecret", "ClusterTriggerAuthentication",
    "ClusterPolicy", "ClusterCleanupPolicy", "ClusterTrustBundle", "NodeClass", "NodePool", "NodeFeatureRule",
))
# fmt: on
_OBJECT = re.compile(r"\A(?:\s*#[^\n]*\n|\s*---[^\n]*\n|\s*\n)*(?:apiVersion|kind):", re.ASCII)
MOST_NESTED = 30
# The keys that tell files of programs which decide where data goes: LiteLLM, Kong, KrakenD, Traefik, APISIX, Envoy; SOPS.
CONFIGURATIONS = (
    {"model_list"},
    {"_format_version"},
    {"version", "endpoints"},
    {"http"},
    {"routes"},
    {"static_resources"},
    {"creation_rules"},
)
# What puts objects into a cluster, and the arguments that hold them.
CARRIERS = {
    "helm_release": ("values",),
    "kubernetes_manifest": ("manifest",),
    "kubectl_manifest": ("yaml_body",),
}


def objects(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object inside some data with its path, texts that hold manifests included. Objects in objects are their own affair."""
    if isinstance(value, Mapping):
        if isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str):
            yield from items(path, value)
        else:
            for key, item in value.items():
                yield from objects(item, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, f"{path}[{index}]", depth + 1)
    elif depth < MOST_NESTED and _is_manifest(value):
        inside = opened(value)
        if inside is None:
            yield path, {"apiVersion": "", "kind": "Unreadable", "text": Unknown("looks like a manifest but is no YAML")}
        yield from objects(inside, path, depth + 10)


def items(path: str, found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """An object, or the objects of a List."""
    inside = found.get("items")
    if found["kind"].endswith("List") and isinstance(inside, list):
        for index, item in enumerate(inside):
            whole = (
                {"apiVersion": found["apiVersion"], "kind": found["kind"].removesuffix("List"), **item}
                if isinstance(item, Mapping)
                else item
            )
            yield from objects(whole, f"{path}.items[{index}]")
    else:
        yield path, found


def resource(found: Mapping[str, Any], carrier: Resource, namespace: str) -> Resource:
    """An object as a resource; `carrier` is the Helm release or file it comes from."""
    kind = found["kind"]
    metadata = found["metadata"] if isinstance(found.get("metadata"), Mapping) else {}
    place = metadata.get("namespace") or ("" if kind in WITHOUT_NAMESPACE else namespace)
    attributes = {**found, "metadata": {**metadata, "namespace": place} if place else metadata}
    if kind == "Secret":
        attributes |= {key: secret(found[key]) for key in ("data", "stringData") if key in found}
    name = metadata.get("name") or metadata.get("generateName") or "unnamed"
    return Resource(
        type=f"k8s.{kind}",
        address="/".join([carrier.address, kind, *([_word(place)] if place else []), _word(name)]),
        attributes=attributes,
        written=attributes,
        construct=carrier.construct,
        file=carrier.file,
        within=carrier.address if carrier.type != "file" else "",
        provider=carrier.provider,
    )


def carried(carrier: Resource) -> Iterator[Resource]:
    """The objects a Terraform resource puts into a cluster; where nobody knows yet what they are, one `k8s.Unreadable`."""
    if (whole := typed(carrier)) is not None:
        yield resource(whole, carrier, "default")
    if carrier.type not in CARRIERS:
        return
    namespace = carrier.first("namespace")
    for name in CARRIERS[carrier.type]:
        value = carrier.attributes.get(name)
        if isinstance(value, Unknown) and not value.text:
            yield resource({"apiVersion": "", "kind": "Unreadable", "metadata": {"name": name}, "text": value}, carrier, "")
        held = [found for _, found in objects(value)]
        if isinstance(value, Mapping) and not held and name == "manifest":
            nameless = Unknown("apiVersion and kind are not known, so nobody can tell what it is")
            yield resource({"apiVersion": "", "kind": "Unreadable", "metadata": {"name": name}, "text": nameless}, carrier, "")
        yield from (resource(found, carrier, namespace if isinstance(namespace, str) else "default") for found in held)


def unique(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The same with addresses that are there twice told apart."""
    seen: dict[str, int] = {}
    for found in resources:
        seen[found.address] = count = seen.get(found.address, 0) + 1
        yield found if count == 1 else replace(found, address=f"{found.address}#{count}")


def manifests(folder: Path, inside: str = "", but: Collection[Path] = ()) -> tuple[list[Resource], list[Problem]]:
    """The objects of every manifest below a folder; other files are files. `inside` stands before their names; `but` are read elsewhere."""
    resources: list[Resource] = []
    problems: list[Problem] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path not in but):
        name = inside + path.relative_to(folder).as_posix()
        if path.suffix in SUFFIXES or pipelines.is_pipeline(name):
            found, wrong = _manifest_or_pipeline(path, name)
            resources += found
            problems += wrong
        else:
            resources.append(Resource("file", f"file.{name}", {"name": name, "kind": "other"}, file=name))
    return resources, problems


def _manifest_or_pipeline(path: Path, name: str) -> tuple[list[Resource], list[Problem]]:
    """A file that is called like a pipeline is one, unless it holds objects."""
    found, wrong = manifest(path, name) if path.suffix in SUFFIXES else ([], [])
    return pipelines.pipeline(path, name) if not found and pipelines.is_pipeline(name) else (found, wrong)


def _as_object(document: Any, path: Path) -> Any:
    """A program's own configuration as the config map it would be mounted from; anything else as it is."""
    keys = document.keys() if isinstance(document, Mapping) else frozenset[str]()
    if not any(marks <= keys for marks in CONFIGURATIONS) or "kind" in keys:
        return document
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": path.stem}, "data": {path.name: document}}


def manifest(path: Path, name: str) -> tuple[list[Resource], list[Problem]]:
    """The objects of one file."""
    carrier = Resource("file", name, {}, file=name)
    try:
        text = read_text(path)
        documents = [load_json(text)] if path.suffix == ".json" else list(load_yaml(text))
    except Unreadable as error:
        return [], [Problem(name, 0, "", str(error))]
    except BrokenDocument as error:
        return [], [Problem(name, error.line, "", str(error))]
    found: list[Resource] = []
    problems: list[Problem] = []
    for index, document in enumerate(_as_object(document, path) for document in documents if document is not None):
        held = [resource(item, carrier, "default") for _, item in objects(document)]
        found += held
        if not held or not _whole(document):
            problems.append(Problem(name, 0, f"[{index}]", "is no Kubernetes object: it has no apiVersion and kind"))
    return found, problems if found or problems else [Problem(name, 0, "", "holds no Kubernetes object")]


def _whole(document: Any) -> bool:
    """Whether a document is an object, or a list of them: nothing of it is left over."""
    if isinstance(document, list):
        return all(map(_whole, document))
    return isinstance(document, Mapping) and "apiVersion" in document and "kind" in document


def _is_manifest(value: Any) -> bool:
    text = value.text if isinstance(value, Unknown) else value.value if isinstance(value, Sensitive) else value
    return isinstance(text, str) and _OBJECT.match(text) is not None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else "(unknown)"
