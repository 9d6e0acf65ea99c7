import copy
import shutil
import subprocess

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.matrix import read_audit
from reports.cells import LONGEST_CELL, safe_text
from reports.workbook import write_workbook

SHEETS = [
    "Summary",
    "Gap matrix",
    "Social media",
    "Programmes",
    "Evidence",
    "Prevalence",
    "Coverage",
    "Codebook",
    "About",
]
HOSTILE = [
    '=HYPERLINK("http://evil")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "a\x00b\x0b",
    "x" * 40_000,
    "\u202eevil",
    "<xml>&amp;",
]


@pytest.fixture(scope="module")
def audit(demo_audit):
    return read_audit(demo_audit)


@pytest.fixture(scope="module")
def book(demo_audit):
    return openpyxl.load_workbook(demo_audit / "reports" / "gap_matrix.xlsx")


def test_sheets_and_their_set_up(book):
    assert book.sheetnames == SHEETS
    for name in ("Gap matrix", "Programmes", "Evidence", "Coverage"):
        assert book[name].freeze_panes
        assert book[name].auto_filter.ref
        assert book[name].print_title_rows


def test_the_matrix_counts_the_programmes(book, audit):
    sheet = book["Gap matrix"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=2, max_row=len(audit.agencies) + 1)}
    for view in audit.agencies:
        for column, measure in enumerate(audit.codebook.measures, 2):
            shown = rows[view.agency.name][column].value
            assert shown in (view.count(measure), "0", "?", "blocked")
            if view.count(measure):
                assert shown == view.count(measure)


def test_a_closed_site_is_blocked_and_not_empty(book):
    row = next(r for r in book["Gap matrix"].iter_rows(min_row=2) if r[1].value == "Isles of Merrow Export Board")
    assert {cell.value for cell in row[2:17]} == {"blocked"}
    assert row[18].value == "not assessable"


def test_every_quotation_links_to_its_place(book):
    for row in list(book["Evidence"].iter_rows(min_row=2))[:50]:
        link = row[4].hyperlink
        assert link is not None
        assert "#:~:text=" in link.target or link.location or ".pdf" in link.target


def test_nothing_from_a_page_becomes_a_formula(audit, tmp_path):
    hostile = copy.deepcopy(audit)
    programmes = [p for view in hostile.agencies for p in view.programmes]
    for number, text in enumerate(HOSTILE):
        programmes[number].row["name"] = programmes[number].row["description"] = text
        programmes[number].evidence[0]["quote"] = text
    write_workbook(hostile, tmp_path / "hostile.xlsx")
    read = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    cells = [cell for sheet in read for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    shown = {cell.value for cell in cells}
    assert {text for text in HOSTILE if len(text) < 1000 and "\x00" not in text} <= shown
    assert max(len(str(cell.value)) for cell in cells) <= LONGEST_CELL + 10


@settings(max_examples=100)
@given(st.text())
def test_text_stays_text(text):
    safe = safe_text(text)
    assert isinstance(safe, str)
    assert len(safe) == len(text) or len(text) > LONGEST_CELL


@pytest.mark.office
def test_libreoffice_opens_it(demo_audit, tmp_path):
    soffice = shutil.which("soffice")
    assert soffice
    subprocess.run(
        [soffice, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf", "--outdir",
         str(tmp_path), str(demo_audit / "reports" / "gap_matrix.xlsx")],
        check=True, timeout=180, capture_output=True,
    )  # fmt: skip
    assert (tmp_path / "gap_matrix.pdf").read_bytes()[:5] == b"%PDF-"
