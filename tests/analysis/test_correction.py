import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from analysis.correction import (
    KNOWN_RECALL,
    USES,
    agency_corrections,
    corrections,
    measured_recall,
    recall_of,
    reviewed,
    rogan_gladen,
)
from analysis.shares import Share
from analysis.tables import CODINGS, REVIEWS

rates = st.floats(0.05, 1.0)


@given(st.floats(0, 1), rates, rates)
def test_rogan_gladen_undoes_the_errors_of_a_test(true, sensitivity, specificity):
    apparent = true * sensitivity + (1 - true) * (1 - specificity)
    found = rogan_gladen(apparent, sensitivity, specificity)
    if sensitivity + specificity - 1 <= 1e-9:
        assert found is None
    elif sensitivity + specificity > 1.01:
        assert found == pytest.approx(true, abs=1e-6)


@given(st.integers(1, 200).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilson_as_by_its_formula(pair):
    yes, of = pair
    p, z = yes / of, 1.959963984540054
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * ((p * (1 - p) / of + z * z / (4 * of * of)) ** 0.5) / (1 + z * z / of)
    assert Share(yes, of).interval.low == pytest.approx(max(middle - half, 0), abs=1e-9)
    assert Share(yes, of).interval.high == pytest.approx(min(middle + half, 1), abs=1e-9)
    assert binomtest(yes, of).proportion_ci(method="wilson").low == pytest.approx(Share(yes, of).interval.low)


def an_audit(folder, programmes, left_out, looked_at):
    """`programmes`: (id, level by the machine, level by a person or None); `looked_at`: {url: level by a person}."""
    codings, reviews = [], []
    for name, machine, person in programmes:
        row = {"programme": name, "agency": "a", "confidence": 0.9, "review": False, "codebook": "", "coder": "machine"}
        codings += [row | {"code": "social_media", "value": machine}, row | {"code": "training", "value": 1}]
        if person is not None:
            said = {"item": name, "agency": "a", "coder": "Anna", "kind": "sample", "comment": ""}
            reviews += [
                said | {"code": "social_media", "value": person},
                said | {"code": "training", "value": int(person != 1)},
                said | {"code": "relevant", "value": 1},
            ]
    for url, level in looked_at.items():
        said = {"item": f"page:{url}", "agency": "a", "coder": "Anna", "kind": "elusion", "comment": ""}
        reviews.append(said | {"code": "relevant", "value": int(level > 0)})
        reviews += [said | {"code": "social_media", "value": level}] if level else []
    pages = {"relevant": [False] * left_out, "note": [""] * left_out}
    pq.write_table(pa.table(pages), folder / "pages.parquet")
    pq.write_table(pa.Table.from_pylist(codings, schema=CODINGS), folder / "codings.parquet")
    pq.write_table(pa.Table.from_pylist(reviews, schema=REVIEWS), folder / "reviews.parquet")
    return folder


def test_each_item_stands_for_so_many_of_its_stratum(tmp_path):
    """90 programmes of level 0, 2 of 30 looked at are level 3; 10 of level 3, all 10 looked at, 8 are."""
    low = [(f"low{n}", 0, (3 if n < 2 else 0) if n < 30 else None) for n in range(90)]
    high = [(f"high{n}", 3, 3 if n < 8 else 0) for n in range(10)]
    folder = an_audit(tmp_path, low + high, 5, {})
    items, sizes = reviewed(folder)
    assert (len(items), sizes["level 0"], sizes["level 3"]) == (40, 90, 10)
    found = next(row for row in corrections(folder) if row.code == USES)
    assert found.apparent == pytest.approx(0.10)
    assert found.sensitivity == pytest.approx(8 / (8 + 2 * 3))
    assert found.specificity == pytest.approx((28 * 3) / (28 * 3 + 2))
    # as the machine's errors say: 14 of the 100
    assert found.corrected == pytest.approx(0.14)
    assert found.interval.low < 0.14 < found.interval.high


def test_agencies_by_the_errors_on_their_programmes(tmp_path):
    """The machine's yes is right in 8 of 10, its no wrong in 2 of 30: an agency of one programme each."""
    low = [(f"low{n}", 0, (3 if n < 2 else 0) if n < 30 else None) for n in range(90)]
    high = [(f"high{n}", 3, 3 if n < 8 else 0) for n in range(10)]
    folder = an_audit(tmp_path, low + high, 5, {})
    rows = [row | {"agency": row["programme"]} for row in pq.read_table(folder / "codings.parquet").to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=CODINGS), folder / "codings.parquet")
    found = next(r for r in agency_corrections(folder, ["low0", "low1", "high0", "high1"]) if r.code == USES)
    assert found.apparent == 0.5
    assert found.corrected == pytest.approx((2 * 0.8 + 2 * 2 / 30) / 4)
    assert found.interval.low < found.corrected < found.interval.high
    assert agency_corrections(folder, []) == []


def test_recall_needs_what_was_left_out(tmp_path):
    programmes = [(f"p{n}", 3, 3) for n in range(9)]
    folder = an_audit(tmp_path, programmes, 20, {})
    assert measured_recall(folder) is None
    assert recall_of(folder).value == pytest.approx(KNOWN_RECALL[0] / KNOWN_RECALL[1])
    folder = an_audit(tmp_path, programmes, 20, {f"https://x/{n}": 4 if n == 0 else 0 for n in range(20)})
    assert recall_of(folder).value == pytest.approx(0.9)
    assert recall_of(folder).low < 0.9 < recall_of(folder).high


def test_nobody_has_looked(tmp_path):
    folder = an_audit(tmp_path, [("p", 3, None)], 1, {})
    assert corrections(folder) == []
    assert measured_recall(folder) is None


def test_the_interval_holds_the_truth_about_as_often_as_it_says(tmp_path):
    """Machines of known errors on programmes of known levels: 19 of 20 intervals should hold the truth."""
    chance, held = random.Random(3), 0
    for turn in range(12):
        programmes = []
        for number in range(300):
            true = 3 if chance.random() < 0.3 else 0
            machine = true if chance.random() < 0.85 else 3 - true
            programmes.append((f"p{number}", machine, true if number % 3 == 0 else None))
        folder = tmp_path / str(turn)
        folder.mkdir()
        found = next(row for row in corrections(an_audit(folder, programmes, 0, {})) if row.code == USES)
        held += found.interval.low <= 0.3 <= found.interval.high
    assert held >= 10
