"""What may be said about an agency or a country (rules: docs/method.md, 'Verdicts')."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from analysis.coding import SocialLevel
from analysis.coverage import Coverage, CoverageClass

# The coder's recall for programmes that use social media, as measured on the sample web (docs/accuracy.md);
# to be replaced by the audit's own figure where a review sample exists.
CODER_RECALL = 0.9


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


def verdict(levels: Sequence[SocialLevel], coverage: Coverage) -> Verdict:
    """What may be said about one agency, from the levels of its programmes.

    What was found was found, however little was seen. 'None found' is a statement about the world, so it needs
    coverage; without it the agency is 'not assessable'.
    """
    level = max(levels, default=SocialLevel.NONE)
    if level == SocialLevel.DEDICATED:
        return Verdict.DEDICATED
    if level == SocialLevel.COMPONENT:
        return Verdict.COMPONENT
    if coverage.grade is not CoverageClass.ADEQUATE:
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


def chance_missed(coverage: Coverage, recall: float = CODER_RECALL, pages: int = 1) -> float:
    """The chance that a programme which exists was missed: (1 - c r)^k.

    c is the share of the relevant pages that was read (as estimated, else of the known addresses), r the coder's
    recall, k the number of pages that would show the programme, taken as independent.
    """
    return float((1 - coverage.share * recall) ** pages)


def cell(programmes: int, coverage: Coverage) -> Cell:
    """What a cell of the matrix says about one agency and one measure."""
    if programmes:
        return Cell.FOUND
    if coverage.blocked_out:
        return Cell.BLOCKED
    return Cell.NONE_FOUND if coverage.grade is CoverageClass.ADEQUATE else Cell.UNKNOWN
