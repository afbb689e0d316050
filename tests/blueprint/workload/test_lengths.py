"""Lengths of requests: what a mean and a 95th percentile say of all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.workload.lengths import MOST_P95, lengths


def test_the_mean_and_the_percentile_given_come_back() -> None:
    found = lengths(2000, 6000)
    assert found.at(0.95) == pytest.approx(6000, rel=0.001)
    assert sum(found.each) / len(found.each) == pytest.approx(2000, rel=0.02)


def test_requests_that_are_all_alike_have_no_spread() -> None:
    for found in (lengths(2000, None), lengths(2000, 2000), lengths(0, 0)):
        assert (found.at(0.5), found.at(0.99)) == (found.mean, found.mean)
        assert (found.moment(2), found.moment(3)) == (1, 1)


def test_no_request_is_longer_than_what_the_server_reads() -> None:
    found = lengths(2000, 7000, most=8192)
    assert found.at(0.999) == max(found.each) == 8192
    assert found.moment(3) < lengths(2000, 7000).moment(3)


@given(st.floats(1, 1e5), st.floats(1, MOST_P95 - 0.01), st.floats(1, MOST_P95 - 0.01))
def test_a_longer_tail_means_a_larger_spread(mean: float, one: float, other: float) -> None:
    small, large = (lengths(mean, mean * ratio) for ratio in sorted((one, other)))
    assert small.moment(2) * (1 + 1e-9) >= 1
    assert small.moment(2) <= large.moment(2) * (1 + 1e-9)
    assert small.moment(2) <= small.moment(3) * (1 + 1e-9)
