"""Agencies that the registry has not, found in an archive of the sample web that nobody told whose it is."""

from collections import Counter

import pytest
import yaml
from click.testing import CliRunner

from common.frame import Agency, read_frame
from crawler.registry import load_registry
from gapaudit.cli import cli
from gapaudit.find_agencies import Proposal, _describe, find_agencies, public_bodies, registry_text


@pytest.fixture(scope="module")
def unknown(demo_audit, tmp_path_factory):
    """The demo's archive in a folder whose frame names no agency."""
    folder = tmp_path_factory.mktemp("unknown") / "audit"
    files = map(str, sorted(demo_audit.glob("archive/*.warc.gz")))
    for command in (["ingest", str(folder), *files], ["extract", str(folder)], ["classify", str(folder)]):
        result = CliRunner().invoke(cli, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    return folder


def test_agencies_are_found_ranked_and_named(unknown, demo_audit):
    proposals = find_agencies(unknown, [])
    frame = read_frame(demo_audit / "audit.toml")
    hosts = {agency.sites[0]: agency for agency in frame.agencies}
    assert {proposal.host for proposal in proposals} <= set(hosts)
    assert len(proposals) >= len(hosts) - 2  # one is closed to robots, one hardly tells of help
    assert [p.score for p in proposals] == sorted((p.score for p in proposals), reverse=True)
    by_host = {proposal.host: proposal for proposal in proposals}
    chamber = next(p for host, p in by_host.items() if hosts[host].id == "qw-camera-monteluce")
    assert (chamber.kind, chamber.languages) == ("chamber", ["it"])
    assert "Monteluce" in chamber.name
    assert chamber.quotes


def test_what_the_registry_has_is_not_proposed(unknown, demo_audit):
    agencies = read_frame(demo_audit / "audit.toml").agencies
    assert find_agencies(unknown, agencies) == []
    left = find_agencies(unknown, agencies[1:])
    assert {proposal.host for proposal in left} <= set(agencies[0].sites)


def test_the_proposal_is_a_registry(unknown, tmp_path):
    out = tmp_path / "proposed.yaml"
    result = CliRunner().invoke(cli, ["agencies", "find", str(unknown), "--out", str(out)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    agencies = load_registry(out)
    assert len(agencies) == len(result.stdout.splitlines())
    assert out.read_text().count("pages relevant") == len(agencies)


def test_hostile_pages_cannot_break_the_file(tmp_path):
    proposal = Proposal("evil.example", 5, 5, 3, {"finance"}, name="x: y\n- id: {'!!python/object'}", languages=["en"])
    proposal.start = "https://evil.example/a\nb"
    proposal.quotes = [("first\n- id: injected\r\u2028  name: z", "https://evil.example/\n- id: b")]
    (tmp_path / "r.yaml").write_text(registry_text([proposal]), encoding="utf-8")
    entries = yaml.safe_load((tmp_path / "r.yaml").read_text(encoding="utf-8"))
    assert [entry["id"] for entry in entries] == ["zz-evil-example"]
    assert isinstance(load_registry(tmp_path / "r.yaml")[0], Agency)


@pytest.mark.parametrize(
    ("host", "title", "country", "kind", "public"),
    [
        ("www.trade.gov.xx", "Trade", "ZZ", "other", True),
        ("export.gob.mx", "Exporta", "MX", "other", True),
        ("www.ihk.example", "Handelskammer Hamburg", "ZZ", "chamber", True),
        ("shop.example.co.uk", "Best shoes", "GB", "other", False),
        ("www.mofcom.gov.cn", "商务部", "CN", "ministry", True),
        ("gov.example.de", "Gov fans", "DE", "other", False),
    ],
)
def test_public_bodies_are_told_by_name_and_address(host, title, country, kind, public):
    proposal = Proposal(host, 10, 5, 2, titles=Counter({title: 9}))
    _describe(proposal)
    assert (proposal.country, proposal.kind, bool(proposal.public)) == (country, kind, public)


def test_a_host_with_few_such_pages_is_far_down():
    agency = Proposal("a.example", 40, 20, 9, {"finance", "advice"})
    paper = Proposal("b.example", 5000, 20, 9, {"finance", "advice"})
    assert agency.score > 50 * paper.score


def test_kinds_are_those_of_the_registry():
    from common.frame import KINDS

    assert set(public_bodies().words) <= set(KINDS)
