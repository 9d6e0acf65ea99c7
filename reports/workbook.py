"""gap_matrix.xlsx: the audit as a workbook."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from analysis.coder import CODER
from analysis.coding import SocialLevel
from analysis.matrix import AgencyView, Audit
from analysis.prevalence import level_share, measure_share
from analysis.tables import SOCIAL
from analysis.verdicts import CODER_RECALL, Cell, Verdict, chance_missed
from common.files import write_atomically
from common.regions import country_name, regions_of
from reports.cells import BORDER, FACE, HEAD, fit_rows, head, link, put, table
from reports.words import FEW, answer, headline, limits

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
_CELL_WORDS = {Cell.NONE_FOUND: "0", Cell.UNKNOWN: "?", Cell.BLOCKED: "blocked"}


def write_workbook(audit: Audit, path: Path) -> None:
    """Write the workbook. Equal audits give equal sheets.

    Raises AuditFolderError when the file cannot be written.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets: list[tuple[str, Callable[[Worksheet, Audit], None]]] = [
        ("Summary", _summary),
        ("Gap matrix", _gap_matrix),
        ("Social media", _social_matrix),
        ("Programmes", _programmes),
        ("Evidence", _evidence),
        ("Prevalence", _prevalence),
        ("Coverage", _coverage),
        ("Codebook", _codebook),
        ("About", _about),
    ]
    for name, fill in sheets:
        sheet = book.create_sheet(name)
        fill(sheet, audit)
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
    write_atomically(path, book.save)


def _summary(sheet: Worksheet, audit: Audit) -> None:
    sheet.column_dimensions["A"].width = 60
    sheet.column_dimensions["B"].width = 16
    sheet.column_dimensions["C"].width = 80
    title = put(sheet, 1, 1, "Does public support for small exporters use social media?")
    title.font = Font(name=FACE, bold=True, size=16, color="1F3A5F")
    title.alignment = Alignment(wrap_text=False)
    sheet.row_dimensions[1].height = 26
    row = 3
    for text, bold in [(headline(audit), True), *((text, False) for text in answer(audit))]:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        cell = put(sheet, row, 1, text)
        cell.font = Font(name=FACE, bold=bold, size=12 if bold else 11)
        sheet.row_dimensions[row].height = 16 * (1 + len(text) // 150)
        row += 1
    row = _figures(sheet, audit, row + 1)
    row = _best_programmes(sheet, audit, row + 1)
    _countries(sheet, audit, row + 1)


def _section(sheet: Worksheet, row: int, names: Sequence[str]) -> int:
    for column, name in enumerate(names, 1):
        cell = put(sheet, row, column, name)
        cell.font, cell.fill = Font(name=FACE, bold=True, color="FFFFFF"), HEAD
    return row + 1


def _figures(sheet: Worksheet, audit: Audit, row: int) -> int:
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
        for column, value in enumerate((name.value, counts[name], meaning), 1):
            put(sheet, row, column, value).border = BORDER
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


def _countries(sheet: Worksheet, audit: Audit, row: int) -> int:
    row = _section(sheet, row, ("Country", "Agencies", "Verdict"))
    for country, result in audit.country_verdicts().items():
        agencies = sum(view.agency.country == country for view in audit.agencies)
        for column, value in enumerate((country_name(country) or "(none)", agencies, result.value), 1):
            put(sheet, row, column, value).border = BORDER
        row += 1
    return row


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


def _gap_matrix(sheet: Worksheet, audit: Audit) -> None:
    _matrix_head(sheet, audit, ["Coverage", "Verdict on social media"])
    for row, view in enumerate(audit.agencies, 2):
        put(sheet, row, 1, view.agency.country)
        link(put(sheet, row, 2, view.agency.name), next(iter(view.agency.start_urls), ""))
        for column, measure in enumerate(audit.codebook.measures, 3):
            state = view.cell(measure)
            cell = put(sheet, row, column, view.count(measure) or _CELL_WORDS[state])
            cell.fill, cell.border = _FILLS[state], BORDER
            cell.alignment = Alignment(horizontal="center", vertical="center")
        put(sheet, row, len(audit.codebook.measures) + 3, view.coverage.grade.value)
        put(sheet, row, len(audit.codebook.measures) + 4, view.verdict.value)
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


def _social_matrix(sheet: Worksheet, audit: Audit) -> None:
    _matrix_head(sheet, audit, ["Verdict"])
    for row, view in enumerate(audit.agencies, 2):
        put(sheet, row, 1, view.agency.country)
        put(sheet, row, 2, view.agency.name)
        for column, measure in enumerate(audit.codebook.measures, 3):
            level = view.top_level(measure)
            state = view.cell(measure)
            cell = put(sheet, row, column, int(level) if level is not None else _CELL_WORDS[state].replace("0", "–"))
            cell.fill = _LEVEL_FILLS[level] if level is not None else _FILLS[state]
            cell.border = BORDER
            cell.alignment = Alignment(horizontal="center", vertical="center")
        put(sheet, row, len(audit.codebook.measures) + 3, view.verdict.value)
    _legend(
        sheet,
        len(audit.agencies) + 4,
        [(_LEVEL_FILLS[SocialLevel(e.level)], f"{e.level} {e.label}: {e.meaning}") for e in audit.codebook.levels]
        + [
            (_FILLS[Cell.NONE_FOUND], "–: no programme with this measure was found"),
            (_FILLS[Cell.UNKNOWN], "?: too little was read"),
        ],
    )


def _programmes(sheet: Worksheet, audit: Audit) -> None:
    labels = {name: measure.label for name, measure in audit.codebook.measures.items()}
    names = {view.agency.id: view.agency.name for view in audit.agencies}

    def rows() -> Iterable[Sequence[Any]]:
        for p in audit.programmes:
            yield (
                p.row["country"],
                names[p.row["agency"]],
                p.row["name"],
                "; ".join(labels[measure] for measure in p.measures),
                int(p.social),
                audit.codebook.level_label(p.social),
                min(p.measures.values(), default=0.0),
                p.social_confidence,
                ", ".join(p.row["audience"]),
                ", ".join(p.row["instruments"]),
                p.row["status"],
                p.row["language"],
                p.row["description"],
                p.row["url"],
                len(p.row["urls"]),
                p.coder,
                p.row["programme"],
            )

    columns = [
        ("Country", 9), ("Agency", 26), ("Programme", 34), ("Measures", 40), ("Social level", 9),
        ("Social media", 13), ("Confidence (measures, lowest)", 13), ("Confidence (social)", 12), ("Audience", 16),
        ("Instrument", 18), ("Status", 9), ("Language", 10), ("Description", 60), ("Page", 40), ("Pages", 8),
        ("Coder", 18), ("Id", 30),
    ]  # fmt: skip
    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    sheet.freeze_panes = "D2"
    for row, p in enumerate(audit.programmes, 2):
        sheet.cell(row, 5).fill = sheet.cell(row, 6).fill = _LEVEL_FILLS[p.social]
        link(sheet.cell(row, 14), p.row["url"])


def _evidence(sheet: Worksheet, audit: Audit) -> None:
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


def _prevalence(sheet: Worksheet, audit: Audit) -> None:
    """How common each measure and each level of social media is among the agencies of which it can be said."""
    columns = [
        ("Among", 26), ("What", 46), ("Agencies with it", 11), ("Agencies of which it can be said", 13), ("Share", 9),
        ("from", 9), ("to", 9), ("In words", 60),
    ]  # fmt: skip
    groups: dict[str, list[AgencyView]] = {"all agencies": list(audit.agencies)}
    for view in audit.agencies:
        for name in (*regions_of(view.agency.country)[-1:], country_name(view.agency.country) or "(no country)"):
            groups.setdefault(name, []).append(view)

    def rows() -> Iterable[Sequence[Any]]:
        for name, views in groups.items():
            shares = [(f"Social media: {level.label}, or more", level_share(views, SocialLevel(level.level)))
                      for level in audit.codebook.levels if level.level >= SocialLevel.MENTION]  # fmt: skip
            shares += [(m.label, measure_share(views, m.id)) for m in audit.codebook.measures.values()]
            for what, share in shares:
                said = share.in_words() if share.of else "nothing can be said: too little was read"
                few = "; few agencies, a wide interval" if 0 < share.of < FEW else ""
                yield (
                    name, what, share.yes, share.of, share.value if share.of else None,
                    share.interval.low if share.of else None, share.interval.high if share.of else None, said + few,
                )  # fmt: skip

    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    for row in range(2, sheet.max_row + 1):
        for column in (5, 6, 7):
            sheet.cell(row, column).number_format = "0%"


def _coverage(sheet: Worksheet, audit: Audit) -> None:
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


def _codebook(sheet: Worksheet, audit: Audit) -> None:
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


def _about(sheet: Worksheet, audit: Audit) -> None:
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
