"""Holds Helm values, custom resources and core Kubernetes objects against what the real charts and API servers accept.

Every function returns complaints, each with the path it is about; none means accepted. Rules in CEL are the API server's own
and are not evaluated here.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[1] / "schemas"
KUBERNETES = "1.36.0"  # the version environments ask for by default

# Charts that a chart brings along, by the key their values stand under.
SUBCHARTS = {
    "kube-prometheus-stack": {"grafana": "grafana", "kube-state-metrics": "kube-state-metrics"},
    "gpu-operator": {"node-feature-discovery": "node-feature-discovery"},
}
# Keys a values.yaml only has in its comments, with the template that reads them; and maps whose keys belong to the program.
COMMENTED = {
    "gpu-operator": ["dcgmExporter.config"],  # templates/dcgm_exporter_config.yaml
    # Grafana's own settings (conf/defaults.ini), and Alertmanager's own configuration, passed through whole
    "kube-prometheus-stack": ["grafana.grafana.ini", "alertmanager.config"],
    "gateway-helm": ["config.envoyGateway.extensionManager"],  # the EnvoyGateway configuration, passed through whole
}


def value_complaints(chart: str, values: Mapping[str, Any]) -> list[str]:
    """Values a chart would silently ignore."""
    if not values:
        return []
    known, free = _chart(chart)
    return [_unknown(chart, path, known) for path in _paths(values) if path not in known and not _under(path, free)]


def object_complaints(item: Mapping[str, Any]) -> list[str]:
    """What an API server would refuse or silently drop in one object."""
    validator = _custom(item["apiVersion"], item["kind"]) or _core(item["apiVersion"], item["kind"])
    if validator is None:
        return [f"{item['apiVersion']} {item['kind']} is not a kind we know"]
    errors = sorted(validator.iter_errors(item), key=lambda error: error.json_path)
    return [f"{item['kind']} {item['metadata']['name']} {error.json_path}: {error.message[:300]}" for error in errors]


def chart_version(chart: str) -> str:
    """The version whose values are in `tests/schemas/charts`."""
    version: str = json.loads((FOLDER / "charts" / f"{chart}.json").read_text())["version"]
    return version


def chart_alerts(chart: str) -> set[str]:
    """The alerts a chart brings, of the same version."""
    known = json.loads((FOLDER / "charts" / "alerts.json").read_text())[chart]
    assert known["version"] == chart_version(chart)
    return set(known["alerts"])


@cache
def _chart(chart: str) -> tuple[set[str], set[str]]:
    """Every known path with all its parents, and the maps below which anything goes."""
    known: set[str] = set()
    free = set(COMMENTED.get(chart, []))
    sources = [("", chart), *((f"{key}.", sub) for key, sub in SUBCHARTS.get(chart, {}).items())]
    for prefix, name in sources:
        for path, entry in json.loads((FOLDER / "charts" / f"{name}.json").read_text())["values"].items():
            parts = f"{prefix}{path}".split(".")
            known |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
            if entry.get("open"):
                free.add(f"{prefix}{path}")
    return known | free, free


def _paths(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted paths of all leaves; lists are leaves."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _under(path: str, free: set[str]) -> bool:
    return any(path == parent or path.startswith(f"{parent}.") for parent in free)


def _unknown(chart: str, path: str, known: set[str]) -> str:
    nearest = get_close_matches(path, known, n=1)
    return f"{chart} knows no value {path}" + (f"; nearest: {nearest[0]}" if nearest else "")


@cache
def _custom(api_version: str, kind: str) -> Draft202012Validator | None:
    file = FOLDER / "crds" / f"{api_version.replace('/', '_')}_{kind}.json"
    if not file.exists():
        return None
    schema = json.loads(file.read_text())["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object"}
    return Draft202012Validator(_closed(schema))


def _closed(schema: Any) -> Any:
    """The API server drops unknown fields without a word; here they are refused."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: {name: _closed(item) for name, item in value.items()} if key == "properties" else _closed(value)
        for key, value in schema.items()
    }
    opened = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("type") == "object" and "properties" in schema and not opened:
        closed["additionalProperties"] = False
    return closed


@cache
def _core(api_version: str, kind: str) -> Draft202012Validator | None:
    """Strict schemas of the Kubernetes release, as kubernetes-validate brings them."""
    group, _, version = api_version.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.split(".")[0], version) if part)
    file = _bundled(f"{name}.json")
    return Draft202012Validator(file, registry=_definitions()) if file else None


@cache
def _definitions() -> Any:
    found = Resource.from_contents(_bundled("_definitions.json"))
    return found @ Registry()


def _bundled(name: str) -> Any:
    file = resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"v{KUBERNETES}-local-strict" / name
    return json.loads(file.read_text()) if file.is_file() else None
