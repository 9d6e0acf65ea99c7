"""The sample web is whole, and the coder does on it what docs/accuracy.md says."""

import io
import json

import pytest

from analysis.codebook import load_codebook
from analysis.evaluate import evaluate
from analysis.jsonl import classify_lines
from common.yamlfile import read_yaml
from gapaudit.sample_gold import sample_gold
from gapaudit.sample_web import load_sites


@pytest.fixture(scope="module")
def gold():
    return sample_gold()


def test_every_page_has_its_truth_and_every_truth_its_page():
    for site in load_sites():
        truth = read_yaml(site.folder / "truth.yaml")["pages"]
        pages = {page.path for page in site.pages}
        assert set(truth) <= pages, site.folder.name
        if truth:
            assert pages - set(truth) == set() or site.folder.name == "xb-northmarch", pages - set(truth)


def test_it_shows_every_measure_and_level(gold):
    scored = [row for row in gold if row["scored"]]
    assert len(load_sites()) >= 12
    assert len(gold) >= 150
    assert {m for row in scored for m in row["measures"]} == set(load_codebook().measures)
    assert {row["social"] for row in scored} == {0, 1, 2, 3, 4}


@pytest.mark.usefixtures("demo_audit")  # the vectors of its pages are known then
def test_accuracy(gold, tmp_path):
    source = tmp_path / "pages.jsonl"
    visible = ({k: row[k] for k in ("id", "html", "text", "title", "url") if k in row} for row in gold)
    source.write_text("".join(json.dumps(row) + "\n" for row in visible))
    out = io.StringIO()
    _, bad = classify_lines(source, out)
    result = evaluate(
        [row for row in gold if row["scored"]], [json.loads(line) for line in out.getvalue().splitlines()]
    )
    assert not bad
    assert result.micro.f1 >= 0.90
    assert result.levels_right >= 0.95
    assert result.false_programmes == 0
