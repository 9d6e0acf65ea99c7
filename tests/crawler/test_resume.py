"""A crawl that is killed, stopped or starved at any moment goes on to the same end."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from analysis.classify import classify
from analysis.extract import extract
from gapaudit.sample_web import serve
from tests.conftest import agency, html, new_audit, serving

CRAWL = [sys.executable, "-m", "crawler"]
LETTERS = str.maketrans("0123456789", "abcdefghij")  # pages that differ in figures only say nothing new


def begin(folder, **more):
    return subprocess.Popen([*CRAWL, str(folder)], stderr=subprocess.PIPE, text=True, **more)


def begun(folder, asked, count):
    """A crawl that has asked for so many addresses."""
    process = begin(folder)
    end = time.monotonic() + 30
    while len(asked) < count and time.monotonic() < end:
        time.sleep(0.01)
    return process


def rows(folder, table, *without):
    kept = [name for name in pq.read_schema(folder / f"{table}.parquet").names if name not in without]
    return pq.read_table(folder / f"{table}.parquet", columns=kept).to_pylist()


def responses(path):
    with path.open("rb") as stream:
        return Counter(
            record.rec_headers.get_header("WARC-Target-URI")
            for record in ArchiveIterator(stream, check_digests="raise")
            if record.rec_type == "response"
        )


@pytest.fixture(scope="module")
def sample():
    """A part of the sample web: sitemaps, redirects, PDFs, robots rules."""
    with serve({}) as agencies:
        yield [a for a in agencies if a.id in ("xa-calder-trade", "qr-ahrental-global", "xc-ilvermouth-chamber")]


@pytest.fixture(scope="module")
def undisturbed(sample, tmp_path_factory):
    folder = new_audit(tmp_path_factory.mktemp("whole") / "audit", *sample)
    process = begin(folder)
    assert process.wait(60) == 0, process.stderr.read()
    extract(folder)
    classify(folder)
    return folder


def test_killed_at_twenty_moments_the_end_is_the_same(sample, undisturbed, tmp_path):
    folder = new_audit(tmp_path / "audit", *sample, delay=0.2)
    moments = random.Random(7)
    lives = 0
    while not (folder / "fetches.parquet").exists():
        process = begin(folder)
        end = time.monotonic() + (0.5 + moments.random() * 0.9 if lives < 20 else 60)
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            lives += 1
        process.wait()
    assert lives == 20
    changing = ("time", "seconds", "warc_offset", "warc_end", "bytes")
    assert rows(folder, "fetches", *changing) == rows(undisturbed, "fetches", *changing)
    for file in folder.glob("archive/*.warc.gz"):
        asked = responses(file)
        # robots.txt is read anew by each life; a page's record that was torn is cut off and the page asked again
        assert {url for url, count in asked.items() if count > 1 and not url.endswith("/robots.txt")} == set()
    extract(folder)
    classify(folder)
    for table in ("pages", "programmes", "codings", "evidence"):
        where = ("time", "warc_offset", "archive")
        assert rows(folder, table, *where) == rows(undisturbed, table, *where)


def many_pages(count):
    routes = {"/": html("".join(f"<a href='/p{n}'>{n}</a>" for n in range(count)))}
    return routes | {f"/p{n}": html(f"<p>page {str(n).translate(LETTERS)}</p>" * 40) for n in range(count)}


def test_ctrl_c_once_ends_cleanly(tmp_path):
    with serving(many_pages(40)) as (base, asked):
        folder = new_audit(tmp_path / "audit", agency(base), delay=0.1)
        process = begun(folder, asked, 8)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 1
        assert "run the same command again to go on" in process.stderr.read()
        assert not (folder / "fetches.parquet").exists()
        assert begin(folder).wait(60) == 0
    assert max(Counter(path for path in asked if path.startswith("/p")).values()) == 1


def test_a_full_disk_stops_the_crawl_and_loses_nothing(tmp_path):
    """The limit on the size of files stands for the disk: writing fails in the same way."""
    with serving(many_pages(150)) as (base, _):
        folder = new_audit(tmp_path / "audit", agency(base), pages=200)
        process = begin(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000)))
        said = process.stderr.read()
        assert process.wait(60) == 1, said
        assert "Traceback" not in said
        assert begin(folder).wait(60) == 0
    kept = [row for row in rows(folder, "fetches") if row["outcome"] == "kept" and row["kind"] == "page"]
    assert len(kept) == 151
    assert sum(responses(folder / "archive" / "xa-test.warc.gz").values()) == 151


def test_records_lost_in_a_power_cut_are_fetched_again(tmp_path):
    with serving(many_pages(60)) as (base, asked):
        folder = new_audit(tmp_path / "audit", agency(base), delay=0.05)
        process = begun(folder, asked, 30)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        archive = folder / "archive" / "xa-test.warc.gz"
        size = archive.stat().st_size
        with archive.open("r+b") as stream:  # the end of the file never reached the disk, or as zeros
            stream.truncate(size - 3000)
            stream.seek(size - 3800)
            stream.write(b"\0" * 800)
        assert begin(folder).wait(60) == 0
    assert sum(row["outcome"] == "kept" for row in rows(folder, "fetches") if row["kind"] == "page") == 61
    assert len(responses(archive)) == 61


def test_a_frontier_of_another_version_is_named(tmp_path):
    folder = new_audit(tmp_path / "audit", replace(agency("http://127.0.0.1:9"), name="x"))
    (folder / "archive").mkdir()
    (folder / "archive" / "frontier.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 50)
    process = begin(folder)
    assert process.wait(30) == 2
    assert "frontier.sqlite: cannot be opened" in process.stderr.read()


def test_an_archive_that_is_not_the_crawls_own_is_not_touched(tmp_path):
    folder = new_audit(tmp_path / "audit", agency("http://127.0.0.1:9"))
    (folder / "archive").mkdir()
    foreign = folder / "archive" / "xa-test.warc.gz"
    foreign.write_bytes(b"somebody's work of weeks")
    process = begin(folder)
    assert process.wait(30) == 2
    assert "xa-test.warc.gz: is there, but this crawl has not begun" in process.stderr.read()
    assert foreign.read_bytes() == b"somebody's work of weeks"
    assert begin(folder).wait(30) == 2  # and not the second time either
    assert foreign.read_bytes() == b"somebody's work of weeks"
