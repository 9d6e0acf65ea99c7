"""The sheet Counts: how many programmes each agency has, by measure and level of social media.

All other sheets take their figures from here. Counting each cell of the matrices over the whole table of programmes
takes spreadsheets minutes (thousands of COUNTIFS over thousands of rows); here FREQUENCY sorts the table once a column.
The references to it are absolute, so that sheets and table can be sorted in any way.
"""

from collections import Counter

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coding import SocialLevel
from analysis.matrix import Audit, ProgrammeView
from reports.cells import FACE, head, put
from reports.live import Live

NAME = "Counts"
ANY = ""  # instead of a measure: programmes whatever their measures
LEVELS = len(SocialLevel)
_FIRST = 4  # row of level 0 of the first agency; row 3 takes what is not counted
_COLUMNS = 4  # number, agency, level, any measure


def fill(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet."""
    measures = list(audit.codebook.measures)
    names = ["Key", "Agency", "Level", "any measure", *measures]
    put(sheet, 1, 1, "Figures that the other sheets use, counted on the sheet Programmes. Nothing to change here.")
    sheet["A1"].font = Font(name=FACE, italic=True, color="606060")
    sheet["A1"].alignment = Alignment(wrap_text=False)
    head(sheet, 2, names, [8, 34, 8, 10, *[10] * len(measures)])
    put(sheet, 3, 1, LEVELS - 1)
    put(sheet, 3, 2, "(not counted)")
    for number, view in enumerate(audit.agencies, 1):
        for level in range(LEVELS):
            row = _row(number, level)
            put(sheet, row, 1, LEVELS * number + level)
            put(sheet, row, 2, view.agency.name)
            put(sheet, row, 3, level)
    last = _row(len(audit.agencies), LEVELS - 1) if audit.agencies else 3
    keys = [LEVELS - 1, *range(LEVELS, LEVELS * (len(audit.agencies) + 1))]
    numbers = {view.agency.id: number for number, view in enumerate(audit.agencies, 1)}
    for column, measure in enumerate((ANY, *measures), _COLUMNS):
        has = f"(Programmes[{measure}]=1)*" if measure else ""
        data = f"IF({has}(Programmes[counted]=1),{LEVELS}*Programmes[agency_no]+Programmes[social_level],0)"
        letter = get_column_letter(column)
        found = Counter(_key(p, numbers) for p in audit.programmes if not measure or measure in p.measures)
        results = [found.get(key, 0) for key in keys]
        results[0] = max(len(audit.programmes), 1) - sum(results)
        live.array(sheet, f"{letter}3:{letter}{last}", f"FREQUENCY({data},$A$3:$A${last})", results)
    sheet.freeze_panes = "D3"


def count(audit: Audit, number: int, measure: str = ANY) -> str:
    """The formula of how many programmes an agency has with a measure, or at all."""
    letter = _letter(audit, measure)
    return f"SUM({NAME}!${letter}${_row(number, 0)}:${letter}${_row(number, LEVELS - 1)})"


def highest(audit: Audit, number: int, measure: str = ANY) -> str:
    """The formula of the highest level of an agency's programmes with a measure, or of all; 0 without programme."""
    letter, formula = _letter(audit, measure), "0"
    for level in range(1, LEVELS):
        formula = f"IF({NAME}!${letter}${_row(number, level)}>0,{level},{formula})"
    return formula


def _key(programme: ProgrammeView, numbers: dict[str, int]) -> int:
    return LEVELS * numbers[programme.row["agency"]] + int(programme.social)


def _letter(audit: Audit, measure: str) -> str:
    place = list(audit.codebook.measures).index(measure) + 1 if measure else 0
    return get_column_letter(_COLUMNS + place)


def _row(number: int, level: int) -> int:
    return _FIRST + LEVELS * (number - 1) + level
