"""The joins are fitted whole by `make model`; here the pages from which they are learned."""

from gapaudit.fit_joins import sample_pages


def test_the_sample_web_gives_pages_with_and_without_offers_in_several_languages():
    pages = sample_pages()
    assert {bool(measures) for _, _, measures in pages} == {True, False}
    assert len({language for _, language, _ in pages}) >= 6
