"""The fetch log, fetches.parquet: one row a request, and one for each address that was known but not asked."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from common.files import write_rows

FETCHES = pa.schema(
    [
        pa.field("agency", pa.string(), metadata={"meaning": "id of the agency in audit.toml"}),
        pa.field("url", pa.string(), metadata={"meaning": "address asked for"}),
        pa.field("kind", pa.string(), metadata={"meaning": "page, sitemap, feed, probe or robots"}),
        pa.field("outcome", pa.string(), metadata={"meaning": "one named reason, see crawler/outcomes.py"}),
        pa.field("detail", pa.string(), metadata={"meaning": "what the failure said"}),
        pa.field("status", pa.int32(), metadata={"meaning": "HTTP status; 0 where there was no answer"}),
        pa.field("content_type", pa.string(), metadata={"meaning": "as the server said, without parameters"}),
        pa.field("bytes", pa.int64(), metadata={"meaning": "size of the body as sent"}),
        pa.field("time", pa.string(), metadata={"meaning": "end of the request, UTC, ISO 8601"}),
        pa.field("seconds", pa.float64(), metadata={"meaning": "from request to answer"}),
        pa.field("depth", pa.int32(), metadata={"meaning": "links followed from a start address"}),
        pa.field("referrer", pa.string(), metadata={"meaning": "page or sitemap that named the address first"}),
        pa.field("redirect_to", pa.string(), metadata={"meaning": "target of a redirect"}),
        pa.field("etag", pa.string(), metadata={"meaning": "the server's mark of this state of the page"}),
        pa.field("last_modified", pa.string(), metadata={"meaning": "as the server said"}),
        pa.field("digest", pa.string(), metadata={"meaning": "digest of the payload as in the WARC record"}),
        pa.field("warc_file", pa.string(), metadata={"meaning": "file in archive/ that holds what the page said"}),
        pa.field("warc_offset", pa.int64(), metadata={"meaning": "first byte of the record's gzip member"}),
        pa.field("warc_end", pa.int64(), metadata={"meaning": "first byte after what this request wrote there"}),
        pa.field("found_by", pa.string(), metadata={"meaning": "seed, sitemap, link, feed, earlier; joined by +"}),
        pa.field("priority", pa.int32(), metadata={"meaning": "how promising the address looked; higher is better"}),
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
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    warc_file: str = ""
    warc_offset: int = -1
    warc_end: int = -1
    found_by: str = ""
    priority: int = 0


def write_log(rows: Iterable[Fetch], path: Path) -> None:
    """Write fetches.parquet, a batch at a time."""
    write_rows(path, FETCHES, (asdict(row) for row in rows))
