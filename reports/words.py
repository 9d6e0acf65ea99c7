"""The audit in words: the same sentences in every report."""

from analysis.coding import SocialLevel
from analysis.coverage import CoverageClass
from analysis.matrix import Audit
from analysis.reviews import MOST_ELUDED, read_reviews
from analysis.verdicts import Verdict, miss_of

FEW = 10  # agencies below which shares are not to be generalised


UNANSWERED = "The question cannot be answered yet: no agency was seen well enough."


def headline(audit: Audit) -> str:
    """The answer in one sentence (the workbook says it by a formula: reports/workbook/summary.py)."""
    counts = audit.verdict_counts()
    assessed = len(audit.agencies) - counts[Verdict.NOT_ASSESSABLE]
    dedicated, component = counts[Verdict.DEDICATED], counts[Verdict.COMPONENT]
    if not assessed:
        return UNANSWERED
    if not dedicated + component:
        return (
            f"Help with social media for exporters: found in none of {_n(assessed, 'agency')} that could be assessed."
        )
    return (
        f"Of {_n(assessed, 'agency')} that could be assessed, {dedicated} {_run(dedicated)} a programme dedicated to "
        f"social media, and {component} more {_offer(component)} it as a part of a programme."
    )


def answer(audit: Audit) -> list[str]:
    """The sentences below the headline."""
    counts = audit.verdict_counts()
    programmes = audit.programmes
    sentences = []
    if programmes:
        used = sum(p.social >= SocialLevel.COMPONENT for p in programmes)
        share = 100 * used / len(programmes)
        sentences.append(
            f"{_n(len(programmes), 'support programme')} for exporters {_was(len(programmes))} found; social media is "
            f"part of {used} ({share:.0f} %), and the purpose of "
            f"{sum(p.social == SocialLevel.DEDICATED for p in programmes)}."
        )
        labels = audit.codebook.measures
        gap = [
            labels[measure].label
            for measure in labels
            if any(measure in p.measures for p in programmes)
            and not any(measure in p.measures and p.social >= SocialLevel.COMPONENT for p in programmes)
        ]
        if gap:
            sentences.append(f"In these measures no programme uses social media: {', '.join(gap)}.")
    weak = counts[Verdict.NONE_FOUND] + counts[Verdict.MENTION]
    if weak:
        said = f"In {_n(weak, 'agency')} social media is missing or only named, though the site was read."
        sentences.append(f"{said} {chance_of_a_miss(audit)}")
    if counts[Verdict.NOT_ASSESSABLE]:
        names = [v.agency.name for v in audit.agencies if v.verdict is Verdict.NOT_ASSESSABLE]
        shown = ", ".join(names[:6]) + (" and others" if len(names) > 6 else "")
        sentences.append(
            f"Nothing can be said of {_n(len(names), 'agency')} ({shown}): see the sheet Coverage of the workbook."
        )
    looked = audit.elusion
    if looked is not None:
        sentences.append(
            f"People looked at {looked.looked_at} items that the machine called irrelevant or without social media, "
            f"and found social media as a part of the offer in {looked.found}: with 95 % confidence in at most "
            f"{looked.most:.1%} of all such items."
        )
        if looked.doubtful:
            sentences.append(
                f"That is over {MOST_ELUDED:.0%}, so that nothing can be said of agencies in which none was found."
            )
    if len(audit.agencies) < FEW:
        sentences.append("This audit covers few agencies; its shares say nothing about others.")
    return sentences


def chance_of_a_miss(audit: Audit) -> str:
    """How likely a programme was overlooked in the agencies in which something is missing; '' where there are none."""
    lacking = [view for view in audit.agencies if view.verdict in (Verdict.NONE_FOUND, Verdict.MENTION)]
    if not lacking:
        return ""
    chances = [miss_of(view.coverage, audit.recall) for view in lacking]
    return (
        f"The chance that a programme was overlooked there is between {min(c.low for c in chances):.0%} and "
        f"{max(c.high for c in chances):.0%}, if a single page shows it."
    )


def limits(audit: Audit) -> list[str]:
    """What a reader must know before citing a figure."""
    thin = sum(view.coverage.grade is not CoverageClass.ADEQUATE for view in audit.agencies)
    found = {code for view in audit.agencies for code in view.coverage.other_languages}
    texts = [
        _who_decided(audit),
        "Only public pages were read. What agencies do without writing about it is not seen.",
        f"{_n(thin, 'agency')} could not be read well enough; see the sheet Coverage.",
    ]
    if found:
        texts.append(f"Pages in these languages were not understood: {', '.join(sorted(found))}.")
    return texts


def _who_decided(audit: Audit) -> str:
    people = sorted({row["coder"] for row in read_reviews(audit.folder)})
    if not people:
        return "All decisions were made by a machine; none was checked by a person."
    checked = sum(p.reviewed for p in audit.programmes)
    return (
        f"People ({', '.join(people)}) decided on {checked} of {_n(len(audit.programmes), 'programme')}; a machine on "
        "the rest. How far they agree: reports/agreement.md."
    )


def _n(number: int, what: str) -> str:
    plural = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{number} {what if number == 1 else plural}"


def _run(number: int) -> str:
    return "runs" if number == 1 else "run"


def _offer(number: int) -> str:
    return "offers" if number == 1 else "offer"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
