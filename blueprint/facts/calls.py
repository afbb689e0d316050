"""Calls of functions and operators on values that may be unknown or secret."""

from collections.abc import Callable, Mapping
from typing import Any

from blueprint.facts.functions import FUNCTIONS
from blueprint.facts.lazy import Failure, combined, marked, unknowns
from blueprint.facts.texts import boolean, number, text
from blueprint.facts.values import Sensitive, Unknown, gap

# Functions that pass elements on as they are: unknown ones among them do no harm. And those whose result is a text around them.
PASSING = frozenset(
    ("merge", "concat", "lookup", "element", "tolist", "tomap", "keys", "values", "length", "flatten", "slice", "reverse", "zipmap", "one")
)
TEXTUAL = frozenset(("join", "format", "jsonencode", "yamlencode"))


def call(name: str, arguments: list[Any]) -> Any:
    """The result of a function.

    Raises:
        Failure: it does not take these arguments.
    """
    if name == "sensitive":
        return marked(arguments[0]) if arguments else None
    if any(_is_secret(argument) for argument in arguments):
        result = call(name, [_shown(argument) for argument in arguments])
        return result if name == "nonsensitive" else marked(result)
    if name not in FUNCTIONS:
        found = combined([*arguments, Unknown("")])
        return Unknown(f"{name}() is not known before apply", found.references)
    inside = any(True for _ in unknowns(arguments))
    if inside and name in TEXTUAL:
        return combined(arguments, text(_applied(name, _with_gaps(arguments))))
    if any(isinstance(argument, Unknown) for argument in arguments) or (inside and name not in PASSING):
        return combined(arguments)
    return _applied(name, arguments)


def _applied(name: str, arguments: list[Any]) -> Any:
    try:
        return FUNCTIONS[name](*arguments)
    except (RecursionError, MemoryError):
        raise Failure(f"{name}() asks for too much") from None
    except Exception:  # whatever a function says about wrong arguments, its message may hold them
        raise Failure(f"{name}() does not take these arguments") from None


def _with_gaps(value: Any) -> Any:
    if isinstance(value, Unknown):
        return gap(value)
    if isinstance(value, Mapping):
        return {key: _with_gaps(item) for key, item in value.items()}
    return [_with_gaps(item) for item in value] if isinstance(value, list) else value


def _is_secret(value: Any) -> bool:
    if isinstance(value, Mapping | list):
        return any(map(_is_secret, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, Sensitive)


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return value.value if isinstance(value, Sensitive) else value


def truth(value: Any) -> bool:
    try:
        return boolean(value)
    except TypeError as problem:
        raise Failure(str(problem)) from None


def operate(operator: str, values: list[Any]) -> Any:
    if any(isinstance(value, Sensitive) for value in values):
        return marked(operate(operator, [value.value if isinstance(value, Sensitive) else value for value in values]))
    decided = {"||": True, "&&": False}.get(operator)
    if decided is not None and any(value in (decided, str(decided).lower()) for value in values):
        return decided
    if any(True for _ in unknowns(values)):
        return combined(values)
    try:
        return _computed(operator, *values)
    except (TypeError, ValueError, ArithmeticError):
        raise Failure(f"{operator} does not work on these values") from None


def _computed(operator: str, left: Any, right: Any = None) -> Any:
    match operator:
        case "!":
            return not boolean(left)
        case "||" | "&&":
            return boolean(right) if boolean(left) is (operator == "&&") else boolean(left)
        case "==" | "!=":
            return (left == right and isinstance(left, bool) is isinstance(right, bool)) is (operator == "==")
    if right is None:
        return -number(left)
    one, other = number(left), number(right)
    computed: dict[str, Callable[[], Any]] = {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "/": lambda: one / other,
        "%": lambda: one % other,
        "<": lambda: one < other,
        ">": lambda: one > other,
        "<=": lambda: one <= other,
        ">=": lambda: one >= other,
    }
    return computed[operator]()
