"""Frozen pages: each tests/pages/NAME.html is coded and compared with NAME.expected.json beside it.

A wrong coding becomes a regression test by adding two files.
"""

import json
from pathlib import Path

import pytest

from analysis.coder import code_page
from analysis.html_text import read_html
from analysis.language import detect_language
from analysis.page import assemble

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path):
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    page = read_html(path.read_text(encoding="utf-8"))
    text = assemble(page.title, page.blocks)
    coding = code_page(text, detect_language(text.main, page.language), expected.get("url", ""))
    assert {
        "relevant": coding.relevant,
        "measures": sorted(m.measure for m in coding.measures),
        "social": int(coding.social.level),
        "programmes": [p.name for p in coding.programmes],
    } == {key: expected[key] for key in ("relevant", "measures", "social", "programmes")}
