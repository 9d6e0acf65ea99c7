"""What all sheets of the workbook share: colours that follow values, legends, heads, ranges of other sheets."""

from collections.abc import Iterable, Sequence

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coding import SocialLevel
from analysis.matrix import AgencyView, Audit
from analysis.verdicts import Cell
from analysis.verdicts import cell as state_of_cell
from reports.cells import FACE, HEAD, head, put

FILLS = {
    Cell.FOUND: PatternFill("solid", fgColor="BFDDF2"),
    Cell.NONE_FOUND: PatternFill("solid", fgColor="FBE9E4"),
    Cell.UNKNOWN: PatternFill("lightUp", fgColor="9A9A9A", bgColor="F4F4F4"),
    Cell.BLOCKED: PatternFill("solid", fgColor="8C8C8C"),
}
LEVEL_FILLS = {
    SocialLevel.NONE: PatternFill("solid", fgColor="F3F3F3"),
    SocialLevel.BOILERPLATE: PatternFill("solid", fgColor="E4E4E4"),
    SocialLevel.MENTION: PatternFill("solid", fgColor="FBE3B5"),
    SocialLevel.COMPONENT: PatternFill("solid", fgColor="F2A65A"),
    SocialLevel.DEDICATED: PatternFill("solid", fgColor="C8553D"),
}
CENTRE = Alignment(horizontal="center", vertical="center")
_WORDS: dict[Cell, str | int] = {Cell.NONE_FOUND: 0, Cell.UNKNOWN: "?", Cell.BLOCKED: "blocked"}


def empty_cell(view: AgencyView) -> str | int:
    """What a cell of the matrix shows where an agency has no programme: 0, '?' or 'blocked'."""
    return _WORDS[state_of_cell(0, view.coverage)]


def last_row(audit: Audit) -> int:
    """The last row of a sheet with one row an agency; 2 where there are none, so that every area has a row."""
    return max(len(audit.agencies), 1) + 1


def sheet_range(sheet: str, audit: Audit, column: int) -> str:
    """A column of a sheet with one row an agency, as a formula names it."""
    letter = get_column_letter(column)
    return f"'{sheet}'!${letter}$2:${letter}${last_row(audit)}"


def matrix_head(sheet: Worksheet, audit: Audit, more: Sequence[str]) -> None:
    """The head of a sheet of agencies by measures, with further columns."""
    names = ["Country", "Agency", *[m.label for m in audit.codebook.measures.values()], *more]
    head(sheet, 1, names, [10, 34, *[11] * len(audit.codebook.measures), *[20] * len(more)])
    sheet.row_dimensions[1].height = 75
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{last_row(audit)}"
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:B"


def section(sheet: Worksheet, row: int, names: Sequence[str]) -> int:
    """A line of headings within a sheet; the row after it."""
    for column, name in enumerate(names, 1):
        cell = put(sheet, row, column, name)
        cell.font, cell.fill = Font(name=FACE, bold=True, color="FFFFFF"), HEAD
    return row + 1


def legend(sheet: Worksheet, row: int, entries: Iterable[tuple[PatternFill, str]]) -> None:
    """What colours mean, from a row on."""
    for offset, (fill, text) in enumerate(entries):
        put(sheet, row + offset, 1, "").fill = fill
        cell = put(sheet, row + offset, 2, text)
        cell.alignment = Alignment(wrap_text=False)


def colour(sheet: Worksheet, area: str, fills: dict[str, PatternFill], operator: str = "=") -> None:
    """Colours that follow the values of an area."""
    for value, fill in fills.items():
        first = area.split(":")[0]
        compared = f"{first}{operator}{value}"
        # text is greater than any number for a spreadsheet, so numbers are asked to be numbers
        condition = f"AND(ISNUMBER({first}),{compared})" if value.isdecimal() else compared
        rule = Rule(type="expression", formula=[condition], dxf=DifferentialStyle(fill=_on_change(fill)))
        sheet.conditional_formatting.add(area, rule)


def _on_change(fill: PatternFill) -> PatternFill:
    """A fill as conditional formats want it: their colour is the one behind."""
    behind = fill.fgColor if fill.fill_type == "solid" else fill.bgColor
    return PatternFill("solid", start_color=behind, end_color=behind)
