"""Barriers to exporting that a text names, such as 'red tape' or 'you don't speak the language'."""

from collections import defaultdict

from analysis.codebook import load_codebook
from analysis.coding import BarrierCoding, Quote
from analysis.programmes import Candidate
from analysis.reading import Reading

MOST_QUOTES = 2


def code_barriers(reading: Reading, candidate: Candidate) -> tuple[BarrierCoding, ...]:
    """The barriers that a programme's text names, in the order of the codebook, with the sentences that do."""
    spans: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number in candidate.blocks:
        if not reading.is_content(number):
            continue
        for hit in reading.hits_of_block.get(number, ()):
            span = reading.sentence(hit)
            if hit.concept[0] == "barrier" and span not in spans[hit.concept[1]]:
                spans[hit.concept[1]].append(span)
    text = reading.page.text
    return tuple(
        BarrierCoding(barrier, tuple(Quote(text[start:end], start, end) for start, end in spans[barrier][:MOST_QUOTES]))
        for barrier in load_codebook().barriers
        if spans.get(barrier)
    )
