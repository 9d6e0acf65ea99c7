"""Makes the trained part of the coder: `make model`, or `python -m gapaudit.train [GOLD_FOLDER]`.

Trained on the gold passages; how to join cues and vectors is learned from predictions for sites that were held out.
Needs scikit-learn, which the coder itself does not, and the tunings of the encoder (tune.py).
"""

import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import Language, load_codebook
from analysis.encoder import Tuning
from analysis.gold import GoldItem, GoldPassage, read_items, read_passages
from analysis.model import (
    BYTES_A_UNIT,
    DEEP_WIDTH,
    GIVEN,
    MODEL_FILE,
    OFFER,
    PURPOSE,
    QUICK_WIDTH,
    Items,
    Model,
    Regression,
    Space,
    all_labels,
    as_stored,
    centred,
    item_inputs,
    kernel,
    save_model,
)
from analysis.page import page_from_text
from analysis.vectors import DEEP_SIZE, QUICK_SIZE, deep_vectors, quick_vectors
from gapaudit.fit_joins import (
    HeldOut,
    fit_level_joins,
    fit_measure_join,
    sample_pages,
)
from gapaudit.tunings import Tunings, group_of, read_tunings

GOLD = Path(__file__).parent.parent / "tests" / "gold"
QUICK_STRENGTH, STRENGTH = 0.1, 0.07  # of the ridge: the larger, the less a single passage says
ITEM_STRENGTH = 5.0  # of the regression of items: the smaller, the less a single item says
CUE_WEIGHT = 0.3  # of a cue beside a gold item: a cue is a word or two, an item says a whole thing
WAYS_OF_A_CUE = 3  # a cue with alternatives stands for so many texts
JOIN_SHARE = 4  # how to join cues and vectors is three numbers, for which one passage of so many is enough

Matrix = npt.NDArray[Any]


@dataclass(frozen=True)
class Examples:
    """Languages and vectors of texts, and for each and each label whether it holds (1), not (0)."""

    languages: tuple[str, ...]
    quick: Matrix
    deep: Matrix
    truth: Matrix

    def where(self, kept: Matrix) -> "Examples":
        """Those of which `kept` (one truth value an example) says so."""
        languages = tuple(language for language, keep in zip(self.languages, kept.tolist(), strict=True) if keep)
        return Examples(languages, self.quick[kept], self.deep[kept], self.truth[kept])


def main(folder: Path = GOLD) -> None:
    """Train, and write the model into the package."""
    passages, items = read_passages(folder), read_items(folder / "items")
    model = train(passages, items, read_tunings())
    save_model(model)
    joins = (model.measure_join, model.given_join, model.purpose_join)
    print(f"{MODEL_FILE.name}: {len(passages)} passages, {len(items)} items; joins", *(join.round(2) for join in joins))


def train(passages: Sequence[GoldPassage], gold_items: Sequence[GoldItem], tunings: Tunings) -> Model:
    """A model of the passages and items; scaled and joined by what held-out groups of sites and the sample web show."""
    groups = np.array([group_of(passage.fold) for passage in passages])
    examples = passage_examples(passages, tunings.whole)
    whole = fitted(examples, tunings.whole, fit_items(gold_items, tunings.whole))
    without, values = {}, [np.zeros((len(passages), len(all_labels()))) for _ in range(2)]
    for group, tuning in enumerate(tunings.groups):
        others = passage_examples(passages, tuning, examples)
        model = fitted(others.where(groups != group), tuning, fit_items(gold_items, tuning))
        without[group] = model
        near = _near(model, others.where(groups == group))
        values[0][groups == group] = model.by_quick.values(near[0])
        values[1][groups == group] = model.by_deep.values(near[1])
    scales = [fit_scale(value, examples.truth) for value in values]
    without = {group: _scaled(model, scales) for group, model in without.items()}
    whole = _scaled(whole, scales)
    pages = [
        HeldOut(page_from_text(p.text), p.language, frozenset(p.measures), without[group_of(p.fold)])
        for p in passages[::JOIN_SHARE]
    ]
    pages += [HeldOut(*page, whole) for page in sample_pages()]
    measure_join = fit_measure_join(pages)
    given_join, purpose_join = fit_level_joins(passages, [without[group_of(p.fold)] for p in passages])
    return replace(whole, measure_join=measure_join, given_join=given_join, purpose_join=purpose_join)


def passage_examples(passages: Sequence[GoldPassage], tuning: Tuning, alike: Examples | None = None) -> Examples:
    """The gold passages, each whole: also with what it says is not offered. `alike` are the same passages by another
    tuning, whose quick vectors are these."""
    texts = [" ".join(line.removeprefix("# ") for line in passage.text.splitlines()) for passage in passages]
    languages = tuple(passage.language for passage in passages)
    quick = alike.quick if alike else np.vstack([quick_vectors([t], n) for t, n in zip(texts, languages, strict=True)])
    return Examples(languages, quick, deep_vectors(texts, tuning), truth_of(passages))


def fitted(examples: Examples, tuning: Tuning, items: Items) -> Model:
    """A model of examples that is not scaled and joins nothing yet; `items` were learned before."""
    quick = _space(examples.quick, examples.languages, QUICK_WIDTH)
    deep = _space(examples.deep, examples.languages, DEEP_WIDTH)
    return Model(
        all_labels(),
        tuning,
        quick,
        deep,
        _fit(kernel(quick.passages, quick.passages, QUICK_WIDTH), examples.truth, QUICK_STRENGTH),
        _fit(kernel(deep.passages, deep.passages, DEEP_WIDTH), examples.truth, STRENGTH),
        items,
        np.zeros(3),
        np.zeros(5),
        np.zeros(4),
    )


def _space(vectors: Matrix, languages: Sequence[str], width: float) -> Space:
    """Vectors of passages less the mean of their language, as the model file holds them."""
    own = np.array(languages)
    centres = {language: vectors[own == language].mean(axis=0, dtype=np.float64) for language in sorted(set(languages))}
    moved = centred(vectors, np.array([centres[language] for language in languages]))
    return Space(np.round(moved * BYTES_A_UNIT) / BYTES_A_UNIT, centres, width)


def _fit(near: Matrix, truth: Matrix, strength: float) -> Regression:
    """Kernel ridge regressions from how near the examples are to each other."""
    from sklearn.kernel_ridge import KernelRidge

    regression = KernelRidge(alpha=strength, kernel="precomputed")
    regression.fit(near, 2.0 * truth - 1)
    return Regression(as_stored(regression.dual_coef_), np.ones((2, truth.shape[1])))


def _near(model: Model, examples: Examples) -> tuple[Matrix, Matrix]:
    """How near examples are to the passages of a model, by quick vectors and by deep ones."""
    quick = np.vstack(
        [model.quick.kernel(v[None], name) for v, name in zip(examples.quick, examples.languages, strict=True)]
    )
    deep = np.vstack(
        [model.deep.kernel(v[None], name) for v, name in zip(examples.deep, examples.languages, strict=True)]
    )
    return quick, deep


def _scaled(model: Model, scales: Sequence[Matrix]) -> Model:
    """A model with what makes probabilities of its values."""
    return replace(
        model,
        by_quick=replace(model.by_quick, scale=scales[0]),
        by_deep=replace(model.by_deep, scale=scales[1]),
    )


def fit_items(gold: Sequence[GoldItem], tuning: Tuning) -> Items:
    """What tells the meaning of an item of a list: from gold items, and from the codebook's cues: those of a measure,
    and for none of the measures the words about structure and context."""
    from sklearn.linear_model import LogisticRegression

    measures = list(load_codebook().measures)
    rows = [
        (item.language, measures.index(item.measure) if item.measure else len(measures), item.text, 1.0)
        for item in gold
    ]
    for language in load_codebook().languages.values():
        rows += [(language.language, number, text, CUE_WEIGHT) for number, text in _short_texts(language)]
    names, labels, texts, weights = zip(*rows, strict=True)
    own = np.array(names)
    quick, deep = np.zeros((len(rows), QUICK_SIZE)), np.zeros((len(rows), DEEP_SIZE))
    for name in sorted(set(names)):
        places = np.flatnonzero(own == name)
        quick[places] = quick_vectors([texts[place] for place in places], name)
        deep[places] = deep_vectors([texts[place] for place in places], tuning)
    quick_centres, deep_centres = (
        {name: vectors[own == name].mean(axis=0) for name in sorted(set(names))} for vectors in (quick, deep)
    )
    inputs = np.zeros((len(rows), DEEP_SIZE + QUICK_SIZE))
    for name in sorted(set(names)):
        places = own == name
        inputs[places] = item_inputs(quick[places], deep[places], quick_centres[name], deep_centres[name])
    regression = LogisticRegression(C=ITEM_STRENGTH, max_iter=1000)
    regression.fit(inputs, labels, sample_weight=weights)
    return Items(quick_centres, deep_centres, as_stored(regression.coef_), regression.intercept_.astype(np.float64))


def _short_texts(language: Language) -> Iterator[tuple[int, str]]:
    """The cues of a language as they may stand in a text, each with the number of its measure, or that of none."""
    measures = list(load_codebook().measures)
    groups = [(measures.index(measure), [*cues.strong, *cues.weak]) for measure, cues in language.measures.items()]
    for words in (language.context, language.structure):
        names = [name for name in words.__dataclass_fields__ if name not in ("export", "abroad")]
        groups += [(len(measures), list(getattr(words, name))) for name in names]
    seen = set()
    for number, cues in groups:
        for cue in cues:
            ways = itertools.product(*(part.split("|") for part in cue.split(" ~ ")))
            for way in itertools.islice(ways, WAYS_OF_A_CUE):
                text = re.sub(r"[*=]", "", " ".join(way)).strip()
                if text and (number, text) not in seen:
                    seen.add((number, text))
                    yield number, text


def fit_scale(values: Matrix, truth: Matrix) -> Matrix:
    """How values of the regressions for texts that they did not see become log-odds: shape (2, labels).

    OFFER, GIVEN and PURPOSE have scales of their own. All measures have one: of some there are few passages. Yes and no
    weigh alike, as passages say nothing of how frequent a measure is on the web; that is left to the joining steps.
    """
    from sklearn.linear_model import LogisticRegression

    scales = np.zeros((2, values.shape[1]))
    for labels in ([OFFER], list(load_codebook().measures), [GIVEN], [PURPOSE]):
        places = [all_labels().index(label) for label in labels]
        regression = LogisticRegression(C=100, class_weight="balanced")
        regression.fit(values[:, places].reshape(-1, 1), truth[:, places].reshape(-1))
        scales[0, places], scales[1, places] = regression.intercept_[0], regression.coef_[0, 0]
    return scales


def truth_of(passages: Sequence[GoldPassage]) -> Matrix:
    """Whether each label holds of each passage (1) or not (0): shape (passages, labels)."""
    return np.array([_row(passage) for passage in passages])


def _row(passage: GoldPassage) -> list[int]:
    """Whether each label holds of a passage."""
    special = {OFFER: passage.relevant, GIVEN: passage.social >= 3, PURPOSE: passage.social == 4}
    return [int(special.get(label, label in passage.measures)) for label in all_labels()]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
