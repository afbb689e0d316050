"""The custom resource definitions our charts would bring, from the schemas in `tests/schemas/crds`.

Schemas and CEL rules are the projects' own; what a chart adds around them (printer columns, short names, conversion webhooks)
is left out. Their controllers do not run.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from tests.e2e.harness.cluster import Cluster
from tests.modules.kubernetes_schemas import FOLDER

Object = dict[str, Any]


def every() -> list[Object]:
    """One definition per kind, with every version of it we have."""
    found = defaultdict(list)
    for file in sorted((FOLDER / "crds").glob("*.json")):
        entry = json.loads(file.read_text())
        found[entry["plural"], entry["group"]].append(entry)
    return [_definition(entries) for entries in found.values()]


def install(cluster: Cluster, kinds: Collection[str]) -> None:
    """Install those of some kinds (others are left out, such as `Deployment`), and wait until the API server serves them. Each costs it
    a third of a second, so nobody installs them all."""
    definitions = [found for found in every() if found["spec"]["names"]["kind"] in kinds]
    listed = {"apiVersion": "v1", "kind": "List", "items": definitions}
    cluster.kubectl("create", "--validate=false", "--filename=-", stdin=json.dumps(listed))
    cluster.wait_for("every definition is served", lambda: all(map(_is_served, cluster.items("crd"))), 60)


def _is_served(definition: Object) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []
    return any((condition["type"], condition["status"]) == ("Established", "True") for condition in conditions)


def _definition(entries: Sequence[Object]) -> Object:
    first = entries[0]
    names = {"kind": first["kind"], "listKind": f"{first['kind']}List", "plural": first["plural"], "singular": first["kind"].lower()}
    # Groups of the Kubernetes project itself are protected: their definitions name the review that approved them, or say there was none.
    approval = {"api-approved.kubernetes.io": "unapproved, a copy for tests"} if first["group"].endswith(".k8s.io") else {}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{first['plural']}.{first['group']}", "annotations": approval},
        "spec": {"group": first["group"], "scope": first["scope"], "names": names, "versions": [_version(entry) for entry in entries]},
    }


def _version(entry: Object) -> Object:
    schema = entry["openAPIV3Schema"]
    status: Object = {"subresources": {"status": {}}} if "status" in schema["properties"] else {}
    return {"name": entry["version"], "served": True, "storage": entry["storage"], "schema": {"openAPIV3Schema": schema}, **status}
