import copy
import shutil

import pytest
from selectolax.lexbor import LexborHTMLParser

from analysis.matrix import read_audit
from reports.gap_map import write_gap_map


@pytest.fixture(scope="module")
def audit(demo_audit):
    return read_audit(demo_audit)


def test_each_bubble_leads_to_its_programmes(demo_audit, audit):
    tree = LexborHTMLParser((demo_audit / "reports" / "gap_map.html").read_text())
    bubbles = tree.css("td a")
    assert len(bubbles) == sum(view.count(m) > 0 for view in audit.agencies for m in audit.codebook.measures)
    for bubble in bubbles:
        section = tree.css_first(f"[id='{bubble.attributes['href'][1:]}']")
        assert len(section.css("p > a")) == int(bubble.text())
        assert section.css("blockquote")


def test_text_of_a_page_cannot_run(audit, tmp_path):
    hostile = copy.deepcopy(audit)
    programme = hostile.programmes[0]
    programme.row["name"] = "<script>alert(1)</script>"
    programme.row["url"] = "javascript:alert(1)"
    programme.evidence[0]["quote"] = "</blockquote><img src=x onerror=alert(1)>"
    write_gap_map(hostile, tmp_path / "map.html")
    html = (tmp_path / "map.html").read_text()
    tree = LexborHTMLParser(html)
    assert not tree.css("script, img")
    assert not [a for a in tree.css("a") if (a.attributes.get("href") or "").startswith("javascript")]
    assert "default-src 'none'" in html


@pytest.mark.browser
def test_it_opens_in_chromium_without_error(demo_audit):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto((demo_audit / "reports" / "gap_map.html").as_uri())
        page.locator("td a").first.click()
        assert page.locator("section:target blockquote").first.is_visible()
        assert problems == []
        browser.close()
