"""The trained part of the coder: what a text offers, by the meaning of its words instead of by cues.

What was learned is in model.npz beside this module; `make model` (gapaudit/train.py) makes it from the gold passages. A
kernel ridge regression compares the vectors of a text with those of all passages, and gives the probability of each
support measure and of an offer to exporters at all (Murphy, Machine Learning, 2012, section 14.4.3; probabilities by
Platt, 1999). There are two: one on quick vectors, which tells what is worth a closer look, and one on deep vectors,
which decides; the encoder of these was tuned on the same passages. A third regression, learned from gold items and the
codebook's cues, tells what an item of a list means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import load_codebook
from analysis.encoder import Tuning, tuning_arrays, tuning_of
from analysis.vectors import deep_vectors, quick_vectors
from common.errors import DataFileError

MODEL_FILE = Path(__file__).with_name("model.npz")
OFFER = "offer"  # the label of 'help for firms that sell or want to sell abroad'
GIVEN = "social media given"  # the label of levels 3 and 4
PURPOSE = "social media as purpose"  # the label of level 4
# of the kernels: chosen on sites held out and on excerpts of real pages, which are farther from the passages than these
# are from each other (docs/accuracy.md)
QUICK_WIDTH, DEEP_WIDTH = 2.0, 0.7
BYTES_A_UNIT = 125.0  # vectors of passages are stored in whole numbers of a byte, 1/125 each
CLIP = 0.02  # probabilities are kept between this and 1 - this before they are joined

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Space:
    """The passages as one encoder sees them.

    A language leaves its mark on all its vectors; the mean of its passages is taken off, and off a text's vector too.
    """

    # (passages, size), each less its language's mean and of length 1, as stored; a model that was read has 32 bits
    passages: npt.NDArray[np.floating[Any]]
    centres: Mapping[str, Floats]  # the mean vector of each language (size)
    width: float

    def kernel(self, vectors: npt.NDArray[np.floating[Any]], language: str) -> Floats:
        """How near the vectors of texts are to each passage: shape (texts, passages)."""
        moved = centred(vectors, centre_of(self.centres, language))
        return kernel(moved.astype(self.passages.dtype), self.passages, self.width)


@dataclass(frozen=True)
class Regression:
    """A kernel ridge regression for each label, and how its values become probabilities."""

    coefficients: Floats  # (passages, labels)
    scale: Floats  # (2, labels): constant and weight that make log-odds of a value

    def values(self, near: Floats) -> Floats:
        """About 1 for yes and -1 for no, from how near texts are to the passages: shape (texts, labels)."""
        return np.asarray(near @ self.coefficients)

    def probabilities(self, near: Floats) -> Floats:
        """Shape (texts, labels)."""
        return sigmoid(self.scale[0] + self.scale[1] * self.values(near))


@dataclass(frozen=True)
class Items:
    """A multinomial logistic regression that tells what an item of a list means, or none of the measures."""

    quick_centres: Mapping[str, Floats]  # the mean vectors of each language's items and cues
    deep_centres: Mapping[str, Floats]
    weights: Floats  # (measures + 1, DEEP_SIZE + QUICK_SIZE)
    constants: Floats  # (measures + 1)

    def probabilities(
        self, quick: npt.NDArray[np.floating[Any]], deep: npt.NDArray[np.floating[Any]], language: str
    ) -> Floats:
        """Of each measure: shape (texts, measures)."""
        inputs = item_inputs(
            quick, deep, centre_of(self.quick_centres, language), centre_of(self.deep_centres, language)
        )
        values = inputs @ self.weights.T + self.constants
        powers = np.exp(values - values.max(axis=1, keepdims=True))
        return np.asarray((powers / powers.sum(axis=1, keepdims=True))[:, :-1])


@dataclass(frozen=True)
class Model:
    """What was learned: `labels` are OFFER, the measures, GIVEN and PURPOSE."""

    labels: tuple[str, ...]
    tuning: Tuning  # of the encoder of deep vectors
    quick: Space
    deep: Space
    by_quick: Regression
    by_deep: Regression
    items: Items
    measure_join: Floats  # constant, weight of the cues' log-odds, of the vectors' log-odds (analysis/joining.py)
    given_join: Floats  # the same for each of given_features (analysis/levels.py)
    purpose_join: Floats  # and of purpose_features

    def at_a_glance(self, texts: Sequence[str], language: str) -> Floats:
        """What quick vectors tell: shape (texts, labels)."""
        return self.by_quick.probabilities(self.quick.kernel(quick_vectors(texts, language), language))

    def probabilities(self, texts: Sequence[str], language: str) -> Floats:
        """What deep vectors tell: shape (texts, labels)."""
        return self.by_deep.probabilities(self.deep.kernel(deep_vectors(texts, self.tuning), language))

    def item_probabilities(self, texts: Sequence[str], language: str) -> Floats:
        """What items of a list mean: shape (texts, measures without advice, which is none in particular)."""
        return self.items.probabilities(quick_vectors(texts, language), deep_vectors(texts, self.tuning), language)


def all_labels() -> tuple[str, ...]:
    """What the trained part tells of a text: OFFER, each measure, GIVEN and PURPOSE."""
    return (OFFER, *load_codebook().measures, GIVEN, PURPOSE)


def kernel(some: npt.NDArray[np.floating[Any]], others: npt.NDArray[np.floating[Any]], width: float) -> Floats:
    """How near vectors are to others, 1 for the same: exp(-width x squared distance), shape (some, others)."""
    squares = np.einsum("ij,ij->i", some, some)[:, None] + np.einsum("ij,ij->i", others, others) - 2 * some @ others.T
    return np.asarray(np.exp(-width * np.maximum(squares, 0.0)))


def centre_of(centres: Mapping[str, Floats], language: str) -> Floats:
    """The mean of a language; of all, for one that has no passages yet."""
    if language in centres:
        return centres[language]
    return np.asarray(np.mean(list(centres.values()), axis=0))


def centred(vectors: npt.NDArray[np.floating[Any]], centre: Floats) -> Floats:
    """Vectors less the mean of their language, of length 1 again."""
    moved = np.asarray(vectors, dtype=np.float64) - centre
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9))


def sigmoid(value: npt.ArrayLike) -> Floats:
    """1 / (1 + exp(-x))."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(value, dtype=np.float64))))


def log_odds(probability: float) -> float:
    """log(p / (1 - p)) of a probability that is kept away from 0 and 1."""
    kept = min(max(probability, CLIP), 1 - CLIP)
    return float(np.log(kept / (1 - kept)))


def item_inputs(
    quick: npt.NDArray[np.floating[Any]],
    deep: npt.NDArray[np.floating[Any]],
    quick_centre: Floats,
    deep_centre: Floats,
) -> Floats:
    """What the regression of items is given of the vectors of texts of one language, whose means are the centres:
    shape (texts, DEEP_SIZE + QUICK_SIZE)."""
    return np.hstack([centred(deep, deep_centre), centred(quick, quick_centre)])


def as_stored(coefficients: npt.ArrayLike) -> Floats:
    """Coefficients as the model file holds them, in 16 bits: half of its size, and a thousandth of a probability."""
    return np.asarray(coefficients, dtype=np.float16).astype(np.float64)


def save_model(model: Model, path: Path = MODEL_FILE) -> None:
    """Write what was learned; `load_model` reads the same again."""
    languages = sorted(model.quick.centres)
    np.savez_compressed(
        path,
        labels=np.array(model.labels),
        **tuning_arrays(model.tuning),
        languages=np.array(languages),
        quick_passages=np.round(model.quick.passages * BYTES_A_UNIT).astype(np.int8),
        deep_passages=np.round(model.deep.passages * BYTES_A_UNIT).astype(np.int8),
        quick_centres=np.array([model.quick.centres[language] for language in languages], dtype=np.float32),
        deep_centres=np.array([model.deep.centres[language] for language in languages], dtype=np.float32),
        quick_coefficients=model.by_quick.coefficients.astype(np.float16),
        deep_coefficients=model.by_deep.coefficients.astype(np.float16),
        quick_scale=model.by_quick.scale,
        deep_scale=model.by_deep.scale,
        item_quick_centres=np.array([model.items.quick_centres[lang] for lang in languages], dtype=np.float32),
        item_deep_centres=np.array([model.items.deep_centres[lang] for lang in languages], dtype=np.float32),
        item_weights=model.items.weights.astype(np.float16),
        item_constants=model.items.constants,
        measure_join=model.measure_join,
        given_join=model.given_join,
        purpose_join=model.purpose_join,
    )


@cache
def load_model(path: Path = MODEL_FILE) -> Model:
    """What was learned. Raises DataFileError when the file is missing or does not fit the codebook."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            languages = [str(language) for language in stored["languages"]]
            model = Model(
                tuple(str(label) for label in stored["labels"]),
                tuning_of(stored),
                _space(stored, "quick", languages, QUICK_WIDTH),
                _space(stored, "deep", languages, DEEP_WIDTH),
                _regression(stored, "quick"),
                _regression(stored, "deep"),
                Items(
                    dict(zip(languages, stored["item_quick_centres"].astype(np.float64), strict=True)),
                    dict(zip(languages, stored["item_deep_centres"].astype(np.float64), strict=True)),
                    stored["item_weights"].astype(np.float64),
                    stored["item_constants"].astype(np.float64),
                ),
                stored["measure_join"].astype(np.float64),
                stored["given_join"].astype(np.float64),
                stored["purpose_join"].astype(np.float64),
            )
    except (OSError, KeyError, ValueError) as error:
        raise DataFileError(f"{path}: cannot be read as a model: {error}; make it with 'make model'") from None
    if model.labels != all_labels():
        raise DataFileError(f"{path}: was trained for other measures than the codebook's; run 'make model'")
    return model


def _space(stored: Mapping[str, npt.NDArray[Any]], name: str, languages: Sequence[str], width: float) -> Space:
    centres = stored[f"{name}_centres"].astype(np.float64)
    passages = stored[f"{name}_passages"].astype(np.float32) / np.float32(BYTES_A_UNIT)  # half the memory
    return Space(passages, dict(zip(languages, centres, strict=True)), width)


def _regression(stored: Mapping[str, npt.NDArray[Any]], name: str) -> Regression:
    return Regression(stored[f"{name}_coefficients"].astype(np.float64), stored[f"{name}_scale"].astype(np.float64))
