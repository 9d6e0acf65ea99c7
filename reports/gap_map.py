"""gap_map.html: the matrix and the evidence behind each cell, in one file that opens from disk without a network."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from analysis.matrix import AgencyView, Audit, ProgrammeView
from analysis.tables import SOCIAL
from analysis.verdicts import Cell, cell
from common.files import write_text
from common.income import income_group
from common.regions import country_name, regions_of
from reports.evidence_pages import page_name
from reports.words import answer, headline

_SCRIPTS = ("data.js", "address.js", "export.js", "view.js")  # one scope, in this order
_LIBRARY = "vendor/htm-preact-3.1.1.js"
_EMPTY = {Cell.NONE_FOUND: "none", Cell.UNKNOWN: "unknown", Cell.BLOCKED: "blocked"}


def write_gap_map(audit: Audit, path: Path) -> None:
    """Write the map.

    The audit stands in it as compressed JSON, which is data for the browser: nothing from a page can become code, and
    the Content-Security-Policy lets only the scripts run whose hashes it names. Raises AuditFolderError when the file
    cannot be written.
    """
    folder = files("reports") / "map"
    scripts = [
        (folder / _LIBRARY).read_text(encoding="utf-8"),
        '"use strict";\n' + "\n".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    ]
    style = (folder / "style.css").read_text(encoding="utf-8")
    environment = Environment(loader=PackageLoader("reports"), autoescape=True, trim_blocks=True)
    html = environment.get_template("gap_map.html.j2").render(
        headline=headline(audit),
        sentences=answer(audit),
        style=style,
        style_hash=_hash(style),
        scripts=scripts,
        hashes=" ".join(f"'{_hash(script)}'" for script in scripts),
        data=_packed(map_data(audit)),
    )
    write_text(path, html)


def map_data(audit: Audit) -> dict[str, Any]:
    """What the scripts show. Programmes name agencies, pages, measures and codes by their numbers in the lists."""
    book = audit.codebook
    measures = list(book.measures)
    codes = [*measures, *book.barriers]
    pages: dict[str, int] = {}
    records: list[list[Any]] = []
    archives: dict[str, int] = {}

    def page_number(url: str, row: dict[str, Any] | None) -> int:
        if url not in pages:
            pages[url] = len(records)
            records.append([url, page_name(url), 0, 0, ""])
        record = records[pages[url]]
        if row is not None and not record[4]:
            number = archives.setdefault(str(row["warc_file"]), len(archives))
            record[2:] = [number, row["warc_offset"], row["time"]]
        return pages[url]

    numbers = {view.agency.id: number for number, view in enumerate(audit.agencies)}
    programmes = []
    for p in audit.programmes:
        quotes = [_quote(e, codes, page_number(e["url"], e)) for e in p.evidence]
        programmes.append(_programme(p, numbers[p.row["agency"]], measures, page_number(p.row["url"], None), quotes))
    return {
        "headline": headline(audit),
        "measures": [{"id": m.id, "label": m.label} for m in book.measures.values()],
        "levels": [{"label": e.label, "meaning": e.meaning} for e in book.levels],
        "barriers": [
            {"id": b.id, "label": b.label, "measures": [n for n, m in enumerate(measures) if _lowers(audit, m, b.id)]}
            for b in book.barriers.values()
        ],
        "codes": [*(m.label for m in book.measures.values()), *(f"Barrier: {b.label}" for b in book.barriers.values())],
        "names": {name: name.replace("_", " ") for name in (*book.audiences, *book.instruments)}
        | {code: language.name for code, language in book.languages.items()},
        "agencies": [_agency(view) for view in audit.agencies],
        "programmes": programmes,
        "pages": records,
        "files": list(archives),
        "changes": _changes(audit.folder / "reports" / "compare.json"),
    }


def _lowers(audit: Audit, measure: str, barrier: str) -> bool:
    return barrier in audit.codebook.measures[measure].barriers


def _agency(view: AgencyView) -> dict[str, Any]:
    a = view.agency
    return {
        "id": a.id, "name": a.name, "country": a.country, "countryName": country_name(a.country),
        "regions": list(regions_of(a.country)), "income": income_group(a.country), "kind": a.kind,
        "verdict": view.verdict.value, "grade": view.coverage.grade.value, "coverage": view.coverage.in_words(),
        "empty": _EMPTY[cell(0, view.coverage)],
    }  # fmt: skip


def _programme(
    p: ProgrammeView, agency: int, measures: list[str], page: int, quotes: Iterable[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "a": agency, "name": p.row["name"], "description": p.row["description"], "page": page,
        "m": [[measures.index(name), round(confidence, 3)] for name, confidence in p.measures.items()],
        "level": int(p.social), "confidence": round(p.social_confidence, 3), "audience": list(p.row["audience"]),
        "instruments": list(p.row["instruments"]), "status": p.row["status"], "language": p.row["language"],
        "coder": p.coder, "q": list(quotes),
    }  # fmt: skip


def _quote(row: dict[str, Any], codes: list[str], page: int) -> dict[str, Any]:
    """One quotation; its code is a number in `codes`, -1 for social media."""
    fragment = row["link"].removeprefix(row["url"]) if row["link"].startswith(row["url"]) else ""
    return {
        "code": -1 if row["code"] == SOCIAL else codes.index(row["code"]), "quote": row["quote"], "page": page,
        "start": row["start"], "end": row["end"], "fragment": fragment,
    }  # fmt: skip


def _changes(path: Path) -> dict[str, Any] | None:
    """What `gap-audit compare` found, where it was asked for this audit."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if {"before", "counts", "programmes", "agencies"} <= found.keys() else None


def _packed(data: dict[str, Any]) -> str:
    """Compressed JSON in base64: no character of it means anything in HTML. Equal data gives equal text."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(gzip.compress(text, 9, mtime=0)).decode("ascii")


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
