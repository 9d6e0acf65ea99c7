"""Coming back: what has not changed is neither sent nor stored again, and is read all the same."""

import hashlib
import subprocess
import sys
from collections import Counter

import pyarrow.parquet as pq
import pytest

from analysis.archive import captures_at
from analysis.coverage import coverage_of
from analysis.extract import extract
from common.frame import read_frame
from tests.conftest import agency, html, new_audit, serving

WORDS = ("harbour", "orchard", "granite", "velvet", "meadow", "lantern", "copper", "willow")


def crawl(folder, *more):
    done = subprocess.run(
        [sys.executable, "-m", "crawler", str(folder), *more], capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    log = pq.read_table(folder / "fetches.parquet").to_pylist()
    return {"/" + row["url"].split("/", 3)[3]: row for row in log if row["kind"] == "page"}


def marked(body):
    """A page with an ETag, that answers 304 to whoever has it."""

    def route(handler):
        status, headers, text = html(body)
        mark = f'"{hashlib.md5(text).hexdigest()}"'
        same = handler.headers.get("If-None-Match") == mark
        handler.send_response(304 if same else status)
        handler.send_header("ETag", mark)
        more = {} if same else headers | {"Content-Length": str(len(text))}
        for name, value in more.items():
            handler.send_header(name, value)
        handler.end_headers()
        if not same:
            handler.wfile.write(text)

    return route


@pytest.fixture(scope="module")
def audits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("earlier")
    long = "<p>Help for exporters with customs papers and trade fairs abroad.</p>" * 60
    routes = {"/": marked("<a href=/plain>p</a>" + "".join(f"<a href=/{word}>{word}</a>" for word in WORDS) + long)}
    routes |= {
        f"/{word}": marked(f"<h1>{word}</h1><p>All that a small firm must know of the {word} is said here.</p>{long}")
        for word in WORDS
    }
    routes["/plain"] = html(
        f"<h1>No marks</h1><p>This server knows none.</p>{long}"
    )  # a server that knows nothing of ETags
    with serving(routes) as (base, _):
        first = crawl(new_audit(folder / "first", agency(base)))
        second = crawl(new_audit(folder / "second", agency(base)), "--since", str(folder / "first"))
        routes["/granite"] = marked(
            f"<h1>Granite</h1><p>What is said of the stone is all new since the last time.</p>{long}"
        )
        del routes["/velvet"]
        third = crawl(new_audit(folder / "third", agency(base)), "--since", str(folder / "second"))
        for word in WORDS:
            routes.pop(f"/{word}", None)
        routes["/"] = html("<p>We have moved to another place, look for us there.</p>")
        fourth = crawl(new_audit(folder / "fourth", agency(base)), "--since", str(folder / "first"))
    return folder, first, second, third, fourth


def test_an_unchanged_site_is_not_sent_again(audits):
    _, first, second, _, _ = audits
    assert {row["outcome"] for row in second.values()} == {"unchanged"}
    assert set(second) == set(first)
    marked_bytes = sum(row["bytes"] for path, row in second.items() if path != "/plain")
    assert marked_bytes < 0.05 * sum(row["bytes"] for row in first.values())


def test_what_changed_is_fetched_and_what_is_gone_is_named(audits):
    _, _, _, third, _ = audits
    outcomes = Counter(row["outcome"] for row in third.values())
    assert outcomes == {"unchanged": 8, "kept": 1, "not_found": 1}
    assert third["/granite"]["outcome"] == "kept"
    assert "earlier" in third["/velvet"]["found_by"]


def test_pointers_open_the_record_of_the_earlier_audit_in_the_audits_own_folder(audits):
    folder, _, _, third, _ = audits
    row = third["/harbour"]
    assert row["warc_file"].startswith("earlier/")
    capture = next(captures_at(folder / "third" / "archive" / row["warc_file"], [row["warc_offset"]]))[1]
    assert capture.url == row["url"]
    assert b"<h1>harbour</h1>" in capture.body


def test_the_pages_are_read_as_before(audits):
    folder, *_ = audits
    texts = []
    for name in ("first", "second"):
        extract(folder / name)
        texts.append(pq.read_table(folder / name / "pages.parquet", columns=["url", "text", "relevant"]).to_pylist())
    assert texts[0] == texts[1]
    assert len(texts[0]) == len(WORDS) + 2


def test_only_what_changed_is_coded_again(audits):
    folder, *_ = audits
    extract(folder / "first")
    fresh = extract(folder / "third")
    table = (folder / "third" / "pages.parquet").read_bytes()
    report = extract(folder / "third", since=folder / "first")
    assert fresh.coded_before == 0
    coded = sum(bool(row["coding"]) for row in pq.read_table(folder / "third" / "pages.parquet").to_pylist())
    assert report.coded_before == coded - 1 > 5  # all but the one that was changed
    assert (folder / "third" / "pages.parquet").read_bytes() == table


def test_the_revisit_records_are_sound(audits):
    folder, *_ = audits
    archive = folder / "second" / "archive" / "xa-test.warc.gz"
    done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(archive)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    index = (folder / "second" / "archive" / "index.cdxj").read_text()
    assert index.count('"mime": "warc/revisit"') == len(WORDS) + 2
    assert index.count("earlier/") >= len(WORDS) + 2


def test_a_site_that_is_gone_is_a_broken_crawl_and_no_finding(audits):
    folder, *_ = audits
    extract(folder / "fourth")
    coverage = coverage_of(folder / "fourth", read_frame(folder / "fourth" / "audit.toml"))["xa-test"]
    assert coverage.grade == "failed"
    assert "2 of the 10 pages that the earlier audit read" in coverage.in_words()
