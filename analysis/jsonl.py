"""Coding pages without an audit: JSON lines in, JSON lines out (the format is fixed in DESIGN and docs/formats.md)."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from analysis.codebook import load_codebook
from analysis.coder import code_page
from analysis.coding import PageCoding, Quote
from analysis.html_text import read_html
from analysis.language import detect_language
from analysis.page import PageText, RawBlock, assemble, blocks_from_text, mark_frame
from analysis.relevance import speaks_of_exporting
from analysis.site import block_keys, recurring
from common.errors import DataFileError
from common.frame import site_of

LEAST_SITE = 5  # pages of one host from which what recurs on them tells something


@dataclass(frozen=True)
class BadLine:
    """A line that could not be read."""

    number: int
    problem: str


@dataclass(frozen=True)
class Site:
    """What is known of a host from all lines of the input."""

    recurring: frozenset[str] = frozenset()
    share: float = 0.0


def classify_lines(source: Path, target: IO[str]) -> tuple[int, list[BadLine]]:
    """Code each line of a file, in its order; the number of lines coded, and those that could not be read.

    Lines of one host are seen together first, so that its menus and footers are known. Raises DataFileError
    when the file cannot be read at all.
    """
    sites = _sites(source)
    bad: list[BadLine] = []
    coded = 0
    for entry in _entries(source):
        if isinstance(entry, BadLine):
            bad.append(entry)
            continue
        blocks, title, declared = _blocks(entry)
        site = sites.get(site_of(entry.get("url") or ""), Site())
        page = assemble(title, mark_frame(blocks, site.recurring), declared)
        coding = code_entry(page, entry, site.share)
        target.write(json.dumps(output_of(entry["id"], coding), ensure_ascii=False) + "\n")
        coded += 1
    return coded, bad


def code_entry(page: PageText, entry: dict[str, Any], share: float) -> PageCoding:
    """Code one page; a language that the line names is believed."""
    language = (entry.get("lang") or "").split("-")[0].lower()
    if not language:
        language = detect_language(page.main, page.declared_language)
    return code_page(page, language, entry.get("url") or "", share, home=entry.get("country") or "")


def output_of(identity: Any, coding: PageCoding) -> dict[str, Any]:
    """A page's coding in the fixed format."""
    codebook = load_codebook()
    audience = {name for programme in coding.programmes for name in programme.audience}
    measures = [m.measure for m in coding.measures]
    named = {b.barrier: b.evidence for programme in reversed(coding.programmes) for b in programme.barriers}
    return {
        "id": identity,
        "lang": coding.language,
        "relevant": coding.relevant,
        "measures": [
            {"measure": m.measure, "confidence": m.confidence, "evidence": _quotes(m.evidence)} for m in coding.measures
        ],
        "social": {
            "level": int(coding.social.level),
            "label": codebook.level_label(coding.social.level),
            "confidence": coding.social.confidence,
            "evidence": _quotes(coding.social.evidence),
        },
        "audience": [name for name in codebook.audiences if name in audience],
        "barriers": [b for b in codebook.barriers if b in {*named, *codebook.barriers_of(measures)}],
    } | _further(coding, named, measures)


def _further(coding: PageCoding, named: dict[str, tuple[Quote, ...]], measures: list[str]) -> dict[str, Any]:
    """What is said beside the fixed format, where there is something to say."""
    further: dict[str, Any] = {}
    if named:
        further["barriers_named"] = [{"barrier": name, "evidence": _quotes(quotes)} for name, quotes in named.items()]
    if coding.unsure:
        further["review"] = True
        further["doubtful"] = [
            {"measure": m.measure, "confidence": m.confidence, "evidence": _quotes(m.evidence)}
            for programme in coding.programmes
            for m in programme.doubtful
            if m.measure not in measures
        ]
    if coding.note:
        further["note"] = coding.note
    return further


def _quotes(quotes: tuple[Quote, ...]) -> list[dict[str, Any]]:
    return [{"quote": quote.quote, "start": quote.start, "end": quote.end} for quote in quotes]


def _entries(source: Path) -> Iterator[dict[str, Any] | BadLine]:
    try:
        with source.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield _entry(number, line)
    except OSError as error:
        raise DataFileError(f"{source}: cannot be read: {error.strerror}") from None


def _entry(number: int, line: bytes) -> dict[str, Any] | BadLine:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return BadLine(number, f"not JSON: {str(error)[:80]}")
    if not isinstance(value, dict) or "id" not in value:
        return BadLine(number, "must be an object with an 'id'")
    for key in ("html", "text", "title", "lang", "url", "country"):
        if value.get(key) is not None and not isinstance(value[key], str):
            return BadLine(number, f"'{key}' must be text")
    if value.get("html") is None and value.get("text") is None:
        return BadLine(number, "has neither 'html' nor 'text'")
    # lone surrogates are valid in JSON but in no text file
    return {k: v.encode("utf-8", "replace").decode("utf-8") if isinstance(v, str) else v for k, v in value.items()}


def _blocks(entry: dict[str, Any]) -> tuple[list[RawBlock], str, str]:
    if entry.get("html") is not None:
        html = read_html(entry["html"])
        return html.blocks, entry.get("title") or html.title, html.language
    return blocks_from_text(entry["text"]), entry.get("title") or "", ""


def _sites(source: Path) -> dict[str, Site]:
    """The hosts with several pages in the input, and what recurs on them."""
    pages: Counter[str] = Counter()
    exporting: Counter[str] = Counter()
    keys: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for entry in _entries(source):
        if isinstance(entry, BadLine) or not (site := site_of(entry.get("url") or "")):
            continue
        blocks, title, declared = _blocks(entry)
        pages[site] += 1
        keys[site].update(block_keys(block for block in blocks if not block.frame))
        page = assemble(title, blocks, declared)
        language = detect_language(page.main, declared or (entry.get("lang") or ""))
        exporting[site] += speaks_of_exporting(page, language)
    return {
        site: Site(recurring(keys[site], count), exporting[site] / count)
        for site, count in pages.items()
        if count >= LEAST_SITE
    }
