"""Joining what the cues say of a page with what the trained part says (analysis/look.py): final probabilities."""

import numpy as np

from analysis.look import UNSEEN, Learned, letters
from analysis.model import Model, log_odds, sigmoid

A_FEW_SENTENCES = 250  # characters of a text so short that what it names is what it is about
SHORT = 1_000  # characters of a page that is read whole, whatever its words
# How the relevance of a page is judged: a constant, and a weight for each of page_features. By a logistic regression on
# 280 excerpts of real pages and some 4,000 pages and lines of governments about other things (docs/accuracy.md), in
# which an offer counts three times: what is learned from gold passages, written against what a coder got wrong, asks
# too much of real ones. The constant was 2.7 for the encoder of coder 19; that of coder 20 sees more offers in them.
PAGE_JOIN = np.array([2.4, 0.15, 1.3, 0.7])
EXPORT_SITE = 0.5  # share of pages that speak of exporting, from which a site is about it
# log-odds less where a page is of a site about other things, and where neither it nor its site speaks of selling
# abroad: help for firms at home looks just alike
OTHER_SITE, UNNAMED = 1.0, 1.0
DECIDED = 0.5  # confidence of a measure's cues from which they decide alone
DOUBT = 0.2  # what it takes off the confidence of cues that the vectors do not see what they tell
# where no word tells of other countries (relevance.may_be_of_abroad) the vectors have to be surer; a person looks at it
PLAIN_OFFER, UNTOLD = 0.85, 0.65
UNSURE = (0.3, 0.7)  # final probabilities in this band go to a person


def joined_measure(model: Model, cues: float, vectors: float) -> float:
    """The final probability of a measure from those of the cues and of the vectors.

    Cues that decide are believed, but a single one that the vectors do not see is only a doubt, for a person. Where
    cues do not decide, both are joined.
    """
    constant, of_cues, of_vectors = model.measure_join
    joined = float(sigmoid(constant + of_cues * log_odds(cues) + of_vectors * log_odds(vectors)))
    if cues >= DECIDED:
        return max(joined, cues - DOUBT if vectors < UNSEEN else cues)
    return joined


def page_features(cues: float, learned: Learned, against: float) -> list[float]:
    """What the relevance of a page is judged by: cues and the mean of the best three pieces as log-odds, and what
    speaks against it (relevance.against)."""
    offers = learned.offers()[:3] or [0.0]
    return [log_odds(cues), log_odds(sum(offers) / len(offers)), against]


def joined_relevance(
    cues: float,
    learned: Learned,
    against: float,
    length: int,
    site_share: float,
    exports: bool,
    abroad: bool,
) -> float:
    """The final probability that a page of `length` characters is relevant.

    `exports`: whether it holds a word of selling abroad; `abroad`: whether any of other countries or foreign trade.
    """
    less = OTHER_SITE if 0 < site_share < EXPORT_SITE else 0.0
    less += 0.0 if exports or site_share >= EXPORT_SITE else UNNAMED
    features = page_features(cues, learned, against)
    joined = float(sigmoid(PAGE_JOIN[0] + float(np.dot(PAGE_JOIN[1:], features)) - less))
    if not abroad:
        return min(joined, UNTOLD) if max(learned.offers(), default=1.0) >= PLAIN_OFFER else 0.0
    return max(joined, cues) if letters(learned.language, length) < A_FEW_SENTENCES else joined
