"""The sheet Prevalence: how common each measure and level is among the agencies of which it can be said."""

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coding import SocialLevel
from analysis.matrix import AgencyView, Audit
from analysis.prevalence import level_share, measure_share
from analysis.shares import Share
from analysis.verdicts import Verdict
from common.income import INCOME_GROUPS, income_group
from common.regions import country_name, region_of
from reports.cells import BORDER, put, table
from reports.live import Live
from reports.words import FEW
from reports.workbook.matrices import COUNTRY, FIRST_MEASURE, HIGHEST, INCOME, MATRIX, REGION, VERDICT
from reports.workbook.style import sheet_range

Z = 1.959963984540054  # of a 95 % interval


def fill(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet."""
    columns = [
        ("Among", 26), ("What", 46), ("Agencies with it", 11), ("Agencies of which it can be said", 13), ("Share", 9),
        ("from", 9), ("to", 9), ("In words", 60),
    ]  # fmt: skip
    table(sheet, [c[0] for c in columns], [c[1] for c in columns], ())
    row = 2
    said = f'{sheet_range(MATRIX, audit, VERDICT)},"<>{Verdict.NOT_ASSESSABLE.value}"'
    for (name, where), views in _groups(audit).items():
        for level in audit.codebook.levels:
            if level.level >= SocialLevel.MENTION:
                share = level_share(views, SocialLevel(level.level))
                yes = f'COUNTIFS({where}{said},{sheet_range(MATRIX, audit, HIGHEST)},">={level.level}")'
                what = f"Social media: {level.label}, or more"
                _share_row(sheet, live, row, name, what, yes, f"COUNTIFS({where}{said})", share)
                row += 1
        for column, measure in enumerate(audit.codebook.measures.values(), FIRST_MEASURE):
            cells = sheet_range(MATRIX, audit, column)
            yes, of = f'COUNTIFS({where}{cells},">0")', f'COUNTIFS({where}{cells},">=0")'
            _share_row(sheet, live, row, name, measure.label, yes, of, measure_share(views, measure.id))
            row += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{row - 1}"


def _groups(audit: Audit) -> dict[tuple[str, str], list[AgencyView]]:
    """The agencies by name of the group and the condition that finds it on the sheet Gap matrix."""
    groups: dict[tuple[str, str], list[AgencyView]] = {("all agencies", ""): list(audit.agencies)}
    for group in INCOME_GROUPS:
        views = [view for view in audit.agencies if income_group(view.agency.country) == group]
        if views:
            groups[group, f'{sheet_range(MATRIX, audit, INCOME)},"{group}",'] = views
    for view in audit.agencies:
        region = region_of(view.agency.country)
        if region:
            groups.setdefault((region, f'{sheet_range(MATRIX, audit, REGION)},"{region}",'), []).append(view)
    for view in audit.agencies:
        country = view.agency.country
        if country:
            where = f'{sheet_range(MATRIX, audit, COUNTRY)},"{country}",'
            groups.setdefault((country_name(country), where), []).append(view)
    return groups


def _share_row(sheet: Worksheet, live: Live, row: int, among: str, what: str, yes: str, of: str, share: Share) -> None:
    """One share with its interval (Wilson 1927), as formulas."""
    middle, half = f"(E{row}+{Z * Z / 2}/D{row})", f"{Z}*SQRT(E{row}*(1-E{row})/D{row}+{Z * Z / 4}/D{row}^2)"
    below = f"(1+{Z * Z}/D{row})"
    words = share.in_words() if share.of else "nothing can be said: too little was read"
    few = "; few agencies, a wide interval"
    put(sheet, row, 1, among)
    put(sheet, row, 2, what)
    live.put(sheet, row, 3, yes, share.yes)
    live.put(sheet, row, 4, of, share.of)
    live.put(sheet, row, 5, f'IF(D{row}=0,"",C{row}/D{row})', share.value if share.of else "")
    low, high = f"MAX(0,({middle}-{half})/{below})", f"MIN(1,({middle}+{half})/{below})"
    live.put(sheet, row, 6, f'IF(D{row}=0,"",{low})', share.interval.low if share.of else "")
    live.put(sheet, row, 7, f'IF(D{row}=0,"",{high})', share.interval.high if share.of else "")
    live.put(
        sheet, row, 8,
        f'IF(D{row}=0,"nothing can be said: too little was read",C{row}&" of "&D{row}&" ("&TEXT(E{row},"0%")&", "'
        f'&TEXT(F{row},"0%")&" to "&TEXT(G{row},"0%")&")"&IF(D{row}<{FEW},"{few}",""))',
        words + (few if 0 < share.of < FEW else ""),
    )  # fmt: skip
    for column in range(1, 9):
        sheet.cell(row, column).border = BORDER
    for column in (5, 6, 7):
        sheet.cell(row, column).number_format = "0%"
