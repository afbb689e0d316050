"""Regions that hang on a variable: its default proves nothing, whoever applies may give another value (TF_VAR_*, *.tfvars).

A variable that refuses every other value by its `validation` is as good as the list in it.
"""

import re

from blueprint.facts import Resource, Unknown

ONLY_THESE = r"\$\{{\s*contains\(\s*\[(?P<list>[^\]]*)\]\s*,\s*{name}\s*\)\s*\}}"
# The same of a variable that is a list: each of its elements is one of these.
EACH_OF_THESE = (
    r"\$\{{\s*alltrue\(\s*\[\s*for\s+(?P<each>\w+)\s+in\s+{name}\s*:\s*contains\(\s*\[(?P<list>[^\]]*)\]\s*,\s*(?P=each)\s*\)\s*\]\s*\)\s*\}}",
    r"\$\{{\s*length\(\s*setsubtract\(\s*(?:toset\(\s*)?{name}\s*\)?\s*,\s*\[(?P<list>[^\]]*)\]\s*\)\s*\)\s*==\s*0\s*\}}",
)


def given_from_outside(resource: Resource, path: str, value: object = None) -> Unknown | tuple[str, ...] | None:
    """None if the value at a path is the program's own; the only values its variable takes; else unknown."""
    names = resource.variables(path)
    if not names or _planned(resource):
        return None
    written = re.sub(r"\s", "", str(resource.written.get(path, "")))
    if len(names) == 1 and written == f"${{{names[0]}}}" and (allowed := _allowed(resource, names[0])):
        return allowed
    if len(names) == 1 and value in (allowed := _allowed(resource, names[0], EACH_OF_THESE)):
        return allowed
    return Unknown(f"it hangs on {', '.join(names)}, which may be given another value when applying")


def _planned(resource: Resource) -> bool:
    """Whether values are a plan's: those are what will be applied."""
    return resource.facts is not None and bool(resource.facts.changes)


def _allowed(resource: Resource, name: str, conditions: tuple[str, ...] = (ONLY_THESE,)) -> tuple[str, ...]:
    variable = resource.facts.by_address.get(name) if resource.facts else None
    if variable is None:
        return ()
    for validation in _blocks(variable.written.get("validation")):
        for condition in conditions:
            if match := re.fullmatch(condition.format(name=re.escape(name)), str(validation.get("condition", "")).strip()):
                return tuple(re.findall(r'"([^"]+)"', match["list"]))
    return ()


def _blocks(value: object) -> list[dict[str, object]]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]
