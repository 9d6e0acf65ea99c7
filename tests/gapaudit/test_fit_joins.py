"""The joins are fitted whole by `make model`; here the pages from which they are learned."""

from analysis.model import load_model
from analysis.page import page_from_text
from gapaudit.fit_joins import HeldOut, mixed_pages, sample_pages


def held_out_pages():
    model = load_model()
    offers = [HeldOut(page_from_text(f"Offer {n}."), "en", frozenset({f"measure {n}"}), model) for n in range(6)]
    others = [HeldOut(page_from_text(f"Other {n}."), "en", frozenset(), model) for n in range(10)]
    return offers + others


def test_a_mixed_page_offers_what_the_passages_on_it_offer():
    mixed = mixed_pages(held_out_pages())
    assert {bool(page.measures) for page in mixed} == {True, False}
    for page in mixed:
        said = {f"measure {n}" for n in range(6) if f"Offer {n}." in page.page.text}
        assert page.mixed
        assert page.measures == said


def test_the_same_passages_are_mixed_the_same_way():
    first, second = mixed_pages(held_out_pages()), mixed_pages(held_out_pages())
    assert [page.page.text for page in first] == [page.page.text for page in second]


def test_the_sample_web_gives_pages_with_and_without_offers_in_several_languages():
    pages = sample_pages()
    assert {bool(measures) for _, _, measures in pages} == {True, False}
    assert len({language for _, language, _ in pages}) >= 6
