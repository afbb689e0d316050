"""What the real provider refuses beyond its schema: enumerations, ranges, and arguments that exclude or need each other.

The rules were read out of the provider (see `trim.py`); the sentences are those of its SDK, so that what one learns in a
rehearsal is what one meets later. Paths in rules carry an index where they name another argument (`sku.0.name`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from blueprint.rehearsal.standin.values import Json, is_unknown

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Refusal:
    """Why a configuration is refused, and where."""

    summary: str
    detail: str
    steps: Steps = ()


def refusals(rules: Json, config: Json) -> list[Refusal]:
    """Everything the rules of a resource type find wrong in its configuration."""
    found = []
    for path, rule in rules.items():
        for steps, value in occurrences(config, path.split(".")):
            found += [*_wrong_value(steps, rule, value), *_wrong_company(path, steps, rule, value, config)]
    return list({(refusal.summary, refusal.detail.partition(": ")[2]): refusal for refusal in reversed(found)}.values())[::-1]


def occurrences(value: Any, path: list[str], steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Every place a dotted path leads to; none where a block on the way is absent."""
    if not isinstance(value, dict):
        return
    item = value.get(path[0])
    if len(path) == 1:
        yield (*steps, path[0]), item
    elif isinstance(item, list):
        for index, element in enumerate(item):
            yield from occurrences(element, path[1:], (*steps, path[0], index))
    else:
        yield from occurrences(item, path[1:], (*steps, path[0]))


def _wrong_value(steps: Steps, rule: Json, value: Any) -> Iterator[Refusal]:
    name = ".".join(map(str, steps))
    for item in value if isinstance(value, list) else [value]:
        if item is None or is_unknown(item) or isinstance(item, dict):
            continue
        # `*` alone is the provider's "or everything" beside a pattern that the rules do not carry
        if rule.get("values", ["*"]) != ["*"] and item not in rule["values"]:
            allowed = " ".join(f'"{one}"' for one in rule["values"])
            yield Refusal(f"expected {name} to be one of [{allowed}], got {item}", "", steps)
        if "range" in rule and not _in_range(rule["range"], item):
            yield Refusal(f"expected {name} to be {rule['range']}, got {item}", "", steps)


def _in_range(text: str, value: Any) -> bool:
    """`text` is `at least (1)` or `in the range (1 - 10)`."""
    low, *high = (float(number) for number in re.findall(r"(?<![\d.])-?\d+(?:\.\d+)?", text.replace(" - ", " ")))
    return low <= float(value) and (not high or float(value) <= high[0])


def _wrong_company(path: str, steps: Steps, rule: Json, value: Any, config: Json) -> Iterator[Refusal]:
    if conflicting := [other for other in rule.get("conflicts_with", []) if _is_set(value) and _is_set(_look_up(config, other))]:
        yield Refusal("Conflicting configuration arguments", f'"{path}": conflicts with {conflicting[0]}', steps)
    if group := _with_itself(path, rule.get("exactly_one_of", [])):
        chosen = [one for one in group if _is_set(_look_up(config, one))]
        if not chosen:
            yield Refusal("Invalid combination of arguments", f'"{path}": one of `{",".join(group)}` must be specified', steps)
        elif len([one for one in chosen if not is_unknown(_look_up(config, one))]) > 1:
            both = f"only one of `{','.join(group)}` can be specified, but `{','.join(chosen)}` were specified."
            yield Refusal("Invalid combination of arguments", f'"{path}": {both}', steps)
    if (group := _with_itself(path, rule.get("at_least_one_of", []))) and not any(_is_set(_look_up(config, one)) for one in group):
        yield Refusal("Missing required argument", f'"{path}": one of `{",".join(group)}` must be specified', steps)
    group = rule.get("required_with", [])
    if _is_set(value) and not all(_is_set(_look_up(config, one)) for one in group):
        yield Refusal("Missing required argument", f'"{path}": all of `{",".join(group)}` must be specified', steps)


def _with_itself(path: str, group: list[str]) -> list[str]:
    """A group counts the argument it stands at, named or not (helper/schema/schema.go, validateExactlyOneAttribute)."""
    return list(dict.fromkeys([*group, path])) if group and "." not in path else group


def _is_set(value: Any) -> bool:
    return value is not None and value != []


def _look_up(config: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(config, list):
            config = config[int(step)] if step.isdigit() and int(step) < len(config) else None
        else:
            config = config.get(step) if isinstance(config, dict) else None
    return config
