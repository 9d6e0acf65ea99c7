import numpy as np
import pytest

from analysis.coder import code_page
from analysis.model import UNSURE, Learned, Piece, joined_measure, load_model, log_odds
from analysis.page import page_from_text
from analysis.vectors import text_vectors
from common.errors import DataFileError


def test_vectors_are_of_length_one_and_alike_across_languages():
    english = text_vectors(["We help you find distributors abroad", "Recycling bins are emptied on Monday"], "en")
    assert np.allclose(np.linalg.norm(english, axis=1), 1, atol=1e-3)
    for language, text in (
        ("de", "Wir helfen Ihnen, Vertriebspartner im Ausland zu finden"),
        ("ko", "해외 유통업체 발굴을 도와드립니다"),
        ("sv", "Vi hjälper er att hitta distributörer utomlands"),
        ("da", "Vi hjælper jer med at finde distributører i udlandet"),
    ):
        same, other = (text_vectors([text], language) @ english.T)[0]
        assert same > other + 0.2, language


def test_no_text_gives_no_vectors():
    assert text_vectors([], "en").shape == (0, 512)
    assert text_vectors(["", "   "], "en").shape == (2, 512)


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


def test_cues_that_decide_are_believed_and_single_ones_doubted():
    model = load_model()
    assert joined_measure(model, 0.9, 0.5) >= UNSURE[1]
    assert 0.5 <= joined_measure(model, 0.65, 0.0) < UNSURE[1]
    assert joined_measure(model, 0.0, 0.99) >= 0.5
    assert joined_measure(model, 0.0, 0.1) < 0.5


def test_the_more_pieces_the_less_one_of_them_says():
    model = load_model()
    labels = dict.fromkeys(model.labels, 0.1)
    one = Piece((0,), labels | {"finance": 0.9})
    rest = tuple(Piece((n,), labels) for n in range(1, 8))
    assert Learned(model, "en", (one,)).measure("finance", (0,)) == pytest.approx(0.9)
    assert Learned(model, "en", (one, *rest)).measure("finance", tuple(range(8))) < 0.6
    assert Learned(model, "en").measure("finance", (0,)) == 0.0


def test_log_odds_stay_finite():
    assert log_odds(0.0) == pytest.approx(-log_odds(1.0))
    assert log_odds(0.5) == 0


def test_a_broken_model_file_is_named(tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(b"not a model")
    with pytest.raises(DataFileError, match="make model"):
        load_model(path)
