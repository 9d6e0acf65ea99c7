"""The sheet About: the frame, the method in short, and the limits of this audit."""

from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from analysis.coder import CODER
from analysis.correction import Recall
from analysis.matrix import Audit
from common.income import income_year
from common.regions import regions_of
from reports.cells import table
from reports.live import Live
from reports.words import limits

_METHOD = (
    "Unit of analysis: the support programme. One that several pages of an agency tell of counts once.",
    "Measures: fifteen kinds of support, each with a definition and rules on the sheet Codebook. A programme may have "
    "several.",
    "Social media: five levels, from none to the programme's purpose. Menus, footers and follow-us lines never count "
    "for more than level 1.",
    "Decisions: by a machine, from the text alone, with quotations. People's decisions, where there are any, go before "
    "it: the majority of them, the median for the level (sheet Review).",
    "Verdict: the highest level of any programme. 'None found' and 'mention only' need adequate coverage; without it "
    "an agency is not assessable.",
    "Chance of a miss: (1 - c r)^k for the share c of relevant pages that was read, the coder's recall r, and k pages "
    "that would show the programme, taken as independent, which pages of one site are not quite.",
    "Shares: with 95 % intervals by Wilson (1927), of the agencies of which it can be said.",
    "All of it with sources: docs/method.md of gap-audit.",
)


def fill(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    """Write the sheet."""
    budgets = audit.frame.budgets
    first, last = audit.crawled
    regions = sorted({regions_of(view.agency.country)[0] for view in audit.agencies if regions_of(view.agency.country)})
    rows: list[tuple[str, Any]] = [
        ("Agencies in the frame", len(audit.agencies)),
        ("Countries and territories", len(audit.country_verdicts())),
        ("Continents", ", ".join(regions) or "invented places"),
        ("Pages archived, first", first),
        ("Pages archived, last", last),
        ("Budget: pages an agency", budgets.pages),
        ("Budget: links from a start address", budgets.depth),
        ("Budget: minutes an agency", budgets.minutes),
        ("Seconds between two requests to a host", budgets.delay),
        ("Codebook", f"version {audit.codebook.version}, digest {audit.codebook.digest}"),
        ("Coder", CODER),
        ("Coder's recall", _recall(audit)),
        ("Income groups", f"of the World Bank, fiscal year {income_year()}"),
        *(("Method", text) for text in _METHOD),
        *(("Limit", text) for text in limits(audit)),
    ]
    table(sheet, ["About this audit", ""], [44, 110], rows, freeze="A2")


def _recall(audit: Audit) -> str:
    r: Recall = audit.recall
    return f"{r.value:.0%} ({r.low:.0%} to {r.high:.0%}) of programmes that use social media; from {r.source}"
