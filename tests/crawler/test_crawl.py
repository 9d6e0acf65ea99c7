"""The crawl against a real server on loopback."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from analysis.archive import captures_at
from tests.conftest import agency, html, new_audit, serving

LETTERS = str.maketrans("0123456789", "abcdefghij")  # pages that differ in figures only say nothing new


def crawl(folder):
    return subprocess.run([sys.executable, "-m", "crawler", str(folder)], capture_output=True, text=True, timeout=90)


def fetches(folder):
    return {(r["kind"], r["url"].split("/", 3)[3]): r for r in pq.read_table(folder / "fetches.parquet").to_pylist()}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crawl") / "audit"
    routes = {
        "/robots.txt": (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /closed\n"),
        "/": html("<a href='/export'>Help</a><a href='/closed/x'>x</a><a href='/loop'>l</a><a href='/moved'>m</a>"
                  "<a href='/off'>o</a><a href='/gone'>g</a><a href='/broken'>b</a><a href='/no'>n</a>"
                  "<a href='/picture'>p</a><a href='/blank'>e</a><a href='http://10.0.0.1/'>private</a>"
                  "<a href='/deep1'>d</a><a href='/huge'>h</a>"),
        "/export": html("<h1>Export help</h1>"),
        "/moved": (301, {"Location": "/target"}, b""),
        "/target": html("target"),
        "/loop": (302, {"Location": "/loop2"}, b""),
        "/loop2": (302, {"Location": "/loop"}, b""),
        "/off": (302, {"Location": "http://10.0.0.1/x"}, b""),
        "/broken": (500, {}, b"oops"),
        "/no": (403, {}, b"no"),
        "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
        "/blank": (200, {"Content-Type": "text/html"}, b""),
        "/deep1": html("<a href='/deep2'>d</a>"),
        "/deep2": html("<a href='/deep3'>d</a>"),
        "/deep3": html("too deep"),
        "/huge": (200, {"Content-Type": "text/html"}, b"x" * 400_000),
    }  # fmt: skip
    with serving(routes) as (base, asked):
        new_audit(folder, agency(base), depth=2, max_bytes=300_000)
        done = crawl(folder)
    assert done.returncode == 0, done.stderr
    return folder, asked


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("", "kept"), ("export", "kept"), ("target", "kept"), ("moved", "redirect"), ("loop", "redirect"),
        ("off", "redirect_off_site"), ("gone", "not_found"), ("broken", "server_error"), ("no", "blocked"),
        ("picture", "not_text"), ("blank", "empty"), ("closed/x", "refused_by_robots"), ("deep2", "kept"),
        ("deep3", "over_depth"), ("huge", "too_large"),
    ],
)  # fmt: skip
def test_every_request_has_its_reason(crawled, path, outcome):
    assert fetches(crawled[0])["page", path]["outcome"] == outcome


def test_what_robots_forbids_is_never_asked(crawled):
    assert not any(path.startswith("/closed") for path in crawled[1])


def test_each_page_is_asked_once_and_a_broken_one_three_times(crawled):
    counts = Counter(crawled[1])
    assert counts["/export"] == counts["/robots.txt"] == 1
    assert counts["/broken"] == 3


def test_the_archive_is_sound_and_pointers_open_their_record(crawled):
    folder, _ = crawled
    warc = folder / "archive" / "xa-test.warc.gz"
    with warc.open("rb") as stream:
        kinds = Counter(record.rec_type for record in ArchiveIterator(stream, check_digests="raise"))
    assert kinds["warcinfo"] == 1
    assert kinds["response"] == kinds["request"] == sum(r["outcome"] == "kept" for r in fetches(folder).values())
    row = fetches(folder)["page", "export"]
    capture = next(captures_at(warc, [row["warc_offset"]]))[1]
    assert capture.url.endswith("/export")
    assert b"<h1>Export help</h1>" in capture.body


def test_a_private_start_address_is_refused(tmp_path):
    with serving({"/": html("secret")}) as (base, asked):
        entry = agency(base)
        object.__setattr__(entry, "allow_private", False)
        path = new_audit(tmp_path / "audit", entry) / "audit.toml"
        # the registry would refuse http without allow_private, so the frame is made by hand
        path.write_text(path.read_text().replace(base.replace("http", "http"), base.replace("http://", "https://")))
        done = crawl(tmp_path / "audit")
    assert done.returncode == 0
    assert asked == []
    assert {r["outcome"] for r in fetches(tmp_path / "audit").values()} == {"private_address"}


def test_the_page_budget_holds_and_names_what_is_left(tmp_path):
    routes = {"/": html("".join(f"<a href='/p{n}'>{n}</a>" for n in range(20)))}
    routes |= {f"/p{n}": html(f"page {n}".translate(LETTERS)) for n in range(20)}
    with serving(routes) as (base, _):
        assert crawl(new_audit(tmp_path / "audit", agency(base), pages=5)).returncode == 0
    counts = Counter(r["outcome"] for r in fetches(tmp_path / "audit").values() if r["kind"] == "page")
    assert counts["kept"] == 5
    assert counts["over_page_budget"] == 16


def test_robots_that_cannot_be_read_keeps_us_out(tmp_path):
    with serving({"/": html("x"), "/robots.txt": (503, {}, b"")}) as (base, asked):
        assert crawl(new_audit(tmp_path / "audit", agency(base))).returncode == 0
    assert "/" not in asked
    assert fetches(tmp_path / "audit")["page", ""]["outcome"] == "robots_unreachable"


def test_a_killed_crawl_goes_on_and_asks_nothing_twice(tmp_path):
    def slow(handler):
        time.sleep(0.05)
        body = f"<p>page {handler.path.translate(LETTERS)}</p>".encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    routes = {"/": html("".join(f"<a href='/p{n}'>{n}</a>" for n in range(40)))}
    routes |= {f"/p{n}": slow for n in range(40)}
    with serving(routes) as (base, asked):
        folder = new_audit(tmp_path / "audit", agency(base))
        process = subprocess.Popen([sys.executable, "-m", "crawler", str(folder)], stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while len(asked) < 15 and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with (folder / "archive" / "xa-test.warc.gz").open("ab") as stream:
            stream.write(b"\x1f\x8b half a record")  # as a crash in the middle of a write leaves it
        assert crawl(folder).returncode == 0
    kept = [r for r in fetches(folder).values() if r["outcome"] == "kept" and r["kind"] == "page"]
    assert len(kept) == 41
    with (folder / "archive" / "xa-test.warc.gz").open("rb") as stream:
        assert sum(r.rec_type == "response" for r in ArchiveIterator(stream, check_digests="raise")) == 41
    # at most the requests under way at the moment of the kill are asked again
    assert sum(count - 1 for path, count in Counter(asked).items() if path.startswith("/p")) <= 2
