"""Taking pages out of Common Crawl: its index says where each capture lies, and just those ranges are read.

The index is CDXJ (lines of key, time and JSON; plain or gzip) or the columnar one (Parquet, read by DuckDB). Both,
and the WARC files, may be on this machine or anywhere that fsspec reads: https, s3.
"""

import gzip
import io
import json
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import fsspec
from fastwarc.warc import ArchiveIterator, WarcRecordType

from common.errors import ArchiveError
from common.files import write_atomically
from common.frame import Frame, owner_of, site_of
from crawler.fetchlog import Fetch
from crawler.links import promise
from crawler.outcomes import Outcome

READ_TYPES = ("text/html", "application/xhtml+xml", "application/pdf")
LARGEST_RECORD = 20_000_000  # bytes of one range
ATTEMPTS = 3
_FILE = re.compile(r"[A-Za-z0-9][\w.=/-]*\.warc\.gz")
_UNSAFE = re.compile(r"[^a-z0-9.-]+")
_COLUMNS = "url, fetch_time, content_mime_detected, warc_filename, warc_record_offset, warc_record_length"


@dataclass(frozen=True)
class Wanted:
    """What to keep of an index: pages on these sites, and those whose address matches."""

    sites: dict[str, str]  # agency by site
    matching: re.Pattern[str] | None = None

    def __call__(self, url: str) -> bool:
        site = site_of(url)
        known = owner_of(url, self.sites) != site
        return bool(site) and (known or bool(self.matching and self.matching.search(url)))


@dataclass(frozen=True)
class Range:
    """A capture in a WARC file somewhere: its address, and where its record lies."""

    url: str
    time: str  # ISO 8601, UTC
    file: str
    offset: int  # bytes
    length: int


@dataclass
class TakenIn:
    """What was taken out of a crawl."""

    files: list[str] = field(default_factory=list)  # names in archive/, new ones
    left_out: list[Fetch] = field(default_factory=list)  # known to the index, not read
    pages: int = 0
    bytes: int = 0  # that were read of WARC files
    failures: list[str] = field(default_factory=list)


def take_in(folder: Path, frame: Frame, index: str, source: str, matching: re.Pattern[str] | None) -> TakenIn:
    """Read the captures that an index names and write archive/cc-SITE.warc.gz for each agency or host.

    Of each address the latest capture counts, and of each agency the most promising addresses within the frame's
    budget of pages; the others are logged as over the budget. What is there already is not read again. Raises
    ArchiveError when the index cannot be read, or names nothing that is wanted.
    """
    sites = {site: agency.id for site, agency in frame.agency_of_site().items()}
    wanted = Wanted(sites, matching)
    taken = TakenIn()
    with tempfile.TemporaryDirectory(prefix="gap-audit-") as scratch, closing(_list(Path(scratch))) as db:
        with db:
            rows = ((owner_of(r.url, sites), *_fields(r)) for r in read_index(index, wanted))
            db.executemany("INSERT INTO ranges VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        agencies = [row[0] for row in db.execute("SELECT DISTINCT agency FROM ranges ORDER BY agency")]
        if not agencies:
            raise ArchiveError(f"{index}: names no page of these agencies, and none that matches")
        for agency in agencies:
            chosen, others = _chosen(db, agency, frame.budgets.pages)
            taken.left_out += [
                Fetch(agency, r.url, "page", Outcome.OVER_PAGE_BUDGET.value, detail="known from an index of a crawl",
                      found_by="index", priority=promise(r.url))
                for r in others
            ]  # fmt: skip
            name = f"cc-{_UNSAFE.sub('_', agency)}.warc.gz"
            if (folder / "archive" / name).exists():
                continue
            before = taken.pages
            write_atomically(folder / "archive" / name, partial(_write, chosen, source, taken))
            if taken.pages > before:
                taken.files.append(name)
            else:
                (folder / "archive" / name).unlink()
    return taken


def _list(scratch: Path) -> sqlite3.Connection:
    """The captures that are wanted, on disk: an index may name millions."""
    db = sqlite3.connect(scratch / "ranges.sqlite")
    db.execute("PRAGMA synchronous = OFF")
    db.execute(
        "CREATE TABLE ranges "
        "(agency TEXT, url TEXT, time TEXT, file TEXT, start INTEGER, length INTEGER, points INTEGER)"
    )
    return db


def _fields(found: Range) -> tuple[str, str, str, int, int, int]:
    return found.url, found.time, found.file, found.offset, found.length, promise(found.url)


def _chosen(db: sqlite3.Connection, agency: str, most: int) -> tuple[list[Range], list[Range]]:
    """The latest captures of an agency within the budget, in the order of files and places; and those beyond it."""
    rows = db.execute(
        "SELECT url, MAX(time), file, start, length FROM ranges WHERE agency = ? GROUP BY url "
        "ORDER BY points DESC, LENGTH(url), url",
        (agency,),
    )
    ranges = [Range(*row) for row in rows]
    return sorted(ranges[:most], key=lambda r: (r.file, r.offset)), ranges[most:]


def _write(ranges: list[Range], source: str, taken: TakenIn, stream: IO[bytes]) -> None:
    for file, same in groupby(ranges, key=lambda found: found.file):
        for found in same:
            try:
                record = read_range(source, found)
            except (OSError, ValueError) as error:
                taken.failures.append(f"{file} at byte {found.offset} ({found.url}): {error}")
                continue
            stream.write(record)
            taken.pages += 1
            taken.bytes += len(record)


def read_range(source: str, found: Range) -> bytes:
    """The gzip member of one capture, as it lies in its WARC file.

    Raises ValueError when it is no response record of that address, OSError when it cannot be read.
    """
    if not _FILE.fullmatch(found.file) or ".." in found.file:
        raise ValueError("not the name of a WARC file")
    if not 0 < found.length <= LARGEST_RECORD or found.offset < 0:
        raise ValueError(f"a record of {found.length} bytes is not read")
    system, path = fsspec.core.url_to_fs(source.rstrip("/") + "/" + found.file)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            raw = bytes(system.cat_file(path, start=found.offset, end=found.offset + found.length))
            break
        except FileNotFoundError:
            raise
        except OSError:
            if attempt == ATTEMPTS:
                raise
    if len(raw) > found.length:
        raise ValueError("the server does not give ranges")
    try:
        records = ArchiveIterator(io.BytesIO(raw), record_types=WarcRecordType.response, parse_http=False)
        url = next((str(record.headers.get("WARC-Target-URI") or "").strip("<> ") for record in records), "")
    except OSError as error:
        raise ValueError(f"no readable record: {error}") from None
    if url != found.url:
        raise ValueError("the record is of another address")
    return raw


def read_index(index: str, wanted: Wanted) -> Iterator[Range]:
    """The captures of an index that are wanted: pages that were there (200) in a form that we read.

    `index` is a file or a pattern with *, here or at an address. Raises ArchiveError when nothing of it can be read.
    """
    try:
        system, pattern = fsspec.core.url_to_fs(index)
        files = sorted(map(str, system.glob(pattern))) if "*" in pattern else [pattern]
        files = [file for file in files if "*" in pattern or system.exists(file)]
    except (OSError, ValueError, ImportError) as error:
        raise ArchiveError(f"{index}: cannot be read: {error}") from None
    if not files:
        raise ArchiveError(f"{index}: no such index")
    for file in files:
        try:
            columnar = file.split("?")[0].endswith(".parquet")
            yield from _columnar(system, file, wanted) if columnar else _cdxj(system, file, wanted)
        except (OSError, EOFError, ValueError) as error:
            raise ArchiveError(f"{file}: not a readable index: {str(error).splitlines()[0]}") from None


def _cdxj(system: Any, file: str, wanted: Wanted) -> Iterator[Range]:
    lines = good = 0
    with system.open(file, "rb") as raw:
        stream: Iterable[bytes] = gzip.GzipFile(fileobj=raw) if file.endswith(".gz") else raw
        for line in stream:
            lines += 1
            _, _, rest = line.partition(b" ")
            time, _, fields = rest.partition(b" ")
            try:
                entry = json.loads(fields)
                mime = entry.get("mime-detected") or entry.get("mime") or ""
                url, status = str(entry["url"]), str(entry.get("status", ""))
                found = Range(url, _iso(time.decode("ascii")), str(entry["filename"]), int(entry["offset"]),
                              int(entry["length"]))  # fmt: skip
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # a broken line of an index of millions
            good += 1
            if status == "200" and mime in READ_TYPES and wanted(url):
                yield found
    if lines and not good:
        raise ValueError("no line of it is CDXJ")


def _iso(digits: str) -> str:
    """20260131235900 as ISO 8601."""
    if not re.fullmatch(r"\d{14}", digits):
        raise ValueError("not a time of an index")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}Z"


def _columnar(system: Any, file: str, wanted: Wanted) -> Iterator[Range]:
    try:
        import duckdb
    except ImportError:
        raise ArchiveError("a columnar index needs DuckDB: pip install 'gap-audit[commoncrawl]'") from None
    hosts = sorted({name for site in wanted.sites for name in _names(site)})
    with duckdb.connect() as db:
        db.execute("SET memory_limit = '1GB'")
        db.execute("SET threads = 1")  # more would change nothing but the order in which rows come
        table = _table(db, system, file)
        try:
            db.execute(
                f"SELECT {_COLUMNS} FROM {table} WHERE fetch_status = 200 AND warc_record_length > 0"  # noqa: S608
                " AND (list_contains(?::VARCHAR[], url_host_name) OR (? <> '' AND regexp_matches(url, ?)))"
                " ORDER BY url, fetch_time",
                [hosts, *[wanted.matching.pattern if wanted.matching else ""] * 2],
            )
            while rows := db.fetchmany(10_000):
                for url, time, mime, name, offset, length in rows:
                    if mime in READ_TYPES and wanted(url):
                        yield Range(url, time.strftime("%Y-%m-%dT%H:%M:%SZ"), name, int(offset), int(length))
        except duckdb.Error as error:
            raise ValueError(str(error)) from None


def _table(db: Any, system: Any, file: str) -> str:
    """How DuckDB is to name a Parquet file that lies anywhere."""
    protocol = system.protocol if isinstance(system.protocol, str) else system.protocol[0]
    if protocol in ("file", "local"):
        return f"read_parquet('{_quoted(file)}')"
    db.register_filesystem(system)
    address = file if "://" in file else f"{protocol}://{file}"
    return f"read_parquet('{_quoted(address)}')"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _names(site: str) -> Iterable[str]:
    host = site.partition(":")[0]
    return host, host.removeprefix("www."), f"www.{host.removeprefix('www.')}"
