import pytest

from analysis.cues import cue_finder
from analysis.look import LONG, Learned, Piece, look
from analysis.model import load_model
from analysis.page import page_from_text
from analysis.reading import read_page

OFFERS = "We find distributors abroad for small firms and brief them before they travel to meet buyers. "


def seen(text):
    return look(read_page(page_from_text(text), cue_finder("en")), "en", load_model())


def test_pieces_are_looked_at_together_too_where_a_page_has_several_and_is_not_long():
    assert len(seen(OFFERS * 2).pieces) == 1
    assert not seen(OFFERS * 2).windows
    paragraphs = seen("\n".join([OFFERS * 3] * 3))
    assert len(paragraphs.pieces) == 3
    assert len(paragraphs.windows) == 2
    assert max(paragraphs.windows) > 0.5
    assert not seen("\n".join([OFFERS] * (LONG // len(OFFERS) + 1))).windows
    assert not seen("The library opens at nine and lends books to children.\n" * 12).windows  # no piece is worth it


def test_the_more_pieces_the_less_one_of_them_says():
    model = load_model()
    labels = dict.fromkeys(model.labels, 0.1)
    one = Piece((0,), labels | {"finance": 0.9})
    rest = tuple(Piece((n,), labels) for n in range(1, 8))
    assert Learned(model, "en", (one,)).measure("finance", (0,)) == pytest.approx(0.9)
    assert Learned(model, "en", (one, *rest)).measure("finance", tuple(range(8))) < 0.6
    assert Learned(model, "en").measure("finance", (0,)) == 0.0
