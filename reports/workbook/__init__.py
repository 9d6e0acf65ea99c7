"""gap_matrix.xlsx: the audit as a workbook. One module a sheet; all figures are formulas over the sheet Programmes."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import Audit
from common.files import write_atomically
from reports.cells import fit_rows, set_up_page
from reports.live import Live
from reports.workbook import (
    about,
    barriers,
    charts,
    codebook,
    counts,
    coverage,
    evidence,
    matrices,
    prevalence,
    programmes,
    review,
    summary,
)


def write_workbook(audit: Audit, path: Path) -> None:
    """Write the workbook. Equal audits give equal sheets.

    Raises AuditFolderError when the file cannot be written.
    """
    book, live = Workbook(), Live()
    book.remove(book.worksheets[0])
    sheets: list[tuple[str, Callable[[Worksheet, Audit, Live], None]]] = [
        ("Summary", summary.fill),
        ("Charts", charts.fill),
        ("Gap matrix", matrices.fill_measures),
        ("Social media", matrices.fill_levels),
        ("Barriers", barriers.fill),
        ("Programmes", programmes.fill),
        ("Evidence", evidence.fill),
        ("Prevalence", prevalence.fill),
        ("Coverage", coverage.fill),
        ("Review", review.fill),
        ("Codebook", codebook.fill),
        ("About", about.fill),
        (counts.NAME, counts.fill),
    ]
    for name, fill in sheets:
        sheet = book.create_sheet(name)
        fill(sheet, audit, live)
        fit_rows(sheet)
        set_up_page(sheet)
    programmes.write_key(book.create_sheet(programmes.KEY), audit)
    book.properties.title = "Gap matrix"
    book.properties.creator = "gap-audit"
    book.calculation.fullCalcOnLoad = True
    write_atomically(path, lambda stream: live.save(book, stream))
