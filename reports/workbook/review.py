"""The sheet Review: how far people and the machine agree, and the shares corrected for the machine's errors."""

from collections.abc import Sequence

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from analysis.correction import USES, Correction, agency_corrections, corrections
from analysis.matrix import Audit
from analysis.reviews import ENOUGH, agreement, read_reviews
from analysis.tables import SOCIAL
from analysis.verdicts import Verdict
from reports.cells import BORDER, FACE, put
from reports.live import Live
from reports.workbook.style import section

_NOBODY = (
    "Nobody has reviewed this audit yet, so nothing is known of the machine's errors on it. "
    "'gap-audit review export' writes coding sheets; 'gap-audit review import' takes them back."
)


def fill(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    """Write the sheet."""
    for letter, width in zip("ABCDEFGHI", (44, 26, 10, 13, 13, 16, 16, 10, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    title = put(sheet, 1, 1, "What people decided, and what follows from it")
    title.font, title.alignment = Font(name=FACE, bold=True, size=14), Alignment(wrap_text=False)
    sheet.row_dimensions[1].height = 24
    if not read_reviews(audit.folder):
        sheet.merge_cells("A3:I3")
        put(sheet, 3, 1, _NOBODY)
        sheet.row_dimensions[3].height = 32
        return
    row = _agreement(sheet, audit, 3)
    row = _correction(sheet, audit, row + 1)
    _agencies(sheet, audit, row + 1)


def _labels(audit: Audit) -> dict[str, str]:
    return {name: m.label for name, m in audit.codebook.measures.items()} | {
        SOCIAL: "Social media (level)",
        USES: "Social media: component, or more",
    }


def _agreement(sheet: Worksheet, audit: Audit, row: int) -> int:
    row = section(sheet, row, ("Code", "Who", "Items", "Say the same", "Alpha", "from", "to", "", ""))
    for found in agreement(audit.folder):
        who = "people among one another" if found.who == "people" else "machine against people"
        values = (_labels(audit)[found.code], who, found.items, found.same, found.alpha, found.interval.low,
                  found.interval.high, "" if found.reliable else f"under {ENOUGH:.2f}")  # fmt: skip
        for column, value in enumerate(values, 1):
            cell = put(sheet, row, column, value)
            cell.border = BORDER
            cell.number_format = "0%" if column == 4 else "0.00" if column in (5, 6, 7) else "General"
        row += 1
    note = "Alpha: Krippendorff's, nominal; ordinal for the level. 95 % intervals by drawing items again 1,000 times."
    put(sheet, row, 1, note).font = Font(name=FACE, italic=True, color="606060")
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=9)
    return row + 1


def _agencies(sheet: Worksheet, audit: Audit, row: int) -> None:
    assessed = [view.agency.id for view in audit.agencies if view.verdict is not Verdict.NOT_ASSESSABLE]
    note = (
        f"Shares of the {len(assessed)} agencies that could be assessed. Corrected: what is to be expected of each "
        "agency, given how often people give or deny the code to programmes like its own (docs/method.md)."
    )
    _shares(sheet, audit, row, agency_corrections(audit.folder, assessed), note)


def _correction(sheet: Worksheet, audit: Audit, row: int) -> int:
    note = (
        "Shares of the programmes that were found. Corrected by Rogan and Gladen (1978), with what random samples show "
        "of the machine's errors; 95 % intervals by drawing the sample again within its strata."
    )
    return _shares(sheet, audit, row, corrections(audit.folder), note)


def _shares(sheet: Worksheet, audit: Audit, row: int, rows: Sequence[Correction], note: str) -> int:
    names = ("Code", "Programmes reviewed", "", "Sensitivity", "Specificity", "Share, as coded", "Share, corrected",
             "from", "to")  # fmt: skip
    row = section(sheet, row, names)
    for found in rows:
        low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
        values = (_labels(audit)[found.code], found.reviewed, None, found.sensitivity, found.specificity,
                  found.apparent,
                  "not to be told" if found.corrected is None else found.corrected, low, high)  # fmt: skip
        for column, value in enumerate(values, 1):
            cell = put(sheet, row, column, value)
            cell.border, cell.number_format = BORDER, "0%" if column > 3 else "General"
        row += 1
    put(sheet, row, 1, note).font = Font(name=FACE, italic=True, color="606060")
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=9)
    sheet.row_dimensions[row].height = 32
    return row + 1
