import pytest

from analysis.cues import cue_finder
from analysis.look import UNSEEN, Learned, Piece, look
from analysis.model import load_model
from analysis.page import page_from_text
from analysis.reading import read_page

OFFERS = "We find distributors abroad for small firms and brief them before they travel to meet buyers. "


def seen(text):
    return look(read_page(page_from_text(text), cue_finder("en")), "en", load_model())


def test_a_page_is_looked_at_in_pieces_as_long_as_a_passage():
    assert len(seen(OFFERS * 2).pieces) == 1
    paragraphs = seen("\n".join([OFFERS * 3] * 4))  # of 54 words each
    assert [piece.blocks for piece in paragraphs.pieces] == [(0, 1), (2, 3)]
    assert max(paragraphs.offers()) > 0.5
    assert len(seen(OFFERS * 12).pieces) == 3  # one long paragraph
    assert max(seen("The library opens at nine and lends books to children.\n" * 12).offers()) < 0.5


def test_the_more_pieces_the_less_one_of_them_says():
    model = load_model()
    labels = dict.fromkeys(model.labels, 0.1)
    one = Piece((0,), labels | {"finance": 0.9})
    rest = tuple(Piece((n,), labels) for n in range(1, 8))
    assert Learned(model, "en", (one,)).measure("finance", (0,)) == pytest.approx(0.9)
    assert Learned(model, "en", (one, *rest)).measure("finance", tuple(range(8))) < 0.6
    assert Learned(model, "en").measure("finance", (0,)) == UNSEEN
