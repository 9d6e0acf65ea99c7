"""Reading web archives: any WARC file, ours or another crawler's."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from analysis.decode import LARGEST_BODY, decompressed
from common.errors import ArchiveError


@dataclass(frozen=True)
class Capture:
    """One archived answer to a request."""

    url: str
    status: int
    content_type: str  # without parameters, lower-case
    charset: str  # as the server declared it, '' if not
    body: bytes  # decompressed
    time: str  # WARC-Date
    warc_file: str
    warc_offset: int  # bytes


@dataclass
class Damage:
    """What could not be read of an archive."""

    warc_file: str
    problem: str


def read_archive(path: Path, damage: list[Damage], bodies: bool = True) -> Iterator[Capture]:
    """The captures of one WARC file (gzip or plain), in its order; without their bodies where nobody needs them.

    What is readable of a damaged file is returned, and the damage noted. Raises ArchiveError when nothing
    in it can be read at all.
    """
    offset = -1
    try:
        with path.open("rb") as stream:
            kinds = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
            for record in ArchiveIterator(stream, record_types=kinds, parse_http=True):
                offset = record.stream_pos
                capture = _capture(record, path.name, bodies=bodies)
                if capture is not None:
                    yield capture
    except OSError as error:
        if offset < 0:
            raise ArchiveError(f"{path}: not a readable WARC file: {error}") from None
        damage.append(Damage(path.name, f"unreadable after byte {offset}: {error}"))
        return
    if path.stat().st_size == 0:
        damage.append(Damage(path.name, "the file is empty"))
    elif path.suffix == ".gz" and offset >= 0 and _torn(path, offset):
        damage.append(Damage(path.name, "the file is cut off; its last record is incomplete"))


def count_revisits(path: Path) -> int:
    """How many records of a file say that a page was as another record has it."""
    try:
        with path.open("rb") as stream:
            return sum(1 for _ in ArchiveIterator(stream, record_types=WarcRecordType.revisit, parse_http=False))
    except OSError:
        return 0


def captures_at(path: Path, offsets: Iterable[int], name: str = "") -> Iterator[tuple[int, Capture | None]]:
    """The captures whose records begin at these bytes of a file; None where there is none that can be read.

    `name` is what the file is called in the archive, if it lies in a folder there.
    """
    try:
        stream = path.open("rb")
    except OSError:
        yield from ((offset, None) for offset in offsets)
        return
    with stream:
        for offset in offsets:
            try:
                stream.seek(offset)
                record = next(iter(ArchiveIterator(stream, parse_http=True)), None)
                yield offset, _capture(record, name or path.name, offset) if record is not None else None
            except OSError:
                yield offset, None


def _capture(record: object, name: str, offset: int | None = None, bodies: bool = True) -> Capture | None:
    headers = record.headers  # type: ignore[attr-defined]
    http = record.http_headers  # type: ignore[attr-defined]
    url = (headers.get("WARC-Target-URI") or "").strip("<> ")
    if not url.startswith(("http://", "https://")):
        return None
    body = record.reader.read(LARGEST_BODY) if bodies else b""  # type: ignore[attr-defined]
    if http is not None:
        declared = http.get("Content-Type") or ""
        encoding = http.get("Content-Encoding") or ""
        status = http.status_code or 0
    else:
        declared, encoding, status = headers.get("Content-Type") or "", "", 200
    content_type, _, parameters = declared.partition(";")
    charset = ""
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip(" \"'")
    return Capture(
        url=url,
        status=status,
        content_type=content_type.strip().lower(),
        charset=charset,
        body=decompressed(body, encoding),
        time=headers.get("WARC-Date") or "",
        warc_file=name,
        warc_offset=record.stream_pos if offset is None else offset,  # type: ignore[attr-defined]
    )


def _torn(path: Path, last: int) -> bool:
    """Whether the last gzip members of a file are incomplete, from a byte where one begins."""
    with path.open("rb") as stream:
        stream.seek(last)
        rest = b""
        while True:
            inflate = zlib.decompressobj(31)
            while not inflate.eof:
                chunk = rest or stream.read(1 << 16)
                rest = b""
                if not chunk:
                    return True
                try:
                    inflate.decompress(chunk)
                except zlib.error:
                    return True
            rest = inflate.unused_data or stream.read(1 << 16)
            if not rest:
                return False
