import io
import json
import zipfile
from hashlib import sha256

import pyarrow.parquet as pq
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from analysis.extract import extract
from common.errors import ArchiveError
from gapaudit.ingest import ingest

PAGE = (
    b"<html><head><title>Grants</title></head><body><h1>Export grant</h1>"
    b"<p>We pay part of the cost of firms that go to trade fairs abroad.</p></body></html>"
)


def warc(*pages, revisit=False):
    """A WARC file as Common Crawl writes it: bodies decoded, the encoding kept under another name."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.0")
    writer.write_record(writer.create_warcinfo_record("CC-MAIN-1.warc.gz", {"software": "Apache Nutch"}))
    for url, body in pages:
        headers = [
            ("Content-Type", "text/html"),
            ("X-Crawl-Content-Encoding", "gzip"),
            ("Content-Length", str(len(body))),
        ]
        http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        more = {"WARC-Truncated": "length", "WARC-Identified-Payload-Type": "text/html"}
        writer.write_record(
            writer.create_warc_record(url, "response", io.BytesIO(body), http_headers=http, warc_headers_dict=more)
        )
    if revisit:
        writer.write_record(
            writer.create_revisit_record(
                "https://a.example/x", "sha1:ABC", "https://a.example/", "2026-01-01T00:00:00Z"
            )
        )
    return out.getvalue()


def wacz(path, content, stated=None):
    name = "archive/data.warc.gz"
    digest = stated or sha256(content).hexdigest()
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr(name, content)
        parts.writestr("pages/pages.jsonl", "{}")
        parts.writestr("../escape.warc.gz", content)
        parts.writestr("datapackage.json", json.dumps({"resources": [{"path": name, "hash": f"sha256:{digest}"}]}))
    return path


def test_common_crawls_records_are_read(tmp_path):
    file = tmp_path / "CC-MAIN-1.warc.gz"
    file.write_bytes(warc(("https://www.agency.example/grants", PAGE), revisit=True))
    count, failures = ingest(tmp_path / "audit", [file])
    assert count == 1
    assert failures == ["CC-MAIN-1.warc.gz: 1 revisit records refer to pages of other archives; not read"]
    extract(tmp_path / "audit")
    (row,) = pq.read_table(tmp_path / "audit" / "pages.parquet").to_pylist()
    assert (row["agency"], row["relevant"]) == ("www.agency.example", True)
    assert "https://www.agency.example/grants" in (tmp_path / "audit" / "archive" / "index.cdxj").read_text()


def test_a_wacz_is_unpacked_and_nothing_escapes(tmp_path):
    package = wacz(tmp_path / "crawl.wacz", warc(("https://a.example/", PAGE), ("https://b.example/", PAGE)))
    assert ingest(tmp_path / "audit", [package]) == (2, [])
    assert sorted(path.name for path in (tmp_path / "audit" / "archive").iterdir()) == [
        "crawl-data.warc.gz",
        "index.cdxj",
    ]
    assert not list(tmp_path.glob("**/escape*"))


@pytest.mark.parametrize("case", ["digest", "empty", "nozip", "other"])
def test_what_cannot_be_trusted_is_refused_whole(tmp_path, case):
    path = tmp_path / ("x.txt" if case == "other" else "x.wacz")
    if case == "digest":
        wacz(path, warc(("https://a.example/", PAGE)), stated="0" * 64)
    elif case == "empty":
        zipfile.ZipFile(path, "w").close()
    else:
        path.write_bytes(b"no zip")
    with pytest.raises(ArchiveError, match=r"x\.(wacz|txt)"):
        ingest(tmp_path / "audit", [path])
    assert not list((tmp_path / "audit").glob("archive/*"))
