"""Relevance: does a page describe help offered to firms that sell, or want to sell, abroad?"""

import math
import re

from analysis.coding import MeasureCoding
from analysis.programmes import Candidate
from analysis.reading import Reading

RELEVANT_FROM = 0.5
_NEWS_PATH = re.compile(
    r"/(?:news|press|presse|media-?cent|aktuell|nachricht|noticia|notizi|actualit|communique|comunicat|blog|whats-new|prensa|imprensa)",
    re.I,
)

# What each sign is worth in the sum that is turned into a probability. Chosen by hand on the sample web and on
# pages of real agencies, see docs/accuracy.md; counts are of different cues, cut off where more say no more.
_WEIGHTS = {
    "export": (0.9, 4),
    "offer": (0.45, 6),
    "measures": (0.9, 2),
    "export_title": (0.8, 1),
    "regulation": (-0.9, 4),
    "import_only": (-1.5, 1),
    "inward": (-0.7, 2),
    "jobs": (-1.0, 3),
    "news": (-0.5, 3),
    "calls": (-0.8, 1),
    "news_address": (-0.8, 1),
}
_CONSTANT = -2.9


def relevance(reading: Reading, url: str, coded: list[tuple[Candidate, list[MeasureCoding]]]) -> float:
    """The probability that a page is relevant.

    Without a measure that is offered, or without a word of selling abroad, it is 0.
    """
    if not any(measures for _, measures in coded):
        return 0.0
    signs = _signs(reading, url)
    if not signs["export"] or not signs["offer"]:
        return 0.0
    signs["measures"] = sum(
        measure.confidence >= 0.6 for measure in {m.measure: m for _, ms in coded for m in ms}.values()
    )
    total = _CONSTANT + sum(
        weight * min(signs.get(name, 0), most) for name, (weight, most) in _WEIGHTS.items()
    )
    return round(1 / (1 + math.exp(-total)), 3)


def _signs(reading: Reading, url: str) -> dict[str, int]:
    signs: dict[str, int] = {}
    for name in ("export", "offer", "regulation", "import_", "inward", "jobs", "news", "calls"):
        hits = [hit for hit in reading.hits("context", name) if name != "offer" or reading.counts(hit)]
        signs[name] = len({reading.page.text[hit.start : hit.end].casefold() for hit in hits})
    exports = len(reading.hits("context", "export"))
    imports = len(reading.hits("context", "import_"))
    signs["import_only"] = int(imports > exports)
    first = next((n for n, b in enumerate(reading.page.blocks) if b.kind == "heading" and not b.frame), -1)
    signs["export_title"] = int(
        any(hit.concept[:2] == ("context", "export") for hit in reading.hits_of_block.get(first, ()))
    )
    signs["news_address"] = int(bool(_NEWS_PATH.search(url)))
    return signs
