"""The sheet Programmes: one programme a row. All other sheets count what is decided here."""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from analysis.matrix import Audit, ProgrammeView
from analysis.verdicts import Cell
from common.files import file_digest
from reports.cells import link, put, table
from reports.live import Live
from reports.workbook.style import CENTRE, FILLS, LEVEL_FILLS, colour

NAME, KEY = "Programmes", "_audit"
COUNTED, LEVEL, ID = "counted", "social_level", "Id"
FIRST_KEY_ROW = 10


def fill(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    """Write the sheet. What is decided stands in the columns from 'counted' to 'social_level', as numbers that may be
    changed."""
    measures = list(audit.codebook.measures)
    names = {view.agency.id: view.agency.name for view in audit.agencies}
    numbers = {view.agency.id: number for number, view in enumerate(audit.agencies, 1)}  # spreadsheets compare fast

    def rows() -> Iterable[Sequence[Any]]:
        for p in audit.programmes:
            yield (
                p.row["country"], names[p.row["agency"]], p.row["name"], *decided(p, measures),
                min(p.measures.values(), default=0.0), p.social_confidence, ", ".join(p.row["audience"]),
                ", ".join(p.row["instruments"]), p.row["status"], p.row["language"], p.row["description"],
                p.row["url"], len(p.row["urls"]), p.coder, p.row["programme"], p.row["agency"],
                numbers[p.row["agency"]],
            )  # fmt: skip

    columns = [
        ("Country", 9), ("Agency", 26), ("Programme", 34), (COUNTED, 8), *((measure, 7) for measure in measures),
        (LEVEL, 8), ("Confidence (measures, lowest)", 13), ("Confidence (social)", 12), ("Audience", 16),
        ("Instrument", 18), ("Status", 9), ("Language", 10), ("Description", 60), ("Page", 40), ("Pages", 8),
        ("Decided by", 18), (ID, 30), ("agency_id", 22), ("agency_no", 8),
    ]  # fmt: skip
    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows(), freeze="D2")
    sheet.row_dimensions[1].height = 110
    social, page = 5 + len(measures), 13 + len(measures)
    for column in range(4, social + 1):
        sheet.cell(1, column).alignment = Alignment(text_rotation=90, vertical="bottom")
    for row, p in enumerate(audit.programmes, 2):
        link(sheet.cell(row, page), p.row["url"])
        for column in range(4, social + 1):
            sheet.cell(row, column).alignment = CENTRE
    last = max(len(audit.programmes), 1) + 1
    yes_no = DataValidation("list", formula1='"0,1"', allow_blank=False, showErrorMessage=True)
    levels = DataValidation("list", formula1='"0,1,2,3,4"', allow_blank=False, showErrorMessage=True)
    yes_no.add(f"D2:{get_column_letter(social - 1)}{last}")
    levels.add(f"{get_column_letter(social)}2:{get_column_letter(social)}{last}")
    sheet.add_data_validation(yes_no)
    sheet.add_data_validation(levels)
    colour(sheet, f"D2:{get_column_letter(social - 1)}{last}", {"1": FILLS[Cell.FOUND]})
    area = f"{get_column_letter(social)}2:{get_column_letter(social)}{last}"
    colour(sheet, area, {str(int(level)): fill for level, fill in LEVEL_FILLS.items()})
    sheet.auto_filter.ref = None
    listed = Table(displayName=NAME, ref=f"A1:{get_column_letter(len(columns))}{last}")
    listed.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(listed)
    sheet.print_area = f"A1:{get_column_letter(social + 2)}{last}"  # what is decided; the rest is too wide for paper


def decided(programme: ProgrammeView, measures: Sequence[str]) -> tuple[int, ...]:
    """What the sheet says of a programme: whether it counts, each measure, the level."""
    return (1, *(int(measure in programme.measures) for measure in measures), int(programme.social))


def write_key(sheet: Worksheet, audit: Audit) -> None:
    """Write the hidden sheet by which the workbook, when it comes back, is known with what was decided before."""
    sheet.sheet_state = "hidden"
    frame = audit.folder / "audit.toml"
    put(sheet, 1, 1, "audit")
    put(sheet, 1, 2, file_digest(frame) if frame.exists() else "")
    measures = list(audit.codebook.measures)
    for row, p in enumerate(audit.programmes, FIRST_KEY_ROW):
        put(sheet, row, 1, p.row["programme"])
        put(sheet, row, 2, p.row["agency"])
        put(sheet, row, 3, " ".join(map(str, decided(p, measures))))
