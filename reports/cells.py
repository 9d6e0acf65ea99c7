"""Cells, headers and tables of the workbook: text that stays text, rows that fit, links that are web addresses."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

FACE = "Calibri"
TALLEST_ROW = 180  # points
LONGEST_CELL = 32_000  # characters; Excel's limit is 32,767
HEAD = PatternFill("solid", fgColor="1F3A5F")
_THIN = Side(style="thin", color="D0D0D0")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


LINK_FACE = Font(name=FACE, color="1155CC", underline="single")


def safe_text(value: Any) -> Any:
    """A value for a cell. Text stays text: no character Excel refuses, no more than it holds."""
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("�", value)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + " [cut]"


# what styles of usual cells are called in a workbook: giving each cell its own takes most of the time of a large one
_styles: WeakKeyDictionary[Workbook, dict[bool, StyleArray]] = WeakKeyDictionary()


def put(sheet: Worksheet, row: int, column: int, value: Any, bordered: bool = False) -> SheetCell | MergedCell:
    """Write a value into a cell, as text where it is text."""
    cell: Any = sheet.cell(row, column)
    cell.value = safe_text(value)
    book = sheet.parent
    assert book is not None
    known = _styles.setdefault(book, {})
    if bordered not in known:
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        cell.font = Font(name=FACE)
        if bordered:
            cell.border = BORDER
        known[bordered] = copy(cell._style)
    cell._style = copy(known[bordered])
    if isinstance(value, str):
        cell.data_type = "s"  # whatever it begins with, it is no formula
        if value[:1] in ("=", "+", "-", "@"):
            cell.quotePrefix = True
    written: SheetCell | MergedCell = cell
    return written


def fit_rows(sheet: Worksheet) -> None:
    """Make each row high enough for its longest wrapped text; spreadsheets may not do so themselves."""
    widths = {
        column: sheet.column_dimensions[get_column_letter(column)].width for column in range(1, sheet.max_column + 1)
    }
    for row in sheet.iter_rows():
        number = row[0].row
        if number is None or sheet.row_dimensions[number].height is not None:
            continue
        lines = max(
            (
                -(-len(cell.value) // max(int(widths[cell.column] * 1.05), 1))
                for cell in row
                if isinstance(cell.value, str) and cell.data_type != "f" and cell.alignment.wrap_text
            ),
            default=1,
        )
        sheet.row_dimensions[number].height = min(15 * lines, TALLEST_ROW)


def set_up_page(sheet: Worksheet) -> None:
    """How a sheet prints: landscape A4, as wide as one page, numbered."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&A, page &P of &N"
    sheet.sheet_view.showGridLines = False


def link(cell: SheetCell | MergedCell, url: str) -> None:
    """Let a cell lead to a web address; nothing else becomes a link."""
    if url.startswith(("http://", "https://")) and len(url) < 2000:
        cell.hyperlink = url
        cell.font = LINK_FACE


def head(sheet: Worksheet, row: int, names: Sequence[str], widths: Sequence[float]) -> None:
    for column, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        cell = put(sheet, row, column, name)
        cell.font, cell.fill = Font(name=FACE, bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment(vertical="bottom", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width


def table(
    sheet: Worksheet, names: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[Any]], freeze: str = "C2"
) -> None:
    """A table from the first row on, with a header that stays, filters and a printed title.

    What stands before and above the cell `freeze` stays; setting it twice on a sheet makes an invalid file.
    """
    head(sheet, 1, names, widths)
    last = 1
    for last, values in enumerate(rows, 2):
        for column, value in enumerate(values, 1):
            put(sheet, last, column, value, bordered=True)
    sheet.freeze_panes = freeze
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{max(last, 2)}"
    sheet.print_title_rows = "1:1"
