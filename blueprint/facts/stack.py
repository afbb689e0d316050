"""What a stack's blocks say, as resources."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blueprint.facts import local_modules
from blueprint.facts.blocks import LABELS, Block
from blueprint.facts.lazy import marked
from blueprint.facts.model import Declaration, Resource
from blueprint.facts.module import Module, address_of, configured, provider_of
from blueprint.facts.parts import Thing
from blueprint.facts.values import Unknown

DECLARATION = "output.data_residency"
# Arguments of Terraform itself that say how many of something there are, and who makes them.
META_KEYS = ("count", "for_each", "provider", "providers")


def resources(blocks: list[Block], overrides: Mapping[str, Any], given: Mapping[str, Any], folder: Path | None = None) -> list[Resource]:
    """Every block as resources. `overrides` are cdktf's notes on what `add_override` changed, by type; `given` are values of
    variables from outside; `folder` is where files lie that expressions read."""
    module = Module(blocks, given, folder)
    if folder is not None:
        local_modules.find(module, folder, folder)
    found = _of(module, overrides)
    return found if any(resource.address.startswith("terraform.backend.") for resource in found) else [*found, _no_backend(blocks)]


def _of(module: Module, overrides: Mapping[str, Any]) -> list[Resource]:
    """The blocks of a module and of those it calls."""
    found: list[Resource] = []
    for index, block in enumerate(module.all_blocks):
        match block.kind:
            case "resource" | "data" | "ephemeral":
                found += _instances(module, block, overrides)
            case "provider":
                found.append(_provider(module, block, overrides))
            case "terraform":
                found += _settings(module, block, overrides)
            case "variable":
                found.append(_variable(module, block))
            case "locals":
                pass
            case _:
                found.append(_other(module, block, index))
    return [*found, *(resource for child in module.children.values() for resource in _of(child, {}))]


def declared(value: Any) -> Declaration:
    """What the output `data_residency` says."""
    if not isinstance(value, Mapping):
        return Declaration()
    texts = {key: value[key] for key in ("zone", "data_class", "country") if isinstance(value.get(key), str)}
    conditions = value.get("conditions")
    return Declaration(**texts, conditions=_texts(conditions) if isinstance(conditions, Mapping) else {})


def _texts(conditions: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in conditions.items() if not isinstance(value, Unknown)}


def _instances(module: Module, block: Block, overrides: Mapping[str, Any]) -> Iterator[Resource]:
    prefix = "" if block.kind == "resource" else f"{block.kind}."
    for thing in module.things(address_of(block)):
        yield Resource(
            type=prefix + block.labels[0],
            address=thing.address,
            attributes=module.body(thing),
            written=block.written,
            construct=_construct(block),
            file=block.file,
            provider=provider_of(block),
            overridden=_overridden(block, overrides, block.labels[0]),
            origins=module.origins(thing),
        )


def _construct(block: Block) -> str:
    path = block.metadata.get("path")
    return path if isinstance(path, str) else ""


def _overridden(block: Block, overrides: Mapping[str, Any], name: str) -> tuple[str, ...]:
    noted = overrides.get(name)
    return tuple(dict.fromkeys([*map(str, noted if isinstance(noted, list) else []), *block.overridden]))


def _evaluated(module: Module, block: Block, address: str) -> Thing:
    return Thing(module, block, address, module.scope)


def _provider(module: Module, block: Block, overrides: Mapping[str, Any]) -> Resource:
    address = configured(block)
    thing = _evaluated(module, block, address)
    return Resource(
        type=f"provider.{block.labels[0]}",
        address=address,
        attributes=module.body(thing),
        written=block.written,
        construct=_construct(block),
        file=block.file,
        overridden=_overridden(block, overrides, block.labels[0]),
        origins=module.origins(thing),
    )


def _settings(module: Module, block: Block, overrides: Mapping[str, Any]) -> Iterator[Resource]:
    """The `terraform` block: its backend, and what else it says."""
    written = block.written
    overridden = _overridden(block, overrides, "stack")
    for name, body in _backends(written):
        attributes = dict(body) if isinstance(body, Mapping) else {"value": body}
        yield Resource(
            f"backend.{name}", f"{module.prefix}terraform.backend.{name}", attributes, attributes, file=block.file, overridden=overridden
        )
    rest = {key: value for key, value in written.items() if key not in ("backend", "cloud")}
    if rest:
        yield Resource("terraform", f"{module.prefix}terraform", rest, rest, file=block.file, overridden=overridden)


def _backends(written: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for backend in _list(written.get("backend")):
        yield from backend.items() if isinstance(backend, Mapping) else [("unreadable", backend)]
    for cloud in _list(written.get("cloud")):
        yield "cloud", cloud


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _no_backend(blocks: list[Block]) -> Resource:
    return Resource("backend.local", "terraform.backend.local", {}, file=blocks[0].file if blocks else "")


def _variable(module: Module, block: Block) -> Resource:
    name = block.labels[0]
    secret = block.body.get("sensitive") is True
    written = {key: marked(value) if secret and key == "default" else value for key, value in block.written.items()}
    attributes = {**written, "value": module.variable(name)}
    return Resource(
        "variable", f"{module.prefix}var.{name}", attributes, written, _construct(block), block.file, overridden=block.overridden
    )


def _other(module: Module, block: Block, index: int) -> Resource:
    """Modules, outputs, checks, imports, and blocks nobody foresaw."""
    address = module.prefix + (".".join((block.kind, *block.labels)) if block.kind in LABELS else f"{block.kind}[{index}]")
    thing = _evaluated(module, block, address)
    attributes: dict[str, Any] = module.body(thing)
    attributes |= {key: block.body[key] for key in META_KEYS if key in block.body and block.kind not in ("output", "check")}
    if block.kind == "output" and block.body.get("sensitive") is True:
        attributes["value"] = marked(attributes.get("value"))
    return Resource(
        type=block.kind,
        address=address,
        attributes=attributes,
        written=block.written,
        construct=_construct(block),
        file=block.file,
        overridden=block.overridden,
        origins=module.origins(thing),
    )
