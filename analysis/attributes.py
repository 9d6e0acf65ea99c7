"""What else the text of a programme says: for whom it is, how it helps, and whether it is open."""

from collections import Counter

from analysis.codebook import load_codebook
from analysis.programmes import Candidate
from analysis.reading import Reading

MOST_INSTRUMENTS = 3


def code_audience(reading: Reading, candidate: Candidate) -> tuple[str, ...]:
    """For whom a programme is, where the text says so: non_exporter, passive, active, any."""
    found = _names(reading, candidate, "audience")
    return tuple(name for name in load_codebook().audiences if name in found)


def code_instruments(reading: Reading, candidate: Candidate) -> tuple[str, ...]:
    """How a programme helps, where the text says so; the most often named first among the codebook's order."""
    found = _names(reading, candidate, "instrument")
    named = {
        hit.concept[1]
        for hit in reading.hits_of_block.get(candidate.heading if candidate.heading is not None else -1, ())
        if hit.concept[0] == "instrument"
    }
    kept = [name for name, count in found.most_common() if count >= 2 or name in named]
    if not kept and found:
        kept = [found.most_common(1)[0][0]]
    kept = kept[:MOST_INSTRUMENTS]
    return tuple(name for name in load_codebook().instruments if name in kept)


def code_status(reading: Reading, candidate: Candidate) -> str:
    """'closed' where the text says that the programme takes no applications for now, otherwise 'open'."""
    closed = any(
        hit.concept[:2] == ("structure", "closed")
        for number in candidate.blocks
        for hit in reading.hits_of_block.get(number, ())
    )
    return "closed" if closed else "open"


def _names(reading: Reading, candidate: Candidate, family: str) -> Counter[str]:
    """How many different cues of each name of a family stand in a programme."""
    cues = {
        (hit.concept[1], hit.cue, hit.sentence)
        for number in candidate.blocks
        for hit in reading.hits_of_block.get(number, ())
        if hit.concept[0] == family and reading.counts(hit)
    }
    return Counter(name for name, _, _ in sorted(cues))
