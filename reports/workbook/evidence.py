"""The sheet Evidence: one quotation a row, with links to the live page and to the archived text."""

import re

from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import Audit
from analysis.tables import SOCIAL
from reports.cells import BORDER, LINK_FACE, link, safe_text, table
from reports.evidence_pages import place_of
from reports.live import Live

MOST_LINKS = (
    10_000  # Excel takes a sheet with more than 65,530 for damaged, and LibreOffice takes minutes to save 50,000
)
LONGEST_ADDRESS = 255  # characters that HYPERLINK takes
# no quotation mark and no control character: nothing that ends the text within the formula
_SAFE = re.compile(r"https?://[!#-~]+")


def fill(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet."""
    labels = {name: measure.label for name, measure in audit.codebook.measures.items()} | {
        name: f"Barrier: {barrier.label}" for name, barrier in audit.codebook.barriers.items()
    }
    labels[SOCIAL] = "Social media"
    found = [(p, e) for p in audit.programmes for e in p.evidence]
    columns = [
        ("Agency", 22), ("Programme", 30), ("Code", 26), ("Quotation", 80), ("Page, as it is now", 45),
        ("As it was read", 14), ("Archived (UTC)", 21), ("Archive file", 26), ("Record at byte", 12),
        ("Start in text", 9), ("End in text", 9),
    ]  # fmt: skip
    table(
        sheet,
        [c[0] for c in columns],
        [c[1] for c in columns],
        (
            (
                e["agency"], p.row["name"], labels.get(e["code"], e["code"]), e["quote"], e["url"], None, e["time"],
                f"archive/{e['warc_file']}", e["warc_offset"], e["start"], e["end"],
            )
            for p, e in found
        ),
    )  # fmt: skip
    for row, (_, e) in enumerate(found, 2):
        if row <= MOST_LINKS:
            link(sheet.cell(row, 5), e["link"])
        elif len(e["link"]) <= LONGEST_ADDRESS and _SAFE.fullmatch(e["link"]):
            _formula(sheet, live, row, 5, e["link"], safe_text(e["url"]))
        _formula(sheet, live, row, 6, place_of(e), "open")


def _formula(sheet: Worksheet, live: Live, row: int, column: int, place: str, shown: str) -> None:
    """A link by a formula, of which there may be any number."""
    words = shown.replace('"', '""')
    cell = live.put(sheet, row, column, f'HYPERLINK("{place}","{words}")', shown)
    cell.font, cell.border = LINK_FACE, BORDER
