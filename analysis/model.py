"""The trained part of the coder: what a piece of a page offers, by the meaning of its words instead of by cues.

What was learned is in model.npz beside this module; `make model` (gapaudit/train.py) makes it from the gold passages. A
kernel ridge regression compares the vector of a piece of text with those of all passages, and gives the probability of
each support measure and of an offer to exporters at all; two small regressions join these with what the cues say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import load_codebook
from analysis.reading import Reading
from analysis.vectors import knows, text_vectors
from common.errors import DataFileError

MODEL_FILE = Path(__file__).with_name("model.npz")
OFFER = "offer"  # the label of 'help for firms that sell or want to sell abroad'
WIDTH = 1.0  # of the kernel: chosen, with STRENGTH in train.py, on sites held out
BYTES_A_UNIT = 250.0  # vectors of passages are stored in whole numbers of a byte, 1/250 each
WORDS = 45  # words of a piece; characters that are words for themselves count as half
MOST_PIECES = 8  # of a page: a vector costs more than all other steps
CLIP = 0.02  # probabilities are kept between this and 1 - this before they are joined
A_FEW_SENTENCES = 250  # characters of a text so short that what it names is what it is about
SHORT = 1_000  # characters: below that the vectors decide as well as the cues, see LONG_JOIN
LONG = 2_500  # characters from which LONG_JOIN alone counts
DENSE = 3  # a character of a script without spaces says as much as so many letters
# A long page that helps exporters says so in some known word; some piece of a long speech always looks like an offer.
# Chosen by hand on 902 government pages about other things (docs/accuracy.md); constant and weights as in page_join.
LONG_JOIN = np.array([-1.5, 0.8, 0.1, 0.3, 0.1, 0.0])
EXPORT_SITE = 0.5  # share of pages that speak of exporting, from which a site is about it
# log-odds less where a page is of another site; twice that where it has no word of exporting either
OTHER_SITE = 1.0
DECIDED = 0.5  # confidence of cues from which they decide alone
UNSEEN, DOUBT = 0.05, 0.1
# probability of an offer in the best piece, below which cues alone make no page relevant, or only one for a person to
# look at: textbooks, debates and articles use the words of the codebook too, and offer nothing
NO_OFFER, HARDLY_AN_OFFER = 0.25, 0.4
UNSURE = (0.3, 0.7)  # final probabilities in this band go to a person

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """What was learned: `labels` are OFFER and the measures; how near a text is to each passage tells how alike its
    labels are (kernel ridge regression: Murphy, Machine Learning, 2012, section 14.4.3; probabilities by Platt, 1999).
    """

    labels: tuple[str, ...]
    passages: Floats  # vectors of the passages (passages, SIZE), as stored
    coefficients: Floats  # (passages, labels)
    scale: Floats  # (2, labels): constant and weight that make log-odds of a regression's value
    measure_join: Floats  # constant, weight of the cues' log-odds, of the vectors' log-odds
    page_join: Floats  # constant, and a weight for each of page_features

    def values(self, vectors: npt.NDArray[np.floating[Any]]) -> Floats:
        """What the regressions say, about 1 for yes and -1 for no: shape (texts, labels)."""
        return np.asarray(kernel(vectors, self.passages) @ self.coefficients)

    def probabilities(self, vectors: npt.NDArray[np.floating[Any]]) -> Floats:
        """Shape (texts, labels)."""
        return sigmoid(self.scale[0] + self.scale[1] * self.values(vectors))


def kernel(some: npt.NDArray[np.floating[Any]], others: npt.NDArray[np.floating[Any]]) -> Floats:
    """How near vectors are to others, 1 for the same: exp(-WIDTH x squared distance), shape (some, others)."""
    one, two = np.asarray(some, dtype=np.float64), np.asarray(others, dtype=np.float64)
    squares = np.einsum("ij,ij->i", one, one)[:, None] + np.einsum("ij,ij->i", two, two) - 2 * one @ two.T
    return np.asarray(np.exp(-WIDTH * np.maximum(squares, 0.0)))


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

    def measure(self, measure: str, blocks: Sequence[int]) -> float:
        """The probability that some piece within the blocks offers a measure; 0 where none was looked at."""
        inside = set(blocks)
        found = [piece.probability[measure] for piece in self.pieces if inside & set(piece.blocks)]
        if not found:
            return 0.0
        odds = max(found) / max(1 - max(found), 1e-6)
        return odds / (odds + len(found))  # the more pieces, the more often one looks like it by chance

    def best_piece(self, measure: str, blocks: Sequence[int]) -> Piece | None:
        """The piece within the blocks that offers a measure most."""
        inside = set(blocks)
        pieces = [piece for piece in self.pieces if inside & set(piece.blocks)]
        return max(pieces, key=lambda piece: piece.probability[measure], default=None)


def look(reading: Reading, language: str, model: Model) -> Learned:
    """Judge a page piece by piece, leaving out what it says is not offered."""
    pieces = _pieces(reading)
    texts = [_offered_text(reading, blocks) for blocks in pieces]
    kept = [(blocks, text) for blocks, text in zip(pieces, texts, strict=True) if len(text) >= 8]
    if len(kept) > MOST_PIECES:
        ranked = sorted(range(len(kept)), key=lambda place: (-_weight(reading, kept[place][0]), place))
        kept = [kept[place] for place in sorted(ranked[:MOST_PIECES])]
    if not kept:
        return Learned(model, language)
    found = model.probabilities(text_vectors([text for _, text in kept], language))
    return Learned(
        model,
        language,
        tuple(
            Piece(blocks, dict(zip(model.labels, (float(p) for p in row), strict=True)))
            for (blocks, _), row in zip(kept, found, strict=True)
        ),
    )


def best_sentence(reading: Reading, learned: Learned, measure: str, blocks: Sequence[int]) -> tuple[int, int] | None:
    """Where the sentence stands that speaks most for a measure which no cue shows: start and end in the text."""
    piece = learned.best_piece(measure, blocks)
    if piece is None:
        return None
    spans = [span for number in piece.blocks for span in _offered_spans(reading, number) if span[1] - span[0] >= 20]
    if not spans:
        return None
    found = learned.model.probabilities(text_vectors([reading.page.text[a:b] for a, b in spans], learned.language))
    return spans[int(np.argmax(found[:, learned.model.labels.index(measure)]))]


@cache
def load_model(path: Path = MODEL_FILE) -> Model:
    """What was learned. Raises DataFileError when the file is missing or does not fit the codebook."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            model = Model(
                tuple(str(label) for label in stored["labels"]),
                stored["passages"].astype(np.float64) / BYTES_A_UNIT,
                stored["coefficients"].astype(np.float64),
                stored["scale"].astype(np.float64),
                stored["measure_join"].astype(np.float64),
                stored["page_join"].astype(np.float64),
            )
    except (OSError, KeyError, ValueError) as error:
        raise DataFileError(f"{path}: cannot be read as a model: {error}; make it with 'make model'") from None
    if model.labels != (OFFER, *load_codebook().measures):
        raise DataFileError(f"{path}: was trained for other measures than the codebook's; run 'make model'")
    return model


def joined_measure(model: Model, cues: float, vectors: float) -> float:
    """The final probability of a measure from those of the cues and of the vectors.

    Cues that decide are believed, but a single one that the vectors do not see is marked for a person (one item of
    a list hardly shows in the vector of the list). Where cues do not decide, both are joined.
    """
    constant, of_cues, of_vectors = model.measure_join
    joined = float(sigmoid(constant + of_cues * log_odds(cues) + of_vectors * log_odds(vectors)))
    if cues >= DECIDED:
        return max(joined, cues - DOUBT if vectors < UNSEEN else cues)
    return joined


def page_features(cues: float, learned: Learned, best_measure: float, against: float) -> list[float]:
    """What the relevance of a page is judged by, as log-odds: cues, best piece, mean of three, best measure; and what
    speaks against it (relevance.against)."""
    offers = sorted((piece.probability[OFFER] for piece in learned.pieces), reverse=True)[:3]
    best = offers[0] if offers else 0.0
    mean = sum(offers) / len(offers) if offers else 0.0
    return [log_odds(cues), log_odds(best), log_odds(mean), log_odds(best_measure), against]


def joined_relevance(
    cues: float,
    learned: Learned,
    best_measure: float,
    against: float,
    length: int,
    site_share: float,
    exports: bool,
) -> float:
    """The final probability that a page of `length` characters is relevant; between SHORT and LONG both ways.

    `exports`: whether it holds a word of selling abroad.
    """
    join = _page_join(learned.model, learned.language, length)
    features = page_features(cues, learned, best_measure, against)
    elsewhere = OTHER_SITE * (1 if exports else 2) if 0 < site_share < EXPORT_SITE else 0.0
    joined = float(sigmoid(join[0] + float(np.dot(join[1:], features)) - elsewhere))
    if cues < DECIDED:
        return joined
    offered = max((piece.probability[OFFER] for piece in learned.pieces), default=1.0)
    telling = (
        _letters(learned.language, length) >= A_FEW_SENTENCES and site_share < EXPORT_SITE and knows(learned.language)
    )
    if telling and offered < HARDLY_AN_OFFER:
        return UNSURE[0] if offered < NO_OFFER else DECIDED  # either way for a person to look at
    return max(joined, cues)


def can_be_relevant(model: Model, language: str, cues: float, length: int) -> bool:
    """Whether vectors, whatever they say, could lift a page above what is certainly irrelevant."""
    join = _page_join(model, language, length)
    best = np.abs(join[2:5]).sum() * log_odds(1.0)
    return bool(sigmoid(join[0] + join[1] * log_odds(cues) + best) >= UNSURE[0])


def _page_join(model: Model, language: str, length: int) -> Floats:
    """How cues and vectors of a page of `length` characters are joined."""
    share = min(max((_letters(language, length) - SHORT) / (LONG - SHORT), 0.0), 1.0)
    return np.asarray((1 - share) * model.page_join + share * LONG_JOIN)


def _letters(language: str, length: int) -> int:
    """How many letters of an alphabet say as much as so many characters of a language."""
    return length * DENSE if load_codebook().languages[language].writing == "characters" else length


def log_odds(probability: float) -> float:
    """log(p / (1 - p)) of a probability that is kept away from 0 and 1."""
    kept = min(max(probability, CLIP), 1 - CLIP)
    return float(np.log(kept / (1 - kept)))


def sigmoid(value: npt.ArrayLike) -> Floats:
    """1 / (1 + exp(-x))."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(value, dtype=np.float64))))


def _pieces(reading: Reading) -> list[tuple[int, ...]]:
    """Neighbouring blocks up to WORDS words; a heading begins a new piece."""
    pieces: list[tuple[int, ...]] = []
    current: list[int] = []
    size = 0
    for number, block in enumerate(reading.page.blocks):
        if not reading.offers(number):
            continue
        begins = block.kind == "heading" and any(reading.page.blocks[n].kind != "heading" for n in current)
        if current and (begins or size >= WORDS):
            pieces.append(tuple(current))
            current, size = [], 0
        current.append(number)
        size += _words(reading.page.of(block))
    if current:
        pieces.append(tuple(current))
    return pieces


def _words(text: str) -> int:
    spaced = len(text.split())
    return spaced if len(text) < 12 * spaced else len(text) // 2


def _offered_text(reading: Reading, blocks: Sequence[int]) -> str:
    """The text of blocks without the sentences that say that something is not offered."""
    return " ".join(reading.page.text[a:b] for number in blocks for a, b in _offered_spans(reading, number))


def _offered_spans(reading: Reading, number: int) -> list[tuple[int, int]]:
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
    """How many cues of measures and of exporting stand in blocks: where to look first."""
    return len(
        {
            hit.concept
            for number in blocks
            for hit in reading.hits_of_block.get(number, ())
            if (hit.concept[0] == "measure" and hit.concept[2] != "not_") or hit.concept[:2] == ("context", "export")
        }
    )
