"""The benchmark of one agency as a workbook, and in a few lines."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from analysis.benchmark import Benchmark, Comparison, Standing
from analysis.codebook import Codebook, load_codebook
from analysis.coding import SocialLevel
from analysis.tables import SOCIAL
from common.files import write_atomically
from reports.cells import FACE, fit_rows, link, put, set_up_page, table

_FILLS = {
    Standing.GAP: PatternFill("solid", fgColor="FBE3B5"),
    Standing.ALONE: PatternFill("solid", fgColor="BFDDF2"),
    Standing.UNKNOWN: PatternFill("lightUp", fgColor="9A9A9A", bgColor="F4F4F4"),
}


def benchmark_lines(result: Benchmark) -> list[str]:
    """What a reader wants to know first."""
    codebook = load_codebook()
    own, peers = result.agency, result.peers
    lines = [
        f"{own.agency.name} ({own.agency.country}) against {len(peers)} peers ({result.how}): "
        + ", ".join(view.agency.name for view in peers)
    ]
    for standing, words in (
        (Standing.GAP, "most peers offer, and it does not"),
        (Standing.ALONE, "it alone offers"),
        (Standing.UNKNOWN, "cannot be said, too little was read"),
    ):
        found = [row for row in result.measures if row.standing is standing]
        if found:
            named = "; ".join(f"{_label(codebook, row)} ({row.peers.yes} of {row.peers.of} peers)" for row in found)
            lines.append(f"{words}: {named}")
    social = [row for row in result.measures if row.peers_social]
    lines.append(
        "peers use social media in: " + "; ".join(f"{_label(codebook, row)} ({row.peers_social})" for row in social)
        if social
        else "no peer makes social media a part of what firms get"
    )
    lines.append(f"verdict on {own.agency.name}: {own.verdict.value}; coverage: {own.coverage.in_words()}")
    if len(peers) < 10:
        lines.append("there are few peers: the intervals of their shares are wide, see the sheet")
    return lines


def write_benchmark(result: Benchmark, path: Path) -> None:
    """Write the workbook. Raises AuditFolderError when it cannot be written."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _measures(book.create_sheet("Measures"), result)
    _examples(book.create_sheet("Examples of peers"), result)
    _about(book.create_sheet("About"), result)
    for sheet in book.worksheets:
        fit_rows(sheet)
        set_up_page(sheet)
    write_atomically(path, book.save)


def _measures(sheet: Worksheet, result: Benchmark) -> None:
    codebook = load_codebook()
    columns = [
        ("Measure", 34), (f"Programmes of {result.agency.agency.name}", 16), ("Its highest social level", 14),
        ("Peers that offer it", 11), ("Peers assessed", 11), ("Share", 9), ("from", 9), ("to", 9),
        ("Peers with social media in it", 14), ("Standing", 46),
    ]  # fmt: skip

    def rows() -> Iterable[Sequence[Any]]:
        for row in result.measures:
            interval = row.peers.interval
            level = "" if row.level is None else f"{int(row.level)} {codebook.level_label(row.level)}"
            yield (
                _label(codebook, row), row.programmes, level, row.peers.yes, row.peers.of, row.peers.value,
                interval.low, interval.high, row.peers_social, row.standing.value,
            )  # fmt: skip

    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    sheet.row_dimensions[1].height = 60
    for number, row in enumerate(result.measures, 2):
        for column in (6, 7, 8):
            sheet.cell(number, column).number_format = "0%"
        if row.standing in _FILLS:
            sheet.cell(number, 10).fill = _FILLS[row.standing]


def _examples(sheet: Worksheet, result: Benchmark) -> None:
    codebook = load_codebook()
    columns = [("Measure", 30), ("Peer", 28), ("Programme", 36), ("Social level", 14), ("Quotation", 80), ("Page", 44)]
    found = [(row, view, p) for row in result.measures for view, p in row.examples]

    def rows() -> Iterable[Sequence[Any]]:
        for row, view, p in found:
            code = SOCIAL if p.social >= SocialLevel.COMPONENT else row.measure
            level = f"{int(p.social)} {codebook.level_label(p.social)}"
            yield _label(codebook, row), view.agency.name, p.row["name"], level, p.quotation(code), p.row["url"]

    table(sheet, [c[0] for c in columns], [c[1] for c in columns], rows())
    for number, (_, _, p) in enumerate(found, 2):
        link(sheet.cell(number, 6), p.row["url"])


def _about(sheet: Worksheet, result: Benchmark) -> None:
    sheet.column_dimensions["A"].width = 120
    put(sheet, 1, 1, "Benchmark").font = Font(name=FACE, bold=True, size=14)
    notes = [
        *benchmark_lines(result),
        "Shares are of the peers of which it can be said whether they offer the measure; 95 % intervals (Wilson 1927).",
        "Most peers: half of them or more. Agencies of which nothing could be read are no peers.",
    ]
    for row, text in enumerate(notes, 3):
        put(sheet, row, 1, text[:1].upper() + text[1:])


def _label(codebook: Codebook, row: Comparison) -> str:
    return codebook.measures[row.measure].label
