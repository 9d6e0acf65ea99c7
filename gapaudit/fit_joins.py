"""How the coder joins what cues say with what vectors say: learned from pages that the vectors' model did not see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.codebook import load_codebook
from analysis.coding import SocialLevel
from analysis.cues import cue_finder
from analysis.gold import GoldPassage
from analysis.html_text import read_html
from analysis.joining import DECIDED
from analysis.language import detect_language
from analysis.levels import given_features, purpose_features, seen_by_cues
from analysis.look import look
from analysis.measures import measure_evidence
from analysis.model import Model, log_odds
from analysis.page import PageText, assemble, page_from_text
from analysis.programmes import whole_page
from analysis.reading import read_page
from gapaudit.sample_gold import sample_gold

# log-odds: a passage is mostly about one measure, said in other words than the codebook's, but a page of the web has
# many pieces that resemble one
RARER = 0.6

Matrix = npt.NDArray[Any]


@dataclass(frozen=True)
class HeldOut:
    """A page, the measures it offers, and a model that did not see it."""

    page: PageText
    language: str
    measures: frozenset[str]
    model: Model


def sample_pages() -> list[tuple[PageText, str, frozenset[str]]]:
    """The scored pages of the sample web in the codebook's languages: page, language, measures it offers."""
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


def fit_measure_join(pages: Sequence[HeldOut]) -> Matrix:
    """How to join cues and vectors to one probability of a measure, from pages as short as a passage."""
    from sklearn.linear_model import LogisticRegression

    rows, truth = [], []
    for page in pages:
        if not page.measures:
            continue  # which measures a page has is asked only where it is relevant
        reading = read_page(page.page, cue_finder(page.language))
        learned = look(reading, page.language, page.model)
        evidence = measure_evidence(reading, whole_page(reading), learned)
        for measure, (cues, vectors) in evidence.items():
            if cues < DECIDED:
                rows.append([log_odds(cues), log_odds(vectors)])
                truth.append(measure in page.measures)
    regression = LogisticRegression(C=100, max_iter=1000).fit(np.array(rows), np.array(truth))
    return np.array([regression.intercept_[0] - RARER, *regression.coef_[0]])


def fit_level_joins(passages: Sequence[GoldPassage], models: Sequence[Model]) -> tuple[Matrix, Matrix]:
    """How to join cues and vectors to the level of social media, from all passages that name it, each judged by its
    model, which did not see it: that for GIVEN, and that for PURPOSE among those that have it."""
    from sklearn.linear_model import LogisticRegression

    rows: tuple[list[list[float]], list[list[float]]] = ([], [])
    truth: tuple[list[bool], list[bool]] = ([], [])
    for passage, model in zip(passages, models, strict=True):
        reading = read_page(page_from_text(passage.text), cue_finder(passage.language))
        candidate = whole_page(reading)
        coding, signs = seen_by_cues(reading, candidate)
        if coding.level < SocialLevel.MENTION:
            continue
        learned = look(reading, passage.language, model)
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
