"""One agency against its peers: what most offer and it does not, what it alone offers, where they use social media."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analysis.coding import SocialLevel
from analysis.coverage import CoverageClass
from analysis.matrix import AgencyView, Audit, ProgrammeView
from analysis.prevalence import measure_share
from analysis.shares import Share
from analysis.verdicts import Cell
from common.errors import BenchmarkError
from common.income import income_group
from common.regions import regions_of

MOST = 0.5  # of the peers, from which on a measure is what most offer
FEWEST_PEERS = 3  # a narrower choice of peers is widened until there are so many
MOST_EXAMPLES = 3


class Standing(StrEnum):
    """Where an agency stands on a measure."""

    GAP = "most peers offer it, this agency does not"
    ALONE = "only this agency offers it"
    SHARED = "offered, as by peers"
    RARE = "not offered, and by few peers"
    UNKNOWN = "too little of the agency's site was read to say"


@dataclass(frozen=True)
class Comparison:
    """One measure, of the agency and of its peers."""

    measure: str
    programmes: int  # of the agency
    level: SocialLevel | None  # the agency's highest, None without programme
    peers: Share
    peers_social: int  # peers of which a programme with the measure makes use of social media (level 3 or 4)
    standing: Standing
    examples: list[tuple[AgencyView, ProgrammeView]]  # of peers, those with social media first


@dataclass(frozen=True)
class Benchmark:
    """One agency against its peers."""

    agency: AgencyView
    peers: list[AgencyView]
    how: str  # the peers were chosen
    measures: list[Comparison]


def benchmark(audit: Audit, identity: str, peers: Sequence[str] = ()) -> Benchmark:
    """Compare an agency of an audit with others of it, those named or those most like it.

    Agencies of which nothing could be read are no peers. Raises BenchmarkError for an id that the audit has not, or
    when no peer is left.
    """
    views = {view.agency.id: view for view in audit.agencies}
    for name in (identity, *peers):
        if name not in views:
            raise BenchmarkError(f"agency {name!r}: not in this audit ({audit.folder})")
    own = views[identity]
    others = [view for view in audit.agencies if view is not own and view.coverage.grade is not CoverageClass.FAILED]
    if peers:
        chosen, how = [view for view in others if view.agency.id in peers], "as named"
    else:
        chosen, how = _alike(own, others)
    if not chosen:
        raise BenchmarkError(f"agency {identity!r}: no peer of it could be read")
    return Benchmark(own, chosen, how, [_compare(own, chosen, measure) for measure in audit.codebook.measures])


def _alike(own: AgencyView, others: Sequence[AgencyView]) -> tuple[list[AgencyView], str]:
    """Peers of the same kind, income and region; wider where there are too few."""
    regions = set(regions_of(own.agency.country))
    kind, income = own.agency.kind, income_group(own.agency.country)
    same_income = [v for v in others if income and income_group(v.agency.country) == income]
    choices = (
        (
            "same kind, region and income group",
            [v for v in same_income if v.agency.kind == kind and regions & set(regions_of(v.agency.country))],
        ),
        (
            "same kind and region",
            [v for v in others if v.agency.kind == kind and regions & set(regions_of(v.agency.country))],
        ),
        ("same kind and income group", [v for v in same_income if v.agency.kind == kind]),
        ("same kind", [v for v in others if v.agency.kind == kind]),
        ("same region", [v for v in others if regions & set(regions_of(v.agency.country))]),
    )
    for how, chosen in choices:
        if len(chosen) >= FEWEST_PEERS:
            return chosen, how
    return list(others), "all others of the audit"


def _compare(own: AgencyView, peers: Sequence[AgencyView], measure: str) -> Comparison:
    share = measure_share(peers, measure)
    examples = [(view, p) for view in peers for p in view.programmes if measure in p.measures]
    examples.sort(
        key=lambda pair: (-pair[1].social, -pair[1].measures[measure], pair[0].agency.id, pair[1].row["name"])
    )
    few: dict[str, tuple[AgencyView, ProgrammeView]] = {}
    for view, programme in examples:
        few.setdefault(view.agency.id, (view, programme))  # one of each peer
    state = own.cell(measure)
    if state is Cell.FOUND:
        standing = Standing.SHARED if share.yes else Standing.ALONE
    elif state is not Cell.NONE_FOUND:
        standing = Standing.UNKNOWN
    else:
        standing = Standing.GAP if share.of and share.value >= MOST else Standing.RARE
    social = sum(view.uses_social_media(measure) for view in peers)
    return Comparison(
        measure, own.count(measure), own.top_level(measure), share, social, standing, list(few.values())[:MOST_EXAMPLES]
    )
