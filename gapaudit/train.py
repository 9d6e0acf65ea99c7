"""Makes the trained part of the coder: `make model`, or `python -m gapaudit.train [GOLD_FOLDER]`.

Trained on the gold passages; how to join cues and vectors is learned from predictions for sites that were held out.
Needs scikit-learn, which the coder itself does not.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import load_codebook
from analysis.coder import coded_programmes, relevance_by_cues
from analysis.cues import cue_finder
from analysis.gold import GoldPassage, read_passages
from analysis.html_text import read_html
from analysis.language import detect_language
from analysis.measures import measure_evidence
from analysis.model import (
    BYTES_A_UNIT,
    DECIDED,
    MODEL_FILE,
    OFFER,
    SHORT,
    Model,
    kernel,
    log_odds,
    look,
    page_features,
)
from analysis.page import PageText, assemble, page_from_text
from analysis.programmes import find_candidates, whole_page
from analysis.reading import read_page
from analysis.relevance import against
from analysis.vectors import text_vectors
from gapaudit.sample_gold import sample_gold

GOLD = Path(__file__).parent.parent / "tests" / "gold"
STRENGTH = 0.1  # of the ridge: the larger, the less a single passage says
SEED = 1
# log-odds: two of three gold passages are relevant, but few pages of the web; and a passage is mostly about one
# measure, said in other words than the codebook's, but a page of the web has many pieces that resemble one
RARER = 0.6

Matrix = npt.NDArray[Any]


@dataclass(frozen=True)
class Examples:
    """Vectors of texts, and for each and each label whether it holds (1), not (0)."""

    vectors: Matrix
    truth: Matrix

    def where(self, kept: Matrix) -> "Examples":
        """Those of which `kept` (one truth value an example) says so."""
        return Examples(self.vectors[kept], self.truth[kept])


def main(folder: Path = GOLD) -> None:
    """Train, and write the model into the package."""
    passages = read_passages(folder)
    model = train(passages)
    np.savez_compressed(
        MODEL_FILE,
        labels=np.array(model.labels),
        passages=np.round(model.passages * BYTES_A_UNIT).astype(np.int8),
        coefficients=model.coefficients.astype(np.float32),
        scale=model.scale,
        measure_join=model.measure_join,
        page_join=model.page_join,
    )
    print(f"{MODEL_FILE.name}: {len(passages)} passages; join {model.measure_join.round(2)} {model.page_join.round(2)}")


def train(passages: Sequence[GoldPassage]) -> Model:
    """A model of the passages; scaled and joined by what held-out folds and the sample web show."""
    labels = (OFFER, *load_codebook().measures)
    examples = passage_examples(passages, labels)
    folds = np.array([passage.fold for passage in passages])
    without = {}  # the regressions that did not see a fold
    values = np.zeros(examples.truth.shape)
    for fold in sorted(set(folds.tolist())):
        without[fold] = _plain(labels, examples.where(folds != fold))
        values[folds == fold] = without[fold].values(examples.vectors[folds == fold])
    scale = fit_scale(values, examples.truth)
    whole = replace(_plain(labels, examples), scale=scale)
    held_out: list[tuple[PageText, str, set[str], bool, Model]] = []
    for fold, model in without.items():
        scaled = replace(model, scale=scale)
        held_out += [
            (page_from_text(p.text), p.language, set(p.measures), p.relevant, scaled)
            for p in passages
            if p.fold == fold
        ]
    held_out += [(*page, whole) for page in _sample_pages()]
    measure_join = _fit_measure_join(held_out)
    mixed = held_out + _mixed_pages(held_out)
    page_join = _fit_page_join([(*page[:4], replace(page[4], measure_join=measure_join)) for page in mixed])
    return replace(whole, measure_join=measure_join, page_join=page_join)


def _plain(labels: tuple[str, ...], examples: Examples) -> Model:
    """A model that is not scaled and joins nothing yet."""
    return Model(labels, examples.vectors, fit(examples), np.ones((2, len(labels))), np.zeros(3), np.zeros(6))


def passage_examples(passages: Sequence[GoldPassage], labels: Sequence[str]) -> Examples:
    """The gold passages, each whole: also with what it says is not offered. Vectors as the model file holds them."""
    vectors = []
    for passage in passages:
        text = " ".join(line.removeprefix("# ") for line in passage.text.splitlines())
        vectors.append(text_vectors([text], passage.language))
    truth = np.array([_row(labels, set(passage.measures)) for passage in passages])
    return Examples(np.round(np.vstack(vectors) * BYTES_A_UNIT) / BYTES_A_UNIT, truth)


def fit(examples: Examples) -> Matrix:
    """The coefficients of a kernel ridge regression: shape (examples, labels)."""
    from sklearn.kernel_ridge import KernelRidge

    regression = KernelRidge(alpha=STRENGTH, kernel="precomputed")
    regression.fit(kernel(examples.vectors, examples.vectors), 2.0 * examples.truth - 1)
    return np.asarray(regression.dual_coef_)


def fit_scale(values: Matrix, truth: Matrix) -> Matrix:
    """How values of the regressions for texts that they did not see become log-odds: shape (2, labels).

    All measures have one scale: of some there are few passages. Yes and no weigh alike, as passages say nothing of how
    frequent a measure is on the web; that is left to the joining steps.
    """
    from sklearn.linear_model import LogisticRegression

    scales = np.zeros((2, values.shape[1]))
    for places in (slice(0, 1), slice(1, None)):
        regression = LogisticRegression(C=100, class_weight="balanced")
        regression.fit(values[:, places].reshape(-1, 1), truth[:, places].reshape(-1))
        scales[0, places], scales[1, places] = regression.intercept_[0], regression.coef_[0, 0]
    return scales


def _row(labels: Sequence[str], measures: set[str]) -> list[int]:
    return [int(bool(measures) if label == OFFER else label in measures) for label in labels]


def _sample_pages() -> list[tuple[PageText, str, set[str], bool]]:
    pages = []
    for row in sample_gold():
        if not row["scored"]:
            continue
        if "html" in row:
            html = read_html(row["html"])
            page = assemble(html.title, html.blocks, html.language)
        else:
            page = page_from_text(row["text"], row["title"])
        language = detect_language(page.main, page.declared_language)
        if language in load_codebook().languages:
            pages.append((page, language, set(row["measures"]), bool(row["relevant"])))
    return pages


def _mixed_pages(
    pages: Sequence[tuple[PageText, str, set[str], bool, Model]],
) -> list[tuple[PageText, str, set[str], bool, Model]]:
    """Longer pages, put together from held-out passages: real pages say many things, and few of them decide.

    A page is relevant when at least a quarter of its passages are.
    """
    chance = np.random.default_rng(SEED)
    groups: defaultdict[tuple[str, int], list[tuple[PageText, str, set[str], bool, Model]]] = defaultdict(list)
    for page in pages:
        if len(page[0].text) < SHORT:
            groups[page[1], id(page[4])].append(page)
    mixed = []
    for group in groups.values():
        offers, others = [p for p in group if p[3]], [p for p in group if not p[3]]
        if len(others) < 4:
            continue
        for turn in range(len(group) // 2):
            size = int(chance.integers(4, 16))
            wanted = 0 if turn % 2 else max(1, int(size * chance.uniform(0.25, 0.9)))
            chosen = [offers[i] for i in chance.integers(0, len(offers), wanted)] if offers else []
            chosen += [others[i] for i in chance.integers(0, len(others), size - len(chosen))]
            order = chance.permutation(len(chosen))
            text = "\n".join(chosen[i][0].text for i in order)
            measures = set().union(*(page[2] for page in chosen))
            mixed.append((page_from_text(text), group[0][1], measures, bool(measures), group[0][4]))
    return mixed


def _fit_measure_join(pages: Sequence[tuple[PageText, str, set[str], bool, Model]]) -> Matrix:
    """How to join cues and vectors to one probability of a measure."""
    from sklearn.linear_model import LogisticRegression

    rows, truth = [], []
    for page, language, measures, relevant, model in pages:
        if not relevant:
            continue  # which measures a page has is asked only where it is relevant
        reading = read_page(page, cue_finder(language))
        evidence = measure_evidence(reading, whole_page(reading), look(reading, language, model))
        for measure, (cues, vectors) in evidence.items():
            if cues < DECIDED:
                rows.append([log_odds(cues), log_odds(vectors)])
                truth.append(measure in measures)
    regression = LogisticRegression(C=100, max_iter=1000).fit(np.array(rows), np.array(truth))
    return np.array([regression.intercept_[0] - RARER, *regression.coef_[0]])


def _fit_page_join(pages: Sequence[tuple[PageText, str, set[str], bool, Model]]) -> Matrix:
    """How to join cues and vectors to one probability of relevance, from pages that offer some measure."""
    from sklearn.linear_model import LogisticRegression

    rows, truth = [], []
    for page, language, _, relevant, model in pages:
        reading = read_page(page, cue_finder(language))
        learned = look(reading, language, model)
        coded = coded_programmes(reading, find_candidates(reading), learned)
        best = max((coding.confidence for _, found in coded for coding in found), default=0.0)
        rows.append(
            page_features(
                relevance_by_cues(reading, "", [candidate for candidate, _ in coded]),
                learned,
                best,
                against(reading, ""),
            )
        )
        truth.append(relevant)
    regression = LogisticRegression(C=1, max_iter=1000).fit(np.array(rows), np.array(truth))
    return np.array([regression.intercept_[0] - RARER, *regression.coef_[0]])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
