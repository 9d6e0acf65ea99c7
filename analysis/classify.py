"""The stage from pages.parquet to programmes, codings and evidence."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent

import pyarrow as pa

from analysis.codebook import Codebook, load_codebook
from analysis.coder import CODER, code_page
from analysis.coding import ProgrammeCoding, Quote
from analysis.extract import page_text_of
from analysis.kept_codings import coding_key, from_text
from analysis.model import UNSURE
from analysis.reviews import add_people
from analysis.tables import CODINGS, EVIDENCE, PAGES, PROGRAMMES, SOCIAL
from common.files import read_table, write_table
from common.text import plain

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


def classify(folder: Path, progress: Callable[[str], None] = lambda _: None) -> ClassifyReport:
    """Code the relevant pages of an audit and write its programmes, codings and evidence.

    Raises AuditFolderError when pages.parquet is missing or of another version.
    """
    pages = read_table(folder / "pages.parquet", PAGES).to_pylist()
    by_agency: defaultdict[str, list[FoundProgramme]] = defaultdict(list)
    for page in pages:
        if page["relevant"]:
            by_agency[page["agency"]] += find_programmes(page)
    codebook = load_codebook()
    programmes: list[dict[str, Any]] = []
    codings: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    for agency in sorted(by_agency):
        progress(f"programmes of {agency}")
        for identity, group in join_programmes(agency, by_agency[agency]):
            programmes.append(_programme_row(identity, group))
            codings += _coding_rows(identity, group, codebook)
            evidence += _evidence_rows(identity, group)
    write_table(folder / "programmes.parquet", pa.Table.from_pylist(programmes, schema=PROGRAMMES))
    write_table(folder / "codings.parquet", pa.Table.from_pylist(codings, schema=CODINGS))
    add_people(folder)
    write_table(folder / "evidence.parquet", pa.Table.from_pylist(evidence, schema=EVIDENCE))
    return ClassifyReport(len(programmes), len(codings), len(evidence))


def find_programmes(page: dict[str, Any]) -> list[FoundProgramme]:
    """The programmes on one page of pages.parquet."""
    if page["coding"] and page["coding_key"] == coding_key(page):
        coding = from_text(page["coding"])
    else:  # another coder or codebook than the one that read the page
        coding = code_page(page_text_of(page), page["language"], page["url"], page["site_share"])
    return [FoundProgramme(page, found, len(coding.programmes) == 1) for found in coding.programmes]


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

    Source: URL Fragment Text Directives, WICG. Long quotations are named by their beginning and end.
    """
    if url.lower().split("?")[0].endswith(".pdf"):
        return url
    words = quote.split()
    if len(quote) <= LONGEST_FRAGMENT or len(words) < 12:
        text = _directive(" ".join(words))
    else:
        text = f"{_directive(' '.join(words[:5]))},{_directive(' '.join(words[-5:]))}"
    return f"{url.split('#')[0]}#:~:text={text}"


def _directive(text: str) -> str:
    # the characters that have a meaning in a directive are written as percent codes too
    return percent(text, safe="").replace("-", "%2D")
