"""The sheet Summary: the question, the answer, the best programmes, the verdict on each country."""

from collections.abc import Sequence

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coding import SocialLevel
from analysis.matrix import Audit
from analysis.tables import SOCIAL
from analysis.verdicts import Verdict
from common.regions import country_name
from reports.cells import BORDER, FACE, link, put
from reports.live import Live
from reports.words import UNANSWERED, answer, headline
from reports.workbook.matrices import COUNTRY, MATRIX, VERDICT
from reports.workbook.style import LEVEL_FILLS, section, sheet_range

_MEANINGS = {
    Verdict.DEDICATED: "Runs a programme whose purpose is using social media abroad.",
    Verdict.COMPONENT: "Social media is part of what firms get in at least one programme.",
    Verdict.MENTION: "Social media is only named, for example as the agency's own channel.",
    Verdict.NONE_FOUND: "Enough of the site was read, and no programme with social media was found.",
    Verdict.NOT_ASSESSABLE: "Too little of the site was read to say that there is none.",
}


def fill(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """Write the sheet."""
    for letter, width in (("A", 60), ("B", 16), ("C", 80)):
        sheet.column_dimensions[letter].width = width
    title = put(sheet, 1, 1, "Does public support for small exporters use social media?")
    title.font = Font(name=FACE, bold=True, size=16, color="1F3A5F")
    title.alignment = Alignment(wrap_text=False)
    sheet.row_dimensions[1].height = 26
    live.put(sheet, 3, 1, _headline(audit), headline(audit)).font = Font(name=FACE, bold=True, size=12)
    sheet.merge_cells("A3:C3")
    note = "Figures follow what is changed by hand on the sheet Programmes. The sentences below are as of the writing."
    put(sheet, 4, 1, note).font = Font(name=FACE, italic=True, color="606060")
    sheet.merge_cells("A4:C4")
    row = 5
    for text in answer(audit):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        put(sheet, row, 1, text)
        sheet.row_dimensions[row].height = 16 * (1 + len(text) // 150)
        row += 1
    row = _figures(sheet, audit, live, row + 1)
    row = _best_programmes(sheet, audit, row + 1)
    _countries(sheet, audit, live, row + 1)


def count_verdicts(audit: Audit, verdict: Verdict, country: str = "") -> str:
    """The formula that counts a verdict on the sheet Gap matrix, of all agencies or of a country's."""
    where = f'{sheet_range(MATRIX, audit, COUNTRY)},"{country}",' if country else ""
    return f'COUNTIFS({where}{sheet_range(MATRIX, audit, VERDICT)},"{verdict.value}")'


def _headline(audit: Audit) -> str:
    """The formula of words.headline."""
    some = f"({len(audit.agencies)}-{count_verdicts(audit, Verdict.NOT_ASSESSABLE)})"
    dedicated, component = count_verdicts(audit, Verdict.DEDICATED), count_verdicts(audit, Verdict.COMPONENT)
    agencies = f'{some}&IF({some}=1," agency"," agencies")&" that could be assessed'
    return (
        f'IF({some}=0,"{UNANSWERED}",IF({dedicated}+{component}=0,'
        f'"Help with social media for exporters: found in none of "&{agencies}.",'
        f'"Of "&{agencies}, "&{dedicated}&IF({dedicated}=1," runs"," run")&" a programme dedicated to "'
        f'&"social media, and "&{component}&" more "&IF({component}=1,"offers","offer")&" it as a part of a "'
        '&"programme."))'
    )


def _figures(sheet: Worksheet, audit: Audit, live: Live, row: int) -> int:
    row = section(sheet, row, ("Verdict", "Agencies", "What it means"))
    counts = audit.verdict_counts()
    for verdict, meaning in _MEANINGS.items():
        put(sheet, row, 1, verdict.value).border = BORDER
        live.put(sheet, row, 2, count_verdicts(audit, verdict), counts[verdict]).border = BORDER
        put(sheet, row, 3, meaning).border = BORDER
        row += 1
    return row


def _best_programmes(sheet: Worksheet, audit: Audit, row: int) -> int:
    row = section(sheet, row, ("Programmes that use social media", "Level", "Quotation"))
    best = sorted(
        ((view, p) for view in audit.agencies for p in view.programmes if p.social >= SocialLevel.COMPONENT),
        key=lambda pair: (-pair[1].social, pair[0].agency.id, pair[1].row["name"]),
    )
    for view, programme in best:
        name = put(sheet, row, 1, f"{programme.row['name']} ({view.agency.name})")
        link(name, programme.row["url"])
        level = put(sheet, row, 2, audit.codebook.level_label(programme.social))
        level.fill = LEVEL_FILLS[programme.social]
        put(sheet, row, 3, programme.quotation(SOCIAL))
        row += 1
    if not best:
        put(sheet, row, 1, "None was found.")
        row += 1
    return row


def _countries(sheet: Worksheet, audit: Audit, live: Live, row: int) -> None:
    row = section(sheet, row, ("Country", "Agencies", "Verdict"))
    for country, result in audit.country_verdicts().items():
        agencies = sum(view.agency.country == country for view in audit.agencies)
        put(sheet, row, 1, country_name(country) or "(none)").border = BORDER
        put(sheet, row, 2, agencies).border = BORDER
        if country:
            live.put(sheet, row, 3, _country(audit, country), result.value).border = BORDER
        else:
            put(sheet, row, 3, result.value).border = BORDER
        row += 1


def _country(audit: Audit, country: str) -> str:
    """The formula of verdicts.country_verdict."""
    order: Sequence[Verdict] = (Verdict.DEDICATED, Verdict.COMPONENT, Verdict.NOT_ASSESSABLE, Verdict.MENTION)
    formula = f'"{Verdict.NONE_FOUND.value}"'
    for verdict in reversed(order):
        formula = f'IF({count_verdicts(audit, verdict, country)}>0,"{verdict.value}",{formula})'
    return formula
