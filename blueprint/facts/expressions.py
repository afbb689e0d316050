"""What Terraform's expressions come to, as far as that can be known before anything runs.

A value that is not known is `Unknown` with the addresses it refers to, and is passed on like Terraform passes it on: a text
with an unknown part is unknown but keeps the known part. What comes from a secret is secret. A construct that fails or is not
understood is unknown too, never skipped.
"""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from blueprint.facts.calls import call, operate, truth
from blueprint.facts.lazy import LONGEST, Failure, Lazy, Scope, combined, marked, settled
from blueprint.facts.syntax import SyntaxProblem, template
from blueprint.facts.texts import number, text
from blueprint.facts.tree import (
    ITEM,
    Attribute,
    Call,
    Conditional,
    For,
    Index,
    Literal,
    Mapped,
    Name,
    Node,
    Operation,
    Sequenced,
    Splat,
    Template,
)
from blueprint.facts.values import Sensitive, Unknown, gap


def is_template(written: str) -> bool:
    """Whether a JSON string is more than its own value."""
    return "${" in written or "%{" in written


def resolve(written: str, scope: Scope) -> Any:
    """The value of a JSON string: itself, or what its template comes to."""
    if not is_template(written):
        return written
    try:
        return settled(evaluate(template(written), scope))
    except (Failure, SyntaxProblem) as failure:
        return Unknown(f"cannot be evaluated: {failure}")
    except RecursionError:
        return Unknown("cannot be evaluated: nested too deeply")


def evaluate(node: Node, scope: Scope) -> Any:
    """The value of an expression; may be `Unknown`, `Sensitive` or a `Lazy`.

    Raises:
        Failure: it has none.
    """
    match node:
        case Literal(value):
            return value
        case Name(name):
            return scope.of(name)
        case Attribute(of, name):
            return access(evaluate(of, scope), name)
        case Index(of, key):
            return access(evaluate(of, scope), evaluate(key, scope))
        case Sequenced(items):
            return [evaluate(item, scope) for item in items]
        case Mapped(pairs):
            return _mapped((evaluate(key, scope), evaluate(value, scope)) for key, value in pairs)
        case Template(parts):
            return joined([settled(evaluate(part, scope)) for part in parts])
        case Conditional(condition, yes, no):
            return _conditional(evaluate(condition, scope), yes, no, scope)
        case Operation(operator, operands):
            return operate(operator, [settled(evaluate(operand, scope)) for operand in operands])
        case Splat(of, each):
            return _splat(evaluate(of, scope), each, scope)
        case For():
            return _for(node, scope)
        case Call():
            return _call(node, scope)


def access(value: Any, key: Any) -> Any:
    """One element or attribute of a value.

    Raises:
        Failure: there is none.
    """
    if isinstance(value, Sensitive):
        return marked(access(value.value, key))
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.references)
    if isinstance(key, Unknown | Sensitive):
        return Unknown(key.reason, key.references) if isinstance(key, Unknown) else marked(access(value, key.value))
    if isinstance(value, Lazy):
        return value.item(key)
    try:
        return value[text(key)] if isinstance(value, Mapping) else _sequence(value)[int(number(key))]
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        raise Failure("there is no such element") from None


def joined(parts: list[Any]) -> Any:
    """Parts of a template as one text."""
    if any(isinstance(part, Sensitive) for part in parts):
        return marked(joined([part.value if isinstance(part, Sensitive) else part for part in parts]))
    try:
        whole = "".join(gap(part) if isinstance(part, Unknown) else text(part) for part in parts)
    except TypeError as problem:
        raise Failure(str(problem)) from None
    if len(whole) > LONGEST:
        raise Failure("it grows without bounds")
    return combined(parts, whole) if any(isinstance(part, Unknown) for part in parts) else whole


def _sequence(value: Any) -> Any:
    if not isinstance(value, list):
        raise TypeError
    return value


def _mapped(pairs: Iterable[tuple[Any, Any]]) -> Any:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if isinstance(key := settled(key), Unknown | Sensitive):
            return combined([key]) if isinstance(key, Unknown) else Unknown("its keys are secret")
        found[text(key)] = value
    return found


def _conditional(condition: Any, yes: Node, no: Node, scope: Scope) -> Any:
    condition = settled(condition)
    if isinstance(condition, Sensitive):
        return marked(_conditional(condition.value, yes, no, scope))
    if not isinstance(condition, Unknown):
        return evaluate(yes if truth(condition) else no, scope)
    branches = [settled(evaluate(branch, scope)) for branch in (yes, no)]
    if branches[0] == branches[1]:
        return branches[0]
    return Unknown(condition.reason, combined([*branches, condition]).references)


def _splat(value: Any, each: Node, scope: Scope) -> Any:
    value = value.whole() if isinstance(value, Lazy) else value
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.references)
    if isinstance(value, Sensitive):
        return marked(settled(_splat(value.value, each, scope)))
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [evaluate(each, scope.named({ITEM: item})) for item in items]


def _for(node: For, scope: Scope) -> Any:
    of = evaluate(node.of, scope)
    of = of.whole() if isinstance(of, Lazy) else of
    if isinstance(of, Unknown | Sensitive):
        return combined([of]) if isinstance(of, Unknown) else marked(settled(_for_each(node, of.value, scope)))
    return _for_each(node, of, scope)


def _for_each(node: For, of: Any, scope: Scope) -> Any:
    if not isinstance(of, Mapping | list):
        raise Failure("`for` takes a list or an object")
    pairs = list(of.items()) if isinstance(of, Mapping) else list(enumerate(of))
    found: list[tuple[Any, Any]] = []
    for key, value in pairs:
        inner = scope.named(dict(zip(node.names, (key, value)[-len(node.names) :], strict=False)))
        kept = True if node.when is None else settled(evaluate(node.when, inner))
        if isinstance(kept, Unknown | Sensitive):
            return combined([kept]) if isinstance(kept, Unknown) else Unknown("its length is secret")
        if truth(kept):
            found.append((None if node.key is None else evaluate(node.key, inner), evaluate(node.value, inner)))
    if node.key is None:
        return [value for _, value in found]
    return _grouped(found) if node.group else _mapped(found)


def _grouped(pairs: list[tuple[Any, Any]]) -> Any:
    keys = _mapped(pairs)
    return keys if isinstance(keys, Unknown) else {name: [value for key, value in pairs if text(settled(key)) == name] for name in keys}


def _call(node: Call, scope: Scope) -> Any:
    if node.name in ("try", "can"):
        return _attempted(node, scope)
    arguments = [settled(evaluate(argument, scope)) for argument in node.arguments]
    if node.name in ("file", "filebase64") and scope.folder and len(arguments) == 1 and isinstance(arguments[0], str):
        return _content(node.name, scope.folder, arguments[0])
    if node.name == "templatefile" and scope.folder and len(arguments) == 2 and isinstance(arguments[0], str):
        return _rendered(_content("file", scope.folder, arguments[0]), arguments[1], scope.folder)
    if node.spread and arguments:
        arguments = [*arguments[:-1], *arguments[-1]] if isinstance(arguments[-1], list) else arguments
    return call(node.name, arguments)


def _content(function: str, folder: Path, name: str) -> Any:
    """What a file of the stack holds. One outside the stack's folder is not ours to look at."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return Unknown(f"{function}() reads a file outside the stack")
    try:
        content = path.read_bytes()[: LONGEST + 1]
        return joined([base64.b64encode(content).decode() if function == "filebase64" else content.decode()])
    except (OSError, ValueError):
        return Unknown(f"{function}() reads what is not there or no text")


def _rendered(content: Any, variables: Any, folder: Path) -> Any:
    """What a template of the stack comes to with its variables."""
    if isinstance(content, Unknown) or not isinstance(variables, Mapping):
        return combined([content, variables if isinstance(variables, Unknown) else Unknown("its variables are secret")])
    return resolve(
        content, Scope(lambda name: variables[name] if name in variables else Unknown(f"the template has no {name}"), folder=folder)
    )


def _attempted(node: Call, scope: Scope) -> Any:
    for argument in node.arguments:
        try:
            value = evaluate(argument, scope)
        except Failure:
            continue
        return value if node.name == "try" else True
    if node.name == "can":
        return False
    raise Failure("nothing in try() has a value")
