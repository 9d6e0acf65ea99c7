"""gap_map.html: the matrix and the evidence behind each cell, in one file that opens from disk."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from analysis.coding import SocialLevel
from analysis.matrix import AgencyView, Audit
from analysis.tables import SOCIAL
from common.files import write_text
from reports.words import answer, headline


def write_gap_map(audit: Audit, path: Path) -> None:
    """Write the map. It holds no script, so that nothing from a page can run; cells are links within the file.

    Raises AuditFolderError when the file cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["web"] = lambda url: url if str(url).startswith(("http://", "https://")) else ""
    html = environment.get_template("gap_map.html.j2").render(
        headline=headline(audit),
        sentences=answer(audit),
        measures=list(audit.codebook.measures.values()),
        levels=audit.codebook.levels,
        agencies=[_agency(audit, view, number) for number, view in enumerate(audit.agencies)],
    )
    write_text(path, html)


def _agency(audit: Audit, view: AgencyView, number: int) -> dict[str, Any]:
    labels = {name: measure.label for name, measure in audit.codebook.measures.items()}
    labels[SOCIAL] = "Social media"
    return {
        "anchor": f"a{number}",
        "name": view.agency.name,
        "country": view.agency.country,
        "verdict": view.verdict.value,
        "grade": view.coverage.grade.value,
        "coverage": view.coverage.in_words(),
        "cells": [
            {
                "measure": measure,
                "anchor": f"a{number}-{measure}",
                "count": view.count(measure),
                "state": view.cell(measure).name.lower().replace("_", "-"),
                "words": view.cell(measure).value,
                "level": _level(view.top_level(measure)),
                "label": labels[measure],
                "programmes": [
                    {
                        "name": p.row["name"],
                        "url": p.row["url"],
                        "level": int(p.social),
                        "level_label": audit.codebook.level_label(p.social),
                        "confidence": p.measures[measure],
                        "coder": p.coder,
                        "quotes": [
                            {
                                "code": labels[e["code"]],
                                "quote": e["quote"],
                                "link": e["link"],
                                "archive": f"archive/{e['warc_file']}, byte {e['warc_offset']}",
                            }
                            for e in p.evidence
                            if e["code"] == measure or (e["code"] == SOCIAL and p.social >= SocialLevel.MENTION)
                        ],
                    }
                    for p in view.programmes
                    if measure in p.measures
                ],
            }
            for measure in audit.codebook.measures
        ],
    }


def _level(level: SocialLevel | None) -> int:
    return -1 if level is None else int(level)
