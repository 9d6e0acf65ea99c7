import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.agreement import alpha, bootstrap, calibration_error, reliability


def test_alpha_of_a_worked_example():
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: nominal data, alpha = 0.743."""
    a = [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None]
    b = [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3]
    c = [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None]
    d = [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None]
    assert alpha([a, b, c, d]) == pytest.approx(0.743, abs=0.001)
    assert alpha([a, b, c, d], "ordinal") == pytest.approx(0.815, abs=0.001)


def test_alpha_where_all_say_the_same():
    assert alpha([[1, 1], [1, 1]]) == 1.0


def test_intervals_are_the_same_each_time_and_hold_the_mean():
    items = [0.0, 1.0] * 50
    mean = lambda part: sum(part) / len(part)  # noqa: E731
    first, second = bootstrap(items, mean), bootstrap(items, mean)
    assert first == second
    assert 0.38 < first.low < 0.5 < first.high < 0.62


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_bands_hold_each_decision_once(decisions):
    bands = reliability(decisions)
    assert sum(band.decisions for band in bands) == len(decisions)
    assert 0 <= calibration_error(bands) <= 1


def test_calibration_of_decisions_that_claim_too_much():
    bands = reliability([(0.95, True), (0.95, False)])
    assert calibration_error(bands) == pytest.approx(0.45)
