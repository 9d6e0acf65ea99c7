"""Makes the trained part of the coder: `make model`, or `python -m gapaudit.train [GOLD_FOLDER]`.

Trained on the codebook's own cues (short texts of a measure, or of none) and the gold passages; how to join cues and
vectors is learned from predictions for sites that were held out. Needs scikit-learn, which the coder itself does not.
"""

import itertools
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import Language, load_codebook
from analysis.coder import coded_programmes, relevance_by_cues
from analysis.cues import cue_finder
from analysis.gold import GoldPassage, read_passages
from analysis.html_text import read_html
from analysis.language import detect_language
from analysis.measures import measure_evidence
from analysis.model import DECIDED, MODEL_FILE, OFFER, SHORT, Model, log_odds, look, page_features
from analysis.page import PageText, assemble, page_from_text
from analysis.programmes import find_candidates, whole_page
from analysis.reading import read_page
from analysis.relevance import against
from analysis.vectors import text_vectors
from gapaudit.sample_gold import sample_gold

GOLD = Path(__file__).parent.parent / "tests" / "gold"
PASSAGE_WEIGHT = 10.0  # of a passage against a cue
STRENGTH = 1.0  # C of scikit-learn: the smaller, the more the weights are kept small
MOST_OF_A_CUE = 6  # ways in which a cue with alternatives is spelled out
SEED = 1
RARER = 0.6  # log-odds: two of three gold passages are relevant, but few pages of the web
_CONTEXT_NOT = ("regulation", "inward", "jobs", "tenders", "news", "domestic", "import_")

Matrix = npt.NDArray[Any]


@dataclass(frozen=True)
class Examples:
    """Vectors of texts, and for each and each label whether it holds (1), not (0)."""

    vectors: Matrix
    truth: Matrix
    weight: Matrix

    def where(self, kept: Matrix) -> "Examples":
        """Those of which `kept` (one truth value an example) says so."""
        return Examples(self.vectors[kept], self.truth[kept], self.weight[kept])


def main(folder: Path = GOLD) -> None:
    """Train, and write the model into the package."""
    passages = read_passages(folder)
    model = train(passages)
    np.savez_compressed(
        MODEL_FILE,
        labels=np.array(model.labels),
        weights=model.weights.astype(np.float32),
        bias=model.bias.astype(np.float32),
        measure_join=model.measure_join,
        page_join=model.page_join,
    )
    print(f"{MODEL_FILE.name}: {len(passages)} passages; join {model.measure_join.round(2)} {model.page_join.round(2)}")


def train(passages: Sequence[GoldPassage]) -> Model:
    """A model of the passages; joined by what held-out folds and the sample web show."""
    labels = (OFFER, *load_codebook().measures)
    cues = cue_examples(labels)
    examples = passage_examples(passages, labels)
    plain = Model(labels, *fit(cues, examples), np.zeros(3), np.zeros(6))
    held_out: list[tuple[PageText, str, set[str], bool, Model]] = []
    folds = np.array([passage.fold for passage in passages])
    for fold in sorted(set(folds.tolist())):
        inside = folds != fold
        weights, bias = fit(cues, examples.where(inside))
        without = replace(plain, weights=weights, bias=bias)
        held_out += [
            (page_from_text(p.text), p.language, set(p.measures), p.relevant, without)
            for p in passages
            if p.fold == fold
        ]
    held_out += [(*page, plain) for page in _sample_pages()]
    measure_join = _fit_measure_join(held_out)
    mixed = held_out + _mixed_pages(held_out)
    page_join = _fit_page_join([(*page[:4], replace(page[4], measure_join=measure_join)) for page in mixed])
    return replace(plain, measure_join=measure_join, page_join=page_join)


def cue_examples(labels: Sequence[str]) -> Examples:
    """The codebook's cues as short texts: of a measure, or of none."""
    vectors, truth = [], []
    for language in load_codebook().languages.values():
        texts = list(_cue_texts(language))
        vectors.append(text_vectors([text for text, _ in texts], language.language))
        truth += [_row(labels, {measure} if measure else set()) for _, measure in texts]
    described = [
        (text, measure.id)
        for measure in load_codebook().measures.values()
        for text in (measure.definition, *measure.include, *measure.examples)
    ]
    vectors.append(text_vectors([text for text, _ in described], "en"))
    truth += [_row(labels, {measure}) for _, measure in described]
    return Examples(np.vstack(vectors), np.array(truth), np.ones(len(truth)))


def passage_examples(passages: Sequence[GoldPassage], labels: Sequence[str]) -> Examples:
    """The gold passages, each whole: also with what it says is not offered."""
    vectors = []
    for passage in passages:
        text = " ".join(line.removeprefix("# ") for line in passage.text.splitlines())
        vectors.append(text_vectors([text], passage.language))
    truth = np.array([_row(labels, set(passage.measures)) for passage in passages])
    return Examples(np.vstack(vectors), truth, np.full(len(passages), PASSAGE_WEIGHT))


def fit(cues: Examples, passages: Examples) -> tuple[Matrix, Matrix]:
    """Weights (labels, vector) and constants of one logistic regression a label.

    Cues teach only the measures: whether somebody offers something is not seen in two words.
    """
    from sklearn.linear_model import LogisticRegression

    weights, bias = [], []
    for place in range(passages.truth.shape[1]):
        both = (passages,) if place == 0 else (cues, passages)
        regression = LogisticRegression(C=3.0 if place == 0 else STRENGTH, max_iter=1000, class_weight="balanced")
        regression.fit(
            np.vstack([e.vectors for e in both]),
            np.concatenate([e.truth[:, place] for e in both]),
            np.concatenate([e.weight / (PASSAGE_WEIGHT if place == 0 else 1) for e in both]),
        )
        weights.append(regression.coef_[0])
        bias.append(regression.intercept_[0])
    return np.array(weights), np.array(bias)


def _row(labels: Sequence[str], measures: set[str]) -> list[int]:
    return [int(bool(measures) if label == OFFER else label in measures) for label in labels]


def _cue_texts(language: Language) -> Iterable[tuple[str, str]]:
    for measure, cues in language.measures.items():
        general = cues.fallback if measure in ("finance", "advice") else []
        for cue in (*cues.strong, *general):
            yield from ((text, measure) for text in _spelled_out(cue))
        for cue in cues.not_:
            yield from ((text, "") for text in _spelled_out(cue))
    for name in _CONTEXT_NOT:
        for cue in getattr(language.context, name):
            yield from ((text, "") for text in _spelled_out(cue))


def _spelled_out(cue: str) -> list[str]:
    parts = [part.split("|")[:4] for part in cue.split(" ~ ")]
    ways = itertools.islice(itertools.product(*parts), MOST_OF_A_CUE)
    return [" ".join(word.strip().strip("*=") for word in way) for way in ways]


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
    return np.array([regression.intercept_[0], *regression.coef_[0]])


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
