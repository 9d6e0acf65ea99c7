"""Shares with intervals: how common a measure, or a level of social media, is among agencies."""

from collections.abc import Sequence

from analysis.coding import SocialLevel
from analysis.matrix import AgencyView
from analysis.shares import Share
from analysis.verdicts import Cell, Verdict


def measure_share(agencies: Sequence[AgencyView], measure: str) -> Share:
    """How many agencies offer a measure, of those of which it can be said."""
    cells = [view.cell(measure) for view in agencies]
    found = sum(cell is Cell.FOUND for cell in cells)
    return Share(found, found + sum(cell is Cell.NONE_FOUND for cell in cells))


def level_share(agencies: Sequence[AgencyView], level: SocialLevel) -> Share:
    """How many agencies reach a level of social media with any programme, of those that could be assessed."""
    assessed = [view for view in agencies if view.verdict is not Verdict.NOT_ASSESSABLE]
    return Share(sum(any(p.social >= level for p in view.programmes) for view in assessed), len(assessed))
