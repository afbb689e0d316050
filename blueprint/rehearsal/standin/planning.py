"""How a change is planned: defaults filled in, what the cloud decides left unknown, replacement where it must be."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from blueprint.rehearsal.standin.checks import Steps
from blueprint.rehearsal.standin.values import UNKNOWN, Json, Path, is_unknown, transform


def planned(block: Json, rules: Json, prior: Json | None, proposed: Json) -> Json:
    """The state Terraform shall expect: `proposed` with defaults, and unknowns where the cloud decides.

    Write-only values end here: neither plan nor state holds them. An unchanged thing stays exactly as it is.
    """

    def with_default(path: Path, attribute: Json, value: Any) -> Any:
        if attribute.get("write_only"):
            return None
        return rules.get(".".join(path), {}).get("default") if value is None else value

    def or_unknown(path: Path, attribute: Json, value: Any) -> Any:
        return UNKNOWN if value is None and attribute.get("computed") else value

    desired: Json = transform(block, proposed, with_default)
    if desired == prior:
        return desired
    expected: Json = transform(block, desired, or_unknown)
    return expected


def replacements(block: Json, rules: Json, prior: Json, new: Json, path: Path = (), steps: Steps = ()) -> Iterator[Steps]:
    """Where a change cannot be made in place."""
    for name in block.get("attributes", {}):
        if _forces_new(rules, (*path, name)) and prior.get(name) != new.get(name):
            yield (*steps, name)
    for name, kind in block.get("block_types", {}).items():
        before, after = _items(prior.get(name)), _items(new.get(name))
        inside, here = (*path, name), (*steps, name)
        if before == after:
            continue
        if _forces_new(rules, inside) or (kind["nesting_mode"] == "set" and _any_inside(rules, inside)):
            yield here
            continue
        for index, (old, item) in enumerate(zip_longest(before, after)):
            if old is None or item is None:
                yield from [here] if _any_inside(rules, inside) else []
            else:
                yield from replacements(kind["block"], rules, old, item, inside, (*here, index) if kind["nesting_mode"] == "list" else here)


def _items(value: Any) -> list[Any]:
    if value is None or is_unknown(value):
        return []
    return list(value) if isinstance(value, list) else [value]


def _forces_new(rules: Json, path: Path) -> bool:
    return bool(rules.get(".".join(path), {}).get("force_new"))


def _any_inside(rules: Json, path: Path) -> bool:
    prefix = ".".join(path) + "."
    return any(rule.get("force_new") for name, rule in rules.items() if name.startswith(prefix))
