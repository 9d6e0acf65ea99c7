"""What changed between two audits, told apart from what was merely seen or not seen."""

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from analysis.coding import SocialLevel
from analysis.coverage import CoverageClass
from analysis.matrix import AgencyView, Audit, ProgrammeView
from analysis.verdicts import Verdict

SAME_NAME = 0.8  # likeness of two names (difflib) from which on a programme was renamed, not replaced
SAME_TEXT = 0.9  # likeness of two descriptions
_READ = {"kept", "unchanged"}
_ABSENT = {"not_found", "soft_not_found", "redirect", "duplicate"}  # the site says that the page is no more


class Change(StrEnum):
    """What became of a programme."""

    NEW = "new"  # on a page that was read before without it, or that did not exist
    FIRST_SEEN = "first seen"  # on a page that the earlier audit did not read: it may be old
    GONE = "gone"  # its page was read without it, or is no more
    NOT_SEEN = "not seen"  # its page was not read this time: nothing can be said
    RENAMED = "renamed"
    RECODED = "recoded"  # measures or level differ; the words may have changed, or the coder
    SAME = "same"


@dataclass(frozen=True)
class ProgrammeChange:
    """One programme in two audits."""

    agency: str
    change: Change
    before: ProgrammeView | None
    after: ProgrammeView | None
    gained: tuple[str, ...] = ()  # measures
    lost: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name, the later one where there is one."""
        view = self.after or self.before
        assert view is not None
        return str(view.row["name"])

    @property
    def levels(self) -> tuple[SocialLevel | None, SocialLevel | None]:
        """Its level of social media, before and after."""
        return (self.before.social if self.before else None, self.after.social if self.after else None)


@dataclass(frozen=True)
class AgencyChange:
    """One agency in two audits; None where an audit has it not."""

    agency: str
    before: Verdict | None
    after: Verdict | None
    coverage_before: str
    coverage_after: str


@dataclass(frozen=True)
class Comparison:
    """Two audits, agency by agency and programme by programme."""

    before: Audit
    after: Audit
    agencies: list[AgencyChange]
    programmes: list[ProgrammeChange]
    same_coder: bool  # whether both were coded by the same machine and codebook


def compare(before: Audit, after: Audit) -> Comparison:
    """Compare an earlier with a later audit; only agencies of both are compared programme by programme."""
    views = [{view.agency.id: view for view in audit.agencies} for audit in (before, after)]
    logs = [_outcomes(audit.folder) for audit in (before, after)]
    agencies, programmes = [], []
    for identity in sorted({*views[0], *views[1]}):
        old, new = views[0].get(identity), views[1].get(identity)
        agencies.append(
            AgencyChange(
                identity, old.verdict if old else None, new.verdict if new else None,
                old.coverage.in_words() if old else "not in this audit",
                new.coverage.in_words() if new else "not in this audit",
            )
        )  # fmt: skip
        if old and new:
            programmes += _programmes(old, new, logs[0], logs[1])
    coders = [_coders(audit) for audit in (before, after)]
    return Comparison(before, after, agencies, programmes, coders[0] == coders[1])


def _programmes(
    old: AgencyView, new: AgencyView, log_before: dict[str, str], log_after: dict[str, str]
) -> list[ProgrammeChange]:
    agency = old.agency.id
    left = {str(view.row["programme"]): view for view in old.programmes}
    found: list[ProgrammeChange] = []
    strangers: list[ProgrammeView] = []
    for view in new.programmes:
        same = left.pop(str(view.row["programme"]), None)
        if same is None:
            strangers.append(view)
        else:
            found.append(_changed(agency, same, view, Change.SAME))
    for view in strangers:
        match = max(left.values(), key=lambda other: _likeness(other, view), default=None)
        if match is not None and _likeness(match, view) > 0:
            del left[str(match.row["programme"])]
            found.append(_changed(agency, match, view, Change.RENAMED))
        else:
            known = any(log_before.get(url) in _READ | _ABSENT for url in view.row["urls"])
            unheard = not any(url in log_before for url in view.row["urls"])
            whole = old.coverage.grade is CoverageClass.ADEQUATE  # then a page unheard of was not there
            change = Change.NEW if known or (unheard and whole) else Change.FIRST_SEEN
            found.append(ProgrammeChange(agency, change, None, view))
    for view in left.values():
        seen = any(log_after.get(url) in _READ | _ABSENT for url in view.row["urls"])
        found.append(ProgrammeChange(agency, Change.GONE if seen else Change.NOT_SEEN, view, None))
    return sorted(found, key=lambda change: change.name)


def _changed(agency: str, before: ProgrammeView, after: ProgrammeView, change: Change) -> ProgrammeChange:
    gained = tuple(sorted(set(after.measures) - set(before.measures)))
    lost = tuple(sorted(set(before.measures) - set(after.measures)))
    if change is Change.SAME and (gained or lost or before.social != after.social):
        change = Change.RECODED
    return ProgrammeChange(agency, change, before, after, gained, lost)


def _likeness(before: ProgrammeView, after: ProgrammeView) -> float:
    """How sure it is that two programmes of different names are one, 0 if it is not: like names, or like words."""
    names = SequenceMatcher(None, before.row["name"].casefold(), after.row["name"].casefold()).ratio()
    one, other = before.row["description"], after.row["description"]
    texts = SequenceMatcher(None, one, other).ratio() if len(one) > 40 and len(other) > 40 else 0.0
    return max(names if names >= SAME_NAME else 0.0, texts if texts >= SAME_TEXT else 0.0)


def _outcomes(folder: Path) -> dict[str, str]:
    """How the last request for each page ended, by its address."""
    path = folder / "fetches.parquet"
    if not path.exists():
        return {}
    found: defaultdict[str, str] = defaultdict(str)
    for row in pq.read_table(path, columns=["url", "kind", "outcome"]).to_pylist():
        if row["kind"] == "page" and found[row["url"]] not in _READ:
            found[row["url"]] = row["outcome"]
    return dict(found)


def _coders(audit: Audit) -> set[tuple[str, str]]:
    rows: list[dict[str, Any]] = pq.read_table(
        audit.folder / "codings.parquet", columns=["coder", "codebook"]
    ).to_pylist()
    return {(row["coder"], row["codebook"]) for row in rows if not row["coder"].startswith("person: ")}
