"""Cuts the providers' full schemas down to the types in use, so that a stand-in starts in a fraction of a second.

    python -m blueprint.rehearsal.trim STACKS...     directories with a cdk.tf.json (what `make schemas` passes)

Input are the files of `tests/schemas/providers/`, output those of `blueprint/rehearsal/schemas/`: per provider its source and version,
the schemas of the types used, and the rules that go beyond a schema (enumerations, ranges, exclusions, defaults, force_new).
"""

import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from blueprint.rehearsal.standin import SCHEMAS

Json = dict[str, Any]
FULL = Path(__file__).parents[2] / "tests" / "schemas" / "providers"
KINDS = {"resource": "resource_schemas", "data": "data_source_schemas", "ephemeral": "ephemeral_resource_schemas"}

# helm 3.1.2 internal/provider/helm_release.go: plan modifiers and defaults of the arguments that decide identity.
HELM_RULES = {"helm_release": {"name": {"force_new": True}, "namespace": {"force_new": True, "default": "default"}}}

# Arguments whose listed values are one alternative among others in the provider (validation.Any): a resource's id or
# "System", an address range or "*".
OPEN_ENDED = ("private_dns_zone_id", "private_ip_ranges", "source_addresses", "destination_addresses", "destination_ports")


def types_in(stack: Json) -> dict[str, dict[str, set[str]]]:
    """The types a stack uses: provider → `resource`, `data` or `ephemeral` → type names."""
    used: dict[str, dict[str, set[str]]] = defaultdict(lambda: {kind: set() for kind in KINDS})
    for kind in KINDS:
        for name in stack.get(kind, {}):
            used[name.split("_")[0]][kind].add(name)
    return used


def unknown_types(stack: Json) -> list[str]:
    """The types of a stack that the stand-ins have no schema for."""
    known = {provider.stem: json.loads(provider.read_text()) for provider in SCHEMAS.glob("*.json")}
    return sorted(
        name
        for provider, kinds in types_in(stack).items()
        for kind, names in kinds.items()
        for name in names
        if name not in known.get(provider, {}).get(KINDS[kind], {})
    )


def trim(provider: str, source: str, version: str, used: dict[str, set[str]]) -> Json:
    """The part of a provider's schemas and rules that the types in use need; a type it lacks is left for Terraform to refuse."""
    (full,) = json.loads(gzip.decompress((FULL / f"{provider}.json.gz").read_bytes()))["provider_schemas"].values()
    rules_file = FULL / f"{provider}-rules.json.gz"
    rules = json.loads(gzip.decompress(rules_file.read_bytes())) if rules_file.exists() else HELM_RULES
    schemas = {KINDS[kind]: _only(names, full.get(KINDS[kind], {})) for kind, names in used.items()}
    closed = {name: _closed(content) for name, content in _only(used["resource"], rules).items()}
    return {"source": source, "version": version, "provider": full["provider"], **schemas, "rules": closed}


def _closed(rules: Json) -> Json:
    """The rules of a type without enumerations that are not complete."""
    return {
        path: {key: value for key, value in rule.items() if key != "values" or not path.endswith(OPEN_ENDED)}
        for path, rule in rules.items()
    }


def _only(names: set[str], types: Json) -> Json:
    return {name: types[name] for name in sorted(names) if name in types}


def write(provider: str, trimmed: Json) -> None:
    """One line per type, for readable diffs."""
    parts = {key: _lines(part) if key.endswith("schemas") or key == "rules" else json.dumps(part) for key, part in trimmed.items()}
    (SCHEMAS / f"{provider}.json").write_text("{\n" + ",\n".join(f'"{key}": {text}' for key, text in parts.items()) + "\n}\n")


def _lines(types: Json) -> str:
    return "{\n" + ",\n".join(f'  "{name}": {json.dumps(content, sort_keys=True)}' for name, content in types.items()) + "\n}"


def main(folders: Iterable[str]) -> None:
    """Trim to everything the given stacks use."""
    stacks = [json.loads((Path(folder) / "cdk.tf.json").read_text()) for folder in folders]
    used: dict[str, dict[str, set[str]]] = defaultdict(lambda: {kind: set() for kind in KINDS})
    required = {name: needs for stack in stacks for name, needs in stack["terraform"]["required_providers"].items()}
    for stack in stacks:
        for provider, kinds in types_in(stack).items():
            for kind, names in kinds.items():
                used[provider][kind] |= names
    for provider, needs in required.items():
        version = needs["version"]
        write(provider, trim(provider, needs["source"], version, used[provider]))
        print(f"{provider} {version}: {sum(map(len, used[provider].values()))} types in {SCHEMAS / provider}.json")


if __name__ == "__main__":
    main(sys.argv[1:])
