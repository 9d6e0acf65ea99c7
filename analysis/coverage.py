"""Coverage: how much of an agency's site was seen, and whether that is enough to say that something is not there."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pyarrow.parquet as pq

from common.frame import Frame

ADEQUATE_SHARE = 0.8  # of the known addresses with content, see docs/method.md
LEAST_PAGES = 5  # readable pages below which nothing is said about a site as a whole


class CoverageClass(StrEnum):
    """Whether the site was seen well enough (docs/method.md, 'Coverage')."""

    ADEQUATE = "adequate"
    LIMITED = "limited"
    FAILED = "failed"


# outcomes that mean: there may be content, and we have not seen it
_UNSEEN = {
    "refused_by_robots": "refused",
    "robots_unreachable": "refused",
    "blocked": "blocked",
    "over_page_budget": "over_budget",
    "over_depth": "over_budget",
    "over_time": "over_budget",
    "client_error": "failed",
    "server_error": "failed",
    "timeout": "failed",
    "dns_failure": "failed",
    "connection_failed": "failed",
    "tls_failure": "failed",
    "too_large": "failed",
    "private_address": "failed",
    "redirect_off_site": "failed",
    "other_failure": "failed",
}


@dataclass
class Coverage:
    """How much of one agency's site was seen. Counts are of addresses of pages."""

    agency: str
    known: int = 0
    fetched: int = 0
    readable: int = 0  # with text in a language of the codebook
    relevant: int = 0
    refused: int = 0  # by robots.txt
    blocked: int = 0
    failed: int = 0
    over_budget: int = 0
    not_found: int = 0
    other: int = 0  # redirects, images, empty answers
    reasons: Counter[str] = field(default_factory=Counter)
    other_languages: Counter[str] = field(default_factory=Counter)

    @property
    def share_seen(self) -> float:
        """The share of known addresses with content that was fetched, 0 to 1."""
        unseen = self.refused + self.blocked + self.failed + self.over_budget
        return self.fetched / (self.fetched + unseen) if self.fetched + unseen else 0.0

    @property
    def grade(self) -> CoverageClass:
        """`failed` where nothing readable was seen; `adequate` from 80 % of the known addresses and 5 pages on."""
        if self.readable == 0:
            return CoverageClass.FAILED
        if self.share_seen >= ADEQUATE_SHARE and self.readable >= LEAST_PAGES:
            return CoverageClass.ADEQUATE
        return CoverageClass.LIMITED

    @property
    def blocked_out(self) -> bool:
        """Whether the site did not let us in (as opposed to a site that was down or empty)."""
        return self.readable == 0 and self.refused + self.blocked > 0

    def in_words(self) -> str:
        """One sentence about what was seen."""
        if self.known == 0:
            return "No address of the site is known."
        parts = [f"{self.fetched} of {self.fetched + self.unseen} known pages were read"]
        for count, what in (
            (self.refused, "closed to us by robots.txt"),
            (self.blocked, "blocked"),
            (self.failed, "failed"),
            (self.over_budget, "beyond the budget of the crawl"),
        ):
            if count:
                parts.append(f"{count} {what}")
        if self.other_languages:
            languages = ", ".join(f"{count} in '{code}'" for code, count in sorted(self.other_languages.items()))
            parts.append(f"not understood: {languages}")
        return "; ".join(parts) + "."

    @property
    def unseen(self) -> int:
        return self.refused + self.blocked + self.failed + self.over_budget


def coverage_of(folder: Path, frame: Frame) -> dict[str, Coverage]:
    """Coverage of every agency of the frame, from the fetch log and the pages."""
    coverages = {agency.id: Coverage(agency.id) for agency in frame.agencies}
    fetches = folder / "fetches.parquet"
    if fetches.exists():
        final: dict[tuple[str, str], str] = {}
        for row in pq.read_table(fetches, columns=["agency", "url", "kind", "outcome"]).to_pylist():
            if row["kind"] == "page":
                key = (row["agency"], row["url"])
                if final.get(key) != "kept":  # a page that was kept at last is kept, whatever came before
                    final[key] = row["outcome"]
        for (agency, _), outcome in final.items():
            coverage = coverages.setdefault(agency, Coverage(agency))
            coverage.known += 1
            coverage.reasons[outcome] += 1
            if outcome == "kept":
                coverage.fetched += 1
            elif outcome == "not_found":
                coverage.not_found += 1
            else:
                name = _UNSEEN.get(outcome, "other")
                setattr(coverage, name, getattr(coverage, name) + 1)
    pages = folder / "pages.parquet"
    if pages.exists():
        columns = ["agency", "language", "relevant", "note"]
        for row in pq.read_table(pages, columns=columns).to_pylist():
            coverage = coverages.setdefault(row["agency"], Coverage(row["agency"]))
            coverage.relevant += row["relevant"]
            if row["note"].startswith(("no codebook", "language not")):
                coverage.other_languages[row["language"]] += 1
            elif row["note"] in ("", "same text as another page"):
                coverage.readable += 1
            if not fetches.exists():
                coverage.known += 1
                coverage.fetched += 1
    return coverages
