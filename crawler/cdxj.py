"""The index of the archive, CDXJ: where each capture of an address lies, in the form that pywb and others read.

The key of an address is its SURT: the host's labels reversed, then the path, as the Internet Archive's
canonicalisation writes it. (The library for it, surt, is no wheel, and this project installs hashed wheels only.)
"""

import heapq
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from common.files import write_atomically

INDEX = "index.cdxj"
_INDEXED = {"response", "revisit", "resource", "conversion"}
_WWW = re.compile(r"^www\d*\.")


def surt(url: str) -> str:
    """The key of an address: 'https://www.example.org:8080/A?b=2&a=1' is 'org,example:8080)/a?a=1&b=2'."""
    parts = urlsplit(url.strip())
    host = _WWW.sub("", (parts.hostname or "").lower())
    labels = [host] if ":" in host else host.split(".")[::-1]
    try:
        port = parts.port
    except ValueError:
        port = None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    where = f":{port}" if port and port != usual else ""
    path = re.sub(r"/+", "/", parts.path.lower()) or "/"
    path = path.rstrip("/") or "/"
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{','.join(labels)}{where}){path}{'?' + query if query else ''}"


def write_index(archive: Path) -> int:
    """Write archive/index.cdxj over all WARC files of the folder; the number of captures in it."""
    files = sorted([*archive.glob("*.warc.gz"), *archive.glob("earlier/*.warc.gz")])
    count = 0
    lines: list[list[str]] = []
    for file in files:
        lines.append(sorted(_lines(file, file.relative_to(archive).as_posix())))
        count += len(lines[-1])

    def write(stream: IO[bytes]) -> None:
        for line in heapq.merge(*lines):
            stream.write(line.encode("utf-8"))

    write_atomically(archive / INDEX, write)
    return count


def _lines(file: Path, name: str) -> Iterator[str]:
    """The lines of one WARC file; what is readable of a damaged one."""
    with file.open("rb") as stream:
        records = ArchiveIterator(stream)
        try:
            for record in records:
                if record.rec_type not in _INDEXED:
                    continue
                header = record.rec_headers.get_header
                url = header("WARC-Target-URI") or ""
                entry = {
                    "url": url,
                    "mime": _mime(record),
                    "status": _status(record),
                    "digest": header("WARC-Payload-Digest") or "",
                    "length": "",
                    "offset": str(records.get_record_offset()),
                    "filename": name,
                }
                read = record.raw_stream.read
                for _ in iter(partial(read, 1 << 16), b""):
                    pass
                stamp = re.sub(r"\D", "", header("WARC-Date") or "")[:14]
                entry["length"] = str(records.get_record_length())
                yield f"{surt(url)} {stamp} {json.dumps(entry, ensure_ascii=False)}\n"
        except (ArchiveLoadFailed, EOFError):
            return


def _status(record: object) -> str:
    headers = record.http_headers  # type: ignore[attr-defined]
    if headers is None:
        return "-" if record.rec_type == "revisit" else "200"  # type: ignore[attr-defined]
    return str(headers.get_statuscode())


def _mime(record: object) -> str:
    headers = record.http_headers  # type: ignore[attr-defined]
    if record.rec_type == "revisit":  # type: ignore[attr-defined]
        return "warc/revisit"
    declared = headers.get_header("Content-Type") if headers else record.rec_headers.get_header("Content-Type")  # type: ignore[attr-defined]
    return (declared or "unk").split(";")[0].strip() or "unk"
