"""Patterns of tables, held against fnmatch."""

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as some

from blueprint.patterns import fits

WORDS = some.text(alphabet="ab_", max_size=8)
PATTERNS = some.text(alphabet="ab_*", max_size=6)


@given(WORDS, PATTERNS)
def test_a_text_fits_exactly_if_fnmatch_says_so(text: str, pattern: str) -> None:
    assert fits(text, pattern) == fnmatchcase(text, pattern)


def test_classes_of_characters_are_understood() -> None:
    assert fits("7", "[0-9]")
    assert not fits("17", "[0-9]")
