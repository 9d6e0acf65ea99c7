"""gap_matrix.xlsx: the audit as a workbook."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coder import CODER
from analysis.coding import SocialLevel
from analysis.matrix import AgencyView, Audit
from analysis.prevalence import Share, level_share, measure_share
from analysis.tables import SOCIAL
from analysis.verdicts import CODER_RECALL, Cell, Verdict, chance_missed
from analysis.verdicts import cell as state_of_cell
from common.files import write_atomically
from common.regions import country_name, regions_of
from reports.cells import BORDER, FACE, HEAD, fit_rows, head, link, put, table
from reports.live import Live
from reports.words import FEW, answer, limits

_FILLS = {
    Cell.FOUND: PatternFill("solid", fgColor="BFDDF2"),
    Cell.NONE_FOUND: PatternFill("solid", fgColor="FBE9E4"),
    Cell.UNKNOWN: PatternFill("lightUp", fgColor="9A9A9A", bgColor="F4F4F4"),
    Cell.BLOCKED: PatternFill("solid", fgColor="8C8C8C"),
}
_LEVEL_FILLS = {
    SocialLevel.NONE: PatternFill("solid", fgColor="F3F3F3"),
    SocialLevel.BOILERPLATE: PatternFill("solid", fgColor="E4E4E4"),
    SocialLevel.MENTION: PatternFill("solid", fgColor="FBE3B5"),
    SocialLevel.COMPONENT: PatternFill("solid", fgColor="F2A65A"),
    SocialLevel.DEDICATED: PatternFill("solid", fgColor="C8553D"),
}
_CELL_WORDS: dict[Cell, str | int] = {Cell.NONE_FOUND: 0, Cell.UNKNOWN: "?", Cell.BLOCKED: "blocked"}
_CENTRE = Alignment(horizontal="center", vertical="center")
# columns of the sheet Gap matrix, from which other sheets count; the fifteen measures stand in 3 to 17
COUNTRY, GRADE, VERDICT, HIGHEST, REGION, NUMBER, ID = 1, 18, 19, 20, 21, 22, 23


def write_workbook(audit: Audit, path: Path) -> None:
    """Write the workbook. Equal audits give equal sheets.

    Raises AuditFolderError when the file cannot be written.
    """
    book, live = Workbook(), Live()
    book.remove(book.worksheets[0])
    sheets: list[tuple[str, Callable[[Worksheet, Audit, Live], None]]] = [
        ("Summary", _summary),
        ("Gap matrix", _gap_matrix),
        ("Social media", _social_matrix),
        ("Barriers", _barriers),
        ("Programmes", _programmes),
        ("Evidence", _evidence),
        ("Prevalence", _prevalence),
        ("Coverage", _coverage),
        ("Codebook", _codebook),
        ("About", _about),
    ]
    for name, fill in sheets:
        sheet = book.create_sheet(name)
        fill(sheet, audit, live)
        fit_rows(sheet)
    for sheet in book.worksheets:
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        if sheet.oddFooter is not None:
            sheet.oddFooter.center.text = "&A, page &P of &N"
        sheet.sheet_view.showGridLines = False
    book.properties.title = "Gap matrix"
    book.properties.creator = "gap-audit"
    book.calculation.fullCalcOnLoad = True
    write_atomically(path, lambda stream: live.save(book, stream))


def _summary(sheet: Worksheet, audit: Audit, live: Live) -> None:
    sheet.column_dimensions["A"].width = 60
    sheet.column_dimensions["B"].width = 16
    sheet.column_dimensions["C"].width = 80
    title = put(sheet, 1, 1, "Does public support for small exporters use social media?")
    title.font = Font(name=FACE, bold=True, size=16, color="1F3A5F")
    title.alignment = Alignment(wrap_text=False)
    sheet.row_dimensions[1].height = 26
    counts = audit.verdict_counts()
    assessed = f"({len(audit.agencies)}-{_verdicts(audit, Verdict.NOT_ASSESSABLE)})"
    formula = (
        f'IF({assessed}=0,"{_UNANSWERED}","Of "&{assessed}&" agencies that could be assessed, "'
        f'&{_verdicts(audit, Verdict.DEDICATED)}&" run a programme dedicated to social media, and "'
        f'&{_verdicts(audit, Verdict.COMPONENT)}&" more offer it as a part of a programme.")'
    )
    some = len(audit.agencies) - counts[Verdict.NOT_ASSESSABLE]
    said = (
        f"Of {some} agencies that could be assessed, {counts[Verdict.DEDICATED]} run a programme dedicated to social "
        f"media, and {counts[Verdict.COMPONENT]} more offer it as a part of a programme."
    )
    live.put(sheet, 3, 1, formula, said if some else _UNANSWERED).font = Font(name=FACE, bold=True, size=12)
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


_UNANSWERED = "The question cannot be answered yet: no agency was seen well enough."


def _verdicts(audit: Audit, verdict: Verdict, country: str = "") -> str:
    """The formula that counts a verdict on the sheet Gap matrix, of all agencies or of a country's."""
    where = f'{_gap_range(audit, COUNTRY)},"{country}",' if country else ""
    return f'COUNTIFS({where}{_gap_range(audit, VERDICT)},"{verdict.value}")'


def _gap_range(audit: Audit, column: int) -> str:
    letter = get_column_letter(column)
    return f"'Gap matrix'!${letter}$2:${letter}${max(len(audit.agencies), 1) + 1}"


def _section(sheet: Worksheet, row: int, names: Sequence[str]) -> int:
    for column, name in enumerate(names, 1):
        cell = put(sheet, row, column, name)
        cell.font, cell.fill = Font(name=FACE, bold=True, color="FFFFFF"), HEAD
    return row + 1


def _figures(sheet: Worksheet, audit: Audit, live: Live, row: int) -> int:
    row = _section(sheet, row, ("Verdict", "Agencies", "What it means"))
    counts = audit.verdict_counts()
    meanings = {
        Verdict.DEDICATED: "Runs a programme whose purpose is using social media abroad.",
        Verdict.COMPONENT: "Social media is part of what firms get in at least one programme.",
        Verdict.MENTION: "Social media is only named, for example as the agency's own channel.",
        Verdict.NONE_FOUND: "Enough of the site was read, and no programme with social media was found.",
        Verdict.NOT_ASSESSABLE: "Too little of the site was read to say that there is none.",
    }
    for name, meaning in meanings.items():
        put(sheet, row, 1, name.value).border = BORDER
        live.put(sheet, row, 2, _verdicts(audit, name), counts[name]).border = BORDER
        put(sheet, row, 3, meaning).border = BORDER
        row += 1
    return row


def _best_programmes(sheet: Worksheet, audit: Audit, row: int) -> int:
    row = _section(sheet, row, ("Programmes that use social media", "Level", "Quotation"))
    best = sorted(
        ((view, p) for view in audit.agencies for p in view.programmes if p.social >= SocialLevel.COMPONENT),
        key=lambda pair: (-pair[1].social, pair[0].agency.id, pair[1].row["name"]),
    )
    for view, programme in best:
        quotes = [e for e in programme.evidence if e["code"] == SOCIAL]
        name = put(sheet, row, 1, f"{programme.row['name']} ({view.agency.name})")
        link(name, programme.row["url"])
        level = put(sheet, row, 2, audit.codebook.level_label(programme.social))
        level.fill = _LEVEL_FILLS[programme.social]
        put(sheet, row, 3, quotes[0]["quote"] if quotes else "")
        row += 1
    if not best:
        put(sheet, row, 1, "None was found.")
        row += 1
    return row


def _countries(sheet: Worksheet, audit: Audit, live: Live, row: int) -> None:
    row = _section(sheet, row, ("Country", "Agencies", "Verdict"))
    order = (Verdict.DEDICATED, Verdict.COMPONENT, Verdict.NOT_ASSESSABLE, Verdict.MENTION)
    for country, result in audit.country_verdicts().items():
        agencies = sum(view.agency.country == country for view in audit.agencies)
        put(sheet, row, 1, country_name(country) or "(none)").border = BORDER
        put(sheet, row, 2, agencies).border = BORDER
        if country:
            formula = f'"{Verdict.NONE_FOUND.value}"'
            for verdict in reversed(order):
                formula = f'IF({_verdicts(audit, verdict, country)}>0,"{verdict.value}",{formula})'
            live.put(sheet, row, 3, formula, result.value).border = BORDER
        else:
            put(sheet, row, 3, result.value).border = BORDER
        row += 1


def _matrix_head(sheet: Worksheet, audit: Audit, more: Sequence[str]) -> None:
    names = ["Country", "Agency", *[m.label for m in audit.codebook.measures.values()], *more]
    head(sheet, 1, names, [10, 34, *[11] * len(audit.codebook.measures), *[20] * len(more)])
    sheet.row_dimensions[1].height = 75
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(audit.agencies) + 1}"
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:B"


def _legend(sheet: Worksheet, row: int, entries: Iterable[tuple[PatternFill, str]]) -> None:
    for offset, (fill, text) in enumerate(entries):
        put(sheet, row + offset, 1, "").fill = fill
        cell = put(sheet, row + offset, 2, text)
        cell.alignment = Alignment(wrap_text=False)


def _count(measure: str, agency_cell: str) -> str:
    """The formula that counts an agency's programmes with a measure, on the table of programmes."""
    return f"COUNTIFS(Programmes[agency_no],{agency_cell},Programmes[{measure}],1,Programmes[counted],1)"


def _highest(agency_cell: str, measure: str = "") -> str:
    """The formula of the highest level of social media of an agency, with a measure or at all.

    (MAXIFS is not in Excel 2016; arrays over the whole table take spreadsheets minutes.)
    """
    having = f",Programmes[{measure}],1" if measure else ""
    which = f"Programmes[agency_no],{agency_cell},Programmes[counted],1{having}"
    formula = "4"
    for level in (4, 3, 2, 1):
        formula = f'IF(COUNTIFS({which},Programmes[social_level],">={level}")=0,{level - 1},{formula})'
    return formula


def _gap_matrix(sheet: Worksheet, audit: Audit, live: Live) -> None:
    _matrix_head(sheet, audit, ["Coverage", "Verdict on social media", "Highest level", "Region", "Number", "Id"])
    first = _first_rows(audit)
    for row, view in enumerate(audit.agencies, 2):
        put(sheet, row, COUNTRY, view.agency.country)
        link(put(sheet, row, 2, view.agency.name), next(iter(view.agency.start_urls), ""))
        agency = f"${get_column_letter(NUMBER)}{row}"
        for column, measure in enumerate(audit.codebook.measures, 3):
            word = _CELL_WORDS[state_of_cell(0, view.coverage)]
            shown = word if isinstance(word, int) else f'"{word}"'
            count = _count(measure, agency)
            formula = count if word == 0 else f"IF({count}>0,{count},{shown})"
            cell = live.put(sheet, row, column, formula, view.count(measure) or word)
            cell.border, cell.alignment = BORDER, _CENTRE
            if (view.agency.id, measure) in first:
                place = f"'Programmes'!C{first[view.agency.id, measure]}"
                cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place, tooltip="its programmes")
        level = max((p.social for p in view.programmes), default=SocialLevel.NONE)
        highest, graded = f"{get_column_letter(HIGHEST)}{row}", f"{get_column_letter(GRADE)}{row}"
        put(sheet, row, GRADE, view.coverage.grade.value)
        live.put(sheet, row, HIGHEST, _highest(agency), int(level))
        live.put(
            sheet, row, VERDICT,
            f'IF({highest}=4,"dedicated programme",IF({highest}=3,"component",IF({graded}<>"adequate",'
            f'"not assessable",IF({highest}=2,"mention only","none found"))))',
            view.verdict.value,
        )  # fmt: skip
        put(sheet, row, REGION, next(iter(regions_of(view.agency.country)[-1:]), ""))
        put(sheet, row, NUMBER, row - 1)
        put(sheet, row, ID, view.agency.id)
    area = f"C2:{get_column_letter(GRADE - 1)}{len(audit.agencies) + 1}"
    _colour(sheet, area, {'"?"': _FILLS[Cell.UNKNOWN], '"blocked"': _FILLS[Cell.BLOCKED], "0": _FILLS[Cell.NONE_FOUND]})
    _colour(sheet, area, {"0": _FILLS[Cell.FOUND]}, "greaterThan")
    _legend(
        sheet,
        len(audit.agencies) + 4,
        [
            (_FILLS[Cell.FOUND], "number of programmes found"),
            (_FILLS[Cell.NONE_FOUND], "0: none found, and enough of the site was read to say so"),
            (_FILLS[Cell.UNKNOWN], "?: none found, but too little of the site was read"),
            (_FILLS[Cell.BLOCKED], "blocked: the site did not let us in"),
        ],
    )


def _first_rows(audit: Audit) -> dict[tuple[str, str], int]:
    """The first row of the sheet Programmes with a measure of an agency."""
    found: dict[tuple[str, str], int] = {}
    for row, programme in enumerate(audit.programmes, 2):
        for measure in programme.measures:
            found.setdefault((programme.row["agency"], measure), row)
    return found


def _colour(sheet: Worksheet, area: str, fills: dict[str, PatternFill], operator: str = "equal") -> None:
    """Colours that follow the values."""
    for value, fill in fills.items():
        first = area.split(":")[0]
        compared = f"{first}={value}" if operator == "equal" else f"{first}>{value}"
        # text is greater than any number for a spreadsheet, so numbers are asked to be numbers
        number = value.isdecimal()
        condition = f"AND(ISNUMBER({first}),{compared})" if number else compared
        rule = Rule(type="expression", formula=[condition], dxf=DifferentialStyle(fill=_on_change(fill)))
        sheet.conditional_formatting.add(area, rule)


def _on_change(fill: PatternFill) -> PatternFill:
    """A fill as conditional formats want it: their colour is the one behind."""
    colour = fill.fgColor if fill.fill_type == "solid" else fill.bgColor
    return PatternFill("solid", start_color=colour, end_color=colour)


def _social_matrix(sheet: Worksheet, audit: Audit, live: Live) -> None:
    _matrix_head(sheet, audit, ["Verdict", "Gap score"])
    last = len(audit.codebook.measures) + 2
    for row, view in enumerate(audit.agencies, 2):
        put(sheet, row, 1, view.agency.country)
        put(sheet, row, 2, view.agency.name)
        agency = f"'Gap matrix'!${get_column_letter(NUMBER)}{row}"
        levels = []
        for column, measure in enumerate(audit.codebook.measures, 3):
            level = view.top_level(measure)
            word = str(_CELL_WORDS[state_of_cell(0, view.coverage)]).replace("0", "–")
            found = f"'Gap matrix'!{get_column_letter(column)}{row}"
            formula = f'IF(N({found})=0,"{word}",{_highest(agency, measure)})'
            cell = live.put(sheet, row, column, formula, word if level is None else int(level))
            cell.border, cell.alignment = BORDER, _CENTRE
            levels += [] if level is None else [level]
        live.put(sheet, row, last + 1, f"'Gap matrix'!{get_column_letter(VERDICT)}{row}", view.verdict.value)
        cells = f"C{row}:{get_column_letter(last)}{row}"
        used = sum(level >= SocialLevel.COMPONENT for level in levels)
        score = live.put(
            sheet, row, last + 2, f'IF(COUNT({cells})=0,"",1-COUNTIF({cells},">=3")/COUNT({cells}))',
            1 - used / len(levels) if levels else "",
        )  # fmt: skip
        score.number_format = "0%"
    area = f"C2:{get_column_letter(last)}{len(audit.agencies) + 1}"
    _colour(
        sheet, area, {'"?"': _FILLS[Cell.UNKNOWN], '"blocked"': _FILLS[Cell.BLOCKED], '"–"': _FILLS[Cell.NONE_FOUND]}
    )
    _colour(sheet, area, {str(int(level)): fill for level, fill in _LEVEL_FILLS.items()})
    _legend(
        sheet,
        len(audit.agencies) + 4,
        [(_LEVEL_FILLS[SocialLevel(e.level)], f"{e.level} {e.label}: {e.meaning}") for e in audit.codebook.levels]
        + [
            (_FILLS[Cell.NONE_FOUND], "–: no programme with this measure was found"),
            (_FILLS[Cell.UNKNOWN], "?: too little was read"),
            (
                PatternFill(),
                "Gap score: the share of the measures it offers in which no programme makes use of social media",
            ),
        ],
    )


def _barriers(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """How many programmes lower each barrier, by how far they use social media."""
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


def _programmes(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    """One programme a row. What is decided stands in the columns from 'counted' to 'social_level', as numbers that may
    be changed: all matrices count them."""
    measures = list(audit.codebook.measures)
    names = {view.agency.id: view.agency.name for view in audit.agencies}
    numbers = {view.agency.id: number for number, view in enumerate(audit.agencies, 1)}  # spreadsheets compare fast

    def rows() -> Iterable[Sequence[Any]]:
        for p in audit.programmes:
            yield (
                p.row["country"], names[p.row["agency"]], p.row["name"], 1,
                *(int(measure in p.measures) for measure in measures), int(p.social),
                min(p.measures.values(), default=0.0), p.social_confidence, ", ".join(p.row["audience"]),
                ", ".join(p.row["instruments"]), p.row["status"], p.row["language"], p.row["description"],
                p.row["url"], len(p.row["urls"]), p.coder, p.row["programme"], p.row["agency"],
                numbers[p.row["agency"]],
            )  # fmt: skip

    columns = [
        ("Country", 9), ("Agency", 26), ("Programme", 34), ("counted", 8), *((measure, 7) for measure in measures),
        ("social_level", 8), ("Confidence (measures, lowest)", 13), ("Confidence (social)", 12), ("Audience", 16),
        ("Instrument", 18), ("Status", 9), ("Language", 10), ("Description", 60), ("Page", 40), ("Pages", 8),
        ("Decided by", 18), ("Id", 30), ("agency_id", 22), ("agency_no", 8),
    ]  # fmt: skip
    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    sheet.row_dimensions[1].height = 110
    social, page = 5 + len(measures), 13 + len(measures)
    for column in range(4, social + 1):
        sheet.cell(1, column).alignment = Alignment(text_rotation=90, vertical="bottom")
    for row, p in enumerate(audit.programmes, 2):
        link(sheet.cell(row, page), p.row["url"])
        for column in range(4, social + 1):
            sheet.cell(row, column).alignment = _CENTRE
    last = max(len(audit.programmes), 1) + 1
    yes_no = DataValidation("list", formula1='"0,1"', allow_blank=False, showErrorMessage=True)
    levels = DataValidation("list", formula1='"0,1,2,3,4"', allow_blank=False, showErrorMessage=True)
    yes_no.add(f"D2:{get_column_letter(social - 1)}{last}")
    levels.add(f"{get_column_letter(social)}2:{get_column_letter(social)}{last}")
    sheet.add_data_validation(yes_no)
    sheet.add_data_validation(levels)
    _colour(sheet, f"D2:{get_column_letter(social - 1)}{last}", {"1": _FILLS[Cell.FOUND]})
    area = f"{get_column_letter(social)}2:{get_column_letter(social)}{last}"
    _colour(sheet, area, {str(int(level)): fill for level, fill in _LEVEL_FILLS.items()})
    sheet.auto_filter.ref = None
    listed = Table(displayName="Programmes", ref=f"A1:{get_column_letter(len(columns))}{last}")
    listed.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    sheet.add_table(listed)
    sheet.print_area = f"A1:{get_column_letter(social + 2)}{last}"  # what is decided; the rest is too wide for paper
    sheet.freeze_panes = "D2"


def _evidence(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    labels = {name: measure.label for name, measure in audit.codebook.measures.items()} | {
        name: f"Barrier: {barrier.label}" for name, barrier in audit.codebook.barriers.items()
    }
    labels[SOCIAL] = "Social media"
    found = [(p, e) for p in audit.programmes for e in p.evidence]
    columns = [
        ("Agency", 22), ("Programme", 30), ("Code", 26), ("Quotation", 80), ("Page", 45), ("Archived (UTC)", 21),
        ("Archive file", 26), ("Record at byte", 12), ("Start in text", 9), ("End in text", 9),
    ]  # fmt: skip
    table(
        sheet,
        [c[0] for c in columns],
        [c[1] for c in columns],
        (
            (
                e["agency"], p.row["name"], labels.get(e["code"], e["code"]), e["quote"], e["url"], e["time"],
                f"archive/{e['warc_file']}", e["warc_offset"], e["start"], e["end"],
            )
            for p, e in found
        ),
    )  # fmt: skip
    for row, (_, e) in enumerate(found, 2):
        link(sheet.cell(row, 5), e["link"])


def _prevalence(sheet: Worksheet, audit: Audit, live: Live) -> None:
    """How common each measure and each level of social media is among the agencies of which it can be said."""
    columns = [
        ("Among", 26), ("What", 46), ("Agencies with it", 11), ("Agencies of which it can be said", 13), ("Share", 9),
        ("from", 9), ("to", 9), ("In words", 60),
    ]  # fmt: skip
    table(sheet, [c[0] for c in columns], [c[1] for c in columns], ())
    groups: dict[tuple[str, str], list[AgencyView]] = {("all agencies", ""): list(audit.agencies)}
    for view in audit.agencies:
        country, region = view.agency.country, next(iter(regions_of(view.agency.country)[-1:]), "")
        if region:
            groups.setdefault((region, f'{_gap_range(audit, REGION)},"{region}",'), []).append(view)
        if country:
            where = f'{_gap_range(audit, COUNTRY)},"{country}",'
            groups.setdefault((country_name(country), where), []).append(view)
    row = 2
    said = f'{_gap_range(audit, VERDICT)},"<>{Verdict.NOT_ASSESSABLE.value}"'
    for (name, where), views in groups.items():
        for level in audit.codebook.levels:
            if level.level >= SocialLevel.MENTION:
                share = level_share(views, SocialLevel(level.level))
                yes = f'COUNTIFS({where}{said},{_gap_range(audit, HIGHEST)},">={level.level}")'
                what = f"Social media: {level.label}, or more"
                _share_row(sheet, live, row, name, what, yes, f"COUNTIFS({where}{said})", share)
                row += 1
        for column, measure in enumerate(audit.codebook.measures.values(), 3):
            cells = _gap_range(audit, column)
            yes, of = f'COUNTIFS({where}{cells},">0")', f'COUNTIFS({where}{cells},">=0")'
            _share_row(sheet, live, row, name, measure.label, yes, of, measure_share(views, measure.id))
            row += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{row - 1}"


def _share_row(sheet: Worksheet, live: Live, row: int, among: str, what: str, yes: str, of: str, share: Share) -> None:
    """One share with its interval (Wilson 1927), as formulas."""
    z = 1.959963984540054
    middle, half = f"(E{row}+{z * z / 2}/D{row})", f"{z}*SQRT(E{row}*(1-E{row})/D{row}+{z * z / 4}/D{row}^2)"
    below = f"(1+{z * z}/D{row})"
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


def _coverage(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    columns = [
        ("Country", 9), ("Agency", 32), ("Coverage", 12), ("Share of known pages read", 11),
        ("Share of relevant pages read (estimate)", 13), ("from", 8), ("to", 8), ("Addresses known", 11),
        ("Read", 8), ("Unchanged", 10), ("With text", 8), ("Relevant", 9), ("Refused by robots.txt", 12),
        ("Blocked", 9), ("Needs a browser", 9), ("Failed", 8), ("Over budget", 9), ("Not found", 9),
        ("Not text", 8), ("Other", 8), ("Chance that a programme was missed", 16), ("In words", 70), ("Reasons", 50),
    ]  # fmt: skip

    def rows() -> Iterable[Sequence[Any]]:
        for view in audit.agencies:
            c = view.coverage
            reasons = ", ".join(f"{name} {count}" for name, count in sorted(c.reasons.items()))
            missed = chance_missed(c) if view.verdict is Verdict.NONE_FOUND else None
            e = c.estimate
            yield (
                view.agency.country, view.agency.name, c.grade.value, c.share_seen, e and e.share, e and e.low,
                e and e.high, c.known, c.fetched, c.unchanged, c.readable, c.relevant, c.refused, c.blocked,
                c.needs_browser, c.failed, c.over_budget, c.not_found, c.not_text, c.other, missed, c.in_words(),
                reasons,
            )  # fmt: skip

    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    for row in range(2, len(audit.agencies) + 2):
        for column in (4, 5, 6, 7, 21):
            sheet.cell(row, column).number_format = "0%"


def _codebook(sheet: Worksheet, audit: Audit, _live: Live) -> None:
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


def _about(sheet: Worksheet, audit: Audit, _live: Live) -> None:
    budgets = audit.frame.budgets
    first, last = audit.crawled
    regions = sorted({regions_of(view.agency.country)[0] for view in audit.agencies if regions_of(view.agency.country)})
    rows: list[tuple[str, Any]] = [
        ("Agencies in the frame", len(audit.agencies)),
        ("Countries and territories", len(audit.country_verdicts())),
        ("Continents", ", ".join(regions) or "invented places"),
        ("Pages archived, first", first),
        ("Pages archived, last", last),
        ("Budget: pages an agency", budgets.pages),
        ("Budget: links from a start address", budgets.depth),
        ("Budget: minutes an agency", budgets.minutes),
        ("Seconds between two requests to a host", budgets.delay),
        ("Codebook", f"version {audit.codebook.version}, digest {audit.codebook.digest}"),
        ("Coder", CODER),
        ("Coder's recall used for the chance of a miss", CODER_RECALL),
        *(("Limit", text) for text in limits(audit)),
    ]
    table(sheet, ["About this audit", ""], [44, 110], rows)
    sheet.freeze_panes = "A2"
