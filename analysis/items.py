"""Items of a list that no cue shows, by their meaning: 'compliance testing' among the costs that a grant covers.

A list says much in few words, which hardly show in the vector of the whole. Each item is looked at by itself and, where
it plainly means a measure, counts like a cue of it. What items mean was learned from the codebook's cues.
"""

from collections.abc import Iterator

from analysis.cues import Hit
from analysis.look import Learned
from analysis.model import OFFER
from analysis.reading import Reading

MEANT_FROM = 0.6  # probability from which an item is taken for a measure: in unseen languages, 86 of 100 cues are right
MEANT = "(by meaning)"  # stands in for the cue
OFFERED_FROM = 0.5  # probability of an offer in the best piece from which items of a page are looked at
LONGEST = 110  # characters of an item
MOST_ITEMS = 40


def add_meant(reading: Reading, learned: Learned) -> None:
    """Let items of a page's lists count as cues of what they mean, where the page offers something to exporters."""
    if max((piece.probability[OFFER] for piece in learned.pieces), default=0.0) < OFFERED_FROM:
        return
    spans = list(_items(reading))[:MOST_ITEMS]
    found = learned.model.item_probabilities([reading.page.text[a:b] for a, b in spans], learned.language)
    for (start, end), row in zip(spans, found, strict=True):
        best = int(row.argmax())
        if row[best] >= MEANT_FROM:
            measure = learned.model.labels[1 + best]
            hit = Hit(("measure", measure, "strong"), MEANT, start, end, reading.cued.sentence_at(start))
            reading.hits_of_block[reading.block_at(start)].append(hit)


def _items(reading: Reading) -> Iterator[tuple[int, int]]:
    """Where short items without a strong cue stand, in lists and tables of which another item has one.

    A list of what a country is good at ('highly educated workforce') has none.
    """
    for listed in _lists(reading):
        unknown = [number for number in listed if not _strong(reading, number)]
        if len(unknown) == len(listed):
            continue
        for number in unknown:
            block = reading.page.blocks[number]
            short = block.end - block.start <= LONGEST
            if short and reading.cued.sentence_at(block.start) not in reading.negated_sentences:
                yield block.start, block.end


def _lists(reading: Reading) -> Iterator[list[int]]:
    """The numbers of the blocks of each list or table, of those that may be an offer."""
    current: list[int] = []
    for number, block in enumerate(reading.page.blocks):
        if block.listed:
            if reading.offers(number):
                current.append(number)
        elif current:
            yield current
            current = []
    if current:
        yield current


def _strong(reading: Reading, number: int) -> bool:
    """Whether a block holds a strong cue of a measure."""
    hits = reading.hits_of_block.get(number, ())
    return any(hit.concept[0] == "measure" and hit.concept[2] == "strong" for hit in hits)
