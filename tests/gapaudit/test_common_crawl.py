"""Pages out of a crawl of the same form as Common Crawl's, whose files lie on a server that gives ranges."""

import gzip
import io
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from fastwarc.warc import ArchiveIterator

from analysis.extract import extract
from common.errors import ArchiveError
from crawler.cdxj import surt
from gapaudit.cli import cli
from gapaudit.common_crawl import Range, Wanted, read_index, read_range
from gapaudit.ingest import ingest_common_crawl
from tests.conftest import agency, new_audit, serving
from tests.gapaudit.test_ingest import PAGE, warc

WARC = "crawl-data/CC-MAIN-2026-40/segments/1.1/warc/CC-MAIN-1.warc.gz"
PAGES = {
    "https://www.trade.example/support/export-grants": 200,
    "https://www.trade.example/about": 200,
    "https://www.trade.example/gone": 404,
    "https://www.elsewhere.example/export/help": 200,
    "https://www.elsewhere.example/cats": 200,
}


def members(content: bytes):
    """Where each record of a WARC file lies: (address, first byte, length)."""

    found = [(r.headers.get("WARC-Target-URI"), r.stream_pos) for r in ArchiveIterator(io.BytesIO(content))]
    ends = [place for _, place in found[1:]] + [len(content)]
    return [(url, place, end - place) for (url, place), end in zip(found, ends, strict=True) if url]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """A folder with a WARC file and both kinds of index."""
    folder = tmp_path_factory.mktemp("crawl")
    content = warc(*((url, PAGE + url.encode()) for url in PAGES))
    (folder / WARC).parent.mkdir(parents=True)
    (folder / WARC).write_bytes(content)
    rows = [
        {"url": url, "host": url.split("/")[2], "status": PAGES[url], "offset": offset, "length": length}
        for url, offset, length in members(content)
    ]
    lines = [
        f"{surt(row['url'])} 20260901120000 "
        + json.dumps({"url": row["url"], "mime": "text/html", "mime-detected": "text/html", "digest": "X",
                      "status": str(row["status"]), "length": str(row["length"]),
                      "offset": str(row["offset"]), "filename": WARC})
        for row in rows
    ]  # fmt: skip
    (folder / "cdx-00000.gz").write_bytes(
        b"".join(gzip.compress(f"{line}\n".encode()) for line in [*sorted(lines), "broken 1 {"])
    )
    times = pa.array(["2026-09-01T12:00:00"] * len(rows)).cast(pa.timestamp("ms"))
    table = pa.table({
        "url": [row["url"] for row in rows],
        "url_host_name": [row["host"] for row in rows],
        "fetch_time": times,
        "fetch_status": pa.array([row["status"] for row in rows], pa.int16()),
        "content_mime_detected": ["text/html"] * len(rows),
        "warc_filename": [WARC] * len(rows),
        "warc_record_offset": pa.array([row["offset"] for row in rows], pa.int32()),
        "warc_record_length": pa.array([row["length"] for row in rows], pa.int32()),
    })  # fmt: skip
    pq.write_table(table, folder / "part-00000.parquet")
    return folder


def ranges_of(file: Path, asked: list[str]):
    """A route that gives ranges of a file, and notes which."""

    def route(handler):
        content = file.read_bytes()
        wanted = handler.headers.get("Range")
        asked.append(wanted)
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        body = content[first : last + 1]
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return route


@pytest.mark.parametrize("index", ["cdx-00000.gz", "part-*.parquet"])
def test_only_the_ranges_of_wanted_pages_are_read(crawl, tmp_path, index):
    asked: list[str] = []
    with serving({f"/{WARC}": ranges_of(crawl / WARC, asked)}) as (base, _):
        folder = new_audit(tmp_path / "audit", agency("https://www.trade.example", "xa-trade"))
        taken, failures = ingest_common_crawl(folder, str(crawl / index), base)
    assert failures == []
    assert (taken.pages, taken.files) == (2, ["cc-xa-trade.warc.gz"])
    assert len(asked) == 2
    assert taken.bytes < (crawl / WARC).stat().st_size / 2
    report = extract(folder)
    assert (report.pages, report.failures) == (2, [])
    rows = pq.read_table(folder / "pages.parquet").to_pylist()
    assert {row["agency"] for row in rows} == {"xa-trade"}
    assert "Export grant" in rows[0]["text"]


def test_pages_beyond_the_budget_are_known_but_not_read(crawl, tmp_path):
    folder = new_audit(tmp_path / "audit", agency("https://www.trade.example", "xa-trade"), pages=1)
    ingest_common_crawl(folder, str(crawl / "cdx-00000.gz"), str(crawl))
    rows = {row["url"]: row["outcome"] for row in pq.read_table(folder / "fetches.parquet").to_pylist()}
    assert rows == {
        "https://www.trade.example/support/export-grants": "kept",  # it looks more promising than the other
        "https://www.trade.example/about": "over_page_budget",
    }


def test_pages_by_their_address_on_the_command_line(crawl, tmp_path):
    out = str(tmp_path / "audit")
    command = [
        "ingest",
        out,
        "--common-crawl",
        str(crawl / "*.parquet"),
        "--source",
        str(crawl),
        "--matching",
        "/export",
    ]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    assert "2 pages of 2 sites" in result.output
    again = CliRunner().invoke(cli, command)
    assert "0 pages of 0 sites" in again.output  # what is there is not read again
    log = pq.read_table(tmp_path / "audit" / "fetches.parquet").to_pylist()
    assert sorted(row["agency"] for row in log) == ["www.elsewhere.example", "www.trade.example"]


@pytest.mark.parametrize(
    ("file", "offset", "length", "why"),
    [
        ("../../etc/passwd", 0, 10, "not the name"),
        ("/etc/x.warc.gz", 0, 10, "not the name"),
        (WARC, 0, 10**9, "is not read"),
        (WARC, -5, 10, "is not read"),
        (WARC, 3, 40, "record"),
        (WARC, 0, 400, "of another address"),
    ],
)
def test_an_index_cannot_make_us_read_what_is_no_record(crawl, file, offset, length, why):
    with pytest.raises(ValueError, match=why):
        read_range(str(crawl), Range("https://www.trade.example/about", "2026-01-01T00:00:00Z", file, offset, length))


def test_a_range_that_fails_is_named_and_the_rest_goes_on(crawl, tmp_path):
    folder = new_audit(tmp_path / "audit", agency("https://www.trade.example", "xa-trade"))
    lines = gzip.decompress((crawl / "cdx-00000.gz").read_bytes()).decode().splitlines(keepends=True)
    lines = [line.replace("crawl-data", "missing") if "export-grants" in line else line for line in lines]
    (tmp_path / "x.cdxj").write_text("".join(lines))
    taken, failures = ingest_common_crawl(folder, str(tmp_path / "x.cdxj"), str(crawl))
    assert taken.pages == 1
    assert len(failures) == 1
    assert "export-grants" in failures[0]


@pytest.mark.parametrize(
    ("name", "content"), [("x.cdxj", b"what is this\n"), ("x.parquet", b"PAR1 not"), ("x.gz", b"no")]
)
def test_an_index_that_is_none_is_said(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ArchiveError, match="not a readable index"):
        list(read_index(str(tmp_path / name), Wanted({"a.example": "a"})))
    with pytest.raises(ArchiveError, match="no such index"):
        list(read_index(str(tmp_path / "nothing"), Wanted({})))


def test_duckdb_is_asked_by_values_not_by_text(crawl):
    """A host or an expression with a quotation mark is data."""
    wanted = Wanted({"a'; DROP TABLE x": "a"}, re.compile("nothing'"))
    assert list(read_index(str(crawl / "part-00000.parquet"), wanted)) == []
