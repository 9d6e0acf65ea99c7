import shutil
import subprocess

import openpyxl
import pytest
from click.testing import CliRunner

from analysis.coding import SocialLevel
from analysis.matrix import read_audit
from common.errors import ReviewError
from common.files import file_digest
from gapaudit.cli import cli
from reports.changed_workbook import read_changes


@pytest.fixture
def audit(demo_audit, tmp_path):
    return shutil.copytree(demo_audit, tmp_path / "audit")


def changed(audit, change):
    """The audit's workbook with a change: (sheet, places of columns) -> what was done."""
    path = audit / "reports" / "gap_matrix.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Programmes"]
    change(sheet, {str(cell.value): cell.column for cell in sheet[1]})
    book.save(path)
    return path


def dedicated_no_more(sheet, places):
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, places["social_level"]).value == 4:
            sheet.cell(row, places["social_level"]).value = 2
    sheet.cell(2, places["counted"]).value = 0


def test_changes_come_back_as_a_persons_decisions(audit):
    before = read_audit(audit)
    first = before.programmes[0].row["programme"]
    path = changed(audit, dedicated_no_more)
    done = CliRunner().invoke(cli, ["review", "import", str(audit), str(path), "--coder", "Anna"])
    assert done.exit_code in (0, 1), done.output
    after = read_audit(audit)
    assert not [p for p in after.programmes if p.social == SocialLevel.DEDICATED]
    assert first not in [p.row["programme"] for p in after.programmes]
    assert any("Anna" in p.coder for p in after.programmes)
    # the file that was changed is kept, and the new one says what was decided
    assert (audit / "reports" / "gap_matrix-changed-1.xlsx").exists()
    book = openpyxl.load_workbook(path, data_only=True)
    assert {row[0].value: row[1].value for row in book["Summary"].iter_rows()}["dedicated programme"] == 0


@pytest.mark.office
def test_changes_survive_libreoffice(audit, tmp_path):
    path = changed(audit, dedicated_no_more)
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=180)
    digest = file_digest(audit / "audit.toml")
    assert read_changes(tmp_path / path.name, digest, "Anna") == read_changes(path, digest, "Anna") != []


def test_nothing_changed_is_nothing(audit):
    assert read_changes(audit / "reports" / "gap_matrix.xlsx", file_digest(audit / "audit.toml"), "Anna") == []


def test_sorting_changes_nothing(audit):
    def turned_round(sheet, places):
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value

    path = changed(audit, turned_round)
    assert read_changes(path, file_digest(audit / "audit.toml"), "Anna") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sheet, places: setattr(sheet.cell(3, places["logistics"]), "value", 7), "must be a number from 0 to 1"),
        (lambda sheet, places: setattr(sheet.cell(3, places["social_level"]), "value", "x"), "a number from 0 to 4"),
        (lambda sheet, places: sheet.delete_rows(4), "is missing"),
        (lambda sheet, places: setattr(sheet.cell(3, places["Id"]), "value", "other"), "is no programme of this"),
        (lambda sheet, places: setattr(sheet.cell(1, places["finance"]), "value", "money"), "has no column 'finance'"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_taken_in(audit, change, said):
    path = changed(audit, change)
    with pytest.raises(ReviewError, match=said):
        read_changes(path, file_digest(audit / "audit.toml"), "Anna")
    done = CliRunner().invoke(cli, ["review", "import", str(audit), str(path), "--coder", "Anna"])
    assert said in str(done.exception)
    assert not (audit / "reviews.parquet").exists()


def test_somebody_must_have_changed_it(audit):
    path = audit / "reports" / "gap_matrix.xlsx"
    done = CliRunner().invoke(cli, ["review", "import", str(audit), str(path)])
    assert "--coder NAME" in str(done.exception)


def test_another_audits_workbook(audit):
    with pytest.raises(ReviewError, match="belongs to another audit"):
        read_changes(audit / "reports" / "gap_matrix.xlsx", "0", "Anna")


def test_a_changed_workbook_is_never_written_over(audit):
    path = changed(audit, dedicated_no_more)
    digest = file_digest(path)
    done = CliRunner().invoke(cli, ["report", str(audit)])
    assert "kept as" in done.output + done.stderr
    assert file_digest(audit / "reports" / "gap_matrix-changed-1.xlsx") == digest
