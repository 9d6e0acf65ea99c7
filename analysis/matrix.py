"""The tables that every report shows: agencies by measures, with programmes, levels, coverage and verdicts."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.codebook import Codebook, load_codebook
from analysis.coding import SocialLevel
from analysis.correction import Recall, recall_of
from analysis.coverage import Coverage, coverage_of
from analysis.reviews import NONE, YES, Elusion, elusion, final_decisions, is_person
from analysis.tables import CODINGS, EVIDENCE, PROGRAMMES, RELEVANT, SOCIAL
from analysis.verdicts import Cell, Verdict, cell, country_verdict, verdict
from common.files import read_table
from common.frame import Agency, Frame, read_frame


@dataclass(frozen=True)
class ProgrammeView:
    """A programme with its codes and evidence, as reports show it."""

    row: dict[str, Any]  # of programmes.parquet
    measures: dict[str, float]  # measure -> confidence
    social: SocialLevel
    social_confidence: float
    coder: str
    evidence: list[dict[str, Any]]  # of evidence.parquet
    reviewed: bool = False  # whether people decided on any code of it

    def quotation(self, code: str) -> str:
        """The quotation that shows a code best: the first; empty where there is none."""
        return next((str(row["quote"]) for row in self.evidence if row["code"] == code), "")


@dataclass(frozen=True)
class AgencyView:
    """One agency of the audit, as reports show it."""

    agency: Agency
    programmes: list[ProgrammeView]
    coverage: Coverage
    verdict: Verdict
    by_people: SocialLevel = SocialLevel.NONE  # found by people on what the machine had left out

    def count(self, measure: str) -> int:
        """The number of programmes with a measure."""
        return sum(measure in programme.measures for programme in self.programmes)

    def cell(self, measure: str) -> Cell:
        """What the matrix says about a measure."""
        return cell(self.count(measure), self.coverage)

    def top_level(self, measure: str) -> SocialLevel | None:
        """The highest level of social media among the programmes with a measure; None without programme."""
        levels = [p.social for p in self.programmes if measure in p.measures]
        return max(levels, default=None)

    def uses_social_media(self, measure: str) -> bool:
        """Whether social media is part of what firms get in a programme with a measure (level 3 or 4)."""
        return (self.top_level(measure) or SocialLevel.NONE) >= SocialLevel.COMPONENT


@dataclass(frozen=True)
class Audit:
    """A whole audit, read from its folder."""

    folder: Path
    frame: Frame
    codebook: Codebook
    agencies: list[AgencyView]
    crawled: tuple[str, str]  # first and last time of an archived page, UTC, '' if none
    elusion: Elusion | None = None  # what people found among what the machine left out

    @cached_property
    def recall(self) -> Recall:
        """The coder's recall for programmes that use social media; made when asked for, since it loads scipy."""
        return recall_of(self.folder)

    @property
    def doubtful(self) -> bool:
        """Whether people found that the machine misses too much to say 'none found' (reviews.Elusion)."""
        return self.elusion is not None and self.elusion.doubtful

    @property
    def programmes(self) -> list[ProgrammeView]:
        return [programme for view in self.agencies for programme in view.programmes]

    def country_verdicts(self) -> dict[str, Verdict]:
        """The verdict of each country, by its code."""
        groups: defaultdict[str, list[Verdict]] = defaultdict(list)
        for view in self.agencies:
            groups[view.agency.country].append(view.verdict)
        return {country: country_verdict(groups[country]) for country in sorted(groups)}

    def verdict_counts(self) -> Counter[Verdict]:
        return Counter(view.verdict for view in self.agencies)


def read_audit(folder: Path) -> Audit:
    """Read what the stages have written.

    Raises AuditFolderError when a table is missing or of another version.
    """
    frame = read_frame(folder / "audit.toml")
    programmes = read_table(folder / "programmes.parquet", PROGRAMMES).to_pylist()
    codings = read_table(folder / "codings.parquet", CODINGS).to_pylist()
    evidence = read_table(folder / "evidence.parquet", EVIDENCE).to_pylist()
    codes: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in codings:
        codes[row["programme"]].append(row)
    quotes: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in evidence:
        quotes[row["programme"]].append(row)
    by_agency: defaultdict[str, list[ProgrammeView]] = defaultdict(list)
    for row in programmes:
        view = _programme_view(row, codes[row["programme"]], quotes[row["programme"]])
        if view is not None:
            by_agency[row["agency"]].append(view)
    coverages = coverage_of(folder, frame)
    looked = elusion(folder)
    views = []
    for agency in _all_agencies(frame, sorted(by_agency)):
        own = by_agency.get(agency.id, [])
        coverage = coverages.get(agency.id) or Coverage(agency.id)
        by_people = looked.agencies.get(agency.id, SocialLevel.NONE) if looked else SocialLevel.NONE
        found = verdict([*(p.social for p in own), by_people], coverage, bool(looked and looked.doubtful))
        views.append(AgencyView(agency, own, coverage, found, by_people))
    times = sorted(row["time"] for row in evidence if row["time"])
    crawled = (times[0], times[-1]) if times else ("", "")
    return Audit(folder, frame, load_codebook(), views, crawled, looked)


def _programme_view(
    row: dict[str, Any], codings: list[dict[str, Any]], evidence: list[dict[str, Any]]
) -> ProgrammeView | None:
    """A programme with its final decisions; None where people say that it is none."""
    final = final_decisions(codings)
    if final.get(RELEVANT, YES).value == 0:
        return None
    measures = {
        code: decision.confidence
        for code, decision in final.items()
        if code not in (SOCIAL, RELEVANT) and decision.value
    }
    social = final.get(SOCIAL, NONE)
    reviewed = any(is_person(row) for row in codings)
    coder = ", ".join(sorted({name for decision in final.values() for name in decision.coders}))
    return ProgrammeView(row, measures, SocialLevel(social.value), social.confidence, coder, evidence, reviewed)


def _all_agencies(frame: Frame, found: list[str]) -> list[Agency]:
    """The agencies of the frame, and those that only a foreign archive named (by their host)."""
    known = {agency.id for agency in frame.agencies}
    extra = [_unregistered(host) for host in found if host not in known]
    return sorted([*frame.agencies, *extra], key=lambda agency: (agency.country, agency.id))


def _unregistered(host: str) -> Agency:
    # a host of a foreign archive is no registry entry: it has no country, and is built without the checks
    agency = object.__new__(Agency)
    fields = {
        "id": host, "name": host, "country": "", "kind": "other", "level": "national",
        "languages": [], "start_urls": [], "hosts": [host], "allow_private": False, "expect": None,
    }  # fmt: skip
    for name, value in fields.items():
        object.__setattr__(agency, name, value)
    return agency
