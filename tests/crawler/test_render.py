"""Pages that hold no text before their scripts run, in real Chromium."""

import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from analysis.extract import extract
from tests.conftest import agency, html, new_audit, serving

SCRIPT = """
document.body.innerHTML = '<h1>Trade Mission Fund</h1><p>We help exporters to take part in trade missions abroad, ' +
  'with a grant for the travel of small firms to new markets.</p><a href="/more">More</a><img src="/logo.png">';
fetch('/data/words').then(r => r.text())
  .then(t => { document.body.insertAdjacentHTML('beforeend', '<p>' + t + '</p>'); });
fetch('/closed/words').catch(() => 0);
fetch('PRIVATE').catch(() => 0);
"""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("render")
    plain = "<p>Plain words for exporters, written by the server itself, with no script at all. </p>" * 5
    with serving({"/": html("secret")}) as (private, asked_in_private):
        routes = {
            "/": html("<div id=app></div><script src=/app.js></script>"),
            "/app.js": (200, {"Content-Type": "text/javascript"},
                        SCRIPT.replace("PRIVATE", private.replace("127.0.0.1", "localhost")).encode()),
            "/data/words": (200, {"Content-Type": "text/plain"}, b"Words that came later, of agents abroad."),
            "/closed/words": (200, {"Content-Type": "text/plain"}, b"closed"),
            "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /closed/\n"),
            "/more": html(plain),
            "/logo.png": (200, {"Content-Type": "image/png"}, b"x"),
        }  # fmt: skip
        with serving(routes) as (base, asked):
            for name, more in (("off", []), ("auto", ["--render"])):
                new_audit(folder / name, agency(base))
                command = [sys.executable, "-m", "crawler", str(folder / name), *more]
                done = subprocess.run(command, capture_output=True, text=True, timeout=120)
                assert done.returncode == 0, done.stderr
    return folder, asked, asked_in_private


def log(folder):
    rows = [row for row in pq.read_table(folder / "fetches.parquet").to_pylist() if row["kind"] == "page"]
    return [("/" + row["url"].split("/", 3)[3], row["outcome"]) for row in rows]


@pytest.mark.browser
def test_without_a_browser_such_a_page_is_named(crawled):
    assert log(crawled[0] / "off") == [("/", "needs_browser")]


@pytest.mark.browser
def test_what_was_rendered_is_read_and_its_links_followed(crawled):
    folder = crawled[0] / "auto"
    assert log(folder) == [("/", "needs_browser"), ("/", "kept"), ("/more", "kept")]
    extract(folder)
    pages = {row["url"].split("/", 3)[3]: row for row in pq.read_table(folder / "pages.parquet").to_pylist()}
    assert "Trade Mission Fund" in pages[""]["text"]
    assert "Words that came later" in pages[""]["text"]
    check = [sys.executable, "-m", "warcio.cli", "check", str(folder / "archive" / "xa-test.warc.gz")]
    assert subprocess.run(check, capture_output=True).returncode == 0


@pytest.mark.browser
def test_the_browser_asks_only_what_the_crawl_may_ask(crawled):
    _, asked, asked_in_private = crawled
    assert "/closed/words" not in asked
    assert "/logo.png" not in asked
    assert asked_in_private == []
    assert asked.count("/more") == 1
