import copy
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.matrix import read_audit
from analysis.verdicts import verdict
from reports.cells import LONGEST_CELL, safe_text
from reports.workbook import evidence, write_workbook

SHEETS = [
    "Summary",
    "Charts",
    "Gap matrix",
    "Social media",
    "Barriers",
    "Programmes",
    "Evidence",
    "Prevalence",
    "Coverage",
    "Review",
    "Codebook",
    "About",
    "Counts",
    "_audit",
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
    """The workbook as a viewer that does not calculate shows it."""
    return openpyxl.load_workbook(demo_audit / "reports" / "gap_matrix.xlsx", data_only=True)


def recalculated(path, tmp_path):
    """A workbook without stored results, as LibreOffice calculates it."""
    bare = tmp_path / "bare.xlsx"
    openpyxl.load_workbook(path).save(bare)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "out"), str(bare)],
        check=True, timeout=180, capture_output=True,
    )  # fmt: skip
    return openpyxl.load_workbook(tmp_path / "out" / "bare.xlsx", data_only=True)


def formulas(path):
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            yield from ((sheet.title, cell.coordinate) for cell in row if cell.data_type == "f")


def alike(one, other):
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-9
    return (one or "") == (other or "")


def test_sheets_and_their_set_up(book):
    assert book.sheetnames == SHEETS
    for name in ("Gap matrix", "Programmes", "Evidence", "Coverage"):
        assert book[name].freeze_panes
        assert book[name].auto_filter.ref or book[name].tables
        assert book[name].print_title_rows


def test_no_pane_of_a_sheet_has_two_selections(demo_audit):
    """Excel takes such a file for damaged."""
    with zipfile.ZipFile(demo_audit / "reports" / "gap_matrix.xlsx") as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/sheet"):
                panes = re.findall(r'<selection [^>]*pane="(\w+)"', book.read(name).decode())
                assert len(panes) == len(set(panes)), name


def test_the_matrix_counts_the_programmes(book, audit):
    sheet = book["Gap matrix"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=2, max_row=len(audit.agencies) + 1)}
    for view in audit.agencies:
        for column, measure in enumerate(audit.codebook.measures, 2):
            shown = rows[view.agency.name][column].value
            assert shown in (view.count(measure), "?", "blocked")
            if view.count(measure):
                assert shown == view.count(measure)


@pytest.mark.parametrize("sheet", ["Gap matrix", "Social media"])
def test_each_cell_leads_to_its_programmes(book, audit, sheet):
    for row, view in enumerate(audit.agencies, 2):
        for column, measure in enumerate(audit.codebook.measures, 3):
            cell = book[sheet].cell(row, column)
            if view.count(measure):
                place = cell.hyperlink.location.rpartition("!C")[2]
                assert book["Programmes"].cell(int(place), 2).value == view.agency.name
            else:
                assert cell.hyperlink is None


def test_a_closed_site_is_blocked_and_not_empty(book):
    row = next(r for r in book["Gap matrix"].iter_rows(min_row=2) if r[1].value == "Isles of Merrow Export Board")
    assert {cell.value for cell in row[2:17]} == {"blocked"}
    assert row[18].value == "not assessable"


def test_many_quotations_link_by_formulas_that_no_address_can_break(audit, tmp_path, monkeypatch):
    monkeypatch.setattr(evidence, "MOST_LINKS", 1)
    hostile = copy.deepcopy(audit)
    links = ['https://a.example/"&WEBSERVICE("x")&"', "https://a.example/" + "x" * 300, "javascript:alert(1)"]
    rows = [e for p in hostile.programmes for e in p.evidence]
    for row, address in zip(rows, links, strict=False):
        row["link"] = row["url"] = address
    write_workbook(hostile, tmp_path / "many.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "many.xlsx")["Evidence"]
    assert [sheet.cell(row, 5).value for row in (2, 3, 4)] == links
    assert all(sheet.cell(row, 5).data_type == "s" for row in (2, 3, 4))
    assert sheet.cell(5, 5).value.startswith(f'=HYPERLINK("{rows[3]["link"]}","')


def test_every_quotation_links_to_its_place(book):
    for row in list(book["Evidence"].iter_rows(min_row=2))[:50]:
        link = row[4].hyperlink
        assert link is not None
        assert "#:~:text=" in link.target or link.location or ".pdf" in link.target
        assert row[5].value == "open"


def test_nothing_from_a_page_becomes_a_formula(audit, tmp_path):
    hostile = copy.deepcopy(audit)
    programmes = [p for view in hostile.agencies for p in view.programmes]
    for number, text in enumerate(HOSTILE):
        programmes[number].row["name"] = programmes[number].row["description"] = text
        programmes[number].evidence[0]["quote"] = text
    write_workbook(hostile, tmp_path / "hostile.xlsx")
    read = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    cells = [cell for sheet in read for row in sheet.iter_rows() for cell in row]
    ours = {cell.value for cell in cells if cell.data_type == "f"}
    assert not [text for text in HOSTILE if text in ours or f"={text}" in ours]
    from_pages = [c for name in ("Programmes", "Evidence") for row in read[name].iter_rows() for c in row]
    written = [cell.value for cell in from_pages if cell.data_type == "f"]
    assert all(re.fullmatch(r'=HYPERLINK\("evidence/[0-9a-f]{20}\.html#q[0-9]+-[0-9]+","open"\)', f) for f in written)
    shown = {cell.value for cell in cells}
    assert {text for text in HOSTILE if len(text) < 1000 and "\x00" not in text} <= shown
    assert max(len(str(cell.value)) for cell in cells) <= LONGEST_CELL + 10


@pytest.mark.parametrize("agencies", ["all", "none"])
def test_an_audit_without_programmes(audit, tmp_path, agencies):
    views = [replace(view, programmes=[]) for view in audit.agencies] if agencies == "all" else []
    write_workbook(replace(audit, agencies=views), tmp_path / "empty.xlsx")
    book = openpyxl.load_workbook(tmp_path / "empty.xlsx", data_only=True)
    assert book.sheetnames == SHEETS
    shown = {
        cell.value for row in book["Gap matrix"].iter_rows(min_row=2, max_row=len(views) + 1) for cell in row[2:17]
    }
    assert shown <= {0, "?", "blocked", None}


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


def test_figures_equal_those_of_the_tables(book, audit):
    social = {row[1].value: row for row in book["Social media"].iter_rows(min_row=2, max_row=len(audit.agencies) + 1)}
    for view in audit.agencies:
        row = social[view.agency.name]
        levels = [view.top_level(measure) for measure in audit.codebook.measures]
        assert [cell.value for cell in row[2:17] if isinstance(cell.value, int)] == [x for x in levels if x is not None]
        assert row[17].value == view.verdict.value
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows() if row[0].value}
    for name, count in audit.verdict_counts().items():
        assert summary[name.value] == count
    barriers = {row[1].value: row[2].value for row in book["Barriers"].iter_rows(min_row=2)}
    for barrier in audit.codebook.barriers.values():
        lowering = [m.id for m in audit.codebook.measures.values() if barrier.id in m.barriers]
        assert barriers[barrier.label] == sum(any(m in p.measures for m in lowering) for p in audit.programmes)


@pytest.mark.office
def test_recalculated_every_figure_is_the_same(demo_audit, book, tmp_path):
    path = demo_audit / "reports" / "gap_matrix.xlsx"
    again = recalculated(path, tmp_path)
    places = list(formulas(path))
    assert len(places) > 1000
    assert not [(s, c) for s, c in places if not alike(book[s][c].value, again[s][c].value)]


@pytest.mark.office
def test_a_decision_changed_by_hand_changes_every_figure(demo_audit, audit, tmp_path):
    """The only dedicated programme of an agency is no programme after all; another one gets a measure."""
    view = next(
        v
        for v in audit.agencies
        if sorted(p.social for p in v.programmes)[-2:] == [2, 4]
        or (sum(p.social >= 3 for p in v.programmes) == 1 and max(p.social for p in v.programmes) == 4)
    )
    changed = openpyxl.load_workbook(demo_audit / "reports" / "gap_matrix.xlsx")
    sheet = changed["Programmes"]
    places = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, places["agency_id"]).value == view.agency.id:
            sheet.cell(row, places["logistics"]).value = 1
            if sheet.cell(row, places["social_level"]).value == 4:
                sheet.cell(row, places["counted"]).value = 0
    changed.save(tmp_path / "changed.xlsx")
    again = recalculated(tmp_path / "changed.xlsx", tmp_path)
    left = [p for p in view.programmes if p.social < 4]
    row = next(r for r in again["Gap matrix"].iter_rows(min_row=2) if r[1].value == view.agency.name)
    column = 2 + list(audit.codebook.measures).index("logistics")
    assert row[column].value == len(left)
    assert row[18].value == verdict([p.social for p in left], view.coverage).value != view.verdict.value
    summary = {r[0].value: r[1].value for r in again["Summary"].iter_rows() if r[0].value}
    assert summary["dedicated programme"] == audit.verdict_counts()[view.verdict] - 1
