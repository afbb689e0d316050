"""Terraform's typed resources of the Kubernetes provider (`kubernetes_deployment_v1`) as the objects they make.

The provider writes an object's fields in snake case, its lists as repeated blocks in the singular, and single blocks as lists of
one. https://registry.terraform.io/providers/hashicorp/kubernetes (3.2.1)
"""

import re
from collections.abc import Mapping
from typing import Any

from blueprint.facts.model import Resource

# Blocks that are lists in the API, by the names they have there.
LISTS = {
    "container": "containers",
    "init_container": "initContainers",
    "volume": "volumes",
    "volume_mount": "volumeMounts",
    "port": "ports",
    "rule": "rules",
    "toleration": "tolerations",
    "host_aliases": "hostAliases",
    "subject": "subjects",
    "subset": "subsets",
    "address": "addresses",
    "match_expressions": "matchExpressions",
    "node_selector_term": "nodeSelectorTerms",
    **{name: name for name in ("env", "egress", "ingress", "from", "to", "tls", "webhook")},
    "env_from": "envFrom",
}
# Maps whose keys belong to whoever wrote them.
FREE = ("labels", "annotations", "match_labels", "data", "binary_data", "parameters", "node_selector", "limits", "requests")
GROUPS = {
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "StorageClass": "storage.k8s.io/v1",
}
SPELLED = {"Daemonset": "DaemonSet", "CsiDriver": "CSIDriver", "ApiService": "APIService"}
NO_OBJECTS = ("kubernetes_manifest", "kubernetes_labels", "kubernetes_annotations", "kubernetes_node_taint", "kubernetes_token_request")


def typed(carrier: Resource) -> Mapping[str, Any] | None:
    """The object a typed resource makes; None for what makes none."""
    if not carrier.type.startswith("kubernetes_") or carrier.type.startswith(NO_OBJECTS):
        return None
    name = re.sub(r"_v\d\w*$", "", carrier.type.removeprefix("kubernetes_"))
    kind = "".join(part.capitalize() for part in name.split("_"))
    kind = SPELLED.get(kind, kind)
    return {"apiVersion": GROUPS.get(kind, "v1"), "kind": kind, **_fields(carrier.attributes)}


def _fields(block: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in block.items() if value is not None and not str(name).startswith("//")}
    return {_key(str(name), value): _value(str(name), value) for name, value in given.items()}


def _key(name: str, value: Any) -> str:
    first, *rest = name.split("_")
    is_block = isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(item, Mapping) for item in value))
    return LISTS[name] if name in LISTS and is_block else first + "".join(part.capitalize() for part in rest)


def _value(name: str, value: Any) -> Any:
    blocks = value if isinstance(value, list) else [value]
    if not blocks or not all(isinstance(block, Mapping) for block in blocks):
        return value
    if name in FREE:
        return blocks[0]
    found = [_fields(block) for block in blocks]
    return found if name in LISTS or len(found) > 1 else found[0]
