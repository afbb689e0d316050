"""What Terraform does with texts and numbers: conversion, and its functions that make texts."""

import json
import re
from typing import Any

# Terraform's expressions (RE2) take linear time, Python's may take for ever over a repeated group: such a pattern has no value here.
REPEATED_GROUP = re.compile(r"\)[*+{]")
MOST_CHARACTERS = 10_000


def text(value: Any) -> str:
    """A primitive as Terraform writes it into a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    raise TypeError("only text, numbers and booleans go into a text")


def number(value: Any) -> int | float:
    """A number, also one that is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("not a number")
    if isinstance(value, str):
        value = float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def boolean(value: Any) -> bool:
    """A boolean, also one that is written as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    raise TypeError("not a boolean")


def formatted(pattern: str, *values: Any) -> str:
    """`format`: a pattern with its verbs filled in."""
    left = iter(values)

    def one(found: re.Match[str]) -> str:
        if found["verb"] == "%":
            return "%"
        value = next(left)
        match found["verb"]:
            case "s" | "v":
                shown = text(value) if not isinstance(value, dict | list) else json.dumps(value, separators=(",", ":"))
                return f"%{found['flags']}s" % shown
            case "q":
                return json.dumps(value)
            case "d" | "x" | "X" | "o":
                return found.group() % int(number(value))
            case "t":
                return text(boolean(value))
        return found.group() % number(value)

    return re.sub(r"%(?P<flags>[-+ 0#]*\d{0,3}(?:\.\d{1,3})?)(?P<verb>[a-zA-Z%])", one, pattern)


def formatted_list(pattern: str, *values: Any) -> list[str]:
    """`formatlist`: the same for each item of the lists."""
    length = max((len(value) for value in values if isinstance(value, list)), default=1)
    columns = [value if isinstance(value, list) else [value] * length for value in values]
    return [formatted(pattern, *row) for row in zip(*columns, strict=True)]


def replaced(value: str, old: str, new: str) -> str:
    """`replace`: a text or, between slashes, a regular expression replaced."""
    if len(old) > 1 and old[0] == old[-1] == "/":
        return _within(old[1:-1], value).sub(re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", new), value)
    return value.replace(old, new)


def matched(pattern: str, value: str) -> Any:
    """`regex`: the groups of the first match."""
    found = _within(pattern, value).search(value)
    if found is None:
        raise ValueError("the pattern does not match")
    return found.groupdict() or list(found.groups()) or found.group()


def all_matched(pattern: str, value: str) -> list[Any]:
    """`regexall`: those of every match."""
    return [found.groupdict() or list(found.groups()) or found.group() for found in _within(pattern, value).finditer(value)]


def substring(value: str, start: int, length: int) -> str:
    """`substr`: from a start, for a length; negative ones as Terraform reads them."""
    begin = int(start) if start >= 0 else len(value) + int(start)
    return value[begin:] if length < 0 else value[begin : begin + int(length)]


def titled(value: str) -> str:
    """`title`: every word with a capital."""
    return re.sub(r"(?:^|(?<=\s))\S", lambda found: found.group().upper(), value)


def encoded(value: Any) -> str:
    """`jsonencode`: compact, sorted, HTML escaped."""
    found = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return found.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _within(pattern: str, value: str) -> re.Pattern[str]:
    """The expression, where looking for it ends in time."""
    if REPEATED_GROUP.search(pattern) or len(value) > MOST_CHARACTERS:
        raise ValueError("the pattern may take too long")
    return re.compile(pattern)
