"""The sheet Coverage: how much of each agency was seen, and how likely a programme was missed."""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import AgencyView, Audit
from analysis.verdicts import ACCEPTED_MISS, Miss, Verdict, miss_of
from reports.cells import table
from reports.live import Live
from reports.workbook.style import last_row

_UNREACHABLE = "more than all"
_CALIBRATED = (
    Verdict.NONE_FOUND,
    Verdict.MENTION,
    Verdict.NOT_ASSESSABLE,
)  # something is missing


def fill(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    """Write the sheet."""
    needed = f"Coverage needed for under {ACCEPTED_MISS:.0%}, one page"
    columns = [
        ("Country", 9), ("Agency", 32), ("Coverage", 12), ("Share of known pages read", 11),
        ("Share of relevant pages read (estimate)", 13), ("from", 8), ("to", 8),
        ("Chance that a programme was missed, if one page shows it", 16), ("from", 8), ("to", 8),
        ("... if two pages show it", 11), (needed, 13), ("... two pages", 11), ("In words", 70),
        ("Addresses known", 11), ("Read", 8), ("Unchanged", 10), ("With text", 8), ("Relevant", 9),
        ("Refused by robots.txt", 12), ("Blocked", 9), ("Needs a browser", 9), ("Failed", 8), ("Over budget", 9),
        ("Not found", 9), ("Not text", 8), ("Other", 8), ("Reasons", 50),
    ]  # fmt: skip

    def rows() -> Iterable[Sequence[Any]]:
        for view in audit.agencies:
            c, e = view.coverage, view.coverage.estimate
            reasons = ", ".join(f"{name} {count}" for name, count in sorted(c.reasons.items()))
            yield (
                view.agency.country, view.agency.name, c.grade.value, c.share_seen, e and e.share, e and e.low,
                e and e.high, *_missed(audit, view), c.in_words(), c.known, c.fetched, c.unchanged,
                c.readable, c.relevant, c.refused, c.blocked,
                c.needs_browser, c.failed, c.over_budget, c.not_found, c.not_text, c.other, reasons,
            )  # fmt: skip

    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    sheet.row_dimensions[1].height = 90
    sheet.print_area = f"A1:N{last_row(audit)}"  # the counts behind it are too wide for paper
    for row in range(2, len(audit.agencies) + 2):
        for column in range(4, 14):
            sheet.cell(row, column).number_format = "0%"


def _missed(audit: Audit, view: AgencyView) -> Sequence[float | str | None]:
    """The chance of a miss for an agency in which something is missing; empty where a programme was found."""
    if view.verdict not in _CALIBRATED:
        return (None,) * 6
    miss: Miss = miss_of(view.coverage, audit.recall)
    needed = (_UNREACHABLE if share is None else share for share in (miss.needed, miss.needed_for_two))
    return (miss.chance, miss.low, miss.high, miss.two_pages, *needed)
