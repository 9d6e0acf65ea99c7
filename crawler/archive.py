"""The web archive of a crawl: WARC 1.1, one gzip file an agency, a request and a response record a page."""

from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from scrapy.http import Request, Response
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

# The body is stored as it came out of the HTTP layer, so headers that speak of the transfer no longer fit.
_TRANSFER_HEADERS = {"transfer-encoding", "connection", "keep-alive"}


@dataclass(frozen=True)
class Pointer:
    """Where a record lies in the archive."""

    warc_file: str
    offset: int  # bytes
    end: int  # bytes
    digest: str


class Archive:
    """Writes WARC files into a folder; each record is flushed before its pointer is given out."""

    def __init__(self, folder: Path, software: str) -> None:
        self.folder = folder
        self._software = software
        self._open: dict[str, tuple[IO[bytes], WARCWriter]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def cut_back(self, ends: dict[str, int]) -> None:
        """Cut each file to the end of its last record that the journal knows, after a crash."""
        for path in sorted(self.folder.glob("*.warc.gz")):
            end = ends.get(path.name, 0)
            if path.stat().st_size > end:
                with path.open("r+b") as stream:
                    stream.truncate(end)

    def write(self, agency: str, request: Request, response: Response, protocol: str = "HTTP/1.1") -> Pointer:
        """Append request and response; the pointer is the response record's."""
        stream, writer = self._writer(agency)
        ip = getattr(response, "ip_address", None)
        extra = {"WARC-IP-Address": str(ip)} if ip else {}
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
        record = writer.create_warc_record(
            response.url,
            "response",
            payload=BytesIO(response.body),
            http_headers=StatusAndHeaders(f"{response.status} {phrase}", headers, protocol=protocol),
            warc_headers_dict=extra,
        )
        request_headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in request.headers.items()
            for value in values
        ]
        asked = writer.create_warc_record(
            request.url,
            "request",
            payload=BytesIO(request.body),
            http_headers=StatusAndHeaders(
                f"{request.method} {_path_of(request.url)} {protocol}", request_headers, is_http_request=True
            ),
        )
        stream.seek(0, 2)
        offset = stream.tell()
        writer.write_request_response_pair(asked, record)
        stream.flush()
        end = stream.tell()
        return Pointer(
            warc_file=f"{agency}.warc.gz",
            # the library writes the response first
            offset=offset,
            end=end,
            digest=record.rec_headers.get_header("WARC-Payload-Digest") or "",
        )

    def read(self, warc_file: str, offset: int) -> tuple[dict[str, str], bytes]:
        """Headers and body of the response record at an offset, as they were archived."""
        with (self.folder / warc_file).open("rb") as stream:
            stream.seek(offset)
            record = next(iter(ArchiveIterator(stream)))
            return dict(record.http_headers.headers), record.raw_stream.read()

    def _writer(self, agency: str) -> tuple[IO[bytes], WARCWriter]:
        if agency not in self._open:
            path = self.folder / f"{agency}.warc.gz"
            stream = path.open("ab")
            writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.1")
            if stream.tell() == 0:
                info = {
                    "software": self._software,
                    "format": "WARC File Format 1.1",
                    "description": f"Public pages of {agency}, collected for an audit of export support.",
                }
                writer.write_record(writer.create_warcinfo_record(path.name, info))
                stream.flush()
            self._open[agency] = (stream, writer)
        return self._open[agency]

    def close(self) -> None:
        for stream, _ in self._open.values():
            stream.close()
        self._open.clear()


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
