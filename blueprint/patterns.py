"""Patterns of the catalogue's tables: `*` stands for any characters. Compared without a regular expression, because a table has
hundreds of patterns and a run meets few of them."""

from fnmatch import fnmatchcase


def fits(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern as `fnmatch` reads it, upper and lower case apart."""
    if "[" in pattern or "?" in pattern:
        return fnmatchcase(text, pattern)
    if "*" not in pattern:
        return text == pattern
    first, *middle, last = pattern.split("*")
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
