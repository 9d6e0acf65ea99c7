import copy
import shutil
import subprocess
from dataclasses import replace

import docx
import pytest
from click.testing import CliRunner

from analysis.coding import SocialLevel
from analysis.matrix import read_audit
from analysis.verdicts import Verdict, country_verdict
from common.errors import BriefError
from gapaudit.cli import cli
from reports.brief import MOST_ROWS, write_brief
from reports.words import headline


@pytest.fixture(scope="module")
def audit(demo_audit):
    return read_audit(demo_audit)


def text_of(path):
    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_of_the_whole_audit(audit, tmp_path):
    write_brief(audit, tmp_path / "brief.docx")
    text = text_of(tmp_path / "brief.docx")
    assert headline(audit) in text
    for view in audit.agencies:
        assert view.agency.name in text
    quotes = [e["quote"] for p in audit.programmes if p.social == SocialLevel.DEDICATED for e in p.evidence]
    assert any(quote in text for quote in quotes)
    links = [r.target_ref for r in docx.Document(tmp_path / "brief.docx").part.rels.values() if r.is_external]
    assert set(links) <= {p.row["url"] for p in audit.programmes}
    assert links


@pytest.mark.parametrize("country", ["XA", "QX", "QS"])
def test_of_a_country(audit, tmp_path, country):
    write_brief(audit, tmp_path / "brief.docx", country)
    text = text_of(tmp_path / "brief.docx")
    own = [view for view in audit.agencies if view.agency.country == country]
    assert f"(verdict: {country_verdict(v.verdict for v in own).value})" in text
    table = docx.Document(tmp_path / "brief.docx").tables[0]
    assert [row.cells[0].text for row in table.rows[1:]] == [view.agency.name for view in own]
    measures = list(audit.codebook.measures)
    for row, view in zip(table.rows[1:], own, strict=True):
        for cell, measure in zip(row.cells[1:], measures, strict=True):
            assert cell.text == (str(view.count(measure)) if view.count(measure) else cell.text)
            assert cell.text.isdecimal() == (view.count(measure) > 0)


def test_a_country_that_is_not_there(audit, tmp_path):
    with pytest.raises(BriefError, match="'FR'"):
        write_brief(audit, tmp_path / "brief.docx", "FR")
    assert not (tmp_path / "brief.docx").exists()


def test_where_nothing_was_found(audit, tmp_path):
    lacking = [replace(v, programmes=[], verdict=Verdict.NONE_FOUND) for v in audit.agencies]
    write_brief(replace(audit, agencies=lacking), tmp_path / "brief.docx")
    text = text_of(tmp_path / "brief.docx")
    assert "found in none of" in text
    assert "The chance that a programme was overlooked there is between" in text
    assert "No programme that makes social media part" in text


def test_hostile_text_is_text(audit, tmp_path):
    hostile = copy.deepcopy(audit)
    best = [p for p in hostile.programmes if p.social >= SocialLevel.COMPONENT]
    for p in best:
        p.row["name"], p.row["url"] = "<w:p>&amp;\x00\x0b\ud800\uffff=1+1\u202e", "javascript:alert(1)"
        for e in p.evidence:
            e["quote"] = "</w:t>" + "x" * 40_000
    write_brief(hostile, tmp_path / "brief.docx")
    assert "<w:p>&amp;" in text_of(tmp_path / "brief.docx")
    assert not [r for r in docx.Document(tmp_path / "brief.docx").part.rels.values() if "javascript" in r.target_ref]


def test_equal_audits_give_equal_briefs(audit, tmp_path):
    for name in ("one", "two"):
        write_brief(audit, tmp_path / f"{name}.docx")
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()


def test_by_the_command_line(demo_audit, tmp_path):
    folder = shutil.copytree(demo_audit, tmp_path / "audit", ignore=shutil.ignore_patterns("archive"))
    done = CliRunner().invoke(cli, ["report", str(folder), "--brief", "--country", "xa"])
    assert done.exit_code == 0, done.output
    assert (folder / "reports" / "brief_XA.docx").exists()
    assert CliRunner().invoke(cli, ["report", str(folder), "--country", "XA"]).exit_code == 2


def pages_of(path, tmp_path):
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=180)
    import pypdfium2

    return len(pypdfium2.PdfDocument(tmp_path / f"{path.stem}.pdf"))


@pytest.mark.office
def test_two_to_six_pages(audit, large_audit, tmp_path):
    write_brief(audit, tmp_path / "whole.docx")
    write_brief(audit, tmp_path / "country.docx", "XA")
    assert len(large_audit.agencies) > MOST_ROWS
    write_brief(large_audit, tmp_path / "large.docx")
    for name in ("whole", "country", "large"):
        assert 2 <= pages_of(tmp_path / f"{name}.docx", tmp_path) <= 6, name
