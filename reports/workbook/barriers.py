"""The sheet Barriers: how many programmes lower each barrier, by how far they use social media."""

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import Audit
from reports.cells import BORDER, put, table
from reports.live import Live


def fill(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet."""
    levels = audit.codebook.levels
    names = ["Heading", "Barrier", "Programmes that lower it", *[f"{e.level} {e.label}" for e in levels],
             "How social media could help", "Measures that lower it"]  # fmt: skip
    widths = [20, 40, 12, *[12] * len(levels), 60, 60]
    table(sheet, names, widths, ())
    for row, barrier in enumerate(audit.codebook.barriers.values(), 2):
        lowering = [m for m in audit.codebook.measures.values() if barrier.id in m.barriers]
        put(sheet, row, 1, audit.codebook.headings[barrier.heading]).border = BORDER
        put(sheet, row, 2, barrier.label).border = BORDER
        with_it = [p for p in audit.programmes if any(m.id in p.measures for m in lowering)]
        having = "+".join(f"(Programmes[{m.id}]=1)" for m in lowering) or "(Programmes[counted]=2)"
        any_of = f"--(({having})>0),--(Programmes[counted]=1)"
        live.put(sheet, row, 3, f"SUMPRODUCT({any_of})", len(with_it)).border = BORDER
        for column, entry in enumerate(levels, 4):
            count = sum(int(p.social) == entry.level for p in with_it)
            formula = f"SUMPRODUCT({any_of},--(Programmes[social_level]={entry.level}))"
            live.put(sheet, row, column, formula, count).border = BORDER
        put(sheet, row, 4 + len(levels), barrier.social_media).border = BORDER
        put(sheet, row, 5 + len(levels), "; ".join(m.label for m in lowering)).border = BORDER
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(audit.codebook.barriers) + 1}"
