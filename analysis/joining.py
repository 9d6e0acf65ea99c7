"""Joining what the cues say of a page with what the trained part says (analysis/look.py): final probabilities."""

import numpy as np

from analysis.look import LONG, Learned, letters
from analysis.model import Floats, Model, log_odds, sigmoid

A_FEW_SENTENCES = 250  # characters of a text so short that what it names is what it is about
SHORT = 1_000  # characters: below that the vectors decide as well as the cues, see LONG_JOIN
# From LONG characters on LONG_JOIN alone counts: some piece of a long speech always looks like an offer, so the mean of
# the best three says most, and a word of selling abroad more than in a short page. Chosen by hand on long pages put
# together from excerpts of real ones and on 978 government pages about other things (docs/accuracy.md); constant and
# weights as in page_join.
LONG_JOIN = np.array([0.2, 0.3, 0.3, 1.0, 0.0, 0.1, 0.3])
EXPORT_SITE = 0.5  # share of pages that speak of exporting, from which a site is about it
# log-odds less where a page is of another site; twice that where it has no word of exporting either
OTHER_SITE = 1.0
DECIDED = 0.5  # confidence of a measure's cues from which they decide alone
UNSEEN, DOUBT = 0.05, 0.1  # the vectors do not see what cues tell; what that takes off their confidence
# where no word tells of other countries (a city may be named that the codebook has not), the vectors have to be surer,
# and a person looks at it
PLAIN_OFFER, UNTOLD = 0.85, 0.65
UNSURE = (0.3, 0.7)  # final probabilities in this band go to a person


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
    """What the relevance of a page is judged by: cues, best piece, mean of three, best window and best measure as
    log-odds, and what speaks against it (relevance.against). Without windows the best piece stands for them."""
    offers = learned.offers()[:3] or [0.0]
    window = max(learned.windows, default=offers[0])
    mean = sum(offers) / len(offers)
    return [*map(log_odds, (cues, offers[0], mean, window, best_measure)), against]


def joined_relevance(
    cues: float,
    learned: Learned,
    best_measure: float,
    against: float,
    length: int,
    site_share: float,
    exports: bool,
    abroad: bool,
) -> float:
    """The final probability that a page of `length` characters is relevant; between SHORT and LONG both ways.

    `exports`: whether it holds a word of selling abroad; `abroad`: whether any of other countries or foreign trade.
    """
    join = _page_join(learned.model, learned.language, length)
    features = page_features(cues, learned, best_measure, against)
    elsewhere = OTHER_SITE * (1 if exports else 2) if 0 < site_share < EXPORT_SITE else 0.0
    joined = float(sigmoid(join[0] + float(np.dot(join[1:], features)) - elsewhere))
    if not abroad:
        offered = max((*learned.offers(), *learned.windows), default=1.0)
        return min(joined, UNTOLD) if offered >= PLAIN_OFFER else 0.0
    return max(joined, cues) if letters(learned.language, length) < A_FEW_SENTENCES else joined


def can_be_relevant(model: Model, language: str, cues: float, length: int) -> bool:
    """Whether vectors, whatever they say, could lift a page above what is certainly irrelevant."""
    join = _page_join(model, language, length)
    best = np.abs(join[2:6]).sum() * log_odds(1.0)
    return bool(sigmoid(join[0] + join[1] * log_odds(cues) + best) >= UNSURE[0])


def _page_join(model: Model, language: str, length: int) -> Floats:
    """How cues and vectors of a page of `length` characters are joined."""
    share = _long_share(language, length)
    return np.asarray((1 - share) * model.page_join + share * LONG_JOIN)


def _long_share(language: str, length: int) -> float:
    """How long a page is: 0 up to SHORT, 1 from LONG on."""
    return min(max((letters(language, length) - SHORT) / (LONG - SHORT), 0.0), 1.0)
