"""The sheets Gap matrix (agencies by measures) and Social media (the same by level)."""

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coding import SocialLevel
from analysis.coverage import CoverageClass
from analysis.matrix import AgencyView, Audit
from analysis.verdicts import Cell, Verdict
from common.income import income_group
from common.regions import region_of
from reports.cells import BORDER, link, put
from reports.live import Live
from reports.workbook.counts import count, highest
from reports.workbook.style import (
    CENTRE,
    FILLS,
    LEVEL_FILLS,
    colour,
    empty_cell,
    last_row,
    legend,
    matrix_head,
)

MATRIX, SOCIAL_SHEET = "Gap matrix", "Social media"
# columns of both sheets from which other sheets count; the measures stand from FIRST_MEASURE on
COUNTRY, FIRST_MEASURE = 1, 3
GRADE, VERDICT, HIGHEST, REGION, INCOME = 18, 19, 20, 21, 22
SCORE = 19


def fill_measures(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet Gap matrix: how many programmes of each agency offer each measure."""
    matrix_head(sheet, audit, ["Coverage", "Verdict on social media", "Highest level", "Region", "Income", "Id"])
    first = _first_rows(audit)
    for row, view in enumerate(audit.agencies, 2):
        number = row - 1
        put(sheet, row, COUNTRY, view.agency.country)
        link(put(sheet, row, 2, view.agency.name), next(iter(view.agency.start_urls), ""))
        empty = empty_cell(view)
        for column, measure in enumerate(audit.codebook.measures, FIRST_MEASURE):
            counted = count(audit, number, measure)
            formula = counted if empty == 0 else f'IF({counted}>0,{counted},"{empty}")'
            cell = live.put(sheet, row, column, formula, view.count(measure) or empty)
            cell.border, cell.alignment = BORDER, CENTRE
            _link_programmes(cell, first.get((view.agency.id, measure)))
        level = max([p.social for p in view.programmes] + [view.by_people])
        put(sheet, row, GRADE, view.coverage.grade.value)
        live.put(sheet, row, VERDICT, _verdict(audit, view, number), view.verdict.value)
        live.put(sheet, row, HIGHEST, _highest(audit, view, number), int(level))
        put(sheet, row, REGION, region_of(view.agency.country))
        put(sheet, row, INCOME, income_group(view.agency.country))
        put(sheet, row, INCOME + 1, view.agency.id)
    # on paper: what people read; the columns after it are there to filter and to count by
    sheet.print_area = f"A1:{get_column_letter(VERDICT)}{len(audit.agencies) + 8}"
    area = f"C2:{get_column_letter(GRADE - 1)}{last_row(audit)}"
    colour(sheet, area, {'"?"': FILLS[Cell.UNKNOWN], '"blocked"': FILLS[Cell.BLOCKED], "0": FILLS[Cell.NONE_FOUND]})
    colour(sheet, area, {"0": FILLS[Cell.FOUND]}, ">")
    legend(
        sheet,
        len(audit.agencies) + 4,
        [
            (FILLS[Cell.FOUND], "number of programmes found"),
            (FILLS[Cell.NONE_FOUND], "0: none found, and enough of the site was read to say so"),
            (FILLS[Cell.UNKNOWN], "?: none found, but too little of the site was read"),
            (FILLS[Cell.BLOCKED], "blocked: the site did not let us in"),
        ],
    )


def fill_levels(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet Social media: the highest level of each agency's programmes with each measure."""
    matrix_head(sheet, audit, ["Verdict", "Gap score"])
    last = FIRST_MEASURE + len(audit.codebook.measures) - 1
    first = _first_rows(audit)
    for row, view in enumerate(audit.agencies, 2):
        number = row - 1
        put(sheet, row, COUNTRY, view.agency.country)
        put(sheet, row, 2, view.agency.name)
        empty = str(empty_cell(view)).replace("0", "–")
        levels = []
        for column, measure in enumerate(audit.codebook.measures, FIRST_MEASURE):
            level = view.top_level(measure)
            formula = f'IF({count(audit, number, measure)}=0,"{empty}",{highest(audit, number, measure)})'
            cell = live.put(sheet, row, column, formula, empty if level is None else int(level))
            cell.border, cell.alignment = BORDER, CENTRE
            _link_programmes(cell, first.get((view.agency.id, measure)))
            levels += [] if level is None else [level]
        live.put(sheet, row, last + 1, _verdict(audit, view, number), view.verdict.value)
        cells = f"C{row}:{get_column_letter(last)}{row}"
        used = sum(level >= SocialLevel.COMPONENT for level in levels)
        score = live.put(
            sheet, row, SCORE, f'IF(COUNT({cells})=0,"",1-COUNTIF({cells},">=3")/COUNT({cells}))',
            1 - used / len(levels) if levels else "",
        )  # fmt: skip
        score.number_format = "0%"
    area = f"C2:{get_column_letter(last)}{last_row(audit)}"
    colour(sheet, area, {'"?"': FILLS[Cell.UNKNOWN], '"blocked"': FILLS[Cell.BLOCKED], '"–"': FILLS[Cell.NONE_FOUND]})
    colour(sheet, area, {str(int(level)): fill for level, fill in LEVEL_FILLS.items()})
    score_words = "Gap score: the share of the measures it offers in which no programme makes use of social media"
    legend(
        sheet,
        len(audit.agencies) + 4,
        [(LEVEL_FILLS[SocialLevel(e.level)], f"{e.level} {e.label}: {e.meaning}") for e in audit.codebook.levels]
        + [
            (FILLS[Cell.NONE_FOUND], "–: no programme with this measure was found"),
            (FILLS[Cell.UNKNOWN], "?: too little was read"),
            (PatternFill(), score_words),
        ],
    )


def _highest(audit: Audit, view: AgencyView, number: int) -> str:
    found = highest(audit, number)
    return f"MAX({found},{int(view.by_people)})" if view.by_people else found


def _verdict(audit: Audit, view: AgencyView, number: int) -> str:
    """The formula of verdicts.verdict."""
    level = _highest(audit, view, number)
    assessable = view.coverage.grade is CoverageClass.ADEQUATE and not audit.doubtful
    less = (
        f'IF({level}=2,"{Verdict.MENTION.value}","{Verdict.NONE_FOUND.value}")'
        if assessable
        else f'"{Verdict.NOT_ASSESSABLE.value}"'
    )
    return f'IF({level}=4,"{Verdict.DEDICATED.value}",IF({level}=3,"{Verdict.COMPONENT.value}",{less}))'


def _link_programmes(cell: SheetCell | MergedCell, row: int | None) -> None:
    """Let a cell lead to the first of its programmes, which stand one below the other."""
    if row is not None:
        place = f"'Programmes'!C{row}"
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place, tooltip="its programmes")


def _first_rows(audit: Audit) -> dict[tuple[str, str], int]:
    """The first row of the sheet Programmes with a measure of an agency."""
    found: dict[tuple[str, str], int] = {}
    for row, programme in enumerate(audit.programmes, 2):
        for measure in programme.measures:
            found.setdefault((programme.row["agency"], measure), row)
    return found
