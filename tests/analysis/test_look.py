import pytest

from analysis.look import Learned, Piece
from analysis.model import load_model


def test_the_more_pieces_the_less_one_of_them_says():
    model = load_model()
    labels = dict.fromkeys(model.labels, 0.1)
    one = Piece((0,), labels | {"finance": 0.9})
    rest = tuple(Piece((n,), labels) for n in range(1, 8))
    assert Learned(model, "en", (one,)).measure("finance", (0,)) == pytest.approx(0.9)
    assert Learned(model, "en", (one, *rest)).measure("finance", tuple(range(8))) < 0.6
    assert Learned(model, "en").measure("finance", (0,)) == 0.0
