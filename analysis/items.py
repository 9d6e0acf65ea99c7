"""Items of a list that no cue shows, by their meaning: 'compliance testing' among the costs that a grant covers.

A list says much in few words, which hardly show in the vector of the whole. Each item is looked at by itself and, where
it plainly means a measure, counts like a cue of it. What items mean was learned from the codebook's cues.
"""

import re
from collections.abc import Iterator

from analysis.cues import Hit
from analysis.look import Learned
from analysis.model import OFFER
from analysis.reading import Reading

MEANT_FROM = 0.6  # probability from which an item is taken for a measure: in unseen languages, 86 of 100 cues are right
MEANT = "(by meaning)"  # stands in for the cue
OFFERED_FROM = 0.5  # probability of an offer in the best piece from which items of a page are looked at
SHORTEST, LONGEST = 2, 110  # characters of an item
MOST_ITEMS = 40
LEAST_PARTS = 3  # of a sentence that is a list
_BREAK = re.compile(r"[;,、，；،؛:：()（）•·△▲▪◦/]|\s[–—-]\s")
_EDGE = " \t\n-–—•·.:;,、。()（）"


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
    """Where items stand that hold no strong cue: of lists and tables, and the parts of sentences that are lists."""
    text = reading.page.text
    for number, block in enumerate(reading.page.blocks):
        if block.kind == "heading" or not reading.offers(number):
            continue
        known = [
            h for h in reading.hits_of_block.get(number, ()) if h.concept[0] == "measure" and h.concept[2] == "strong"
        ]
        for start, end in _parts(text, block.start, block.end, block.kind in ("item", "row")):
            free = not any(hit.start < end and start < hit.end for hit in known)
            if free and reading.cued.sentence_at(start) not in reading.negated_sentences:
                yield start, end


def _parts(text: str, start: int, end: int, listed: bool) -> Iterator[tuple[int, int]]:
    """An item whole where it is short; of other text the sentences that are lists, part by part."""
    if listed and end - start <= LONGEST:
        yield _trimmed(text, start, end)
        return
    for sentence in re.finditer(r"[^.。!?！？\n]+", text[start:end]):
        first, last = start + sentence.start(), start + sentence.end()
        parts = []
        at = first
        for mark in [*_BREAK.finditer(text, first, last), None]:
            to = mark.start() if mark else last
            parts.append(_trimmed(text, at, to))
            at = mark.end() if mark else last
        short = [(a, b) for a, b in parts if SHORTEST <= b - a <= LONGEST // 2]
        if len(short) >= LEAST_PARTS:
            yield from short


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end
