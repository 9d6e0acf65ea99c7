"""Makes the trained part of the coder: `make model`, or `python -m gapaudit.train [GOLD_FOLDER]`.

Trained on the gold passages; how to join cues and vectors is learned from predictions for sites that were held out.
Needs scikit-learn, which the coder itself does not.
"""

import itertools
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import Language, load_codebook
from analysis.coder import coded_programmes, relevance_by_cues
from analysis.coding import SocialLevel
from analysis.cues import cue_finder
from analysis.gold import GoldItem, GoldPassage, read_items, read_passages
from analysis.html_text import read_html
from analysis.items import add_meant
from analysis.joining import DECIDED, SHORT, page_features
from analysis.language import detect_language
from analysis.levels import given_features, purpose_features, seen_by_cues
from analysis.look import Learned, look
from analysis.measures import measure_evidence
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
    both,
    centred,
    item_inputs,
    kernel,
    log_odds,
    save_model,
)
from analysis.page import PageText, assemble, page_from_text
from analysis.programmes import find_candidates, whole_page
from analysis.reading import Reading, read_page
from analysis.relevance import against
from analysis.vectors import DEEP_SIZE, QUICK_SIZE, deep_vectors, quick_vectors
from gapaudit.sample_gold import sample_gold

GOLD = Path(__file__).parent.parent / "tests" / "gold"
QUICK_STRENGTH, STRENGTH = 0.1, 0.07  # of the ridge: the larger, the less a single passage says
ITEM_STRENGTH = 5.0  # of the regression of items: the smaller, the less a single item says
CUE_WEIGHT = 0.3  # of a cue beside a gold item: a cue is a word or two, an item says a whole thing
WAYS_OF_A_CUE = 3  # a cue with alternatives stands for so many texts
SEED = 1
# log-odds: two of three gold passages are relevant, but few pages of the web; and a passage is mostly about one
# measure, said in other words than the codebook's, but a page of the web has many pieces that resemble one
RARER = 0.6

JOIN_SHARE = 4  # how to join cues and vectors is nine numbers, for which one passage of so many is enough
MIXED_SHARE = 4  # one page put together for so many of these

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


@dataclass(frozen=True)
class HeldOut:
    """A page, the measures it offers, and a model that did not see it."""

    page: PageText
    language: str
    measures: frozenset[str]
    model: Model
    mixed: bool = False  # put together from passages


def main(folder: Path = GOLD) -> None:
    """Train, and write the model into the package."""
    passages, items = read_passages(folder), read_items(folder / "items")
    model = train(passages, items)
    save_model(model)
    joins = (model.measure_join, model.page_join, model.given_join, model.purpose_join)
    print(f"{MODEL_FILE.name}: {len(passages)} passages, {len(items)} items; joins", *(join.round(2) for join in joins))


def train(passages: Sequence[GoldPassage], gold_items: Sequence[GoldItem]) -> Model:
    """A model of the passages and items; scaled and joined by what held-out folds and the sample web show."""
    examples = passage_examples(passages)
    folds = np.array([passage.fold for passage in passages])
    items = fit_items(gold_items)
    without = {fold: fitted(examples.where(folds != fold), items) for fold in sorted(set(folds.tolist()))}
    values = [np.zeros(examples.truth.shape), np.zeros(examples.truth.shape)]
    for fold, model in without.items():
        near = _near(model, examples.where(folds == fold))
        values[0][folds == fold] = model.by_quick.values(near[0])
        values[1][folds == fold] = model.by_both.values(near[1])
    scales = [fit_scale(value, examples.truth) for value in values]
    pages: list[HeldOut] = []
    for fold, model in without.items():
        scaled = _scaled(model, scales)
        pages += [
            HeldOut(page_from_text(p.text), p.language, frozenset(p.measures), scaled)
            for p in passages[::JOIN_SHARE]
            if p.fold == fold
        ]
    whole = _scaled(fitted(examples, items), scales)
    pages += [HeldOut(*page, whole) for page in _sample_pages()]
    pages += _mixed_pages(pages)
    looks = [_looked_at(page) for page in pages]
    measure_join = _fit_measure_join(pages, looks)
    page_join = _fit_page_join(
        pages, [replace(look, model=replace(look.model, measure_join=measure_join)) for look in looks]
    )
    given_join, purpose_join = _fit_level_joins(
        passages, {fold: _scaled(model, scales) for fold, model in without.items()}
    )
    return replace(
        whole, measure_join=measure_join, page_join=page_join, given_join=given_join, purpose_join=purpose_join
    )


def passage_examples(passages: Sequence[GoldPassage]) -> Examples:
    """The gold passages, each whole: also with what it says is not offered."""
    quick, deep = [], []
    for passage in passages:
        text = " ".join(line.removeprefix("# ") for line in passage.text.splitlines())
        quick.append(quick_vectors([text], passage.language))
        deep.append(deep_vectors([text]))
    truth = np.array([_row(passage) for passage in passages])
    return Examples(tuple(passage.language for passage in passages), np.vstack(quick), np.vstack(deep), truth)


def fitted(examples: Examples, items: Items | None = None) -> Model:
    """A model of examples that is not scaled and joins nothing yet; `items` were learned before, from the codebook."""
    quick = _space(examples.quick, examples.languages, QUICK_WIDTH)
    deep = _space(examples.deep, examples.languages, DEEP_WIDTH)
    by_quick = kernel(quick.passages, quick.passages, QUICK_WIDTH)
    by_both = both(by_quick, kernel(deep.passages, deep.passages, DEEP_WIDTH))
    return Model(
        all_labels(),
        quick,
        deep,
        _fit(by_quick, examples.truth, QUICK_STRENGTH),
        _fit(by_both, examples.truth, STRENGTH),
        items or Items({}, {}, np.zeros((1, 1)), np.zeros(1)),
        np.zeros(3),
        np.zeros(6),
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
    return Regression(np.asarray(regression.dual_coef_), np.ones((2, truth.shape[1])))


def _near(model: Model, examples: Examples) -> tuple[Matrix, Matrix]:
    """How near examples are to the passages of a model, by quick vectors and by both."""
    quick = np.vstack(
        [model.quick.kernel(v[None], name) for v, name in zip(examples.quick, examples.languages, strict=True)]
    )
    deep = np.vstack(
        [model.deep.kernel(v[None], name) for v, name in zip(examples.deep, examples.languages, strict=True)]
    )
    return quick, both(quick, deep)


def _scaled(model: Model, scales: Sequence[Matrix]) -> Model:
    """A model with what makes probabilities of its values."""
    return replace(
        model,
        by_quick=replace(model.by_quick, scale=scales[0]),
        by_both=replace(model.by_both, scale=scales[1]),
    )


def fit_items(gold: Sequence[GoldItem]) -> Items:
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
        deep[places] = deep_vectors([texts[place] for place in places])
    quick_centres, deep_centres = (
        {name: vectors[own == name].mean(axis=0) for name in sorted(set(names))} for vectors in (quick, deep)
    )
    inputs = np.zeros((len(rows), DEEP_SIZE + QUICK_SIZE))
    for name in sorted(set(names)):
        places = own == name
        inputs[places] = item_inputs(quick[places], deep[places], quick_centres[name], deep_centres[name])
    regression = LogisticRegression(C=ITEM_STRENGTH, max_iter=1000)
    regression.fit(inputs, labels, sample_weight=weights)
    return Items(
        quick_centres, deep_centres, regression.coef_.astype(np.float64), regression.intercept_.astype(np.float64)
    )


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
    last = values.shape[1] - 1
    for places in (slice(0, 1), slice(1, last - 1), slice(last - 1, last), slice(last, None)):
        regression = LogisticRegression(C=100, class_weight="balanced")
        regression.fit(values[:, places].reshape(-1, 1), truth[:, places].reshape(-1))
        scales[0, places], scales[1, places] = regression.intercept_[0], regression.coef_[0, 0]
    return scales


def _row(passage: GoldPassage) -> list[int]:
    """Whether each label holds of a passage."""
    special = {OFFER: passage.relevant, GIVEN: passage.social >= 3, PURPOSE: passage.social == 4}
    return [int(special.get(label, label in passage.measures)) for label in all_labels()]


def _sample_pages() -> list[tuple[PageText, str, frozenset[str]]]:
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
            pages.append((page, language, frozenset(row["measures"])))
    return pages


def _mixed_pages(pages: Sequence[HeldOut]) -> list[HeldOut]:
    """Longer pages, put together from held-out passages: real pages say many things, and few of them decide.

    A page is relevant when at least a quarter of its passages are.
    """
    chance = np.random.default_rng(SEED)
    groups: defaultdict[tuple[str, int], list[HeldOut]] = defaultdict(list)
    for page in pages:
        if len(page.page.text) < SHORT:
            groups[page.language, id(page.model)].append(page)
    mixed = []
    for (language, _), group in groups.items():
        offers, others = [p for p in group if p.measures], [p for p in group if not p.measures]
        if len(others) < 4:
            continue
        for turn in range(len(group) // MIXED_SHARE):
            size = int(chance.integers(4, 16))
            wanted = 0 if turn % 2 else max(1, int(size * chance.uniform(0.25, 0.9)))
            chosen = [offers[i] for i in chance.integers(0, len(offers), wanted)] if offers else []
            chosen += [others[i] for i in chance.integers(0, len(others), size - len(chosen))]
            text = "\n".join(chosen[i].page.text for i in chance.permutation(len(chosen)))
            measures = frozenset[str]().union(*(page.measures for page in chosen))
            mixed.append(HeldOut(page_from_text(text), language, measures, group[0].model, mixed=True))
    return mixed


def _looked_at(page: HeldOut) -> Learned:
    return look(_read(page), page.language, page.model)


def _read(page: HeldOut) -> Reading:
    return read_page(page.page, cue_finder(page.language))


def _fit_measure_join(pages: Sequence[HeldOut], looks: Sequence[Learned]) -> Matrix:
    """How to join cues and vectors to one probability of a measure, from pages as short as a passage."""
    from sklearn.linear_model import LogisticRegression

    rows, truth = [], []
    for page, learned in zip(pages, looks, strict=True):
        if not page.measures or page.mixed:
            continue  # which measures a page has is asked only where it is relevant
        reading = _read(page)
        evidence = measure_evidence(reading, whole_page(reading), learned)
        for measure, (cues, vectors) in evidence.items():
            if cues < DECIDED:
                rows.append([log_odds(cues), log_odds(vectors)])
                truth.append(measure in page.measures)
    regression = LogisticRegression(C=100, max_iter=1000).fit(np.array(rows), np.array(truth))
    return np.array([regression.intercept_[0] - RARER, *regression.coef_[0]])


def _fit_page_join(pages: Sequence[HeldOut], looks: Sequence[Learned]) -> Matrix:
    """How to join cues and vectors to one probability of relevance, from pages that offer some measure."""
    from sklearn.linear_model import LogisticRegression

    rows, truth = [], []
    for page, learned in zip(pages, looks, strict=True):
        reading = _read(page)
        add_meant(reading, learned)
        coded = coded_programmes(reading, find_candidates(reading), learned)
        best = max((coding.confidence for _, found in coded for coding in found), default=0.0)
        cues = relevance_by_cues(reading, "", [candidate for candidate, _ in coded])
        rows.append(page_features(cues, learned, best, against(reading, "")))
        truth.append(bool(page.measures))
    regression = LogisticRegression(C=1, max_iter=1000).fit(np.array(rows), np.array(truth))
    return np.array([regression.intercept_[0] - RARER, *regression.coef_[0]])


def _fit_level_joins(passages: Sequence[GoldPassage], without: Mapping[int, Model]) -> tuple[Matrix, Matrix]:
    """How to join cues and vectors to the level of social media, from all passages that name it, each judged by a model
    that did not see its fold: that for GIVEN, and that for PURPOSE among those that have it."""
    from sklearn.linear_model import LogisticRegression

    rows: tuple[list[list[float]], list[list[float]]] = ([], [])
    truth: tuple[list[bool], list[bool]] = ([], [])
    for passage in passages:
        reading = read_page(page_from_text(passage.text), cue_finder(passage.language))
        candidate = whole_page(reading)
        coding, signs = seen_by_cues(reading, candidate)
        if coding.level < SocialLevel.MENTION:
            continue
        learned = look(reading, passage.language, without[passage.fold])
        rows[0].append(given_features(reading, candidate, learned, coding.level, signs))
        truth[0].append(passage.social >= SocialLevel.COMPONENT)
        if truth[0][-1]:
            rows[1].append(purpose_features(reading, candidate, learned, coding.level, signs))
            truth[1].append(passage.social == SocialLevel.DEDICATED)
    given, purpose = (
        LogisticRegression(C=1, max_iter=1000).fit(np.array(features), np.array(answers))
        for features, answers in zip(rows, truth, strict=True)
    )
    return (
        np.array([given.intercept_[0] - RARER, *given.coef_[0]]),
        np.array([purpose.intercept_[0], *purpose.coef_[0]]),
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
