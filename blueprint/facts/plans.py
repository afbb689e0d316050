"""A plan as facts: the JSON of `terraform show -json`, https://developer.hashicorp.com/terraform/internals/json-format

What a plan does not know yet is unknown, with the addresses its configuration refers to; what it marks as sensitive is
secret. Every resource the plan leaves behind is judged, unchanged ones too; what it deletes is noted in `changes`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from blueprint.errors import Problem
from blueprint.facts.configuration import Json, Module, at, objects, without_keys
from blueprint.facts.lazy import marked
from blueprint.facts.marks import with_secrets, with_unknowns
from blueprint.facts.model import Facts, Resource
from blueprint.facts.stack import DECLARATION, declared

MAJOR = "1"
SAYS_WHERE = re.compile(r"location|region|zone|replica|redundan|sku|destination|endpoint|workspace")
KEEPS = ("create", "update", "no-op", "read")


def is_plan(document: Any) -> bool:
    """Whether a document is a plan rather than a state or something else."""
    return isinstance(document, Mapping) and "format_version" in document and bool({"planned_values", "resource_changes"} & document.keys())


def variables(document: Any) -> dict[str, Any]:
    """The values the plan was made with."""
    return {name: entry["value"] for name, entry in at(document, "variables").items() if isinstance(entry, Mapping) and "value" in entry}


def facts(document: Any, file: str) -> Facts:
    """What a plan says."""
    name = file.removesuffix(".json")
    if problems := _wrong(document, file):
        return Facts(name, (), problems=tuple(problems))
    root = Module(at(document, "configuration", "root_module"))
    found = [
        *_resources(document, root, file),
        *_forgotten(document, file),
        *_moved_outside(document, root, file),
        *_providers(document, root, file),
        *_modules(root, file),
        *_variables(document, root, file),
        *_outputs(document, root, file),
    ]
    output = next((resource for resource in found if resource.address == DECLARATION), None)
    changes = {str(change.get("address")): tuple(map(str, at(change, "change", "actions", of=list))) for change in _changes(document)}
    drifted = tuple(str(change.get("address")) for change in objects(document, "resource_drift"))
    return Facts(name, tuple(found), declared(output.first("value") if output else None), (), changes, drifted)


def _wrong(document: Any, file: str) -> list[Problem]:
    version = document.get("format_version") if isinstance(document, Mapping) else None
    if not isinstance(version, str) or version.partition(".")[0] != MAJOR:
        return [Problem(file, 1, "format_version", f"{version!r} is not understood", "1.x", "make it with `terraform show -json`")]
    if not is_plan(document):
        return [Problem(file, 1, "", "is no plan: planned_values and resource_changes are missing")]
    next_step = "plan again until it succeeds"
    if document.get("errored") is True:
        return [Problem(file, 1, "errored", "the plan failed half-way", next=next_step)]
    if document.get("complete") is False or document.get("deferred_changes"):
        why = "the plan is not complete: changes were deferred or left out (-target), and nobody has judged them"
        return [Problem(file, 1, "deferred_changes", why, next="plan everything")]
    return []


def _changes(document: Any) -> Iterator[Mapping[str, Any]]:
    return (change for change in objects(document, "resource_changes"))


def _resources(document: Any, root: Module, file: str) -> Iterator[Resource]:
    """Everything that is there after apply, and data sources that were read."""
    changes = {str(change.get("address")): change for change in _changes(document) if "deposed" not in change}
    written = {address: (module, entry) for address, module, entry in root.resources()}
    planned = {str(entry.get("address")): entry for entry in _entries(at(document, "planned_values", "root_module"))}
    before = _entries(at(document, "prior_state", "values", "root_module"))
    read = {str(entry.get("address")): entry for entry in before if entry.get("mode") == "data"}
    kept = {address: change for address, change in changes.items() if _stays(change)}
    for address, entry in {**read, **kept, **planned}.items():
        module, configured = written.get(without_keys(address), (root, {}))
        yield _resource(entry, changes.get(address, {}), module, configured, file)


def _forgotten(document: Any, file: str) -> Iterator[Resource]:
    """What the plan lets go of without destroying it, as the `removed` block that asks for it says."""
    for change in _changes(document):
        if "forget" in at(change, "change", "actions", of=list):
            attributes = {"from": change.get("address"), "lifecycle": {"destroy": False}}
            yield Resource("removed", f"removed.{change.get('address')}", attributes, file=file)


def _moved_outside(document: Any, root: Module, file: str) -> Iterator[Resource]:
    """What somebody moved by hand, as it is now: the plan may put it back, but its data has been there."""
    for drift in objects(document, "resource_drift"):
        before, after = at(drift, "change", "before"), at(drift, "change", "after")
        if any(before.get(key) != after.get(key) and SAYS_WHERE.search(key) for key in after):
            found = _resource(drift, drift, root, {}, file)
            yield replace(found, address=f"{found.address} (as it is now)")


def _stays(change: Mapping[str, Any]) -> bool:
    actions = at(change, "change", "actions", of=list)
    return any(action in KEEPS for action in actions) and isinstance(at(change, "change").get("after"), Mapping)


def _resource(entry: Json, change: Json, module: Module, configured: Json, file: str) -> Resource:
    changed, expressions = at(change, "change"), at(configured, "expressions")
    values = entry.get("values") if "values" in entry else changed.get("after")
    known = with_unknowns(values, changed.get("after_unknown"), expressions, module.references)
    known = with_secrets(with_secrets(known, changed.get("after_sensitive")), entry.get("sensitive_values"))
    mode, kind = entry.get("mode", "managed"), str(entry.get("type", "unknown"))
    return Resource(
        type=kind if mode == "managed" else f"{mode}.{kind}",
        address=str(entry.get("address")),
        attributes=known if isinstance(known, Mapping) else {},
        file=file,
        provider=_provider_address(str(configured.get("provider_config_key") or kind.partition("_")[0])),
        origins=dict(module.origins(expressions)),
    )


def _entries(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Resources of a module and of those inside."""
    yield from objects(module, "resources")
    for child in objects(module, "child_modules"):
        yield from _entries(child)


def _modules(root: Module, file: str) -> Iterator[Resource]:
    for address, module, call in root.calls():
        expressions = at(call, "expressions")
        source = {key: call[key] for key in ("source", "version_constraint") if key in call}
        origins = dict(module.origins(expressions))
        yield Resource("module", address, {**module.constants(expressions), **source}, file=file, origins=origins)


def _provider_address(key: str) -> str:
    module, _, name = key.rpartition(":")
    return f"{module}.provider.{name}" if module else f"provider.{name}"


def _providers(document: Any, root: Module, file: str) -> Iterator[Resource]:
    for key, entry in at(document, "configuration", "provider_config").items():
        if isinstance(entry, Mapping):
            expressions = at(entry, "expressions")
            alias = {"alias": entry["alias"]} if "alias" in entry else {}
            attributes = {**root.constants(expressions), **alias}
            kind, origins = f"provider.{entry.get('name', key)}", dict(root.origins(expressions))
            yield Resource(kind, _provider_address(key), attributes, file=file, origins=origins)


def _variables(document: Any, root: Module, file: str) -> Iterator[Resource]:
    """Variables with the values the plan was made with. A value that is not the default is kept secret: a plan does not mark
    ephemeral ones. `set` tells that it came from outside."""
    given, declared = variables(document), at(root.body, "variables")
    for name in dict.fromkeys([*given, *declared]):
        entry = at(declared, name)
        outside = name in given and given[name] != entry.get("default")
        hide = entry.get("sensitive") is True
        attributes = {key: marked(value) if hide and key == "default" else value for key, value in entry.items()}
        if name in given:
            attributes["value"] = marked(given[name]) if hide or outside else given[name]
        yield Resource("variable", f"var.{name}", {**attributes, "set": outside}, file=file)


def _outputs(document: Any, root: Module, file: str) -> Iterator[Resource]:
    changes = at(document, "output_changes")
    for name, entry in {**changes, **at(document, "planned_values", "outputs")}.items():
        change, expression = at(changes, name), at(root.body, "outputs", name).get("expression")
        value = at({"": entry}, "").get("value", change.get("after"))
        value = with_secrets(with_unknowns(value, change.get("after_unknown"), expression, root.references), change.get("after_sensitive"))
        secret = at({"": entry}, "").get("sensitive") is True
        attributes = {"value": marked(value) if secret else value, "sensitive": secret}
        yield Resource("output", f"output.{name}", attributes, file=file, origins=dict(root.origins(expression, "value")))
