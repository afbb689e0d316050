"""The parallel trees of a plan: what is known only after apply, and what is sensitive."""

from collections.abc import Callable
from itertools import chain
from typing import Any

from blueprint.facts.lazy import marked
from blueprint.facts.values import Unknown

References = Callable[[Any], tuple[str, ...]]


def with_unknowns(value: Any, unknown: Any, expression: Any, references: References) -> Any:
    """Values with what is not known yet put in its place; `references` tells what an expression refers to."""
    if unknown is True:
        return Unknown("known after apply", references(expression))
    if not unknown:
        return value
    if isinstance(unknown, dict) and (value is None or isinstance(value, dict)):
        inside = value or {}
        nested = expression if isinstance(expression, dict) else {}
        later = {
            key: with_unknowns(inside.get(key), mark, nested.get(key, expression if "references" in nested else None), references)
            for key, mark in unknown.items()
            if mark
        }
        return {**inside, **later}
    if isinstance(unknown, list) and (value is None or isinstance(value, list)):
        items = value or []
        parts = expression if isinstance(expression, list) else [expression] * len(unknown)
        marked_items = [with_unknowns(_nth(items, at), mark, _nth(parts, at), references) for at, mark in enumerate(unknown)]
        return [*marked_items, *items[len(unknown) :]]
    return value


def _nth(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else None


def with_secrets(value: Any, mask: Any) -> Any:
    """Values with what a mask marks made secret. Of a set, one marked element marks all: elements have no place of their own."""
    if mask is True:
        return value if value is None else marked(value)
    if not mask:
        return value
    if isinstance(mask, dict) and isinstance(value, dict):
        return {**value, **{key: with_secrets(value[key], mark) for key, mark in mask.items() if mark and key in value}}
    if isinstance(mask, list) and isinstance(value, list):
        whole = _union(mask)
        return [with_secrets(with_secrets(item, _nth(mask, at)), whole) for at, item in enumerate(value)]
    return value


def _union(masks: list[Any]) -> Any:
    if True in [mask is True for mask in masks]:
        return True
    keys = {key for mask in masks if isinstance(mask, dict) for key in mask}
    if keys:
        return {key: _union([mask.get(key) for mask in masks if isinstance(mask, dict)]) for key in keys}
    lists = [mask for mask in masks if isinstance(mask, list) and mask]
    return [_union(list(chain.from_iterable(lists)))] if lists else False
