from analysis.joining import UNSURE, joined_measure, joined_relevance
from analysis.look import Learned, Piece
from analysis.model import OFFER, load_model


def test_cues_that_decide_are_believed_and_single_ones_that_the_vectors_do_not_see_are_doubts():
    model = load_model()
    assert joined_measure(model, 0.9, 0.5) >= UNSURE[1]
    assert 0.5 <= joined_measure(model, 0.65, 0.1) < UNSURE[1]
    assert UNSURE[0] <= joined_measure(model, 0.65, 0.0) < 0.5
    assert joined_measure(model, 0.0, 0.99) >= 0.5
    assert joined_measure(model, 0.0, 0.1) < 0.5


def relevance(offered, abroad, length=400, exports=True, site_share=0.0):
    model = load_model()
    piece = Piece((0,), dict.fromkeys(model.labels, 0.1) | {OFFER: offered})
    learned = Learned(model, "en", (piece,))
    return joined_relevance(0.9, learned, 0.0, length, site_share, exports=exports, abroad=abroad)


def test_a_page_without_a_word_of_other_countries_needs_a_plain_offer_and_a_person():
    assert relevance(0.98, abroad=True) >= UNSURE[1]
    assert 0.5 <= relevance(0.98, abroad=False) < UNSURE[1]
    assert relevance(0.6, abroad=False) == 0.0


def test_cues_alone_make_no_page_relevant_in_which_the_vectors_see_no_offer():
    assert relevance(0.05, abroad=True) < 0.5
    assert relevance(0.05, abroad=True, length=100) >= 0.5  # what a line or two name is what they are about


def test_help_that_names_no_selling_abroad_has_to_be_plainer_unless_its_site_is_about_it():
    assert relevance(0.15, abroad=True) >= 0.5
    assert relevance(0.15, abroad=True, exports=False) < 0.5
    assert relevance(0.15, abroad=True, exports=False, site_share=0.9) >= 0.5
    assert relevance(0.15, abroad=True, site_share=0.1) < 0.5
