"""What is only a detail or a topic of another measure: the meetings of a mission, the lessons of a course."""

import re
from collections.abc import Sequence
from functools import cache

from analysis.codebook import load_codebook
from analysis.coding import MeasureCoding
from analysis.cues import MEANT, Hit
from analysis.look import Learned
from analysis.page import COLONS
from analysis.programmes import Candidate
from analysis.reading import CLAUSE_END, Reading

# a course lists what it teaches; its topics are measures only where they are named by themselves
TOPIC_SENTENCES = 3
COURSE_SEEN, TOPIC_SEEN = 0.5, 0.9  # by vectors, where a course is one by its first words and not by name
# probability by vectors from which a measure is plainly there, and below which a cue of another says little
PLAIN, COUNTED_UP_SEEN, PASSING_SEEN = 0.7, 0.3, 0.03
# what names so many measures that are no part of its subject counts up the costs of many
MANY = 3
# probability by vectors from which a detail is told by itself, but not of a journey or a fair: meetings, freight and
# leaflets belong to it, however much is said of them
DETAIL_SEEN, AWAY = 0.9, ("trade_visits", "trade_fairs")
_COLON = re.compile(f"[{''.join(COLONS)}]")

Hits = dict[str, list[Hit]]  # the cues of each measure that count in a programme
Codings = dict[str, MeasureCoding]


def without_topics(reading: Reading, candidate: Candidate, hits: Hits, learned: Learned, codings: Codings) -> Codings:
    """Of a programme that is a course, without the measures that it only teaches about."""
    named = names(candidate, reading, hits.get("training", []))
    if "training" not in codings or not (named or _opens_as_course(reading, candidate, hits, learned)):
        return codings
    return {
        measure: coding
        for measure, coding in codings.items()
        if measure == "training"
        or names(candidate, reading, hits.get(measure, []))
        or len({hit.sentence for hit in hits.get(measure, []) if hit.concept[2] == "strong"}) >= TOPIC_SENTENCES
        or (not named and learned.measure(measure, candidate.blocks) >= TOPIC_SEEN)
    }


def without_details(reading: Reading, candidate: Candidate, hits: Hits, learned: Learned, codings: Codings) -> Codings:
    """Drop what is only a detail of another measure: the meetings of a mission, the freight of a fair stand.

    It is one where the programme is about the other by its name, or by the first sentence that names a measure, and the
    detail is not named there itself; or where it stands in one clause with the other, not joined to it by 'and'. What
    the vectors see plainly is no detail, but for those of a journey or a fair.
    """
    measures = load_codebook().measures
    subject = _subject(reading, candidate, hits, codings)
    kept = dict(codings)
    for measure in codings:
        own = hits.get(measure, [])
        if names(candidate, reading, own):
            continue
        seen = learned.measure(measure, candidate.blocks) >= DETAIL_SEEN
        meant = bool(own) and all(hit.cue == MEANT for hit in own if hit.concept[2] == "strong")
        others = [
            other
            for other in codings
            if (measure in measures[other].details and (other in AWAY or not seen))
            or (meant and measure in measures[other].costs)
        ]
        aside = own and any(_all_in_clause(reading, own, hits.get(other, [])) for other in others)
        if aside or (measure not in subject and any(other in subject for other in others)):
            kept.pop(measure)
    return kept


def without_unseen(reading: Reading, candidate: Candidate, hits: Hits, learned: Learned, codings: Codings) -> Codings:
    """Drop what only a cue tells, where the vectors see another measure and hardly this one.

    That is so of what is counted up after a colon ('Courses in foreign trade: delivery terms, payment, contracts'), and
    of what is said in passing. An item of a list of its own may be one of many: it hardly shows in any vector.
    """
    seen = {measure: learned.measure(measure, candidate.blocks) for measure in codings}
    subject = _subject(reading, candidate, hits, codings)
    kept = dict(codings)
    for measure, probability in seen.items():
        own = [hit for hit in hits.get(measure, []) if hit.concept[2] == "strong"]
        listed = any(reading.page.blocks[reading.block_at(hit.start)].listed for hit in own)
        if not own or listed or names(candidate, reading, own):
            continue
        counted_up = subject and measure not in subject and all(_after_colon(reading, hit) for hit in own)
        plainer = any(seen[other] >= PLAIN for other in kept if other != measure)
        if plainer and probability < (COUNTED_UP_SEEN if counted_up else PASSING_SEEN):
            kept.pop(measure)
    return kept


def _after_colon(reading: Reading, hit: Hit) -> bool:
    """Whether a cue stands after a colon in its sentence."""
    start, _ = reading.sentence(hit)
    return bool(_COLON.search(reading.page.text, start, hit.start))


def in_name(candidate: Candidate, reading: Reading, hit: Hit) -> bool:
    """Whether a cue stands in the name of a programme."""
    return candidate.heading is not None and reading.block_at(hit.start) == candidate.heading


def names(candidate: Candidate, reading: Reading, hits: Sequence[Hit]) -> bool:
    """Whether the name of a programme speaks of a measure."""
    return any(hit.concept[2] == "strong" and in_name(candidate, reading, hit) for hit in hits)


def _opens_as_course(reading: Reading, candidate: Candidate, hits: Hits, learned: Learned) -> bool:
    """Whether the first text is about a course: no strong cue of a measure comes before that of training."""
    texts = [n for n in candidate.blocks if reading.page.blocks[n].kind != "heading"]
    strong = {
        measure: [h.start for h in own if h.concept[2] == "strong" and reading.block_at(h.start) in texts]
        for measure, own in hits.items()
    }
    first = {measure: min(starts) for measure, starts in strong.items() if starts}
    return (
        "training" in first
        and reading.block_at(first["training"]) in texts[:1]
        and reading.page.blocks[texts[0]].kind == "paragraph"  # not one of many items of a calendar
        and first["training"] <= min(first.values())
        and learned.measure("training", candidate.blocks) >= COURSE_SEEN
    )


def _subject(reading: Reading, candidate: Candidate, hits: Hits, codings: Codings) -> set[str]:
    """The measures that a programme is about, of which others may be details; none where it names many others beside
    them and their parts: it counts up the costs of many then. The topics of a course are no costs."""
    measures = load_codebook().measures
    subject = _opening(reading, candidate, hits)
    parts = {part for name in subject for part in (name, *measures[name].details, *measures[name].costs)}
    return subject if "training" in subject or len(codings.keys() - parts) < MANY else set()


def _opening(reading: Reading, candidate: Candidate, hits: Hits) -> set[str]:
    """The measures of a programme's name, or without one of its first sentence with a measure, up to a colon that
    stands in for a heading ('Stands at fairs abroad: rent, freight of samples').

    Where a list comes first, or several measures are named at once, it is about none of them more than of others, but
    where one of them has the others as its parts ('fairs and business meetings').
    """
    strong = [hit for own in hits.values() for hit in own if hit.concept[2] == "strong"]
    if candidate.heading is not None:
        return {hit.concept[1] for hit in strong if in_name(candidate, reading, hit)}
    if not strong:
        return set()
    first = min(strong, key=lambda hit: hit.start)
    if reading.page.blocks[reading.block_at(first.start)].listed:
        return set()
    opening = [hit for hit in strong if hit.sentence == first.sentence]
    colon = _COLON.search(reading.page.text, first.end, max(hit.end for hit in opening))
    named = {hit.concept[1] for hit in opening if not colon or hit.start < colon.start()}
    measures = load_codebook().measures
    return named if any(named - {measure} <= set(measures[measure].details) for measure in named) else set()


def _all_in_clause(reading: Reading, own: Sequence[Hit], others: Sequence[Hit]) -> bool:
    """Whether each of the cues stands in one clause with a strong cue of another measure."""
    telling = [hit for hit in others if hit.concept[2] == "strong"]
    return all(any(_one_clause(reading, hit, other) for other in telling) for hit in own)


def _one_clause(reading: Reading, one: Hit, other: Hit) -> bool:
    """Whether nothing but words stands between two cues of a sentence that do not overlap."""
    first, last = sorted((one, other), key=lambda hit: hit.start)
    between = reading.page.text[first.end : last.start]
    joined = CLAUSE_END.search(between) or _joins(reading.language).search(between)
    return one.sentence == other.sentence and first.end <= last.start and not joined


@cache
def _joins(language: str) -> re.Pattern[str]:
    """The words of a language that set peers beside each other."""
    known = load_codebook().languages[language]
    words = "|".join(re.escape(word) for word in known.joins)
    return re.compile(words if known.writing == "characters" else rf"\b(?:{words})\b", re.IGNORECASE)
