import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.jsonl import classify_lines

GOOD = {
    "id": "a",
    "text": "Trade missions for exporters\nJoin our trade mission to meet buyers abroad. Apply now.",
    "lang": "en",
}


def run(tmp_path, lines):
    source = tmp_path / "in.jsonl"
    source.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    out = io.StringIO()
    coded, bad = classify_lines(source, out)
    rows = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(rows) == coded
    return rows, bad


def test_the_fixed_format(tmp_path):
    rows, bad = run(tmp_path, [json.dumps(GOOD)])
    assert not bad
    assert list(rows[0]) == ["id", "lang", "relevant", "measures", "social", "audience", "barriers"]
    assert rows[0]["relevant"]
    assert [m["measure"] for m in rows[0]["measures"]] == ["trade_visits"]
    assert set(rows[0]["social"]) == {"level", "label", "confidence", "evidence"}


def test_a_broken_line_is_numbered_and_the_rest_goes_on(tmp_path):
    lines = [json.dumps(GOOD), "{broken", '{"id": 3}', '{"id": 4, "text": 5}', "[]", json.dumps(GOOD | {"id": "b"})]
    rows, bad = run(tmp_path, lines)
    assert [row["id"] for row in rows] == ["a", "b"]
    assert [line.number for line in bad] == [2, 3, 4, 5]


def test_menus_that_recur_over_a_site_never_raise_a_level(tmp_path):
    menu = "<div><p>Training on social media campaigns for exporters, with our help</p></div>"
    lines = [
        json.dumps({"id": n, "url": f"https://a.example/{n}", "lang": "en",
                    "html": f"{menu}<h1>Trade mission {n}</h1><p>Exporters, join trade mission {n} abroad.</p>"})
        for n in range(6)
    ]  # fmt: skip
    rows, _ = run(tmp_path, lines)
    assert {row["social"]["level"] for row in rows} == {1}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries({"id": st.integers(), "text": st.text(max_size=200)}), max_size=3))
def test_any_text_is_coded(tmp_path_factory, entries):
    rows, bad = run(tmp_path_factory.mktemp("any"), [json.dumps(entry) for entry in entries])
    assert not bad
    assert [row["id"] for row in rows] == [entry["id"] for entry in entries]
