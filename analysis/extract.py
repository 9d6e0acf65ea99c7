"""The stage from the archive to pages.parquet: text, language, relevance."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.archive import Capture, Damage, capture_at, read_archive
from analysis.coder import code_page
from analysis.decode import decoded
from analysis.html_text import read_html
from analysis.kept_codings import as_text, coding_key, codings_of, from_text
from analysis.language import detect_language
from analysis.page import Block, PageText, RawBlock, assemble, blocks_from_text, mark_frame
from analysis.pdf_text import UnreadablePdf, read_pdf
from analysis.relevance import speaks_of_exporting
from analysis.site import Copies, recurring_blocks
from analysis.tables import PAGES
from analysis.word_text import UnreadableDocument, read_word
from common.errors import ArchiveError, AuditFolderError
from common.files import write_table
from common.frame import Frame, owner_of, read_frame
from common.html import too_deep

READ = ("kept", "unchanged")  # outcomes of the fetch log that stand for a page which was read
LEAST_TEXT = 40  # characters below which a page says nothing


@dataclass
class ReadPage:
    """A page whose blocks were read, before its site is known."""

    capture: Capture
    agency: str
    title: str
    declared_language: str
    blocks: list[RawBlock]
    problem: str = ""


@dataclass
class ExtractReport:
    """What the stage did, and what it could not do."""

    captures: int = 0
    pages: int = 0
    relevant: int = 0
    coded_before: int = 0  # pages whose coding was taken from an earlier audit
    failures: list[str] = field(default_factory=list)


def extract(folder: Path, progress: Callable[[str], None] = lambda _: None, since: Path | None = None) -> ExtractReport:
    """Read all WARC files of an audit and write pages.parquet.

    `since`: an earlier audit, whose codings of pages that have not changed are taken. One bad page or file never
    stops it: what could not be read is named in the report. Raises AuditFolderError when the folder is no audit or
    has no archive, ArchiveError when none of it can be read.
    """
    frame = read_frame(folder / "audit.toml")
    files = sorted([*folder.glob("archive/*.warc.gz"), *folder.glob("archive/*.warc")])
    if not files:
        raise AuditFolderError(f"{folder / 'archive'}: no WARC file; crawl or ingest first")
    report = ExtractReport()
    log = _read_log(folder)
    owners = _owners(log, frame)
    damage: list[Damage] = []
    groups: defaultdict[str, list[ReadPage]] = defaultdict(list)
    unreadable: list[ArchiveError] = []
    for number, file in enumerate(files, 1):
        progress(f"reading {file.name} ({number} of {len(files)})")
        try:
            for capture in read_archive(file, damage):
                report.captures += 1
                agency = owners(capture)
                if agency is not None and capture.status == 200:
                    page = read_capture(capture, agency)
                    if page is not None:
                        groups[agency].append(page)
        except ArchiveError as error:
            unreadable.append(error)
            report.failures.append(str(error))
    for name, offset in log.elsewhere:
        then = capture_at(folder / "archive" / name, offset, name)
        page = read_capture(then, log.pages[name, offset]) if then is not None else None
        if page is not None:
            groups[page.agency].append(page)
        else:
            report.failures.append(f"archive/{name}: no readable record at byte {offset}")
    if unreadable and len(unreadable) == len(files):
        raise unreadable[0]
    report.failures += [f"archive/{item.warc_file}: {item.problem}" for item in damage]
    rows: list[dict[str, Any]] = []
    for agency in sorted(groups):
        progress(f"text of {agency} ({len(groups[agency])} pages)")
        before = codings_of(since / "pages.parquet", agency) if since else {}
        rows += _site_rows(agency, groups.pop(agency), frame, report, before)
    rows.sort(key=lambda row: (row["agency"], row["url"]))
    write_table(folder / "pages.parquet", pa.Table.from_pylist(rows, schema=PAGES))
    report.pages = len(rows)
    report.relevant = sum(row["relevant"] for row in rows)
    return report


def read_capture(capture: Capture, agency: str) -> ReadPage | None:
    """The blocks of a capture; None where it is neither HTML, PDF, Word nor plain text."""
    kind, body = capture.content_type, capture.body
    page = ReadPage(capture, agency, "", "", [])
    if body[:5] == b"%PDF-" or kind == "application/pdf":
        try:
            page.title, page.blocks = read_pdf(body)
        except UnreadablePdf as error:
            page.problem = str(error)
    elif body[:4] == b"PK\x03\x04" and (kind.endswith("wordprocessingml.document") or _named_docx(capture.url)):
        try:
            page.title, page.blocks = read_word(body)
        except UnreadableDocument as error:
            page.problem = str(error)
    elif kind in ("text/html", "application/xhtml+xml", "") or (kind == "text/plain" and b"<html" in body[:2000]):
        text = decoded(body, capture.charset)
        if too_deep(text):
            page.problem = "elements lie too deep within each other"
        else:
            html = read_html(text)
            page.title, page.declared_language, page.blocks = html.title, html.language, html.blocks
    elif kind == "text/plain" and not capture.url.endswith(("/robots.txt", "sitemap.txt")):
        page.blocks = blocks_from_text(decoded(body, capture.charset))
    else:
        return None
    return page


def _named_docx(url: str) -> bool:
    return url.split("?")[0].lower().endswith(".docx")


@dataclass(frozen=True)
class Log:
    """What the fetch log says of the archive's records; nothing where there is no log."""

    pages: dict[tuple[str, int], str]  # agency by file and offset of the records that were kept as pages
    files: frozenset[str]  # whose records the log knows; the others are told by their hosts
    elsewhere: tuple[tuple[str, int], ...]  # kept pages whose record is in an earlier audit's file


def _read_log(folder: Path) -> Log:
    path = folder / "fetches.parquet"
    pages: dict[tuple[str, int], str] = {}
    files: set[str] = set()
    if path.exists():
        columns = ["warc_file", "warc_offset", "agency", "kind", "outcome"]
        for row in pq.read_table(path, columns=columns).to_pylist():
            if row["warc_file"]:
                files.add(row["warc_file"])
                if row["kind"] == "page" and row["outcome"] in READ:
                    pages[row["warc_file"], row["warc_offset"]] = row["agency"]
    return Log(pages, frozenset(files), tuple(sorted(key for key in pages if "/" in key[0])))


def _owners(log: Log, frame: Frame) -> Callable[[Capture], str | None]:
    """Whose page a capture is: by the fetch log, else by its host; None for what is no page of the audit."""
    sites = {site: agency.id for site, agency in frame.agency_of_site().items()}

    def owner(capture: Capture) -> str | None:
        if capture.warc_file in log.files:
            return log.pages.get((capture.warc_file, capture.warc_offset))
        return owner_of(capture.url, sites)

    return owner


def _site_rows(
    agency: str, pages: list[ReadPage], frame: Frame, report: ExtractReport, before: dict[str, str]
) -> list[dict[str, Any]]:
    """The rows of one agency's pages; `before`: codings of an earlier audit by their keys."""
    record = next((entry for entry in frame.agencies if entry.id == agency), None)
    expected = record.languages if record else []
    pages = _latest(pages)
    recurring = recurring_blocks(page.blocks for page in pages)
    texts: list[tuple[ReadPage, PageText, str]] = []
    for page in pages:
        text = assemble(page.title, mark_frame(page.blocks, recurring), page.declared_language)
        language = detect_language(text.main, page.declared_language, expected)
        texts.append((page, text, language))
        if page.problem:
            report.failures.append(f"{page.capture.url}: {page.problem}")
    readable = [(text, language) for _, text, language in texts if len(text.main) >= LEAST_TEXT]
    share = sum(speaks_of_exporting(t, lang) for t, lang in readable) / len(readable) if readable else 0.0
    copies = Copies()
    rows = []
    for page, text, language in texts:
        main = text.main
        original, to_the_letter = page.capture.url, True
        if len(main) >= LEAST_TEXT:
            original, to_the_letter = copies.original(page.capture.url, text.title, main)
        row = _row(page, text, language, record.country if record else "", share)
        if original != page.capture.url:
            note = "same text as another page" if to_the_letter else "nearly the same text as another page"
            row |= {"duplicate_of": original, "note": note}
        elif page.problem:
            row["note"] = page.problem
        elif len(main) < LEAST_TEXT:
            row["note"] = "no text"
        else:
            key = coding_key(row)
            known = before.get(key)
            coding = from_text(known) if known else code_page(text, language, page.capture.url, row["site_share"])
            report.coded_before += known is not None
            row |= {"coding_key": key, "coding": known or as_text(coding)}
            row |= {"relevance": coding.relevance, "relevant": coding.relevant, "note": coding.note}
            row["review"] = coding.unsure
        rows.append(row)
    return rows


def _latest(pages: Iterable[ReadPage]) -> list[ReadPage]:
    """One page an address, the latest capture, in the order of addresses."""
    latest: dict[str, ReadPage] = {}
    for page in pages:
        known = latest.get(page.capture.url)
        if known is None or page.capture.time >= known.capture.time:
            latest[page.capture.url] = page
    return [latest[url] for url in sorted(latest)]


def _row(page: ReadPage, text: PageText, language: str, country: str, share: float) -> dict[str, Any]:
    return {
        "agency": page.agency,
        "country": country,
        "url": page.capture.url,
        "language": language,
        "title": text.title,
        "text": text.text,
        "blocks": [asdict(block) for block in text.blocks],
        "relevance": 0.0,
        "relevant": False,
        "review": False,
        "site_share": round(share, 3),
        "note": "",
        "duplicate_of": "",
        "time": page.capture.time,
        "warc_file": page.capture.warc_file,
        "warc_offset": page.capture.warc_offset,
        "coding_key": "",
        "coding": "",
    }


def page_text_of(row: dict[str, Any]) -> PageText:
    """The page of a row of pages.parquet, as the coder reads it."""
    return PageText(row["title"], row["text"], tuple(Block(**block) for block in row["blocks"]))
