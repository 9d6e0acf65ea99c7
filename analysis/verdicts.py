"""What may be said about an agency or a country (rules: docs/method.md, 'Verdicts')."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.coding import SocialLevel
from analysis.correction import Recall
from analysis.coverage import Coverage, CoverageClass

ACCEPTED_MISS = 0.05  # chance of a miss below which 'none found' is said without more


class Verdict(StrEnum):
    """What the audit says about social media in an agency's support (DESIGN: fixed)."""

    DEDICATED = "dedicated programme"
    COMPONENT = "component"
    MENTION = "mention only"
    NONE_FOUND = "none found"
    NOT_ASSESSABLE = "not assessable"


class Cell(StrEnum):
    """What a cell of the matrix says when it holds no programme, and when it does."""

    FOUND = "found"
    NONE_FOUND = "none found (covered)"
    UNKNOWN = "unknown (under-covered)"
    BLOCKED = "blocked"


def verdict(levels: Sequence[SocialLevel], coverage: Coverage, doubtful: bool = False) -> Verdict:
    """What may be said about one agency, from the levels of its programmes.

    What was found was found, however little was seen. 'None found' is a statement about the world, so it needs
    coverage; without it the agency is 'not assessable', and so it is where people found by the elusion test that the
    machine misses too much (`doubtful`, see reviews.Elusion).
    """
    level = max(levels, default=SocialLevel.NONE)
    if level == SocialLevel.DEDICATED:
        return Verdict.DEDICATED
    if level == SocialLevel.COMPONENT:
        return Verdict.COMPONENT
    if coverage.grade is not CoverageClass.ADEQUATE or doubtful:
        return Verdict.NOT_ASSESSABLE
    return Verdict.MENTION if level == SocialLevel.MENTION else Verdict.NONE_FOUND


def country_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """What may be said about a country: the most that was found; 'none found' only if every agency was seen."""
    found = set(verdicts)
    for best in (Verdict.DEDICATED, Verdict.COMPONENT):
        if best in found:
            return best
    if not found or Verdict.NOT_ASSESSABLE in found:
        return Verdict.NOT_ASSESSABLE
    return Verdict.MENTION if Verdict.MENTION in found else Verdict.NONE_FOUND


@dataclass(frozen=True)
class Miss:
    """The chance that a programme which exists was missed, and what it would take to make it small."""

    chance: float  # if one page shows the programme
    low: float  # with the highest coverage and recall of their intervals
    high: float  # with the lowest
    two_pages: float  # the chance if two pages show it
    needed: float | None  # coverage at which one page would be missed in under ACCEPTED_MISS; None: not even all pages
    needed_for_two: float | None  # the same if two pages show it


def chance_missed(coverage: float, recall: float, pages: int = 1) -> float:
    """(1 - c r)^k: c the share of the relevant pages that was read, r the coder's recall on a page that it reads, and k
    the number of pages that would show the programme, taken as independent."""
    return float((1 - coverage * recall) ** pages)


def coverage_needed(recall: float, pages: int = 1, accepted: float = ACCEPTED_MISS) -> float | None:
    """The coverage at which chance_missed comes down to `accepted`; None where all pages would not do."""
    needed = (1 - accepted ** (1 / pages)) / recall if recall else 2.0
    return needed if needed <= 1 else None


def miss_of(coverage: Coverage, recall: Recall) -> Miss:
    """The chance of a miss for an agency; its interval joins the ends of those of coverage and recall."""
    estimate = coverage.estimate
    low, high = (estimate.low, estimate.high) if estimate else (coverage.share, coverage.share)
    return Miss(
        chance_missed(coverage.share, recall.value),
        chance_missed(high, recall.high),
        chance_missed(low, recall.low),
        chance_missed(coverage.share, recall.value, 2),
        coverage_needed(recall.value),
        coverage_needed(recall.value, 2),
    )


def cell(programmes: int, coverage: Coverage) -> Cell:
    """What a cell of the matrix says about one agency and one measure."""
    if programmes:
        return Cell.FOUND
    if coverage.blocked_out:
        return Cell.BLOCKED
    return Cell.NONE_FOUND if coverage.grade is CoverageClass.ADEQUATE else Cell.UNKNOWN
