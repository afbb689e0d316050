"""Regions that hang on a variable: its default proves nothing, whoever applies may give another value (TF_VAR_*, *.tfvars).

A variable that refuses every other value by its `validation` is as good as the list in it, and an expression that only chooses among
written regions as good as all of them.
"""

import re
from collections.abc import Sequence

from blueprint.facts import Resource, Unknown
from blueprint.facts.syntax import SyntaxProblem, template
from blueprint.facts.tree import Attribute, Call, Conditional, Index, Literal, Mapped, Name, Node

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
    if outcomes := _outcomes(resource, path):
        return outcomes
    written = re.sub(r"\s", "", str(resource.written.get(path, "")))
    if len(names) == 1 and written == f"${{{names[0]}}}" and (allowed := _allowed(resource, names[0])):
        return allowed
    if len(names) == 1 and value in (allowed := _allowed(resource, names[0], EACH_OF_THESE)):
        return allowed
    return Unknown(f"it hangs on {', '.join(names)}, which may be given another value when applying")


def _outcomes(resource: Resource, path: str) -> tuple[str, ...]:
    """All texts that an expression may come to, if it only chooses among written ones: `var.x == "prod" ? "a" : "b"`, a map's values."""
    written = resource.written.get(path)
    try:
        return (_chosen(template(written), resource) or ()) if isinstance(written, str) else ()
    except SyntaxProblem:
        return ()


def _chosen(node: Node, resource: Resource) -> tuple[str, ...] | None:
    match node:
        case Literal(value):
            return (value,) if isinstance(value, str) else None
        case Attribute(Name("var"), name):
            return _allowed(resource, f"var.{name}") or None
        case Conditional(_, yes, no):
            return _all_of((yes, no), resource)
        case Index(Mapped(items), _):
            return _all_of([value for _, value in items], resource)
        case Call("lookup", (Mapped(items), _, *default)):
            return _all_of([*(value for _, value in items), *default], resource)
    return None


def _all_of(nodes: Sequence[Node], resource: Resource) -> tuple[str, ...] | None:
    found = [_chosen(node, resource) for node in nodes]
    return tuple(dict.fromkeys(text for texts in found for text in texts or ())) if all(found) else None


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
