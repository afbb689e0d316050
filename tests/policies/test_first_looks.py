"""A first look at a text may pass over nothing that the closer look would find."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.residency import r55_resolvers as r55
from policies.residency import r58_regions_in_the_cluster as r58
from policies.security import r56_nothing_installed_at_start as r56

ASCII = st.characters(max_codepoint=127)
quick = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@quick
@given(st.one_of(st.from_regex(r56.INSTALLS, alphabet=ASCII), st.from_regex(r56.FETCHES, alphabet=ASCII)))
def test_whatever_installs_or_fetches_is_looked_at(text: str) -> None:
    assert r56._may_fetch(text)


@quick
@given(st.from_regex(r55.ANSWERS, alphabet=ASCII))
def test_whatever_answers_for_a_name_is_looked_at(text: str) -> None:
    assert r55._named(text)


@quick
@given(st.from_regex(r58.KEYS, alphabet=ASCII))
def test_whatever_ends_like_a_region_is_looked_at(key: str) -> None:
    assert r58._says_where(key)


@pytest.mark.parametrize("verb", ["ADD", "Install"])
def test_large_letters_are_looked_at_too(verb: str) -> None:
    assert r56._may_fetch(f"apk {verb} curl")
