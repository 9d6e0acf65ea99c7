"""The stage from the archive to pages.parquet: text, language, relevance."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.archive import Capture, captures_at
from analysis.captures import READ, CaptureList, Group, Listing, list_file
from analysis.coder import code_page
from analysis.decode import decoded
from analysis.html_text import read_html
from analysis.kept_codings import as_text, coder_digest, coding_key, codings_of, from_text
from analysis.language import detect_language
from analysis.page import Block, PageText, RawBlock, assemble, blocks_from_text, mark_frame
from analysis.pdf_text import UnreadablePdf, read_pdf
from analysis.relevance import speaks_of_exporting
from analysis.site import Copies, recurring_blocks
from analysis.stage import PARTS, check_coder, do_parts, part_name, remove_parts
from analysis.tables import PAGES
from analysis.word_text import UnreadableDocument, read_word
from common.errors import ArchiveError, AuditFolderError
from common.files import text_digest, write_atomically, write_joined
from common.frame import Agency, Frame, read_frame
from common.html import too_deep
from common.parts import HERE, Where, problem_of, work_on
from common.storage import folder_of, readable

_PARTS = f"{PARTS}/extract"
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

    pages: int = 0
    relevant: int = 0
    coded_before: int = 0  # pages whose coding was taken from an earlier audit
    failures: list[str] = field(default_factory=list)

    def add(self, part: "ExtractReport") -> None:
        """Take in what was done in a part."""
        self.pages += part.pages
        self.relevant += part.relevant
        self.coded_before += part.coded_before
        self.failures += part.failures


@dataclass(frozen=True)
class Part:
    """A part of the stage: pages of some agencies, or some pages of one."""

    folder: str  # of the audit
    number: int
    groups: tuple[Group, ...]
    agencies: dict[str, Agency]  # those of its agencies that the frame names
    since: str  # folder of an earlier audit, '' if none
    rests_on: str  # the coder with its codebook and model, which every worker must have

    @property
    def name(self) -> str:
        """What a person calls it."""
        pages = sum(len(group.captures) for group in self.groups)
        return f"{part_name(self.number, self.groups[0].agency, self.groups[-1].agency)} of {pages} pages"

    @property
    def file(self) -> Path:
        """Where its rows go; another file where anything it rests on is another."""
        known = [[a.id, a.country, a.languages] for a in self.agencies.values()]
        digest = text_digest([self.rests_on, self.since, known, [asdict(group) for group in self.groups]])
        return folder_of(self.folder) / _PARTS / f"{self.number:06}-{digest}.parquet"


def extract(
    folder: Path, progress: Callable[[str], None] = lambda _: None, since: Path | None = None, where: Where = HERE
) -> ExtractReport:
    """Read all WARC files of an audit and write pages.parquet.

    `since`: an earlier audit, whose codings of pages that have not changed are taken. `where` the parts of the work
    are done changes nothing about the table. One bad page, file or part never stops it: what could not be read is
    named in the report; parts that failed are done alone when the stage is run again. Raises AuditFolderError when
    the folder is no audit or has no archive, ArchiveError when none of it can be read.
    """
    frame = read_frame(folder / "audit.toml")
    files = sorted(path.name for pattern in ("*.warc.gz", "*.warc") for path in (folder / "archive").glob(pattern))
    if not files:
        raise AuditFolderError(f"{folder / 'archive'}: no WARC file; crawl or ingest first")
    report = ExtractReport()
    with CaptureList() as captures:
        _list(folder, files, frame, captures, report, progress, where)

        def take_in(done: ExtractReport) -> None:
            report.add(done)
            progress(f"text: {report.pages} pages")

        parts, failures = do_parts(extract_part, _parts(folder, captures, frame, since), where, take_in)
    write_joined(folder / "pages.parquet", PAGES, (part.file for part in parts))
    if not failures:
        remove_parts(folder / _PARTS)
    report.failures = sorted([*report.failures, *failures])
    return report


def _list(
    folder: Path,
    files: list[str],
    frame: Frame,
    captures: CaptureList,
    report: ExtractReport,
    progress: Callable[[str], None],
    where: Where,
) -> None:
    """List the pages of all files of the archive. Raises ArchiveError when not one of them can be read."""
    logged, elsewhere = _log(folder)
    sites = {site: agency.id for site, agency in frame.agency_of_site().items()}
    jobs = (Listing(str(folder), file, {} if file in logged else sites, file in logged) for file in files)
    unreadable = []
    for number, done in enumerate(work_on(list_file, jobs, where), 1):
        progress(f"read {done.part.file} ({number} of {len(files)})")
        if done.result is None:
            unreadable.append(done.problem)
            continue
        captures.add(done.part.file, done.result.pages)
        report.failures += [f"archive/{item.warc_file}: {item.problem}" for item in done.result.damage]
    if len(unreadable) == len(files):
        raise ArchiveError(min(unreadable))
    report.failures += unreadable
    for file, page in elsewhere:
        captures.add(file, [page])


def _log(folder: Path) -> tuple[frozenset[str], list[tuple[str, tuple[str, str, str, int]]]]:
    """The WARC files that the fetch log knows, and the pages whose record is in an earlier audit's file."""
    path = folder / "fetches.parquet"
    if not path.exists():
        return frozenset(), []
    names = pq.read_table(readable(path), columns=["warc_file"]).column("warc_file").unique().to_pylist()
    moved = [name for name in names if "/" in name]
    columns = ["agency", "url", "kind", "outcome", "time", "warc_file", "warc_offset"]
    rows = pq.read_table(readable(path), columns=columns, filters=[("warc_file", "in", moved)]) if moved else None
    return frozenset(names), [
        (row["warc_file"], (row["agency"], row["url"], row["time"], row["warc_offset"]))
        for row in (rows.to_pylist() if rows is not None else ())
        if row["kind"] == "page" and row["outcome"] in READ
    ]


def _parts(folder: Path, captures: CaptureList, frame: Frame, since: Path | None) -> Iterator[Part]:
    known = {agency.id: agency for agency in frame.agencies}
    for number, groups in enumerate(captures.shares(), 1):
        agencies = {group.agency: known[group.agency] for group in groups if group.agency in known}
        yield Part(str(folder), number, groups, agencies, str(since) if since else "", coder_digest())


def extract_part(part: Part) -> ExtractReport:
    """Write the rows of a part; what was done before is not done again.

    Raises ClusterError on a worker that has another coder or codebook than who ordered the part.
    """
    check_coder(part.rests_on)
    file = part.file
    if file.exists():
        return _report_of(file)
    report = ExtractReport()
    since = folder_of(part.since) if part.since else None

    def write(stream: IO[bytes]) -> None:
        with pq.ParquetWriter(stream, PAGES, compression="zstd") as writer:
            for group in part.groups:
                before = codings_of(since / "pages.parquet", group.agency) if since else {}
                pages = _read_group(folder_of(part.folder), group, report)
                rows = _site_rows(part.agencies.get(group.agency), pages, report, before)
                report.pages += len(rows)
                report.relevant += sum(row["relevant"] for row in rows)
                if rows:
                    writer.write_table(pa.Table.from_pylist(rows, schema=PAGES))
            writer.add_key_value_metadata({"report": json.dumps(asdict(report))})

    write_atomically(file, write)
    return report


def _report_of(file: Path) -> ExtractReport:
    with file.open("rb") as stream:
        return ExtractReport(**json.loads(pq.ParquetFile(stream).metadata.metadata[b"report"]))


def _read_group(folder: Path, group: Group, report: ExtractReport) -> list[ReadPage]:
    """The pages of a group, in the order of their addresses. They are read in the order in which they lie on disk."""
    pages = []
    for name, same in groupby(sorted(group.captures), key=lambda place: place[0]):
        for offset, capture in captures_at(folder / "archive" / name, [start for _, start in same], name):
            if capture is None:
                report.failures.append(f"archive/{name}: no readable record at byte {offset}")
                continue
            page = _read_safely(capture, group.agency)
            if page is not None:
                pages.append(page)
    return sorted(pages, key=lambda page: page.capture.url)


def _read_safely(capture: Capture, agency: str) -> ReadPage | None:
    try:
        page = read_capture(capture, agency)
    except Exception as error:  # a page that our readers cannot bear is named and does not stop the rest
        page = ReadPage(capture, agency, "", "", [], f"could not be read: {problem_of(error)}")
    if page is not None:
        page.capture = replace(capture, body=b"")  # the bodies of a whole site would fill the memory
    return page


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


def _site_rows(
    record: Agency | None, pages: list[ReadPage], report: ExtractReport, before: dict[str, str]
) -> list[dict[str, Any]]:
    """The rows of one site's pages; `record`: its agency, if known; `before`: codings of an earlier audit by keys."""
    expected = record.languages if record else []
    recurring = recurring_blocks(page.blocks for page in pages)
    texts: list[tuple[ReadPage, PageText, str]] = []
    for page in pages:
        text = assemble(page.title, mark_frame(page.blocks, recurring), page.declared_language)
        language = detect_language(text.main, page.declared_language, expected)
        texts.append((page, text, language))
        if page.problem:
            report.failures.append(f"{page.capture.url}: {page.problem}")
    legible = [(text, language) for _, text, language in texts if len(text.main) >= LEAST_TEXT]
    share = sum(speaks_of_exporting(t, lang) for t, lang in legible) / len(legible) if legible else 0.0
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
            report.coded_before += known is not None
            try:
                coding = (
                    from_text(known)
                    if known
                    else code_page(text, language, page.capture.url, row["site_share"], home=row["country"])
                )
            except Exception as error:  # a page that the coder cannot bear is named and does not stop the rest
                row["note"] = f"could not be coded: {problem_of(error)}"
                report.failures.append(f"{page.capture.url}: {row['note']}")
            else:
                row |= {"coding_key": key, "coding": known or as_text(coding)}
                row |= {"relevance": coding.relevance, "relevant": coding.relevant, "note": coding.note}
                row["review"] = coding.unsure
        rows.append(row)
    return rows


def _row(page: ReadPage, text: PageText, language: str, country: str, share: float) -> dict[str, Any]:
    return {
        "agency": page.agency,
        "country": country,
        "url": page.capture.url,
        "language": language,
        "title": text.title,
        "text": text.text,
        "blocks": [dict(vars(block)) for block in text.blocks],
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
