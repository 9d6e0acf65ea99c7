"""The sheet Codebook: what each code means."""

from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import Audit
from reports.cells import table
from reports.live import Live


def fill(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    """Write the sheet."""
    book = audit.codebook
    rows: list[Sequence[Any]] = []
    for measure in book.measures.values():
        barriers = "; ".join(book.barriers[barrier].label for barrier in measure.barriers)
        rows.append(
            (
                measure.id, measure.label, measure.definition, "; ".join(measure.include), "; ".join(measure.exclude),
                "; ".join(measure.examples), "; ".join(measure.near_misses), barriers,
            )
        )  # fmt: skip
    rows += [(f"level {e.level}", e.label, e.meaning, "", "", "", "", "") for e in book.levels]
    names = [
        "Code",
        "Label",
        "Definition",
        "Include",
        "Exclude",
        "Examples",
        "Near misses",
        "Barriers it lowers",
    ]
    table(sheet, names, [18, 28, 50, 40, 40, 40, 30, 40], rows)
