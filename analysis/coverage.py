"""Coverage: how much of an agency's site was seen, and whether that is enough to say that something is not there."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, log, sqrt
from pathlib import Path

import pyarrow.parquet as pq

from common.errors import AuditFolderError
from common.frame import Agency, Frame

ADEQUATE_SHARE = 0.8  # of the relevant pages, as estimated, or of the known addresses (docs/method.md)
LEAST_PAGES = 5  # readable pages below which nothing is said about a site as a whole
LEAST_FOR_ESTIMATE = 20  # pages read below which the share of relevant pages is not estimated
LEAST_IN_BOTH = 7  # relevant pages found in both ways, below which capture-recapture says too little
LEAST_IN_BAND = 5  # pages read of a band of promise, below which the band above speaks for it
BANDS = (80, 50, 20, 0)  # of promise (priority of the crawl), from the best down; the last is open below
MOST_LOST = 0.5  # share of an earlier audit's pages that may be gone before the crawl counts as broken
WALLED = 0.5  # share of the answers that are walls, from which on the crawl counts as broken

# outcomes that mean: there may be content, and we have not seen it
_UNSEEN = {
    "refused_by_robots": "refused",
    "robots_unreachable": "refused",
    "blocked": "blocked",
    "bot_wall": "blocked",
    "login_wall": "blocked",
    "cookie_wall": "blocked",
    "needs_browser": "needs_browser",
    "over_page_budget": "over_budget",
    "over_depth": "over_budget",
    "over_time": "over_budget",
    "not_reached": "over_budget",
    "client_error": "failed",
    "server_error": "failed",
    "timeout": "failed",
    "dns_failure": "failed",
    "connection_failed": "failed",
    "tls_failure": "failed",
    "host_gave_up": "failed",
    "too_large": "failed",
    "damaged": "failed",
    "closed_for_now": "failed",
    "private_address": "failed",
    "redirect_off_site": "failed",
    "redirect_loop": "failed",
    "other_failure": "failed",
}
_READ = {"kept", "unchanged"}
_WALLS = {"blocked", "bot_wall", "login_wall", "cookie_wall", "closed_for_now"}
# what no server said; not counted among the answers of a site
_UNASKED = {"over_page_budget", "over_depth", "over_time", "not_reached", "host_gave_up", "trap", "other_language"}


class CoverageClass(StrEnum):
    """Whether the site was seen well enough (docs/method.md, 'Coverage')."""

    ADEQUATE = "adequate"
    LIMITED = "limited"
    FAILED = "failed"


@dataclass(frozen=True)
class RelevantShare:
    """The estimated share of an agency's relevant pages that was read, 0 to 1, with a 95 % interval."""

    share: float
    low: float
    high: float
    read: int  # relevant pages read
    waiting: float  # relevant pages expected among known addresses that were not read
    hidden: float  # relevant pages expected among addresses that nothing named; 0 where it can't be estimated
    recaptured: bool  # whether `hidden` could be estimated


@dataclass
class Coverage:
    """How much of one agency's site was seen. Counts are of addresses of pages."""

    agency: str
    known: int = 0
    fetched: int = 0
    unchanged: int = 0  # of those fetched: as in the earlier audit
    readable: int = 0  # with text in a language of the codebook
    relevant: int = 0
    refused: int = 0  # by robots.txt
    blocked: int = 0
    needs_browser: int = 0  # without text before scripts run
    failed: int = 0
    over_budget: int = 0
    not_found: int = 0
    not_text: int = 0  # neither HTML, PDF nor Word
    other: int = 0  # redirects, copies, translations, endless lists, empty answers
    reasons: Counter[str] = field(default_factory=Counter)
    other_languages: Counter[str] = field(default_factory=Counter)
    estimate: RelevantShare | None = None
    broken: list[str] = field(default_factory=list)  # why the crawl of this agency is not to be trusted

    @property
    def share_seen(self) -> float:
        """The share of known addresses with content that was fetched, 0 to 1."""
        return self.fetched / (self.fetched + self.unseen) if self.fetched + self.unseen else 0.0

    @property
    def share(self) -> float:
        """The share of relevant pages that was read, as estimated, else of known addresses; 0 to 1."""
        return self.estimate.share if self.estimate else self.share_seen

    @property
    def grade(self) -> CoverageClass:
        """`failed` where nothing readable was seen or the crawl broke; `adequate` from 80 % and 5 pages on."""
        if self.readable == 0 or self.broken:
            return CoverageClass.FAILED
        if self.share >= ADEQUATE_SHARE and self.readable >= LEAST_PAGES:
            return CoverageClass.ADEQUATE
        return CoverageClass.LIMITED

    @property
    def blocked_out(self) -> bool:
        """Whether the site did not let us in (as opposed to a site that was down or empty)."""
        return self.readable == 0 and self.refused + self.blocked > 0

    @property
    def unseen(self) -> int:
        """Known addresses that may hold content and were not read."""
        return self.refused + self.blocked + self.needs_browser + self.failed + self.over_budget

    def in_words(self) -> str:
        """What was seen, and what was not."""
        if self.known == 0 and not self.broken:
            return "No address of the site is known."
        parts = [f"{self.fetched} of {self.fetched + self.unseen} known pages were read"]
        for count, what in (
            (self.unchanged, "of them unchanged since the earlier audit"),
            (self.refused, "closed to us by robots.txt"),
            (self.blocked, "blocked"),
            (self.needs_browser, "without text unless a browser shows them"),
            (self.failed, "failed"),
            (self.over_budget, "beyond the budget of the crawl"),
        ):
            if count:
                parts.append(f"{count} {what}")
        if self.estimate:
            e = self.estimate
            parts.append(f"about {e.share:.0%} of the relevant pages were read ({e.low:.0%} to {e.high:.0%})")
        if self.other_languages:
            languages = ", ".join(f"{count} in '{code}'" for code, count in sorted(self.other_languages.items()))
            parts.append(f"not understood: {languages}")
        words = "; ".join(parts) + "."
        return f"Broken crawl, no finding: {'; '.join(self.broken)}. {words}" if self.broken else words


@dataclass
class _Tally:
    """What is needed of an agency's addresses for the estimates."""

    seen: Counter[int] = field(default_factory=Counter)  # pages read, by band of promise
    relevant: Counter[int] = field(default_factory=Counter)
    unseen: Counter[int] = field(default_factory=Counter)
    by_sitemap: int = 0  # relevant pages that only sitemaps and feeds named
    by_link: int = 0  # that only links named
    by_both: int = 0
    only_before: int = 0  # relevant pages that only the earlier audit's list named
    only_now: int = 0  # that the earlier audit had not read
    both_crawls: int = 0
    earlier: int = 0  # addresses that an earlier audit read
    earlier_read: int = 0  # of those, read again


def coverage_of(folder: Path, frame: Frame) -> dict[str, Coverage]:
    """Coverage of every agency of the frame, from the fetch log and the pages."""
    coverages = {agency.id: Coverage(agency.id) for agency in frame.agencies}
    tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
    languages: defaultdict[str, Counter[str]] = defaultdict(Counter)
    relevant: set[tuple[str, str]] = set()
    logged = (folder / "fetches.parquet").exists()
    if (folder / "pages.parquet").exists():
        _count_pages(folder / "pages.parquet", coverages, languages, relevant, logged)
    if logged:
        _count_fetches(folder / "fetches.parquet", coverages, tallies, relevant)
    for agency in frame.agencies:
        coverage, tally = coverages[agency.id], tallies[agency.id]
        coverage.estimate = relevant_share(tally, coverage.fetched)
        coverage.broken = _broken(agency, coverage, tally, languages[agency.id])
    return coverages


def _count_pages(
    path: Path,
    coverages: dict[str, Coverage],
    languages: defaultdict[str, Counter[str]],
    relevant: set[tuple[str, str]],
    logged: bool,
) -> None:
    columns = ["agency", "url", "language", "relevant", "note"]
    for row in pq.read_table(path, columns=columns).to_pylist():
        coverage = coverages.setdefault(row["agency"], Coverage(row["agency"]))
        coverage.relevant += row["relevant"]
        if row["relevant"]:
            relevant.add((row["agency"], row["url"]))
        if row["note"].startswith(("no codebook", "language not")):
            coverage.other_languages[row["language"]] += 1
        elif not row["note"] or "same text as" in row["note"]:
            coverage.readable += 1
            languages[row["agency"]][row["language"]] += 1
        if not logged:
            coverage.known += 1
            coverage.fetched += 1


def _count_fetches(
    path: Path,
    coverages: dict[str, Coverage],
    tallies: defaultdict[str, _Tally],
    relevant: set[tuple[str, str]],
) -> None:
    """Count each address once, by how it ended; rows of an address follow one another in the order of time."""
    columns = ["agency", "url", "kind", "outcome", "found_by", "priority"]
    last: dict[str, object] = {}
    log = pq.ParquetFile(path)
    if not set(columns) <= set(log.schema_arrow.names):
        raise AuditFolderError(f"{path}: written by another version of gap-audit; start a new folder with --out")
    for batch in log.iter_batches(columns=columns):
        for row in batch.to_pylist():
            if row["kind"] != "page":
                continue
            if last and (last["agency"], last["url"]) != (row["agency"], row["url"]):
                _count_address(last, coverages, tallies, relevant)
            elif last and last["outcome"] in _READ:
                continue  # a page that was read is read, whatever came later
            last = row
    if last:
        _count_address(last, coverages, tallies, relevant)


def _count_address(
    row: dict[str, object],
    coverages: dict[str, Coverage],
    tallies: defaultdict[str, _Tally],
    relevant: set[tuple[str, str]],
) -> None:
    agency, outcome = str(row["agency"]), str(row["outcome"])
    coverage = coverages.setdefault(agency, Coverage(agency))
    tally = tallies[agency]
    ways = str(row["found_by"] or "").split("+")
    band = next((number for number, least in enumerate(BANDS) if int(str(row["priority"])) >= least), len(BANDS))
    coverage.known += 1
    coverage.reasons[outcome] += 1
    tally.earlier += "earlier" in ways
    if outcome in _READ:
        coverage.fetched += 1
        coverage.unchanged += outcome == "unchanged"
        tally.seen[band] += 1
        tally.earlier_read += "earlier" in ways
        if (agency, row["url"]) in relevant:
            tally.relevant[band] += 1
            listed, linked = "sitemap" in ways or "feed" in ways, "link" in ways
            tally.by_both += listed and linked
            tally.by_sitemap += listed and not linked
            tally.by_link += linked and not listed
            before = "earlier" in ways
            tally.both_crawls += before and (listed or linked)
            tally.only_before += before and not (listed or linked)
            tally.only_now += not before
    elif outcome in ("not_found", "soft_not_found"):
        coverage.not_found += 1
    elif outcome == "not_text":
        coverage.not_text += 1
    elif outcome in _UNSEEN:
        setattr(coverage, _UNSEEN[outcome], getattr(coverage, _UNSEEN[outcome]) + 1)
        tally.unseen[band] += 1
    else:
        coverage.other += 1


def relevant_share(tally: _Tally, fetched: int) -> RelevantShare | None:
    """The share of relevant pages that was read; None where too few pages were read to say.

    Relevant pages not read are of two kinds. Among known addresses: as many of a band of promise as of the pages
    read in that band (with one added to either side, so that no band is taken for empty). Among unknown ones: by
    capture and recapture of sitemaps and links, and of an earlier crawl and this one where there was one (Chapman
    1951; variance by Seber 1970, log-normal interval by Chao 1987); the larger of the two counts. It assumes that
    being in a sitemap and being linked to have nothing to do with each other; where they go together, more is
    hidden than this says.
    """
    read = sum(tally.relevant.values())
    if fetched < LEAST_FOR_ESTIMATE or read == 0:
        return None
    waiting = 0.0
    rate = (read + 1) / (sum(tally.seen.values()) + 2)
    for band in range(len(BANDS) + 1):
        if tally.seen[band] >= LEAST_IN_BAND:
            rate = (tally.relevant[band] + 1) / (tally.seen[band] + 2)
        waiting += rate * tally.unseen[band]
    captures = [(tally.by_sitemap, tally.by_link, tally.by_both)]
    if tally.earlier:
        captures.append((tally.only_before, tally.only_now, tally.both_crawls))
    estimates = [_hidden(*counts) for counts in captures if counts[2] >= LEAST_IN_BOTH]
    hidden, low, high = max(estimates, default=(0.0, 0.0, 0.0))
    return RelevantShare(
        share=read / (read + waiting + hidden),
        low=read / (read + waiting + high),
        high=read / (read + waiting + low),
        read=read,
        waiting=round(waiting, 1),
        hidden=round(hidden, 1),
        recaptured=bool(estimates),
    )


def _hidden(one: int, other: int, both: int) -> tuple[float, float, float]:
    """How many were caught neither time, with a 95 % interval, from those caught once and those caught both times."""
    first, second = one + both, other + both
    hidden = max(0.0, (first + 1) * (second + 1) / (both + 1) - 1 - (first + second - both))
    if hidden == 0:
        return 0.0, 0.0, 0.0
    variance = (first + 1) * (second + 1) * one * other / ((both + 1) ** 2 * (both + 2))
    spread = exp(1.96 * sqrt(log(1 + variance / hidden**2)))
    return hidden, hidden / spread, hidden * spread


def _broken(agency: Agency, coverage: Coverage, tally: _Tally, languages: Counter[str]) -> list[str]:
    """Why a crawl is not to be trusted: what was expected is not there, or the site is not what it was."""
    reasons = []
    expect = agency.expect
    if expect and coverage.readable < expect.pages:
        reasons.append(f"{coverage.readable} readable pages, the registry expects {expect.pages}")
    if expect and coverage.relevant < expect.relevant_pages:
        reasons.append(f"{coverage.relevant} relevant pages, the registry expects {expect.relevant_pages}")
    missing = [language for language in (expect.languages if expect else []) if not languages[language]]
    if missing:
        reasons.append(f"no page in {', '.join(missing)}, which the registry expects")
    answers = sum(count for outcome, count in coverage.reasons.items() if outcome not in _UNASKED)
    walls = sum(coverage.reasons[outcome] for outcome in _WALLS)
    if answers and walls >= WALLED * answers:
        kinds = ", ".join(f"{name} {coverage.reasons[name]}" for name in sorted(_WALLS) if coverage.reasons[name])
        reasons.append(f"a wall stands before the site ({kinds} of {answers} answers)")
    if tally.earlier >= LEAST_PAGES and tally.earlier_read < (1 - MOST_LOST) * tally.earlier:
        reasons.append(
            f"{tally.earlier_read} of the {tally.earlier} pages that the earlier audit read could be read again: "
            "redesigned or closed"
        )
    return reasons
