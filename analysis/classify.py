"""The stage from pages.parquet to programmes, codings and evidence."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.codebook import Codebook, load_codebook
from analysis.coder import CODER, code_page
from analysis.coding import ProgrammeCoding, Quote
from analysis.extract import page_text_of
from analysis.joining import UNSURE
from analysis.kept_codings import coder_digest, coding_key, from_text
from analysis.reviews import add_people, has_reviews
from analysis.stage import PARTS, check_coder, do_parts, part_name, remove_parts
from analysis.tables import CODINGS, EVIDENCE, PAGES, PROGRAMMES, SOCIAL
from common.files import check_table, text_digest, write_joined, write_table
from common.parts import HERE, Where
from common.storage import folder_of
from common.text import plain

_PARTS = f"{PARTS}/classify"
LONGEST_FRAGMENT = 300  # characters of a quotation that go into a link whole


@dataclass
class FoundProgramme:
    """A programme as one page describes it."""

    page: dict[str, Any]
    coding: ProgrammeCoding
    whole_page: bool  # the page is about nothing else


@dataclass
class ClassifyReport:
    """What the stage found."""

    programmes: int = 0
    codings: int = 0
    quotations: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, part: "ClassifyReport") -> None:
        """Take in what was found in a part."""
        self.programmes += part.programmes
        self.codings += part.codings
        self.quotations += part.quotations


@dataclass(frozen=True)
class Part:
    """A part of the stage: the pages of some whole agencies."""

    folder: str  # of the audit
    number: int
    row_groups: tuple[int, ...]  # of pages.parquet
    agencies: tuple[str, str]  # the first and the last
    rests_on: str  # the coder with its codebook and model, which every worker must have
    pages: str  # digest of what is known of pages.parquet

    @property
    def name(self) -> str:
        """What a person calls it."""
        return part_name(self.number, *self.agencies)

    @property
    def files(self) -> dict[str, Path]:
        """Where its rows go, by table."""
        stem = f"{self.number:06}-{text_digest([self.rests_on, self.pages, list(self.row_groups)])}"
        return {table: folder_of(self.folder) / _PARTS / f"{stem}-{table}.parquet" for table in _TABLES}


_TABLES = {"programmes": PROGRAMMES, "codings": CODINGS, "evidence": EVIDENCE}


def classify(folder: Path, progress: Callable[[str], None] = lambda _: None, where: Where = HERE) -> ClassifyReport:
    """Code the relevant pages of an audit and write its programmes, codings and evidence.

    `where` the parts of the work are done changes nothing about the tables. Parts that failed are named in the
    report, and done alone when the stage is run again. Raises AuditFolderError when pages.parquet is missing or of
    another version.
    """
    check_table(folder / "pages.parquet", PAGES)
    report = ClassifyReport()

    def take_in(done: ClassifyReport) -> None:
        report.add(done)
        progress(f"{report.programmes} programmes")

    parts, report.failures = do_parts(classify_part, _parts(folder), where, take_in)
    for table, schema in _TABLES.items():
        write_joined(folder / f"{table}.parquet", schema, (part.files[table] for part in parts))
    if has_reviews(folder):
        add_people(folder)
    if not report.failures:
        remove_parts(folder / _PARTS)
    return report


def _parts(folder: Path) -> Iterator[Part]:
    """Row groups of pages.parquet that hold whole agencies; an agency may have several."""
    with (folder / "pages.parquet").open("rb") as stream:
        table = pq.ParquetFile(stream).metadata
    column = table.schema.names.index("agency")
    spans = []
    for number in range(table.num_row_groups):
        statistics = table.row_group(number).column(column).statistics
        spans.append((number, statistics.min, statistics.max))
    pages = text_digest([table.num_rows, table.serialized_size, spans])
    groups: list[list[tuple[int, str, str]]] = []
    for span in spans:
        if groups and groups[-1][-1][2] == span[1]:
            groups[-1].append(span)
        else:
            groups.append([span])
    for number, group in enumerate(groups, 1):
        numbers = tuple(span[0] for span in group)
        yield Part(str(folder), number, numbers, (group[0][1], group[-1][2]), coder_digest(), pages)


def classify_part(part: Part) -> ClassifyReport:
    """Write the programmes, codings and evidence of a part; what was done before is not done again.

    Raises ClusterError on a worker that has another coder or codebook than who ordered the part.
    """
    check_coder(part.rests_on)
    files = part.files
    if all(file.exists() for file in files.values()):
        rows = {table: _rows_in(file) for table, file in files.items()}
        return ClassifyReport(rows["programmes"], rows["codings"], rows["evidence"])
    by_agency: defaultdict[str, list[FoundProgramme]] = defaultdict(list)
    with (folder_of(part.folder) / "pages.parquet").open("rb") as stream:
        table = pq.ParquetFile(stream)
        for number in part.row_groups:
            group = table.read_row_group(number)
            for page in group.filter(group.column("relevant")).to_pylist():
                by_agency[page["agency"]] += find_programmes(page)
    codebook = load_codebook()
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    for agency in sorted(by_agency):
        for identity, same in join_programmes(agency, by_agency[agency]):
            found["programmes"].append(_programme_row(identity, same))
            found["codings"] += _coding_rows(identity, same, codebook)
            found["evidence"] += _evidence_rows(identity, same)
    for name, schema in _TABLES.items():
        write_table(files[name], pa.Table.from_pylist(found[name], schema=schema))
    return ClassifyReport(len(found["programmes"]), len(found["codings"]), len(found["evidence"]))


def _rows_in(file: Path) -> int:
    with file.open("rb") as stream:
        return int(pq.ParquetFile(stream).metadata.num_rows)


_CODED = ("text", "blocks", "coding")  # of a page, not needed once its programmes are found


def find_programmes(page: dict[str, Any]) -> list[FoundProgramme]:
    """The programmes on one page of pages.parquet."""
    if page["coding"] and page["coding_key"] == coding_key(page):
        coding = from_text(page["coding"])
    else:  # another coder or codebook than the one that read the page
        coding = code_page(page_text_of(page), page["language"], page["url"], page["site_share"], home=page["country"])
    about = {name: value for name, value in page.items() if name not in _CODED}  # a large site's texts fill the memory
    return [FoundProgramme(about, found, len(coding.programmes) == 1) for found in coding.programmes]


def join_programmes(agency: str, found: Iterable[FoundProgramme]) -> list[tuple[str, list[FoundProgramme]]]:
    """Programmes of one agency with an id each; what several pages say of one is together, the fullest first.

    One programme is what has the same name, or what is announced under a longer one ('Applications open for
    the First Steps Fund') with at most one measure of its own, which news that say little may seem to have.
    """
    groups: dict[str, list[FoundProgramme]] = {}
    for item in sorted(found, key=lambda item: (item.page["url"], item.coding.start)):
        groups.setdefault(_name_key(item.coding.name), []).append(item)
    for key in sorted(groups, key=lambda key: (-len(key), key)):
        hosts = [
            other
            for other in groups
            if other != key
            and len(other) >= 10
            and f" {other} " in f" {key} "
            and _tells_of(_codes(groups[key]), _codes(groups[other]))
        ]
        if hosts:
            groups[max(hosts, key=len)] += groups.pop(key)
    taken: set[str] = set()
    joined = []
    for key in sorted(groups):
        group = sorted(groups[key], key=_fullness)
        slug = re.sub(r"[^a-z0-9]+", "-", plain(group[0].coding.name)).strip("-")[:60] or "programme"
        identity, number = f"{agency}/{slug}", 2
        while identity in taken:
            identity, number = f"{agency}/{slug}-{number}", number + 1
        taken.add(identity)
        joined.append((identity, group))
    return joined


def _name_key(name: str) -> str:
    words = re.findall(r"\w+", plain(name))
    while len(words) > 1 and words[0].isdigit():
        words.pop(0)
    return " ".join(words)


def _tells_of(news: set[str], programme: set[str]) -> bool:
    return len(news - programme) <= (1 if news & programme else 0)


def _codes(group: list[FoundProgramme]) -> set[str]:
    return {measure.measure for item in group for measure in item.coding.measures}


def _fullness(item: FoundProgramme) -> tuple[bool, int, str]:
    return (not item.whole_page, item.coding.start - item.coding.end, item.page["url"])


def _programme_row(identity: str, group: list[FoundProgramme]) -> dict[str, Any]:
    main = group[0]
    codebook = load_codebook()
    audience = {name for item in group for name in item.coding.audience}
    instruments = {name for item in group for name in item.coding.instruments}
    named = {barrier.barrier for item in group for barrier in item.coding.barriers}
    doubtful = {measure.measure for item in group for measure in item.coding.doubtful}
    return {
        "programme": identity,
        "agency": main.page["agency"],
        "country": main.page["country"],
        "name": main.coding.name,
        "description": main.coding.description,
        "url": main.page["url"],
        "urls": list(dict.fromkeys(item.page["url"] for item in group)),
        "language": main.page["language"],
        "audience": [name for name in codebook.audiences if name in audience],
        "instruments": [name for name in codebook.instruments if name in instruments],
        "status": main.coding.status,
        "barriers": [name for name in codebook.barriers if name in named],
        "doubtful": [name for name in codebook.measures if name in doubtful - _codes(group)],
        "start": main.coding.start,
        "end": main.coding.end,
    }


def _coding_rows(identity: str, group: list[FoundProgramme], codebook: Codebook) -> list[dict[str, Any]]:
    best: dict[str, float] = {}
    for item in group:
        for measure in item.coding.measures:
            best[measure.measure] = max(measure.confidence, best.get(measure.measure, 0.0))
    level = max((item.coding.social for item in group), key=lambda social: (social.level, social.confidence))
    shared = {
        "programme": identity,
        "agency": group[0].page["agency"],
        "coder": CODER,
        "codebook": f"{codebook.version} {codebook.digest}",
    }
    rows = [
        shared | {"code": measure, "value": 1, "confidence": best[measure], "review": best[measure] < UNSURE[1]}
        for measure in codebook.measures
        if measure in best
    ]
    unsure = level.confidence < UNSURE[1]
    rows.append(shared | {"code": SOCIAL, "value": int(level.level), "confidence": level.confidence, "review": unsure})
    return rows


def _evidence_rows(identity: str, group: list[FoundProgramme]) -> list[dict[str, Any]]:
    rows = []
    top = max(item.coding.social.level for item in group)
    for item in group:
        for measure in item.coding.measures:
            rows += [_evidence_row(identity, item.page, measure.measure, quote) for quote in measure.evidence]
        for barrier in item.coding.barriers:
            rows += [_evidence_row(identity, item.page, barrier.barrier, quote) for quote in barrier.evidence]
        if item.coding.social.level == top:
            rows += [_evidence_row(identity, item.page, SOCIAL, quote) for quote in item.coding.social.evidence]
    return rows


def _evidence_row(identity: str, page: dict[str, Any], code: str, quote: Quote) -> dict[str, Any]:
    return {
        "programme": identity,
        "agency": page["agency"],
        "code": code,
        "quote": quote.quote,
        "start": quote.start,
        "end": quote.end,
        "url": page["url"],
        "link": text_fragment(page["url"], quote.quote),
        "time": page["time"],
        "warc_file": page["warc_file"],
        "warc_offset": page["warc_offset"],
    }


def text_fragment(url: str, quote: str) -> str:
    """The address with a text fragment, on which browsers scroll to the quotation and mark it.

    Source: URL Fragment Text Directives, WICG. Long quotations and those of several paragraphs are named by their
    beginning and end.
    """
    if url.lower().split("?")[0].endswith(".pdf"):
        return url
    lines = [line.split() for line in quote.split("\n") if line.strip()]
    words = quote.split()
    # a directive is found within one paragraph only, unless it names a beginning and an end
    if len(lines) > 1 or (len(quote) > LONGEST_FRAGMENT and len(words) >= 12):
        text = f"{_directive(' '.join(lines[0][:5]))},{_directive(' '.join(lines[-1][-5:]))}"
    else:
        text = _directive(" ".join(words))
    return f"{url.split('#')[0]}#:~:text={text}"


def _directive(text: str) -> str:
    # the characters that have a meaning in a directive are written as percent codes too
    return percent(text, safe="").replace("-", "%2D")
