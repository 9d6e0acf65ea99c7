"""People's decisions out and in, on the demo's audit."""

import shutil
import subprocess

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from analysis.codebook import load_codebook
from analysis.coder import CODER
from analysis.matrix import read_audit
from analysis.reviews import elusion, final_decisions
from gapaudit.cli import cli
from gapaudit.review import export_reviews, import_reviews
from reports.words import answer, limits

LABELS = load_codebook().measures


@pytest.fixture
def audit(demo_audit, tmp_path):
    folder = tmp_path / "audit"
    shutil.copytree(demo_audit, folder, ignore=shutil.ignore_patterns("archive"))
    return folder


def columns(sheet):
    return {sheet.cell(1, column).value: column for column in range(1, sheet.max_column + 1)}


def fill(path, decide):
    """Fill a sheet: `decide` gives values by heading for the item of a row."""
    book = load_workbook(path)
    sheet = book["Coding"]
    places = columns(sheet)
    for row in range(2, sheet.max_row + 1):
        for heading, value in decide(sheet.cell(row, places["Id"]).value).items():
            sheet.cell(row, places[heading]).value = value
    book.save(path)
    return path


def yes(level):
    return {"Help for exporters?": "yes", "Social level": level}


def test_a_persons_decision_counts_and_the_machines_stays(audit):
    (path,), count = export_reviews(audit, ["Anna Ó"], "sample", 12, True, 1)
    assert path.name == "sample-anna-o.xlsx"
    sheet = load_workbook(path)["Coding"]
    sampled = {sheet.cell(row, columns(sheet)["Id"]).value for row in range(2, 2 + count)}
    programmes = {p.row["programme"]: p for p in read_audit(audit).programmes}
    target = next(name for name, p in programmes.items() if p.social == 4 and name in sampled)
    fill(path, lambda item: {"Social level": 2, LABELS["trade_visits"].label: "yes"} if item == target else {})
    (taken,), _, _ = import_reviews(audit, [path])
    assert (taken.decided, taken.left) == (count, 0)
    after = {p.row["programme"]: p for p in read_audit(audit).programmes}[target]
    assert after.social == 2
    assert "trade_visits" in after.measures
    assert after.coder == "Anna Ó" or "Anna Ó" in after.coder.split(", ")
    rows = pq.read_table(audit / "codings.parquet").to_pylist()
    said = {r["coder"]: r["value"] for r in rows if r["programme"] == target and r["code"] == "social_media"}
    assert said == {CODER: 4, "person: Anna Ó": 2}
    # the stage run again keeps what people decided
    assert CliRunner().invoke(cli, ["classify", str(audit)]).exit_code == 0
    assert {p.row["programme"]: p for p in read_audit(audit).programmes}[target].social == 2


def test_the_sample_holds_rare_levels_and_blind_sheets_say_nothing_of_the_machine(audit):
    (path, other), count = export_reviews(audit, ["A", "B"], "sample", 20, False, 1)
    assert count == 20
    sheet = load_workbook(path)["Coding"]
    places = columns(sheet)
    ids = [sheet.cell(row, places["Id"]).value for row in range(2, 22)]
    levels = {p.row["programme"]: int(p.social) for p in read_audit(audit).programmes}
    assert {levels[item] for item in ids} == set(levels.values())
    assert not any(sheet.cell(row, places["Machine says"]).value for row in range(2, 22))
    assert [load_workbook(other)["Coding"].cell(row, places["Id"]).value for row in range(2, 22)] == ids


def test_two_coders_agree_and_differ(audit):
    paths, _ = export_reviews(audit, ["A", "B"], "sample", 30, False, 1)
    fill(paths[0], lambda item: yes(len(item) % 5))
    fill(paths[1], lambda item: yes(len(item) % 5 if len(item) % 3 else 0))
    _, _, found = import_reviews(audit, paths)
    people = next(row for row in found if row.code == "social_media" and row.who == "people")
    assert people.items == 30
    assert people.interval.low <= people.alpha <= people.interval.high
    assert "| social_media | people | 30 |" in (audit / "reports" / "agreement.md").read_text()


def test_the_rule_for_several_people():
    def row(code, value, coder):
        return {"code": code, "value": value, "coder": coder, "confidence": 0.9}

    machine = [row("finance", 1, "m"), row("social_media", 3, "m")]
    people = [row("finance", 0, "person: A"), row("finance", 1, "person: B"), row("logistics", 1, "person: A")]
    final = final_decisions(
        [*machine, *people, row("social_media", 1, "person: A"), row("social_media", 2, "person: B")]
    )
    assert final["finance"].value == 1  # even: the machine's
    assert final["logistics"].value == 1
    assert final["social_media"].value == 1  # between 1 and 2, neither the machine's: the lower
    final = final_decisions([*machine, *people, row("finance", 0, "person: C")])
    assert (final["finance"].value, final["finance"].coders) == (0, ("A", "B", "C"))
    assert (final["social_media"].value, final["social_media"].coders) == (3, ("m",))


def spoiled(path, how):
    book = load_workbook(path)
    sheet = book["Coding"]
    places = columns(sheet)
    if how == "level":
        sheet.cell(3, places["Social level"]).value = 7
    elif how == "word":
        sheet.cell(4, places[LABELS["logistics"].label]).value = "perhaps"
    elif how == "doubled":
        sheet.cell(3, places["Id"]).value = sheet.cell(2, places["Id"]).value
    elif how == "deleted":
        sheet.delete_rows(5)
    elif how == "empty":
        sheet.cell(3, places["Help for exporters?"]).value = None
    elif how == "foreign":
        book["_audit"].cell(1, 2).value = "another"
    elif how == "column":
        sheet.cell(1, places["Social level"]).value = "Sozial"
    elif how == "sheet":
        del book["_audit"]
    book.save(path)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("level", "'7' is no level from 0 to 4"), ("word", "'perhaps' is neither yes nor no"),
        ("doubled", "stands here a second time"), ("deleted", "is missing"), ("empty", "is empty, though the row"),
        ("foreign", "belongs to another audit"), ("column", "has no column 'Social level'"),
        ("sheet", "no sheet '_audit'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_taken_in(audit, how, said):
    (good, bad), _ = export_reviews(audit, ["Good", "Bad"], "sample", 10, True, 1)
    spoiled(bad, how)
    before = (audit / "codings.parquet").read_bytes()
    done = CliRunner().invoke(cli, ["review", "import", str(audit), str(good), str(bad)])
    assert "sample-bad.xlsx" in str(done.exception)
    assert said in str(done.exception)
    assert (audit / "codings.parquet").read_bytes() == before
    assert not (audit / "reviews.parquet").exists()


def test_the_elusion_test_bounds_what_was_missed(audit):
    (path,), count = export_reviews(audit, ["A"], "elusion", 60, False, 1)
    fill(path, lambda item: {"Help for exporters?": "no"} if item.startswith("page:") else yes(1))
    import_reviews(audit, [path])
    found = elusion(audit)
    assert (found.looked_at, found.found) == (count, 0)
    assert found.most == pytest.approx(3 / count, rel=0.05)
    assert any(f"People looked at {count} items" in text for text in answer(read_audit(audit)))
    assert any(text.startswith("People (A) decided on ") for text in limits(read_audit(audit)))


@pytest.mark.office
def test_a_sheet_survives_libreoffice(audit, tmp_path):
    (path,), count = export_reviews(audit, ["A"], "sample", 10, True, 1)
    target = fill(path, lambda item: {"Comment": "=1+1 <b>ü</b>"})
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "lo"), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (sheet,), _, _ = import_reviews(audit, [tmp_path / "lo" / path.name])
    assert sheet.decided == count
