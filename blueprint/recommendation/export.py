"""A recommendation for programs: the same fields, dates and countries as text."""

from dataclasses import asdict
from datetime import date
from typing import Any

from blueprint.recommendation.result import Recommendation


def as_dict(found: Recommendation) -> dict[str, Any]:
    """Plain data that JSON can hold."""
    plain = _plain(asdict(found))
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
