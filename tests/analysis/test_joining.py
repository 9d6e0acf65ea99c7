from analysis.joining import UNSURE, joined_measure, joined_relevance
from analysis.look import Learned, Piece
from analysis.model import OFFER, load_model


def test_cues_that_decide_are_believed_and_single_ones_doubted():
    model = load_model()
    assert joined_measure(model, 0.9, 0.5) >= UNSURE[1]
    assert 0.5 <= joined_measure(model, 0.65, 0.0) < UNSURE[1]
    assert joined_measure(model, 0.0, 0.99) >= 0.5
    assert joined_measure(model, 0.0, 0.1) < 0.5


def relevance(offered, abroad, length=400, windows=()):
    model = load_model()
    piece = Piece((0,), dict.fromkeys(model.labels, 0.1) | {OFFER: offered})
    learned = Learned(model, "en", (piece,), windows)
    return joined_relevance(0.9, learned, 0.9, 0.0, length, 0.0, exports=False, abroad=abroad)


def test_a_page_without_a_word_of_other_countries_needs_a_plain_offer_and_a_person():
    assert relevance(0.98, abroad=True) >= UNSURE[1]
    assert 0.5 <= relevance(0.98, abroad=False) < UNSURE[1]
    assert relevance(0.6, abroad=False) == 0.0


def test_cues_alone_make_no_page_relevant_in_which_the_vectors_see_no_offer():
    assert relevance(0.1, abroad=True) < 0.5
    assert relevance(0.1, abroad=True, length=100) >= 0.5  # what a line or two name is what they are about


def test_a_plain_offer_may_show_in_a_window_where_no_word_of_other_countries_is():
    assert relevance(0.3, abroad=False, windows=(0.9,)) >= 0.5
    assert relevance(0.3, abroad=False, windows=(0.1,)) == 0.0
