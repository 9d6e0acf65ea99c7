import pytest

from analysis.coding import SocialLevel
from analysis.coverage import Coverage, CoverageClass
from analysis.verdicts import Cell, Verdict, cell, chance_missed, country_verdict, verdict

SEEN = Coverage("a", known=10, fetched=10, readable=10)
THIN = Coverage("a", known=100, fetched=10, readable=10, over_budget=90)
CLOSED = Coverage("a", known=1, refused=1)


@pytest.mark.parametrize(
    ("coverage", "grade"),
    [(SEEN, CoverageClass.ADEQUATE), (THIN, CoverageClass.LIMITED), (CLOSED, CoverageClass.FAILED)],
)
def test_classes(coverage, grade):
    assert coverage.grade is grade


@pytest.mark.parametrize(
    ("levels", "coverage", "expected"),
    [
        ([SocialLevel.DEDICATED, SocialLevel.NONE], THIN, Verdict.DEDICATED),
        ([SocialLevel.COMPONENT], SEEN, Verdict.COMPONENT),
        ([SocialLevel.MENTION], SEEN, Verdict.MENTION),
        ([SocialLevel.BOILERPLATE], SEEN, Verdict.NONE_FOUND),
        ([], SEEN, Verdict.NONE_FOUND),
        ([], THIN, Verdict.NOT_ASSESSABLE),
        ([SocialLevel.MENTION], THIN, Verdict.NOT_ASSESSABLE),
        ([], CLOSED, Verdict.NOT_ASSESSABLE),
    ],
)
def test_none_found_needs_coverage(levels, coverage, expected):
    assert verdict(levels, coverage) is expected


def test_cells():
    assert [cell(2, CLOSED), cell(0, SEEN), cell(0, THIN), cell(0, CLOSED)] == [
        Cell.FOUND, Cell.NONE_FOUND, Cell.UNKNOWN, Cell.BLOCKED
    ]  # fmt: skip


def test_a_country_is_none_found_only_if_every_agency_was_seen():
    assert country_verdict([Verdict.NONE_FOUND, Verdict.NOT_ASSESSABLE]) is Verdict.NOT_ASSESSABLE
    assert country_verdict([Verdict.NONE_FOUND, Verdict.MENTION]) is Verdict.MENTION
    assert country_verdict([Verdict.NOT_ASSESSABLE, Verdict.COMPONENT]) is Verdict.COMPONENT


def test_the_chance_of_a_miss():
    half = Coverage("a", fetched=46, failed=54, readable=46)
    assert chance_missed(half, recall=0.91) == pytest.approx(0.58, abs=0.01)
