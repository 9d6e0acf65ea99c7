"""What leads to programmes: feeds, documents, lists of pages, finders that are reached by links."""

import io
import subprocess
import sys

import docx
import pyarrow.parquet as pq

from analysis.extract import extract
from tests.conftest import agency, html, new_audit, serving


def word(text):
    made = docx.Document()
    made.add_paragraph(text)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def crawl(folder):
    command = [sys.executable, "-m", "crawler", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_feeds_documents_and_lists_are_followed(tmp_path):
    routes = {
        "/": html("<a href='/list?page=1'>All programmes</a>"
                  "<link rel=alternate type=application/rss+xml href=/feed.rss>"),
        "/feed.rss": (200, {"Content-Type": "application/rss+xml"},
                      b"<rss><channel><item><title>New</title><link>BASE/from-the-feed</link></item>"
                      b"<item><link>http://elsewhere.example/x</link></item></channel></rss>"),
        "/from-the-feed": html("<p>Only the feed names this page.</p>"),
        "/list?page=1": html("<p>Programmes A</p><a href='/guide.docx'>Guide</a><link rel=next href='/list?page=2'>"),
        "/list?page=2": html("<p>Programmes B</p><a rel=nofollow href='/filter?x=1'>F</a><iframe src=/finder>"),
        "/finder": html("<p>The programme finder</p><a href=/programme/7>Seven</a>"),
        "/programme/7": html("<p>Programme Seven pays for stands abroad.</p>"),
        "/guide.docx": (200, {"Content-Type": "application/octet-stream"}, word("A guide for exporters, in Word.")),
    }  # fmt: skip
    with serving(routes) as (base, asked):
        status, headers, body = routes["/feed.rss"]
        routes["/feed.rss"] = (status, headers, body.replace(b"BASE", base.encode()))
        folder = new_audit(tmp_path / "audit", agency(base))
        crawl(folder)
    log = {"/" + row["url"].split("/", 3)[3]: row for row in pq.read_table(folder / "fetches.parquet").to_pylist()}
    kept = {path for path, row in log.items() if row["kind"] == "page" and row["outcome"] == "kept"}
    assert kept == {"/", "/from-the-feed", "/list?page=1", "/list?page=2", "/finder", "/programme/7", "/guide.docx"}
    assert log["/from-the-feed"]["found_by"] == "feed"
    assert not any("filter" in path for path in asked)
    extract(folder)
    texts = {row["url"].rsplit("/", 1)[-1]: row["text"] for row in pq.read_table(folder / "pages.parquet").to_pylist()}
    assert texts["guide.docx"] == "A guide for exporters, in Word."


def test_retry_after_as_a_date(tmp_path):
    answers = [
        (503, {"Retry-After": "Tue, 24 Nov 2026 10:00:01 GMT", "Date": "Tue, 24 Nov 2026 10:00:00 GMT"}, b""),
        html("<p>here again</p>"),
    ]

    def busy(handler):
        status, headers, body = answers.pop(0)
        handler.send_response_only(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with serving({"/": busy}) as (base, _):
        folder = new_audit(tmp_path / "audit", agency(base))
        crawl(folder)
    rows = [row for row in pq.read_table(folder / "fetches.parquet").to_pylist() if row["kind"] == "page"]
    assert [row["outcome"] for row in rows] == ["server_error", "kept"]
