"""The final level of social media in a programme: what the cues say of it joined with what the trained part says.

Cues find the sentences that name social media and what may be given for it; whether the firm gets it, and whether it is
what the programme is for, a text says in more ways than words can be listed. The trained part tells it by the meaning
of the pieces in which those sentences stand. Without such a sentence there is no level above 1, whatever it says.
"""

from collections.abc import Mapping, Sequence
from math import log1p

import numpy as np

from analysis.coding import SocialCoding, SocialLevel
from analysis.look import Learned
from analysis.model import GIVEN, OFFER, PURPOSE, Floats, log_odds, sigmoid
from analysis.programmes import Candidate
from analysis.reading import Reading
from analysis.social import Sign, grade_signs, programme_signs, social_coding

HOLDS_FROM = 0.5  # probability from which social media is given, or is the purpose
CONDITION = 0.9  # how sure it is that what firms have to have is not given to them
MOST_SENTENCES = 4  # of a programme that are looked at by themselves


def final_level(reading: Reading, candidate: Candidate, learned: Learned, relevance: float) -> SocialCoding:
    """The level of a programme on a page that is relevant with a probability; its confidence is that of the level.

    A firm gets social media for exporting only where the page helps exporters at all: the two are multiplied. The level
    is the highest that is reached more likely than not: the median, so that 4 is not said where 2 is as likely.
    """
    by_cues, signs = seen_by_cues(reading, candidate)
    if by_cues.level < SocialLevel.MENTION:
        return by_cues
    if all(sign.asked for sign in signs):
        return social_coding(reading, SocialLevel.MENTION, signs, CONDITION)
    model = learned.model
    given = relevance * _joined(model.given_join, given_features(reading, candidate, learned, by_cues.level, signs))
    if given < HOLDS_FROM:
        return social_coding(reading, SocialLevel.MENTION, signs, round(1 - given, 3))
    purpose = _joined(model.purpose_join, purpose_features(reading, candidate, learned, by_cues.level, signs))
    if given * purpose >= HOLDS_FROM:
        return social_coding(reading, SocialLevel.DEDICATED, signs, round(given * purpose, 3))
    return social_coding(reading, SocialLevel.COMPONENT, signs, round(given * (1 - purpose), 3))


def seen_by_cues(reading: Reading, candidate: Candidate) -> tuple[SocialCoding, list[Sign]]:
    """The level by cues alone, and the sentences that name social media, without follow-us lines."""
    signs = programme_signs(reading, candidate)
    return grade_signs(reading, candidate, signs), [sign for sign in signs if sign.level >= SocialLevel.MENTION]


def given_features(
    reading: Reading, candidate: Candidate, learned: Learned, by_cues: SocialLevel, signs: Sequence[Sign]
) -> list[float]:
    """Signs that the firm gets social media: whether cues say so, whether some sentence is not plainly the agency's own
    publicity or for customers at home, and as log-odds an offer and social media given in the pieces around."""
    seen = _seen(reading, candidate, learned, signs)
    return [
        float(by_cues >= SocialLevel.COMPONENT),
        float(any(sign.plain for sign in signs)),
        _best(seen, OFFER),
        _best(seen, GIVEN),
    ]


def purpose_features(
    reading: Reading, candidate: Candidate, learned: Learned, by_cues: SocialLevel, signs: Sequence[Sign]
) -> list[float]:
    """Signs that social media is the programme's purpose: whether cues say so, whether several sentences name it, as
    log-odds the purpose in the pieces around the programme's name and opening, and the logarithm of how many things it
    is counted up with where it is with the fewest."""
    opening = [sign for sign in signs if sign.in_name or sign.in_lead]
    fewest = min((_counted_up(reading, sign) for sign in signs), default=1)
    return [
        float(by_cues == SocialLevel.DEDICATED),
        float(len(signs) > 1),
        _best(_seen(reading, candidate, learned, opening), PURPOSE),
        log1p(fewest),
    ]


def _counted_up(reading: Reading, sign: Sign) -> int:
    """How many clauses the sentence has, and how many items beside it the list in which it stands."""
    blocks = reading.page.blocks
    first = last = sign.block
    if blocks[sign.block].listed:
        while first > 0 and blocks[first - 1].listed:
            first -= 1
        while last + 1 < len(blocks) and blocks[last + 1].listed:
            last += 1
    return len(reading.clauses(sign.start, sign.end)) + last - first


def _seen(reading: Reading, candidate: Candidate, learned: Learned, signs: Sequence[Sign]) -> list[Mapping[str, float]]:
    """What the trained part sees in the pieces around sentences; only some pieces of a long page were looked at, so
    where none of them is, in the sentences themselves behind the programme's name."""
    pieces: list[Mapping[str, float]] = [p.probability for p in learned.within(sign.block for sign in signs)]
    if pieces or not signs:
        return pieces
    texts = [f"{candidate.name}: {reading.page.text[sign.start : sign.end]}" for sign in signs[:MOST_SENTENCES]]
    rows = learned.model.probabilities(texts, learned.language)
    return [dict(zip(learned.model.labels, map(float, row), strict=True)) for row in rows]


def _best(seen: Sequence[Mapping[str, float]], label: str) -> float:
    return log_odds(max((probability[label] for probability in seen), default=0.0))


def _joined(join: Floats, features: Sequence[float]) -> float:
    return float(sigmoid(join[0] + float(np.dot(join[1:], features))))
