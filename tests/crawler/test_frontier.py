from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetchlog import Fetch
from crawler.frontier import Found, FoundBy, Frontier
from crawler.outcomes import Outcome
from crawler.seen import SeenLines

SITE = "a.example"


@pytest.fixture
def frontier(tmp_path):
    made = Frontier(tmp_path / "frontier.sqlite")
    made.begin({SITE: "xa"})
    return made


def placed(*found):
    return [(item, SITE, "/*") for item in found]


def fetch(url, outcome="kept", **more):
    return Fetch("xa", url, "page", outcome, **more)


def test_the_best_comes_first_and_equals_in_order(frontier):
    frontier.add("xa", placed(Found("u1", priority=1), Found("u2", priority=5), Found("u3", priority=5)))
    order = []
    while address := frontier.next(SITE):
        order.append(address.url)
        frontier.finish(address, fetch(address.url))
    assert order == ["u2", "u3", "u1"]
    assert frontier.spent("xa") == (3, 0.0)


WAYS = [
    Found("u", priority=3, hops=4, by=FoundBy.LINK),
    Found("u", priority=9, hops=6, by=FoundBy.SITEMAP),
    Found("u", priority=1, hops=2, by=FoundBy.FEED),
]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_address_found_in_several_ways_is_one_address(frontier, order):
    for number in order:
        frontier.add("xa", placed(WAYS[number]))
    address = frontier.next(SITE)
    assert (address.priority, address.hops) == (9, 2)
    assert address.found_by == FoundBy.LINK | FoundBy.SITEMAP | FoundBy.FEED
    assert FoundBy(address.found_by).in_words() == "sitemap+link+feed"


def test_what_is_asked_again_comes_after_all_others(frontier):
    frontier.add("xa", placed(Found("u1", priority=5), Found("u2", priority=1)))
    first = frontier.next(SITE)
    frontier.again(first, fetch("u1", "timeout"), 2.0)
    assert frontier.next(SITE).url == "u2"
    assert [row.outcome for row in frontier.rows()] == ["timeout", "not_reached"]
    assert frontier.spent("xa") == (0, 2.0)


def test_too_deep_by_one_way_and_not_by_another(frontier):
    frontier.add("xa", placed(Found("u", hops=9, outcome=Outcome.OVER_DEPTH)))
    assert frontier.next(SITE) is None
    frontier.add("xa", placed(Found("u", hops=2)))
    assert frontier.next(SITE).hops == 2


def test_a_translation_that_two_pages_claim_is_a_page_of_its_own(frontier):
    claims = [Found("fr", outcome=Outcome.OTHER_LANGUAGE, instead=page) for page in ("en1", "en1", "en2")]
    frontier.add("xa", placed(claims[0]))
    frontier.add("xa", placed(claims[1]))
    assert frontier.next(SITE) is None
    frontier.add("xa", placed(claims[2]))
    assert frontier.next(SITE).url == "fr"


def test_what_is_left_when_an_agency_ends_is_named(frontier):
    frontier.add("xa", placed(Found("u1", priority=5), Found("u2")))
    frontier.finish(frontier.next(SITE), fetch("u1"))
    frontier.end("xa", Outcome.OVER_PAGE_BUDGET)
    assert [(row.url, row.outcome) for row in frontier.rows()] == [("u1", "kept"), ("u2", "over_page_budget")]
    assert frontier.ended() == {"xa"}


def test_lost_records_are_asked_again(frontier):
    frontier.add("xa", placed(Found("u1")))
    frontier.finish(frontier.next(SITE), fetch("u1", warc_file="xa.warc.gz", warc_offset=0, warc_end=99))
    assert frontier.ends() == {"xa.warc.gz": 99}
    frontier.forget([number for number, _, _ in frontier.last_records("xa.warc.gz", 5)])
    assert frontier.next(SITE).url == "u1"
    assert frontier.spent("xa")[0] == 0
    assert frontier.ends() == {}


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=40), max_size=12))
def test_seen_lines_are_known_and_few_others(pages):
    seen, before = SeenLines(), set()
    for page in pages:
        lines = np.array(page, dtype=np.uint32)
        known = seen.count(lines)
        really = len(before & set(page))
        assert really <= known <= really + 2
        seen.add(lines)
        before |= set(page)
        assert seen.count(lines) == len(page)
