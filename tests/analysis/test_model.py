import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.coder import code_page
from analysis.model import load_model, log_odds
from analysis.page import page_from_text
from analysis.vectors import deep_vectors, quick_vectors
from common.errors import DataFileError

TELL_THE_SAME = {
    "de": "Wir helfen Ihnen, Vertriebspartner im Ausland zu finden",
    "ko": "해외 유통업체 발굴을 도와드립니다",
    "sv": "Vi hjälper er att hitta distributörer utomlands",
    "da": "Vi hjælper jer med at finde distributører i udlandet",
}
ENGLISH = ["We help you find distributors abroad", "Recycling bins are emptied on Monday"]


def test_vectors_are_of_length_one_and_alike_across_languages():
    quick, deep = quick_vectors(ENGLISH, "en"), deep_vectors(ENGLISH)
    for vectors in (quick, deep):
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    for language, text in TELL_THE_SAME.items():
        same, other = (quick_vectors([text], language) @ quick.T)[0]
        assert same > other + 0.2, language
        same, other = (deep_vectors([text]) @ deep.T)[0]
        assert same > other + 0.05, language  # all deep vectors lie near each other


def test_no_text_gives_no_vectors():
    assert quick_vectors([], "en").shape == (0, 512)
    assert quick_vectors(["", "   "], "en").shape == (2, 512)
    assert deep_vectors([]).shape == (0, 384)
    assert deep_vectors(["", "   "]).shape == (2, 384)


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=40)
def test_any_text_has_the_same_deep_vector_alone_and_among_others(text):
    """Also what UTF-8 cannot say: pages may hold halves of characters."""
    alone, among = deep_vectors([text])[0], deep_vectors(["other text", text])[1]
    assert np.array_equal(alone, among)
    assert np.isfinite(alone).all()


@pytest.mark.parametrize(
    ("language", "text", "measure"),
    [
        (
            "en",
            "If your customer in Peru goes bankrupt before paying, you still get nine tenths of the money.",
            "finance",
        ),
        ("ja", "海外の取引先が代金を払わなかったとき、損失の9割を補てんします。", "finance"),
        (
            "nl",
            "Betaalt uw klant in Brazilië de factuur niet, dan vergoeden wij tot 90 procent van het bedrag.",
            "finance",
        ),
    ],
)
def test_what_no_cue_says_is_found_with_a_sentence_for_it(language, text, measure):
    coding = code_page(page_from_text(text), language)
    assert coding.relevant
    assert measure in {found.measure for found in coding.measures}
    for found in coding.measures:
        for quote in found.evidence:
            assert text[quote.start : quote.end] == quote.quote


def test_log_odds_stay_finite():
    assert log_odds(0.0) == pytest.approx(-log_odds(1.0))
    assert log_odds(0.5) == 0


def test_a_broken_model_file_is_named(tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(b"not a model")
    with pytest.raises(DataFileError, match="make model"):
        load_model(path)
