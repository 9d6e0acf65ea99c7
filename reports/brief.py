"""The brief: a Word document of a few pages for people who decide, on a country or on the whole audit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph

from analysis.benchmark import FEWEST_PEERS, MOST
from analysis.coding import SocialLevel
from analysis.coverage import CoverageClass
from analysis.matrix import AgencyView, Audit, ProgrammeView
from analysis.prevalence import measure_share
from analysis.tables import SOCIAL
from analysis.verdicts import Cell, Verdict, country_verdict
from common.errors import BriefError
from common.files import write_atomically
from common.income import income_group
from common.regions import country_name, region_of
from reports.cells import safe_text
from reports.live import same_bytes
from reports.words import answer, headline, limits

MOST_EXAMPLES = 5
MOST_ROWS = 25  # agencies in the matrix; more are told by measure alone
LONGEST_QUOTE = 400  # characters
_FILLS = {4: "C8553D", 3: "F2A65A", 2: "FBE3B5", 1: "DDE3E9", 0: "F3F3F3"}
_SIGNS = {Cell.NONE_FOUND: "–", Cell.UNKNOWN: "?", Cell.BLOCKED: "×"}


@dataclass(frozen=True)
class _Gap:
    """A measure that agencies like these offer and these do not, or do without social media."""

    label: str
    words: str


def write_brief(audit: Audit, path: Path, country: str = "") -> None:
    """Write the brief on a country (ISO 3166-1 alpha-2), or on the whole audit.

    Raises BriefError when the audit has no agency of the country, AuditFolderError when the file cannot be written.
    """
    views = [view for view in audit.agencies if view.agency.country == country] if country else list(audit.agencies)
    if not views:
        what = (
            f"country {country!r}: no agency of it is in this audit" if country else "there is no agency in this audit"
        )
        raise BriefError(f"{what} ({audit.folder})")
    part = replace(audit, agencies=views)
    document = Document()
    _set_up(document)
    name = country_name(country)
    _heading(document, f"Social media in export support: {name}" if country else "Social media in export support", 0)
    _paragraph(
        document,
        "Small firms that want to sell abroad meet barriers; public agencies help them over these. Social media could "
        "lower most of the barriers. Does that help use it?",
        italic=True,
    )
    _answer(document, part, country)
    _matrix(document, part)
    _examples(document, part)
    _peers(document, audit, part, country)
    _coverage(document, part)
    _heading(document, "What to keep in mind", 1)
    for text in limits(part):
        _paragraph(document, text, style="List Bullet")
    first, last = audit.crawled
    when = f"Pages were archived from {first[:10]} to {last[:10]}. " if first else ""
    _paragraph(
        document,
        f"{when}Codebook {audit.codebook.version}. Every figure and quotation can be opened in gap_matrix.xlsx and "
        "gap_map.html; the method is in docs/method.md of gap-audit.",
        italic=True,
    )
    document.core_properties.author = "gap-audit"
    document.core_properties.title = "Brief"
    plain = BytesIO()
    document.save(plain)
    write_atomically(path, lambda stream: same_bytes(plain, stream))


def _set_up(document: Doc) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(5)


def _answer(document: Doc, part: Audit, country: str) -> None:
    _heading(document, "The answer", 1)
    if country:
        verdict = country_verdict(view.verdict for view in part.agencies)
        _paragraph(document, f"{_VERDICTS[verdict]} (verdict: {verdict.value}).", bold=True)
    else:
        _paragraph(document, headline(part), bold=True)
    for text in answer(part):
        _paragraph(document, text)
    if sure := _confidence(part):
        _paragraph(document, sure)


_VERDICTS = {
    Verdict.DEDICATED: "Yes: at least one agency runs a programme whose purpose is using social media abroad",
    Verdict.COMPONENT: "In part: social media is part of what firms get in at least one programme",
    Verdict.MENTION: "No: social media is only named, not offered",
    Verdict.NONE_FOUND: "No: no programme with social media was found, and enough was read to say so",
    Verdict.NOT_ASSESSABLE: "It cannot be said: too little of the agencies' pages could be read",
}


def _confidence(part: Audit) -> str:
    """How sure what was found is, in words; '' where nothing was found."""
    found = [p for p in part.programmes if p.social >= SocialLevel.COMPONENT]
    if not found:
        return ""
    low = min(p.social_confidence for p in found)
    people = sum(p.reviewed for p in found)
    return (
        f"What was found rests on quotations that anybody can open; the machine's confidence in them is {low:.0%} "
        f"or more, and people decided on {people} of {len(found)}."
    )


def _matrix(document: Doc, part: Audit) -> None:
    _heading(document, "Who offers what", 1)
    measures = list(part.codebook.measures.values())
    if len(part.agencies) > MOST_ROWS:
        _by_measure(document, part)
        return
    table = document.add_table(rows=1, cols=len(measures) + 1)
    table.style = "Table Grid"
    table.autofit = False
    for number, cell in enumerate(table.rows[0].cells):
        _put(cell, "" if number == 0 else str(number), size=8, bold=True, centre=number > 0)
    for view in part.agencies:
        cells = table.add_row().cells
        _put(cells[0], view.agency.name, size=8)
        for cell, measure in zip(cells[1:], measures, strict=True):
            level = view.top_level(measure.id)
            count = view.count(measure.id)
            _put(cell, str(count) if count else _SIGNS[view.cell(measure.id)], size=8, centre=True)
            if level is not None:
                _shade(cell, _FILLS[int(level)])
    for number, column in enumerate(table.columns):  # Word goes by the cells, LibreOffice by the columns
        column.width = Cm(4.4 if number == 0 else 0.84)
        for cell in column.cells:
            cell.width = column.width
    _paragraph(document, "  ".join(f"{n} {m.label}." for n, m in enumerate(measures, 1)), size=8)
    _paragraph(
        document,
        "Numbers are programmes; colours the highest level of social media (grey: none or follow-us links; yellow: "
        "named; orange: part of what firms get; red: the purpose). – none found, the site was read; ? too little was "
        "read; × the site did not let us in.",
        size=8,
    )


def _by_measure(document: Doc, part: Audit) -> None:
    """The matrix of many agencies: one row a measure."""
    names = ("Measure", "Agencies that offer it", "of (it can be said)", "… with social media in it")
    table = document.add_table(rows=1, cols=len(names))
    table.style = "Table Grid"
    for cell, name in zip(table.rows[0].cells, names, strict=True):
        _put(cell, name, bold=True, size=9)
    for measure in part.codebook.measures.values():
        share = measure_share(part.agencies, measure.id)
        used = sum(view.uses_social_media(measure.id) for view in part.agencies)
        values = (measure.label, share.in_words() if share.of else "–", str(share.of), str(used))
        for cell, value in zip(table.add_row().cells, values, strict=True):
            _put(cell, value, size=9)


def _examples(document: Doc, part: Audit) -> None:
    _heading(document, "The best examples", 1)
    best = sorted(
        ((view, p) for view in part.agencies for p in view.programmes if p.social >= SocialLevel.COMPONENT),
        key=lambda pair: (-pair[1].social, -pair[1].social_confidence, pair[0].agency.id, pair[1].row["name"]),
    )
    if not best:
        _paragraph(document, "No programme that makes social media part of what firms get was found.")
    chosen: dict[str, tuple[AgencyView, ProgrammeView]] = {}
    for view, programme in best:
        chosen.setdefault(view.agency.id, (view, programme))  # one of each agency first
    ordered = [*chosen.values(), *(pair for pair in best if pair not in chosen.values())][:MOST_EXAMPLES]
    for view, programme in ordered:
        line = _paragraph(document, "")
        _link(line, str(programme.row["name"]), str(programme.row["url"]))
        label = part.codebook.level_label(programme.social)
        line.add_run(
            _safe(f", {view.agency.name} ({country_name(view.agency.country)}): level {int(programme.social)}, ")
        )
        line.add_run(label)
        if quote := programme.quotation(SOCIAL):
            cut = quote if len(quote) <= LONGEST_QUOTE else quote[:LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
            _paragraph(document, f"“{cut}”", style="Intense Quote")
    if len(best) > len(ordered):
        _paragraph(document, f"{len(best) - len(ordered)} more are on the sheet Summary of the workbook.")


def _peers(document: Doc, audit: Audit, part: Audit, country: str) -> None:
    """Gaps against agencies like these; of the whole audit, gaps against what could be."""
    _heading(document, "Where the gaps are", 1)
    peers, how = _alike(audit, country) if country else (part.agencies, "all agencies of this audit")
    if country and not peers:
        _paragraph(document, "The audit has no agencies of other countries to compare with.")
        return
    gaps = _gaps_to_peers(part, peers) if country else _gaps_within(part)
    if country:
        _paragraph(document, f"Compared with {len(peers)} agencies of other countries ({how}):")
    if not gaps:
        _paragraph(document, "None that the coverage allows to name.")
    for gap in gaps:
        line = _paragraph(document, "", style="List Bullet")
        line.add_run(f"{gap.label}: ").bold = True
        line.add_run(gap.words)


def _alike(audit: Audit, country: str) -> tuple[list[AgencyView], str]:
    others = [view for view in audit.agencies if view.agency.country != country]
    region, income = region_of(country), income_group(country)
    near = [view for view in others if region and region_of(view.agency.country) == region]
    alike = [view for view in others if income and income_group(view.agency.country) == income]
    for chosen, how in ((near, "same region"), (alike, "same income group")):
        if len(chosen) >= FEWEST_PEERS:
            return chosen, how
    return others, "all others of this audit"


def _gaps_to_peers(part: Audit, peers: Sequence[AgencyView]) -> list[_Gap]:
    gaps = []
    for measure in part.codebook.measures.values():
        states = {view.cell(measure.id) for view in part.agencies}
        share = measure_share(peers, measure.id)
        used = [view for view in peers if view.uses_social_media(measure.id)]
        own = any(view.uses_social_media(measure.id) for view in part.agencies)
        if states == {Cell.NONE_FOUND} and share.of and share.value >= MOST:
            gaps.append(_Gap(measure.label, f"not found here, while {share.in_words()} of the others offer it."))
        elif Cell.FOUND in states and not own and used:
            names = ", ".join(view.agency.name for view in used[:3])
            gaps.append(_Gap(measure.label, f"offered without social media; elsewhere {names} make it part of it."))
    return gaps


def _gaps_within(part: Audit) -> list[_Gap]:
    gaps = []
    for measure in part.codebook.measures.values():
        share = measure_share(part.agencies, measure.id)
        used = sum(view.uses_social_media(measure.id) for view in part.agencies)
        if share.yes and not used:
            gaps.append(_Gap(measure.label, f"{_agencies(share.yes)} it, none with social media in it."))
        elif share.yes and used / share.yes < 0.5:
            gaps.append(_Gap(measure.label, f"{_agencies(share.yes)} it, {used} of them with social media in it."))
    return gaps


def _agencies(number: int) -> str:
    return "1 agency offers" if number == 1 else f"{number} agencies offer"


def _coverage(document: Doc, part: Audit) -> None:
    _heading(document, "How much was read", 1)
    shown, total = part.agencies, len(part.agencies)
    if total > MOST_ROWS:
        shown = [view for view in shown if view.coverage.grade is not CoverageClass.ADEQUATE]
        good = total - len(shown)
        _paragraph(document, f"{good} of {total} agencies were read well enough. Of the others, the first:")
    for view in shown[:MOST_ROWS]:
        _paragraph(document, f"{view.agency.name}: {view.coverage.in_words()}", style="List Bullet", size=9)


def _heading(document: Doc, text: str, level: int) -> None:
    heading = document.add_heading(_safe(text), level)
    for run in heading.runs:
        run.font.color.rgb, run.font.name = RGBColor(0x1F, 0x3A, 0x5F), "Calibri"


def _paragraph(
    document: Doc, text: str, style: str | None = None, bold: bool = False, italic: bool = False, size: float = 0
) -> Paragraph:
    paragraph = document.add_paragraph(style=style)
    run = paragraph.add_run(_safe(text))
    run.bold, run.italic = bold or None, italic or None
    if size:
        run.font.size = Pt(size)
    return paragraph


def _put(cell: WordCell, text: str, size: float, bold: bool = False, centre: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(_safe(text))
    run.font.size, run.bold = Pt(size), bold or None
    paragraph.paragraph_format.space_after = Pt(0)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _shade(cell: WordCell, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _link(paragraph: Paragraph, text: str, url: str) -> None:
    """A run that leads to a web address; nothing else becomes a link."""
    if not url.startswith(("http://", "https://")):
        paragraph.add_run(_safe(text)).bold = True
        return
    target = paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link: Any = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), target)
    run = paragraph.add_run(_safe(text))
    run.bold, run.underline, run.font.color.rgb = True, True, RGBColor(0x11, 0x55, 0xCC)
    link.append(run._r)
    paragraph._p.append(link)


def _safe(text: str) -> str:
    """Text without characters that XML refuses."""
    return str(safe_text(text)).replace("\ufffe", "�").replace("\uffff", "�").encode("utf-8", "replace").decode("utf-8")
