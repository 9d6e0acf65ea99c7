"""The frontier: every address that a crawl knows, and how each request for it ended, in one SQLite file.

It is list of addresses to ask, memory of those asked, and log of requests in one, so that a crawl which is killed
at any moment goes on where it was: what a page led to is written in the same transaction as its end. Memory does
not grow with the number of addresses.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from enum import IntFlag
from pathlib import Path

import numpy as np

from common.errors import AuditFolderError
from crawler.fetchlog import Fetch
from crawler.outcomes import READ, Outcome
from crawler.seen import NO_LINES, Lines, SeenLines
from crawler.traps import says_nothing_new

MOST_REMEMBERED = 50_000  # links whose addresses need not be looked up again
LAYOUT = 1  # of the tables below; a file with another one is of another version


class FoundBy(IntFlag):
    """How an address came to be known; one may be found in several ways."""

    SEED = 1
    SITEMAP = 2
    LINK = 4
    FEED = 8
    EARLIER = 16  # an earlier audit knew it
    PROBE = 32  # asked to learn how the site says that a page is not there

    def in_words(self) -> str:
        """'seed', 'sitemap+link', ..."""
        return "+".join(str(flag.name).lower() for flag in FoundBy(self))


@dataclass(frozen=True)
class Found:
    """An address that a page, a sitemap or the registry names."""

    url: str
    kind: str = "page"  # page, sitemap, feed or probe
    priority: int = 0  # higher is asked earlier
    hops: int = 0  # links followed from a start address
    by: FoundBy = FoundBy.LINK
    redirects: int = 0  # in a row that led here
    outcome: Outcome | None = None  # where it is clear without asking
    instead: str = ""  # the address that is read in its stead


@dataclass(frozen=True)
class Address:
    """An address of the frontier, about to be asked."""

    id: int
    url: str
    agency: str
    site: str
    kind: str
    priority: int
    hops: int
    found_by: FoundBy
    referrer: str
    redirects: int
    tries: int
    shape: str
    render: bool


@dataclass(frozen=True)
class Earlier:
    """What an earlier audit kept of an address."""

    etag: str
    last_modified: str
    digest: str
    time: str
    warc_file: str  # in the archive of this audit
    warc_offset: int


Place = Callable[[str, Found], tuple[str, str] | None]

_TABLES = """
CREATE TABLE addresses(
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, agency TEXT NOT NULL, site TEXT NOT NULL, kind TEXT NOT NULL,
  priority INTEGER NOT NULL, hops INTEGER NOT NULL, found_by INTEGER NOT NULL, referrer TEXT NOT NULL,
  redirects INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, shape TEXT NOT NULL DEFAULT '',
  render INTEGER NOT NULL DEFAULT 0, outcome TEXT, instead TEXT NOT NULL DEFAULT '');
CREATE INDEX waiting ON addresses(site, priority DESC, id) WHERE outcome IS NULL;
CREATE INDEX stand_ins ON addresses(instead) WHERE instead <> '';
CREATE TABLE fetches(
  id INTEGER PRIMARY KEY, address INTEGER, agency TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
  outcome TEXT NOT NULL, detail TEXT, status INTEGER, content_type TEXT, bytes INTEGER, time TEXT, seconds REAL,
  depth INTEGER, referrer TEXT, redirect_to TEXT, etag TEXT, last_modified TEXT, digest TEXT, warc_file TEXT,
  warc_offset INTEGER, warc_end INTEGER, lines BLOB);
CREATE INDEX by_address ON fetches(address);
CREATE TABLE missing(site TEXT PRIMARY KEY, title TEXT NOT NULL, lines BLOB NOT NULL);
CREATE TABLE shapes(
  site TEXT NOT NULL, shape TEXT NOT NULL, seen INTEGER NOT NULL, stale INTEGER NOT NULL, PRIMARY KEY(site, shape));
CREATE TABLE sites(site TEXT PRIMARY KEY, agency TEXT NOT NULL, ended TEXT);
CREATE TABLE agencies(
  agency TEXT PRIMARY KEY, kept INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0, ended TEXT);
CREATE TABLE earlier(
  url TEXT PRIMARY KEY, etag TEXT NOT NULL, last_modified TEXT NOT NULL, digest TEXT NOT NULL, time TEXT NOT NULL,
  warc_file TEXT NOT NULL, warc_offset INTEGER NOT NULL) WITHOUT ROWID;
"""
_ADD = """
INSERT INTO addresses(url, agency, site, kind, priority, hops, found_by, referrer, redirects, shape, outcome, instead)
VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT(url) DO UPDATE SET
  found_by = found_by | excluded.found_by,
  hops = min(hops, excluded.hops),
  priority = CASE WHEN outcome IS NULL THEN max(priority, excluded.priority) ELSE priority END,
  outcome = CASE
    WHEN outcome = 'over_depth' THEN excluded.outcome
    WHEN outcome = 'other_language' AND excluded.outcome = 'other_language' AND instead <> excluded.instead THEN NULL
    ELSE outcome END
WHERE found_by | excluded.found_by <> found_by OR hops > excluded.hops
  OR (outcome IS NULL AND excluded.priority > priority)
  OR (outcome = 'other_language' AND excluded.outcome = 'other_language' AND instead <> excluded.instead)
"""
_ADDRESS = [item.name for item in fields(Address)]
_FETCH = [item.name for item in fields(Fetch) if item.name not in ("found_by", "priority")]


class Frontier:
    """The frontier of one crawl. Every method that writes leaves a whole state behind."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it. Raises AuditFolderError when it is broken or of another version."""
        self._seen: dict[str, SeenLines] = {}
        self._added: dict[str, tuple[int, int]] = {}  # priority and hops of links that were taken in already
        self._within = False  # a transaction
        try:
            self._db = sqlite3.connect(path)
            # a killed process loses nothing with this; after a power cut the last seconds may be gone, whole
            self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;")
            layout = self._db.execute("PRAGMA user_version").fetchone()[0]
            if layout == 0:
                self._db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={LAYOUT}; COMMIT;")
            elif layout != LAYOUT:
                raise AuditFolderError(f"{path}: made by another version of gap-audit; start a new folder with --out")
        except sqlite3.DatabaseError as error:
            raise AuditFolderError(f"{path}: cannot be opened: {error}") from None

    def close(self) -> None:
        """Write all to the one file and let it go."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All that is written within is written together, or not at all; one may stand in another."""
        if self._within:
            yield
            return
        self._within = True
        try:
            with self._db:
                yield
        finally:
            self._within = False

    # what is to be asked

    def add(self, agency: str, found: Iterable[tuple[Found, str, str]], referrer: str = "") -> None:
        """Take in addresses, each with its site and shape; one that is known only gets better known."""
        with self.whole():
            self._add(agency, found, referrer)

    def _add(self, agency: str, found: Iterable[tuple[Found, str, str]], referrer: str) -> None:
        rows = [
            (item.url, agency, site, item.kind, item.priority, item.hops, int(item.by), referrer, item.redirects,
             shape, item.outcome and item.outcome.value, item.instead)
            for item, site, shape in found
            if not self._is_known(item)
        ]  # fmt: skip
        self._db.executemany(_ADD, rows)

    def _is_known(self, item: Found) -> bool:
        """Whether a link says nothing that an earlier link to the same address has not said: menus repeat."""
        if item.by is not FoundBy.LINK or item.outcome is not None:
            return False
        before = self._added.get(item.url)
        if before is not None and before[0] >= item.priority and before[1] <= item.hops:
            return True
        if len(self._added) >= MOST_REMEMBERED:
            self._added.clear()
        best = before or (item.priority, item.hops)
        self._added[item.url] = (max(best[0], item.priority), min(best[1], item.hops))
        return False

    def next(self, site: str) -> Address | None:
        """The most promising address of a site that waits; among equals, the one that was found first."""
        row = self._db.execute(
            f"SELECT {', '.join(_ADDRESS)} FROM addresses WHERE site=? AND outcome IS NULL "  # noqa: S608
            "ORDER BY priority DESC, id LIMIT 1",
            (site,),
        ).fetchone()
        if row is None:
            return None
        named = dict(zip(_ADDRESS, row, strict=True))
        return Address(**named | {"found_by": FoundBy(named["found_by"])})

    def count(self, agency: str, kind: str) -> int:
        """How many addresses of a kind are known of an agency."""
        query = "SELECT count(*) FROM addresses WHERE agency=? AND kind=?"
        return int(self._db.execute(query, (agency, kind)).fetchone()[0])

    # how requests end

    def finish(
        self,
        address: Address,
        fetch: Fetch,
        found: Iterable[tuple[Found, str, str]] = (),
        lines: Lines = NO_LINES,
        stale: bool = False,
        seconds: float = 0.0,
    ) -> None:
        """Write down how a request ended, with all that its answer led to."""
        kept = fetch.outcome in READ and fetch.kind == "page"
        with self.whole():
            self._log(address.id, fetch, _packed(lines))
            self._db.execute("UPDATE addresses SET outcome=?, tries=tries+1 WHERE id=?", (fetch.outcome, address.id))
            self._db.execute(
                "UPDATE agencies SET kept=kept+?, seconds=seconds+? WHERE agency=?", (kept, seconds, address.agency)
            )
            self._add(address.agency, found, address.url)
            if kept:
                self._db.execute(
                    "INSERT INTO shapes VALUES(?, ?, 1, ?) "
                    "ON CONFLICT(site, shape) DO UPDATE SET seen=seen+1, stale=stale+excluded.stale",
                    (address.site, address.shape, stale),
                )
        if lines.size:
            self._seen_on(address.site).add(lines)

    def again(self, address: Address, fetch: Fetch, seconds: float, render: bool = False) -> None:
        """Write down a request that is to be made again, after all others of its site (or at once in a browser)."""
        with self.whole():
            self._log(address.id, fetch, b"")
            self._db.execute(
                "UPDATE addresses SET tries=tries+?, priority=priority-?, render=? WHERE id=?",
                (0 if render else 1, 0 if render else 10_000, render or address.render, address.id),
            )
            self._db.execute("UPDATE agencies SET seconds=seconds+? WHERE agency=?", (seconds, address.agency))

    def log(self, fetch: Fetch) -> None:
        """Write down a request for what is no address of the frontier (robots.txt); the latest one stays."""
        with self.whole():
            self._db.execute("DELETE FROM fetches WHERE address IS NULL AND url=?", (fetch.url,))
            self._log(None, fetch, b"")

    def skip(self, address: Address, outcome: Outcome) -> None:
        """Leave out an address without asking."""
        with self.whole():
            self._db.execute("UPDATE addresses SET outcome=? WHERE id=?", (outcome.value, address.id))

    def _log(self, address: int | None, fetch: Fetch, lines: bytes) -> None:
        marks = ", ".join("?" * (len(_FETCH) + 2))
        values = [getattr(fetch, name) for name in _FETCH]
        self._db.execute(
            f"INSERT INTO fetches(address, lines, {', '.join(_FETCH)}) VALUES({marks})",
            (address, lines, *values),
        )

    # pages that are the same, or stand for one another

    def says_nothing_new(self, site: str, lines: Lines) -> bool:
        """Whether a page's lines were nearly all on other pages of its site."""
        return says_nothing_new(lines.size, self._seen_on(site).count(lines))

    def _seen_on(self, site: str) -> SeenLines:
        """What a site has shown; read from the file the first time."""
        if site not in self._seen:
            seen = self._seen[site] = SeenLines()
            query = "SELECT f.lines FROM addresses a JOIN fetches f ON f.address = a.id WHERE a.site=?"
            for (packed,) in self._db.execute(query, (site,)):
                seen.add(_unpacked(packed))
        return self._seen[site]

    def set_missing(self, site: str, title: str, lines: Lines) -> None:
        """Remember what a site shows for an address that does not exist, although it says 200."""
        with self.whole():
            self._db.execute("INSERT OR REPLACE INTO missing VALUES(?, ?, ?)", (site, title, _packed(lines)))

    def missing(self, site: str) -> tuple[str, Lines] | None:
        """Title and lines of the page that a site shows for an address that does not exist."""
        row = self._db.execute("SELECT title, lines FROM missing WHERE site=?", (site,)).fetchone()
        return None if row is None else (row[0], _unpacked(row[1]))

    def stands_instead(self, address: Address, instead: str) -> None:
        """Note that a page names another address as the one to read in its stead."""
        with self.whole():
            self._db.execute("UPDATE addresses SET instead=? WHERE id=?", (instead, address.id))

    def replaced_by(self, url: str) -> list[tuple[str, Lines]]:
        """Kept pages that name `url` as the one to read in their stead, each with its lines."""
        rows = self._db.execute(
            "SELECT a.url, f.lines FROM addresses a JOIN fetches f ON f.address = a.id "
            "WHERE a.instead=? AND a.instead <> '' AND a.outcome IN ('kept', 'unchanged') AND f.outcome = a.outcome "
            "ORDER BY a.id",
            (url,),
        )
        return [(row[0], _unpacked(row[1])) for row in rows]

    def set_aside(self, url: str, outcome: Outcome) -> None:
        """Change what became of a page that was kept: another one is read in its stead."""
        with self.whole():
            self._db.execute(
                "UPDATE fetches SET outcome=? WHERE outcome IN ('kept', 'unchanged') "
                "AND address=(SELECT id FROM addresses WHERE url=?)",
                (outcome.value, url),
            )
            self._db.execute("UPDATE addresses SET outcome=? WHERE url=?", (outcome.value, url))
            self._db.execute(
                "UPDATE agencies SET kept=kept-1 WHERE agency=(SELECT agency FROM addresses WHERE url=?)", (url,)
            )

    def shape(self, site: str, shape: str) -> tuple[int, int]:
        """How many pages of a shape of address were kept, and how many of those said nothing new."""
        row = self._db.execute("SELECT seen, stale FROM shapes WHERE site=? AND shape=?", (site, shape)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    # agencies and their sites

    def begin(self, sites: dict[str, str]) -> dict[str, str]:
        """Take in the agencies of a crawl by their sites; all sites known, with those found by redirects."""
        with self.whole():
            self._db.executemany("INSERT OR IGNORE INTO sites(site, agency) VALUES(?, ?)", sites.items())
            self._db.executemany("INSERT OR IGNORE INTO agencies(agency) VALUES(?)", ((a,) for a in sites.values()))
        return dict(self._db.execute("SELECT site, agency FROM sites ORDER BY site"))

    def add_site(self, site: str, agency: str) -> None:
        """Take in a site that a start address moved to."""
        with self.whole():
            self._db.execute("INSERT OR IGNORE INTO sites(site, agency) VALUES(?, ?)", (site, agency))

    def end_site(self, site: str, outcome: Outcome) -> None:
        """End a site: what is left of its addresses has this outcome."""
        with self.whole():
            self._db.execute("UPDATE sites SET ended=? WHERE site=?", (outcome.value, site))

    def site_ended(self, site: str) -> bool:
        """Whether a site was given up."""
        row = self._db.execute("SELECT ended FROM sites WHERE site=?", (site,)).fetchone()
        return row is not None and row[0] is not None

    def spent(self, agency: str) -> tuple[int, float]:
        """Pages kept of an agency, and seconds of crawling."""
        row = self._db.execute("SELECT kept, seconds FROM agencies WHERE agency=?", (agency,)).fetchone()
        return (row[0], row[1]) if row else (0, 0.0)

    def end(self, agency: str, outcome: Outcome) -> None:
        """End an agency: what is left of its pages has this outcome."""
        with self.whole():
            self._db.execute("UPDATE agencies SET ended=? WHERE agency=?", (outcome.value, agency))

    def ended(self) -> set[str]:
        """Agencies that used up a budget."""
        return {row[0] for row in self._db.execute("SELECT agency FROM agencies WHERE ended IS NOT NULL")}

    # an earlier audit

    def take_in_earlier(self, rows: Iterable[tuple[str, Found, Earlier]], placed: Place) -> None:
        """Remember what an earlier audit kept, all of it or nothing, and ask for its pages.

        `rows`: agency, address and state; `placed`: the site and shape of an address of an agency, None where it is
        not to be asked for.
        """
        with self.whole():
            for agency, found, e in rows:
                self._db.execute(
                    "INSERT OR REPLACE INTO earlier VALUES(?, ?, ?, ?, ?, ?, ?)",
                    (found.url, e.etag, e.last_modified, e.digest, e.time, e.warc_file, e.warc_offset),
                )
                place = placed(agency, found)
                if place is not None:
                    self._add(agency, [(found, *place)], "")

    def has_earlier(self) -> bool:
        """Whether an earlier audit was taken in."""
        return self._db.execute("SELECT 1 FROM earlier LIMIT 1").fetchone() is not None

    def earlier(self, url: str) -> Earlier | None:
        """What an earlier audit kept of an address."""
        row = self._db.execute("SELECT * FROM earlier WHERE url=?", (url,)).fetchone()
        return Earlier(*row[1:]) if row else None

    # after a crash, and at the end

    def ends(self) -> dict[str, int]:
        """Where the last record of each agency ends in its archive file, in bytes."""
        query = "SELECT agency || '.warc.gz', max(warc_end) FROM fetches WHERE warc_end > 0 GROUP BY agency"
        return dict(self._db.execute(query))

    def last_records(self, warc_file: str, count: int) -> list[tuple[int, int, int]]:
        """Number, offset and end of the last fetches that point into an archive file, latest first."""
        query = (
            "SELECT id, warc_offset, warc_end FROM fetches WHERE warc_file=? AND warc_end > 0 "
            "ORDER BY warc_end DESC LIMIT ?"
        )
        return list(self._db.execute(query, (warc_file, count)))

    def forget(self, fetch_ids: Iterable[int]) -> None:
        """Undo fetches whose records are lost: their addresses are asked again."""
        with self.whole():
            for number in fetch_ids:
                self._db.execute(
                    "UPDATE agencies SET kept=kept-1 WHERE agency=(SELECT agency FROM fetches WHERE id=? "
                    "AND kind='page' AND outcome IN ('kept', 'unchanged'))",
                    (number,),
                )
                self._db.execute(
                    "UPDATE addresses SET outcome=NULL WHERE id=(SELECT address FROM fetches WHERE id=?)", (number,)
                )
                self._db.execute("DELETE FROM fetches WHERE id=?", (number,))

    def rows(self) -> Iterator[Fetch]:
        """The fetch log: every request, and every address that was not asked with the reason, in a fixed order."""
        names = ", ".join(f"f.{name} AS {name}" for name in _FETCH)
        unasked = ", ".join(
            {"outcome": "coalesce(a.outcome, s.ended, g.ended, 'not_reached')", "depth": "a.hops", "status": "0",
             "bytes": "0", "seconds": "0.0", "warc_offset": "-1", "warc_end": "-1", "agency": "a.agency",
             "url": "a.url", "kind": "a.kind", "referrer": "a.referrer"}.get(name, "''")
            for name in _FETCH
        )  # fmt: skip
        query = (
            f"SELECT {names}, coalesce(a.found_by, 0), coalesce(a.priority, 0), f.id AS number FROM fetches f "  # noqa: S608
            "LEFT JOIN addresses a ON a.id = f.address "
            f"UNION ALL SELECT {unasked}, a.found_by, a.priority, 0 FROM addresses a "
            "LEFT JOIN agencies g ON g.agency = a.agency LEFT JOIN sites s ON s.site = a.site "
            "WHERE NOT EXISTS (SELECT 1 FROM fetches f WHERE f.address = a.id) "
            "ORDER BY agency, url, number"
        )
        for row in self._db.execute(query):
            named = dict(zip(_FETCH, row, strict=False))
            yield Fetch(**named, found_by=FoundBy(row[-3]).in_words(), priority=row[-2])


def _packed(lines: Lines) -> bytes:
    return lines.astype("<u4").tobytes()


def _unpacked(packed: bytes) -> Lines:
    return np.frombuffer(packed, dtype="<u4")
