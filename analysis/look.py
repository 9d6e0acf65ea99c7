"""Looking at a page piece by piece with the trained part of the coder (analysis/model.py)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.codebook import load_codebook
from analysis.model import OFFER, Floats, Model
from analysis.reading import Reading

# words of a piece, about as many as a passage has that was learned; characters that are words for themselves count as
# half. On excerpts of real pages pieces of 45 said less, and no more together with larger ones (docs/accuracy.md).
WORDS = 80
LONG_PARAGRAPH = 120  # words of a paragraph that is looked at in parts
MOST_PIECES = 8  # of a page: a vector costs more than all other steps
DENSE = 3  # a character of a script without spaces says as much as so many letters
# probability of an offer by quick vectors below which a piece gets no deep ones: on sites held out, of a hundred
# relevant passages one at most has less
WORTH_A_LOOK = 0.05
UNSEEN = 0.05  # probability of a measure below which the vectors do not see it


@dataclass(frozen=True)
class Piece:
    """A few blocks of a page that are looked at together."""

    blocks: tuple[int, ...]
    probability: dict[str, float]  # of OFFER and each measure


@dataclass(frozen=True)
class Learned:
    """What the trained part says of a page."""

    model: Model
    language: str
    pieces: tuple[Piece, ...] = ()

    def within(self, blocks: Iterable[int]) -> list[Piece]:
        """The pieces in which some of the blocks stand."""
        inside = set(blocks)
        return [piece for piece in self.pieces if inside & set(piece.blocks)]

    def offers(self, blocks: Sequence[int] | None = None) -> list[float]:
        """The probability of an offer in each piece, within the blocks if some are given, the highest first."""
        pieces = self.pieces if blocks is None else self.within(blocks)
        return sorted((piece.probability[OFFER] for piece in pieces), reverse=True)

    def measure(self, measure: str, blocks: Sequence[int]) -> float:
        """The probability that some piece within the blocks offers a measure; UNSEEN where none was looked at."""
        found = [piece.probability[measure] for piece in self.within(blocks)]
        if not found:
            return UNSEEN
        odds = max(found) / max(1 - max(found), 1e-6)
        return odds / (odds + len(found))  # the more pieces, the more often one looks like it by chance

    def best_piece(self, measure: str, blocks: Sequence[int]) -> Piece | None:
        """The piece within the blocks that offers a measure most."""
        return max(self.within(blocks), key=lambda piece: piece.probability[measure], default=None)


def look(reading: Reading, language: str, model: Model) -> Learned:
    """Judge a page piece by piece, leaving out what it says is not offered.

    Where quick vectors see no offer in a piece, that is the judgement; else deep ones are asked too.
    """
    kept = [(blocks, text) for blocks, text in _pieces(reading) if len(text) >= 8]
    if len(kept) > MOST_PIECES:
        ranked = sorted(range(len(kept)), key=lambda place: (-_weight(reading, kept[place][0]), place))
        kept = [kept[place] for place in sorted(ranked[:MOST_PIECES])]
    if not kept:
        return Learned(model, language)
    chosen = [text for _, text in kept]
    found = model.at_a_glance(chosen, language)
    worth = np.flatnonzero(found[:, model.labels.index(OFFER)] >= WORTH_A_LOOK)
    if worth.size:
        found[worth] = model.probabilities([chosen[place] for place in worth], language)
    pieces = tuple(
        Piece(blocks, dict(zip(model.labels, (float(p) for p in row), strict=True)))
        for (blocks, _), row in zip(kept, found, strict=True)
    )
    return Learned(model, language, pieces)


def letters(language: str, length: int) -> int:
    """How many letters of an alphabet say as much as so many characters of a language."""
    return length * DENSE if load_codebook().languages[language].writing == "characters" else length


def best_sentences(
    reading: Reading, learned: Learned, measures: Sequence[str], blocks: Sequence[int]
) -> dict[str, tuple[int, int]]:
    """Where the sentence stands that speaks most for each measure: start and end in the text."""
    best = {}
    seen: dict[tuple[int, ...], tuple[list[tuple[int, int]], Floats]] = {}
    for measure in measures:
        piece = learned.best_piece(measure, blocks)
        if piece is None:
            continue
        if piece.blocks not in seen:
            spans = [span for n in piece.blocks for span in offered_spans(reading, n) if span[1] - span[0] >= 20]
            texts = [reading.page.text[start:end] for start, end in spans]
            seen[piece.blocks] = spans, learned.model.probabilities(texts, learned.language)
        spans, found = seen[piece.blocks]
        if spans:
            best[measure] = spans[int(np.argmax(found[:, learned.model.labels.index(measure)]))]
    return best


def _pieces(reading: Reading) -> list[tuple[tuple[int, ...], str]]:
    """Neighbouring blocks up to WORDS words, each with what it offers; a heading begins a new piece, and a long
    paragraph is cut at its sentences: what is offered in one of them hardly shows in the vector of all."""
    pieces: list[tuple[tuple[int, ...], str]] = []
    blocks: list[int] = []
    parts: list[str] = []
    size = 0
    for number, block in enumerate(reading.page.blocks):
        if not reading.offers(number):
            continue
        begins = block.kind == "heading" and any(reading.page.blocks[n].kind != "heading" for n in blocks)
        if blocks and (begins or size >= WORDS):
            pieces.append((tuple(blocks), " ".join(parts)))
            blocks, parts, size = [], [], 0
        sentences = [reading.page.text[start:end] for start, end in offered_spans(reading, number)]
        cut = sum(map(_words, sentences)) > LONG_PARAGRAPH
        blocks.append(number)
        for sentence in sentences:
            if cut and size >= WORDS:
                pieces.append((tuple(blocks), " ".join(parts)))
                blocks, parts, size = [number], [], 0
            parts.append(sentence)
            size += _words(sentence)
    if blocks:
        pieces.append((tuple(blocks), " ".join(parts)))
    return pieces


def _words(text: str) -> int:
    spaced = len(text.split())
    return spaced if len(text) < 12 * spaced else len(text) // 2


def offered_spans(reading: Reading, number: int) -> list[tuple[int, int]]:
    """The sentences of a block that say what is offered."""
    block = reading.page.blocks[number]
    first, last = reading.cued.sentence_at(block.start), reading.cued.sentence_at(block.end - 1)
    spans = []
    for sentence in range(first, last + 1):
        if sentence not in reading.negated_sentences:
            start, end = reading.cued.sentences[sentence]
            spans.append((max(start, block.start), min(end, block.end)))
    return [(start, end) for start, end in spans if end > start]


def _weight(reading: Reading, blocks: Sequence[int]) -> int:
    """How many cues of measures, exporting and social media stand in blocks: where to look first."""
    return len(
        {
            hit.concept
            for number in blocks
            for hit in reading.hits_of_block.get(number, ())
            if (hit.concept[0] == "measure" and hit.concept[2] != "not_")
            or hit.concept[0] == "platform"
            or hit.concept[:2] in (("context", "export"), ("social", "words"))
        }
    )
