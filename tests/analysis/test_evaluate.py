import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.evaluate import Evaluation, Scores, evaluate


def coded(identity, measures, level, relevant=True):
    return {
        "id": identity, "lang": "en", "relevant": relevant,
        "measures": [{"measure": m} for m in measures], "social": {"level": level},
    }  # fmt: skip


def test_counts_are_of_decisions():
    gold = [
        {"id": 1, "relevant": True, "measures": ["training", "finance"], "social": 3},
        {"id": 2, "relevant": False, "measures": [], "social": 1},
    ]
    result = evaluate(gold, [coded(1, ["training", "digital"], 3), coded(2, [], 4, relevant=False)])
    assert result.micro == Scores(right=1, extra=1, missed=1)
    assert result.micro.f1 == 0.5
    assert result.levels_right == 0.5
    assert result.false_programmes == 1


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=40))
def test_weighted_kappa_is_cohens(pairs):
    from collections import Counter

    result = Evaluation(len(pairs), Scores(), {}, {}, Counter(pairs))
    table = np.zeros((5, 5))
    for a, b in pairs:
        table[a, b] += 1
    weights = (np.arange(5)[:, None] - np.arange(5)[None, :]) ** 2
    expected = (weights * np.outer(table.sum(1), table.sum(0))).sum() / len(pairs)
    value = 1 - (weights * table).sum() / expected if expected else 1.0
    assert result.weighted_kappa == pytest.approx(value)
