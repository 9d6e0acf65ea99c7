import pytest

from analysis.benchmark import Standing, benchmark
from analysis.matrix import read_audit
from common.errors import BenchmarkError


@pytest.fixture(scope="module")
def audit(demo_audit):
    return read_audit(demo_audit)


def test_gaps_are_what_most_peers_offer_and_a_covered_agency_does_not(audit):
    result = benchmark(audit, "xb-northmarch")
    gaps = {row.measure: row for row in result.measures if row.standing is Standing.GAP}
    assert "logistics" in gaps
    for row in gaps.values():
        assert row.programmes == 0
        assert row.peers.value >= 0.5
        assert row.examples
    assert result.agency.agency.id not in {view.agency.id for view in result.peers}
    assert "qx-merrow-export" not in {view.agency.id for view in result.peers}  # nothing of it could be read


def test_of_an_agency_that_was_not_read_nothing_is_said(audit):
    result = benchmark(audit, "qx-merrow-export")
    assert {row.standing for row in result.measures} == {Standing.UNKNOWN}


def test_named_peers_and_wrong_ids(audit):
    result = benchmark(audit, "xb-northmarch", ["xa-calder-trade"])
    assert [view.agency.id for view in result.peers] == ["xa-calder-trade"]
    for identity, peers in (("nobody", []), ("xb-northmarch", ["nobody"]), ("xb-northmarch", ["qx-merrow-export"])):
        with pytest.raises(BenchmarkError):
            benchmark(audit, identity, peers)


def test_examples_show_social_media_first(audit):
    for row in benchmark(audit, "xb-northmarch").measures:
        levels = [programme.social for _, programme in row.examples]
        assert levels == sorted(levels, reverse=True)
        assert len({view.agency.id for view, _ in row.examples}) == len(row.examples)
