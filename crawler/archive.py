"""The web archive of a crawl: WARC 1.1, one gzip file an agency; for each page what was asked, answered and known."""

import os
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.fetchlog import Fetch
from crawler.frontier import Earlier

# The body is stored as it came out of the HTTP layer, so headers that speak of the transfer no longer fit.
_TRANSFER_HEADERS = {"transfer-encoding", "connection", "keep-alive"}
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
MOST_OPEN = 200  # files at a time
COMPRESSION = 1  # of 9: a twentieth of the time of 9, files a third larger; it costs time, disks are cheap


@dataclass(frozen=True)
class Pointer:
    """Where a record lies in the archive."""

    warc_file: str
    offset: int  # bytes
    end: int  # bytes, of all that was written with it
    digest: str


class Archive:
    """Writes WARC files into a folder; each record is handed to the system before its pointer is given out."""

    def __init__(self, folder: Path, software: str) -> None:
        self.folder = folder
        self._software = software
        self._open: dict[str, IO[bytes]] = {}  # by agency, the one used last at the end
        self._record = BytesIO()  # one record, before it is compressed
        self._writer = WARCWriter(self._record, gzip=False, warc_version="WARC/1.1")
        folder.mkdir(parents=True, exist_ok=True)

    def cut_back(self, ends: dict[str, int]) -> set[str]:
        """Cut each file to the end of its last record that the frontier knows; files that are shorter than that.

        A crash leaves a torn record behind (cut off here), a power cut may have lost whole ones.
        """
        for path in sorted(self.folder.glob("*.warc.gz")):
            end = ends.get(path.name, 0)
            if path.stat().st_size > end:
                with path.open("r+b") as stream:
                    stream.truncate(end)
        return {name for name, end in ends.items() if self.size(name) < end}

    def size(self, name: str) -> int:
        """The size of one of the archive's files, in bytes; 0 if it is not there."""
        path = self.folder / name
        return path.stat().st_size if path.exists() else 0

    def write(self, fetch: Fetch, request: Request, response: Response) -> Pointer:
        """Append an answer with its request and what the crawl knew; the pointer is the response record's."""

        def records(writer: WARCWriter) -> Iterable[ArcWarcRecord]:
            answer = writer.create_warc_record(
                response.url,
                "response",
                payload=BytesIO(response.body),
                length=len(response.body),
                http_headers=_http_headers(response),
                warc_headers_dict={"WARC-Date": fetch.time, **_ip_address(response)},
            )
            return answer, *_about(writer, answer, fetch, request)

        return self._append(fetch.agency, records)

    def write_revisit(self, fetch: Fetch, request: Request, response: Response, earlier: Earlier) -> Pointer:
        """Append the record of an answer that is as an earlier audit archived it; the pointer is the earlier one's."""

        def records(writer: WARCWriter) -> Iterable[ArcWarcRecord]:
            profile = "server-not-modified" if response.status == 304 else "identical-payload-digest"
            answer = writer.create_warc_record(
                response.url,
                "revisit",
                # the headers of a 304 would be replayed as one; without any, those of the earlier record are
                http_headers=None if response.status == 304 else _http_headers(response),
                warc_headers_dict={
                    "WARC-Date": fetch.time,
                    **_ip_address(response),
                    "WARC-Profile": _PROFILE + profile,
                    "WARC-Refers-To-Target-URI": response.url,
                    "WARC-Refers-To-Date": earlier.time,
                    "WARC-Payload-Digest": earlier.digest,
                },
            )
            return answer, *_about(writer, answer, fetch, request)

        written = self._append(fetch.agency, records)
        return Pointer(earlier.warc_file, earlier.warc_offset, written.end, earlier.digest)

    def write_rendered(self, fetch: Fetch, payload: bytes) -> Pointer:
        """Append a page as a browser showed it, in UTF-8; what the server sent stands before it."""

        def records(writer: WARCWriter) -> Iterable[ArcWarcRecord]:
            yield writer.create_warc_record(
                fetch.url,
                "conversion",
                payload=BytesIO(payload),
                length=len(payload),
                warc_content_type="text/html; charset=utf-8",
                warc_headers_dict={"WARC-Date": fetch.time},
            )

        return self._append(fetch.agency, records)

    def _append(self, agency: str, make: Callable[[WARCWriter], Iterable[ArcWarcRecord]]) -> Pointer:
        stream = self._file(agency)
        stream.seek(0, os.SEEK_END)
        offset = stream.tell()
        digest = ""
        try:
            for number, record in enumerate(make(self._writer)):
                if number == 0:
                    digest = record.rec_headers.get_header("WARC-Payload-Digest") or ""
                self._put(stream, record)
            stream.flush()
        except OSError:  # the disk is full: leave no torn record behind
            stream.truncate(offset)
            raise
        return Pointer(f"{agency}.warc.gz", offset, stream.tell(), digest)

    def read(self, warc_file: str, offset: int) -> tuple[dict[str, str], bytes]:
        """Headers and body of the response record at an offset, as they were archived.

        Raises OSError or ValueError where there is no such record.
        """
        with (self.folder / warc_file).open("rb") as stream:
            stream.seek(offset)
            try:
                record = next(iter(ArchiveIterator(stream)), None)
                if record is None:
                    raise ValueError("no record")
                headers = dict(record.http_headers.headers) if record.http_headers else {}
                return headers, record.raw_stream.read()
            except ArchiveLoadFailed as error:
                raise ValueError(str(error)) from None

    def sound(self, warc_file: str, offset: int) -> bool:
        """Whether the record at an offset is whole: its digests fit."""
        try:
            with (self.folder / warc_file).open("rb") as stream:
                stream.seek(offset)
                for record in ArchiveIterator(stream, check_digests=True):
                    record.raw_stream.read()
                    return record.digest_checker.passed is not False
        except (OSError, ArchiveLoadFailed, EOFError, ValueError):
            return False
        return False

    def _put(self, stream: IO[bytes], record: ArcWarcRecord) -> None:
        """Write a record as a gzip member of its own. (warcio's own compression takes most of a crawl's time.)"""
        self._record.seek(0)
        self._record.truncate()
        self._writer.write_record(record)
        stream.write(zlib.compress(self._record.getvalue(), COMPRESSION, wbits=zlib.MAX_WBITS | 16))

    def _file(self, agency: str) -> IO[bytes]:
        stream = self._open.pop(agency, None)
        if stream is None:
            if len(self._open) >= MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            path = self.folder / f"{agency}.warc.gz"
            stream = path.open("ab")
            if stream.tell() == 0:
                info = {
                    "software": self._software,
                    "format": "WARC File Format 1.1",
                    "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
                    "description": f"Public pages of {agency}, collected for an audit of export support.",
                }
                self._put(stream, self._writer.create_warcinfo_record(path.name, info))
                stream.flush()
        self._open[agency] = stream
        return stream

    def close(self) -> None:
        """Close all files."""
        for stream in self._open.values():
            stream.close()
        self._open.clear()


def _about(writer: WARCWriter, answer: ArcWarcRecord, fetch: Fetch, request: Request) -> tuple[ArcWarcRecord, ...]:
    """The records that go with an answer: the request, and how the crawl came to make it."""
    same = {
        "WARC-Date": answer.rec_headers.get_header("WARC-Date"),
        "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID"),
    }
    asked = writer.create_warc_record(
        request.url,
        "request",
        payload=BytesIO(request.body),
        length=len(request.body),
        http_headers=StatusAndHeaders(
            f"{request.method} {_path_of(request.url)} HTTP/1.1",
            [(n.decode("latin-1"), v.decode("latin-1")) for n, values in request.headers.items() for v in values],
            is_http_request=True,
        ),
        warc_headers_dict=dict(same),
    )
    lines = [f"hopsFromSeed: {fetch.depth}", f"fetchTimeMs: {round(fetch.seconds * 1000)}", f"status: {fetch.status}"]
    if fetch.referrer.isprintable() and fetch.referrer:
        lines.insert(0, f"via: {fetch.referrer}")
    body = ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")
    known = writer.create_warc_record(
        request.url, "metadata", payload=BytesIO(body), length=len(body), warc_headers_dict=dict(same)
    )
    return asked, known


def _http_headers(response: Response) -> StatusAndHeaders:
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
        if name.decode("latin-1").lower() not in _TRANSFER_HEADERS
    ]
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    return StatusAndHeaders(f"{response.status} {phrase}", headers, protocol=response.protocol or "HTTP/1.1")


def _ip_address(response: Response) -> dict[str, str]:
    ip = getattr(response, "ip_address", None)
    return {"WARC-IP-Address": str(ip)} if ip else {}


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
