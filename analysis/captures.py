"""Which captures an archive holds, and how the work on them is shared out.

The list is kept in SQLite on disk, so that memory does not grow with the archive. A part of the work is some whole
agencies, since what recurs over a site and what is a copy is only seen over all its pages. An agency of more than
MOST_PAGES pages is shared out by address, and each share is seen as a site of its own.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from pathlib import Path

import pyarrow.parquet as pq

from analysis.archive import Damage, read_archive
from common.frame import owner_of
from common.storage import folder_of, readable

PART_PAGES = 500  # pages of a part, unless one agency has more
MOST_PAGES = 2_000  # of one agency that are in memory together
READ = ("kept", "unchanged")  # outcomes of the fetch log that stand for a page which was read


@dataclass(frozen=True)
class Listing:
    """The order to list one WARC file."""

    folder: str  # of the audit
    file: str  # name in archive/
    sites: dict[str, str]  # agency by site, for files that the fetch log does not know
    logged: bool  # whether the fetch log knows its records


@dataclass
class Listed:
    """What one WARC file holds: (agency, address, time, first byte) of each page."""

    pages: list[tuple[str, str, str, int]]
    damage: list[Damage]


@dataclass(frozen=True)
class Group:
    """Pages of one agency that are analysed together."""

    agency: str
    captures: tuple[tuple[str, int], ...]  # WARC file and first byte, in the order of addresses


def list_file(job: Listing) -> Listed:
    """The pages of one WARC file. Raises ArchiveError when nothing in it can be read."""
    folder = folder_of(job.folder)
    path = folder / "archive" / job.file
    own = _logged(folder, job.file) if job.logged else {}
    listed = Listed([], [])
    for capture in read_archive(path, listed.damage, bodies=False):
        agency = own.get(capture.warc_offset) if job.logged else owner_of(capture.url, job.sites)
        if agency is not None and capture.status == 200:
            listed.pages.append((agency, capture.url, capture.time, capture.warc_offset))
    return listed


def _logged(folder: Path, file: str) -> dict[int, str]:
    """The agency of each record of a file that the fetch log holds to be a page, by its first byte."""
    columns = ["warc_offset", "agency", "kind", "outcome"]
    table = pq.read_table(readable(folder / "fetches.parquet"), columns=columns, filters=[("warc_file", "=", file)])
    return {
        row["warc_offset"]: row["agency"]
        for row in table.to_pylist()
        if row["kind"] == "page" and row["outcome"] in READ
    }


class CaptureList:
    """The pages of an archive, on disk until it is closed."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="gap-audit-")
        self._db = sqlite3.connect(Path(self._scratch.name) / "captures.sqlite")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA cache_size = -32000")  # KiB
        self._db.execute("PRAGMA temp_store = FILE")
        self._db.execute("CREATE TABLE captures (agency TEXT, url TEXT, time TEXT, file TEXT, start INTEGER)")

    def __enter__(self) -> "CaptureList":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._scratch.cleanup()

    def add(self, file: str, pages: Iterable[tuple[str, str, str, int]]) -> None:
        """Take in the pages of a file."""
        rows = ((agency, url, time, file, start) for agency, url, time, start in pages)
        self._db.executemany("INSERT INTO captures VALUES (?, ?, ?, ?, ?)", rows)

    def shares(self) -> Iterator[tuple[Group, ...]]:
        """The parts of the work, the latest capture of each address only; the same whatever order files came in."""
        waiting: list[Group] = []
        for agency, addresses in self._agencies():
            size = ceil(addresses / ceil(addresses / MOST_PAGES))
            for group in self._groups(agency, size):
                if waiting and sum(len(g.captures) for g in waiting) + len(group.captures) > PART_PAGES:
                    yield tuple(waiting)
                    waiting = []
                waiting.append(group)
        if waiting:
            yield tuple(waiting)

    def _agencies(self) -> list[tuple[str, int]]:
        self._db.execute("CREATE INDEX IF NOT EXISTS by_address ON captures (agency, url, time, file, start)")
        return list(
            self._db.execute("SELECT agency, COUNT(DISTINCT url) FROM captures GROUP BY agency ORDER BY agency")
        )

    def _groups(self, agency: str, size: int) -> Iterator[Group]:
        rows = self._db.execute(
            "SELECT url, file, start FROM captures WHERE agency = ? ORDER BY url, time, file, start", (agency,)
        )
        found: list[tuple[str, int]] = []
        for _, same in groupby(rows, key=lambda row: row[0]):
            *_, latest = same
            found.append((latest[1], latest[2]))
            if len(found) == size:
                yield Group(agency, tuple(found))
                found = []
        if found:
            yield Group(agency, tuple(found))
