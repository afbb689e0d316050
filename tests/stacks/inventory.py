"""Inventories: the few lines of a synthesized stack that a person wants to see change in a review.

    python -m tests.stacks.inventory ENVIRONMENT...      (or: make inventory ENV=…)

writes `inventories/<environment>.yaml`: resources by type, chosen arguments, outputs. Which arguments are chosen is the
author's: a refresh keeps the lines that are there and renews their values; a new file starts with `CHOSEN`.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.stacks.conftest import ROOT, synthesize

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "inventories"

# What a new inventory starts with: where things are, how large, of which version, and the guards that must stay.
PLACES = ("location", "region", "zone", "zones")
SIZES = ("vm_size", "node_type", "sku_name", "sku_tier", "type", "min_count", "max_count", "min_size", "max_size", "amount")
VERSIONS = ("kubernetes_version", "version", "gpu_driver")
GUARDS = (
    "private_cluster_enabled",
    "public_network_access_enabled",
    "public_ip_disabled",
    "local_account_disabled",
    "host_encryption_enabled",
    "encryption_at_rest",
    "purge_protection_enabled",
    "geo_redundant_backup_enabled",
    "account_replication_type",
    "lock_level",
)
CHOSEN = {*PLACES, *SIZES, *VERSIONS, *GUARDS}


def file_of(environment: str) -> Path:
    return FOLDER / f"{environment}.yaml"


def take(stack: Json, choice: Mapping[str, Mapping[str, Any]] | None = None) -> Json:
    """The inventory of a stack; `choice` is the `values` of an earlier one."""
    addresses = {f"{kind}.{name}": arguments for kind, named in stack.get("resource", {}).items() for name, arguments in named.items()}
    settings = stack["terraform"]
    return {
        "providers": {name: provider["version"] for name, provider in sorted(settings["required_providers"].items())},
        "state": next(iter(settings["backend"])),
        "counts": {kind: len(named) for kind, named in sorted(stack.get("resource", {}).items())},
        "values": _values(addresses, choice),
        "outputs": sorted(stack.get("output", {})),
    }


def _values(addresses: Mapping[str, Json], choice: Mapping[str, Mapping[str, Any]] | None) -> Json:
    if choice is not None:
        kept = {address: names for address, names in choice.items() if address in addresses}
        return {address: {name: addresses[address].get(name) for name in names} for address, names in kept.items()}
    chosen = {address: {name: value for name, value in arguments.items() if name in CHOSEN} for address, arguments in addresses.items()}
    return {address: values for address, values in sorted(chosen.items()) if set(values) - {"location", "region"}}


def write(environment: str, stack: Json) -> Path:
    """Write or refresh an environment's inventory."""
    file = file_of(environment)
    choice = yaml.safe_load(file.read_text())["values"] if file.exists() else None
    FOLDER.mkdir(exist_ok=True)
    file.write_text(render(environment, take(stack, choice)), encoding="utf-8")
    return file


def render(environment: str, inventory: Json) -> str:
    """An inventory as YAML: one line per resource."""
    head = f"# What {environment} consists of. After a change that was meant: make inventory ENV={environment}\n"
    return head + "".join(_block(key, value) for key, value in inventory.items())


def _block(key: str, value: Any) -> str:
    if not isinstance(value, dict):
        return f"{key}: {_inline(value)}\n"
    return f"{key}:\n" + "".join(f"  {name}: {_inline(item)}\n" for name, item in value.items())


def _inline(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=True, allow_unicode=True, width=10_000)
    return text.removesuffix("...\n").strip()


def main(environments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, stack in synthesize(Path(folder), *environments).items():
            print(f"wrote {write(name, stack).relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
