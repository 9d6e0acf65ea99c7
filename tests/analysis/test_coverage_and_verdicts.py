from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.coding import SocialLevel
from analysis.correction import Recall
from analysis.coverage import Coverage, CoverageClass, _broken, _Tally, relevant_share
from analysis.verdicts import (
    ACCEPTED_MISS,
    Cell,
    Verdict,
    cell,
    chance_missed,
    country_verdict,
    coverage_needed,
    miss_of,
    verdict,
)
from tests.conftest import agency

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
    assert chance_missed(0.46, 0.91) == pytest.approx(0.58, abs=0.01)
    assert chance_missed(0.46, 0.91, pages=2) == pytest.approx(0.58**2, abs=0.01)
    half = Coverage("a", fetched=46, failed=54, readable=46)
    miss = miss_of(half, Recall(0.91, 0.8, 1.0, ""))
    assert miss.chance == pytest.approx(0.58, abs=0.01)
    assert miss.low < miss.chance < miss.high


@given(st.floats(0.01, 1), st.integers(1, 5))
def test_the_coverage_needed_is_where_the_chance_of_a_miss_is_accepted(recall, pages):
    needed = coverage_needed(recall, pages)
    if needed is None:
        assert chance_missed(1.0, recall, pages) > ACCEPTED_MISS
    else:
        assert chance_missed(needed, recall, pages) == pytest.approx(ACCEPTED_MISS)


def test_where_people_found_that_the_machine_misses_much_none_found_is_not_said():
    assert verdict([], SEEN) is Verdict.NONE_FOUND
    assert verdict([], SEEN, doubtful=True) is Verdict.NOT_ASSESSABLE
    assert verdict([SocialLevel.COMPONENT], SEEN, doubtful=True) is Verdict.COMPONENT


def tally(both=0, by_sitemap=0, by_link=0, read=None, unseen=None):
    found = _Tally(by_both=both, by_sitemap=by_sitemap, by_link=by_link)
    for band, (pages, relevant) in (read or {}).items():
        found.seen[band], found.relevant[band] = pages, relevant
    found.unseen.update(unseen or {})
    return found


def test_the_share_of_relevant_pages():
    # Chapman: 16 * 16 / 11 - 1 = 22.3 in all, of which 20 are known
    share = relevant_share(tally(10, 5, 5, {0: (20, 20)}), 20)
    assert share.hidden == pytest.approx(2.3, abs=0.05)
    assert share.share == pytest.approx(20 / 22.27, abs=0.01)
    assert share.low < share.share < share.high
    # unseen addresses count by how many of their band were relevant: (8 + 1) / (10 + 2) of 12
    share = relevant_share(tally(0, 0, 8, {0: (10, 8), 4: (20, 0)}, {0: 12}), 30)
    assert (share.waiting, share.hidden, share.recaptured) == (9.0, 0.0, False)
    assert relevant_share(tally(0, 0, 5, {0: (5, 5)}), 5) is None
    # two crawls: 8 found by both, 4 only by the first, 6 only by the second; 4 * 6 / 9 more by neither
    twice = tally(0, 0, 18, {0: (20, 18)})
    twice.earlier, twice.both_crawls, twice.only_before, twice.only_now = 12, 8, 4, 6
    assert relevant_share(twice, 20).hidden == pytest.approx(4 * 6 / 9, abs=0.06)


@pytest.mark.parametrize(
    ("expect", "reasons", "said"),
    [
        ({"pages": 50}, {"kept": 10}, "10 readable pages, the registry expects 50"),
        ({"relevant_pages": 9}, {"kept": 10}, "4 relevant pages, the registry expects 9"),
        ({"languages": ["en", "ga"]}, {"kept": 10}, "no page in ga, which the registry expects"),
        ({}, {"kept": 1, "bot_wall": 4}, "a wall stands before the site (bot_wall 4 of 5 answers)"),
        ({}, {"login_wall": 1, "over_page_budget": 90}, "a wall stands before the site (login_wall 1 of 1 answers)"),
    ],
)
def test_a_broken_crawl_is_never_a_finding(expect, reasons, said):
    entry = agency("http://127.0.0.1", expect=expect)
    coverage = Coverage("xa-test", fetched=10, readable=10, relevant=4, reasons=Counter(reasons))
    coverage.broken = _broken(entry, coverage, _Tally(), Counter(en=10))
    assert coverage.broken == [said]
    assert coverage.grade is CoverageClass.FAILED
    assert verdict([], coverage) is Verdict.NOT_ASSESSABLE
    assert coverage.in_words().startswith("Broken crawl, no finding: ")
