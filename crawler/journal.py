"""The fetch log: one row a request.

While a crawl runs, each row is appended to a journal of JSON lines, after the record it points to is safely in
the archive. So a crawl that was killed knows what it has. At the end the journal becomes fetches.parquet.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa

from common.files import write_table

FETCHES = pa.schema(
    [
        pa.field("agency", pa.string(), metadata={"meaning": "id of the agency in audit.toml"}),
        pa.field("url", pa.string(), metadata={"meaning": "address asked for"}),
        pa.field("kind", pa.string(), metadata={"meaning": "page, sitemap or robots"}),
        pa.field("outcome", pa.string(), metadata={"meaning": "one named reason, see crawler/outcomes.py"}),
        pa.field("detail", pa.string(), metadata={"meaning": "what the failure said"}),
        pa.field("status", pa.int32(), metadata={"meaning": "HTTP status; 0 where there was no answer"}),
        pa.field("content_type", pa.string(), metadata={"meaning": "as the server said, without parameters"}),
        pa.field("bytes", pa.int64(), metadata={"meaning": "size of the body as sent"}),
        pa.field("time", pa.string(), metadata={"meaning": "end of the request, UTC, ISO 8601"}),
        pa.field("seconds", pa.float64(), metadata={"meaning": "from request to answer"}),
        pa.field("depth", pa.int32(), metadata={"meaning": "links followed from a start address"}),
        pa.field("referrer", pa.string(), metadata={"meaning": "page or sitemap that named the address"}),
        pa.field("redirect_to", pa.string(), metadata={"meaning": "target of a redirect"}),
        pa.field("digest", pa.string(), metadata={"meaning": "digest of the payload as in the WARC record"}),
        pa.field("warc_file", pa.string(), metadata={"meaning": "name of the file in archive/"}),
        pa.field("warc_offset", pa.int64(), metadata={"meaning": "first byte of the record's gzip member"}),
        pa.field("warc_end", pa.int64(), metadata={"meaning": "first byte after it"}),
    ]
)


@dataclass
class Fetch:
    """One request and how it ended; the fields are described in FETCHES."""

    agency: str
    url: str
    kind: str
    outcome: str
    detail: str = ""
    status: int = 0
    content_type: str = ""
    bytes: int = 0
    time: str = ""
    seconds: float = 0.0
    depth: int = 0
    referrer: str = ""
    redirect_to: str = ""
    digest: str = ""
    warc_file: str = ""
    warc_offset: int = -1
    warc_end: int = -1


class Journal:
    """The journal of a running crawl, a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: IO[str] | None = None

    def read(self) -> Iterator[Fetch]:
        """The rows so far; a last line that was torn by a crash is left out."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8") as stream:
            for line in stream:
                try:
                    yield Fetch(**json.loads(line))
                except (ValueError, TypeError):
                    return

    def restart(self, rows: list[Fetch]) -> None:
        """Begin a new journal that holds `rows`."""
        self.close()
        temporary = self.path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self.path)

    def append(self, row: Fetch) -> None:
        """Add one row and hand it to the operating system."""
        if self._stream is None:
            self._stream = self.path.open("a", encoding="utf-8")
        self._stream.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def write_fetches(journal: Journal, path: Path) -> int:
    """Turn the journal into fetches.parquet, ordered by agency, address and time; the number of rows."""
    rows = sorted(journal.read(), key=lambda row: (row.agency, row.url, row.time))
    write_log(rows, path)
    return len(rows)


def write_log(rows: Iterable[Fetch], path: Path) -> None:
    """Write fetches.parquet."""
    write_table(path, pa.Table.from_pylist([asdict(row) for row in rows], schema=FETCHES))
