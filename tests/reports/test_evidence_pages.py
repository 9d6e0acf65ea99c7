import copy
import re
import shutil

import pytest
from bs4 import BeautifulSoup

from analysis.matrix import read_audit
from reports.evidence_pages import _block, place_of, write_evidence_pages


@pytest.fixture
def audit(demo_audit, tmp_path):
    return read_audit(shutil.copytree(demo_audit, tmp_path / "audit"))


def test_every_quotation_has_its_place_and_is_marked(audit):
    write_evidence_pages(audit)
    pages = {}
    for e in [e for p in audit.programmes for e in p.evidence]:
        file, anchor = place_of(e).split("#")
        if file not in pages:
            pages[file] = BeautifulSoup((audit.folder / "reports" / file).read_text(encoding="utf-8"), "lxml")
        place = pages[file].find(id=anchor)
        assert place is not None, e
        marked = "".join(mark.get_text() for mark in pages[file].find_all("mark"))
        first = re.split(r"\s*\n\s*", e["quote"])[0]
        assert first.replace("\n", "") in marked.replace("\n", "")


def test_pages_are_text_and_nothing_else(audit):
    hostile = copy.deepcopy(audit)
    write_evidence_pages(hostile)
    for path in sorted((audit.folder / "reports" / "evidence").glob("*.html"))[:20]:
        html = path.read_text(encoding="utf-8")
        assert "default-src 'none'" in html
        found = BeautifulSoup(html, "lxml")
        assert not found.find_all(["script", "img", "iframe", "link", "form"])
        assert all(a["href"].startswith(("http://", "https://")) for a in found.find_all("a"))


def test_quotations_that_overlap():
    block = {"kind": "paragraph", "frame": False, "start": 0, "end": 10}
    pieces = _block("0123456789", block, [{"start": 2, "end": 6}, {"start": 4, "end": 8}])["pieces"]
    assert "".join(piece["text"] for piece in pieces) == "0123456789"
    assert [(p["text"], p["anchors"], p["quoted"]) for p in pieces] == [
        ("01", [], False), ("23", ["q2-6"], True), ("45", ["q4-8"], True), ("67", [], True), ("89", [], False),
    ]  # fmt: skip


def test_pages_that_are_quoted_no_more_are_deleted(audit):
    write_evidence_pages(audit)
    stale = audit.folder / "reports" / "evidence" / "0000.html"
    stale.write_text("old")
    before = sorted((audit.folder / "reports" / "evidence").glob("*.html"))
    write_evidence_pages(audit)
    assert not stale.exists()
    assert sorted((audit.folder / "reports" / "evidence").glob("*.html")) == [p for p in before if p != stale]
