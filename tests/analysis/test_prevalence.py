from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.prevalence import Share


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_are_wilsons(counts):
    yes, of = counts
    share, z = Share(yes, of), 1.959963984540054
    middle = (share.value + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * sqrt(share.value * (1 - share.value) / of + z * z / (4 * of * of))
    assert share.interval.low == pytest.approx(max(0.0, middle - half), abs=1e-9)
    assert share.interval.high == pytest.approx(min(1.0, middle + half), abs=1e-9)


def test_nothing_seen_says_nothing():
    assert (Share(0, 0).interval.low, Share(0, 0).interval.high) == (0.0, 1.0)
    assert Share(3, 12).in_words() == "3 of 12 (25%, 9% to 53%)"
