"""Relevance: does a page describe help offered to firms that sell, or want to sell, abroad?"""

import math
import re
from collections.abc import Mapping

from analysis.codebook import FALLBACK_MEASURE, load_codebook
from analysis.cues import cue_finder
from analysis.joining import A_FEW_SENTENCES, EXPORT_SITE
from analysis.look import letters
from analysis.page import PageText
from analysis.places import country_of, foreign_places
from analysis.reading import Reading

RELEVANT_FROM = 0.5
_NEWS_PATH = re.compile(
    r"/(?:news|press|presse|media-?cent|aktuell|nachricht|noticia|notizi|actualit|communique|comunicat|blog|whats-new|prensa|imprensa)",
    re.I,
)
LONG_PAGE = 40  # sentences
# sentences that report (what somebody said, found, decided), and their share of a page that is a report and no offer
REPORTED_FROM, REPORTED_SHARE = 2, 0.3
THIN_SHARE = 0.06  # share of sentences with a measure beside an offer, below which a long page is about something else
_SPEECH_PATH = re.compile(
    r"/[^/]*(?:speech|parliament|newsletter|press-release|discurso|discours|rede-|consultation)", re.I
)
_RULES_PATH = re.compile(
    r"/[^/]*(?:licen[cs]e|permit|regulat|legislat|terms-|terms_|privacy|cookie|legal-notice|datenschutz|impressum|"
    r"mentions-legales|aviso-legal|note-legali|condiciones|condizioni|accessib)",
    re.I,
)

# What each sign is worth in the sum that is turned into a probability. Chosen by hand on the sample web and on
# pages of real agencies, see docs/accuracy.md; counts are of different cues, cut off where more say no more.
_WEIGHTS = {
    "export": (0.9, 4),
    "abroad": (0.4, 5),
    "offer": (0.45, 6),
    "measures": (0.9, 2),
    "foreign": (1.3, 1),
    "site": (1.3, 1),
    "general_only": (-1.0, 1),
    "no_offer": (-1.2, 1),
    "export_title": (0.8, 1),
    "regulation": (-0.5, 4),
    "regulation_density": (-3.0, 1),
    "regulation_title": (-2.0, 1),
    "regulation_address": (-3.0, 1),
    "import_only": (-1.5, 1),
    "inward": (-1.0, 3),
    "jobs": (-2.0, 3),
    "tenders": (-1.5, 3),
    "inward_title": (-1.5, 1),
    "jobs_title": (-3.0, 1),
    "tenders_title": (-2.5, 1),
    "news": (-0.6, 4),
    "reported": (-1.5, 1),
    "calls": (-2.0, 1),
    "persons": (-4.5, 3),
    "news_address": (-1.2, 1),
    "speech_address": (-2.5, 1),
    "apart": (-2.5, 1),
    "thin": (-2.5, 1),
}
_CONSTANT = -3.3
_NO_SIGN = ("general_only", "no_offer", "apart", "thin")  # short texts lack these too


def speaks_of_exporting(page: PageText, language: str) -> bool:
    """Whether a page holds a word of selling abroad, outside its frame."""
    if language not in load_codebook().languages:
        return False
    finder = cue_finder(language)
    if not finder.may_export(page.main):
        return False
    cued = finder.read(page.main)
    return any(hit.concept[:2] == ("context", "export") for hit in cued.hits)


def relevance(reading: Reading, url: str, best: Mapping[str, float], site_share: float = 0.0) -> float:
    """The probability by cues alone that a page is relevant.

    `best` is the confidence by cues of each measure. `site_share` is the share of the site's pages that speak of
    exporting (0 where the site is not known): on the site of an export agency a page need not say that its market
    visit is for exporters. Without a measure, or without a word of foreign countries, the probability is 0.
    """
    if not best:
        return 0.0
    signs = _signs(reading, url, site_share)
    sure = [measure for measure, confidence in best.items() if confidence >= 0.6]
    signs["measures"] = len(sure)
    signs["foreign"] = int(any(load_codebook().measures[measure].foreign for measure in sure))
    general = best.keys() <= {FALLBACK_MEASURE, "finance"}
    signs["general_only"] = int(general and not _specific(reading) and not _for_exporters(reading))
    signs["site"] = int(site_share >= EXPORT_SITE)
    if not speaks_of_abroad(reading):
        return 0.0
    total = _CONSTANT + sum(weight * min(signs.get(name, 0), most) for name, (weight, most) in _WEIGHTS.items())
    return round(1 / (1 + math.exp(-total)), 3)


def speaks_of_abroad(reading: Reading, site_share: float = 0.0) -> bool:
    """Whether anything on a page tells of selling abroad, of other countries or of foreign trade.

    Help for firms at home looks just like help for exporters: the same loans, fairs, courses and certificates. On the
    site of an export agency a page need not say it again.
    """
    measures = load_codebook().measures
    return bool(
        site_share >= EXPORT_SITE
        or reading.places
        or reading.hits("context", "export")
        or reading.hits("context", "abroad")
        or any(measures[h.concept[1]].foreign and h.concept[2] == "strong" for h in reading.hits("measure"))
    )


def may_be_of_abroad(reading: Reading) -> bool:
    """Whether a page without a word of other countries may still be about them.

    Its frame speaks of exporting, or it is a line or two out of their context ('tell us the type of stockist you are
    after'), or, where its own country is not known, it names another than that where most who speak its language live:
    'for firms ready to sell in Toronto' may be a page of the United States, or one of Canada about home.
    """
    if any(hit.concept[1] == "export" for hit in reading.cued.family("context")):
        return True
    if letters(reading.language, len(reading.page.main)) < A_FEW_SENTENCES:
        return True
    main = country_of(reading.language)
    return not reading.home and bool(foreign_places(reading.page.content, reading.language, main))


def against(reading: Reading, url: str) -> float:
    """What speaks against a page as the sum of its weights, 0 or less: rules, jobs, tenders, imports, investors."""
    signs = _signs(reading, url, 0.0)
    return sum(
        weight * min(signs.get(name, 0), most)
        for name, (weight, most) in _WEIGHTS.items()
        if weight < 0 and name not in _NO_SIGN
    )


def _density(reading: Reading) -> tuple[int, int, int]:
    """How close offers, measures and selling abroad stand: blocks that hold a measure which is offered together with a
    word of selling abroad (or a measure of foreign trade by itself); sentences with a measure beside an offer; all
    sentences."""
    measures = load_codebook().measures
    together = 0
    telling: set[int] = set()
    sentences: set[int] = set()
    for number, block in enumerate(reading.page.blocks):
        if not reading.is_content(number):
            continue
        first, last = reading.cued.sentence_at(block.start), reading.cued.sentence_at(block.end - 1)
        sentences.update(range(first, last + 1))
        hits = reading.hits_of_block.get(number, [])
        found = [h for h in hits if h.concept[0] == "measure" and h.concept[2] == "strong" and reading.counts(h)]
        exports = any(h.concept[:2] == ("context", "export") for h in hits)
        offers = {h.sentence for h in hits if h.concept[:2] == ("context", "offer")}
        general = any(h.concept[2] == "fallback" or h.concept[:2] == ("social", "words") for h in hits)
        together += (exports and (bool(found) or general)) or any(measures[h.concept[1]].foreign for h in found)
        telling.update(h.sentence for h in found if h.sentence in offers or block.kind != "paragraph")
    return together, len(telling), len(sentences)


def _specific(reading: Reading) -> bool:
    """Whether a page names finance itself, beyond funding at large."""
    return any(hit.concept[1:] == ("finance", "strong") and reading.counts(hit) for hit in reading.hits("measure"))


def _for_exporters(reading: Reading) -> bool:
    """Whether one sentence offers money at large for selling abroad ('vouchers for internationalisation')."""
    exports = {hit.sentence for hit in reading.hits("context", "export") if reading.counts(hit)}
    grants = [hit for hit in reading.hits("instrument", "grant") if reading.counts(hit)]
    # a word for a grant is one of an offer too; another has to stand beside it
    offers = {hit.sentence for hit in reading.hits("context", "offer") if reading.counts(hit) and hit.clear_of(grants)}
    return bool(exports & offers & {hit.sentence for hit in grants})


def _signs(reading: Reading, url: str, site_share: float) -> dict[str, int]:
    signs: dict[str, int] = {}
    for name in ("export", "abroad", "offer", "regulation", "import_", "inward", "jobs", "tenders", "news", "calls"):
        hits = [hit for hit in reading.hits("context", name) if name != "offer" or reading.counts(hit)]
        signs[name] = len({reading.page.text[hit.start : hit.end].casefold() for hit in hits})
    # one may be of a mission ('bring your passport')
    signs["persons"] = max(len({hit.cue for hit in reading.hits("context", "persons")}) - 1, 0)
    exports = len(reading.hits("context", "export"))
    imports = len(reading.hits("context", "import_"))
    signs["import_only"] = int(imports > exports)
    first = next((n for n, b in enumerate(reading.page.blocks) if b.kind == "heading" and not b.frame), -1)
    signs["export_title"] = int(
        any(hit.concept[:2] == ("context", "export") for hit in reading.hits_of_block.get(first, ()))
    )
    for name in ("inward", "jobs", "tenders"):
        titled = any(reading.block_at(hit.start) == first for hit in reading.hits("context", name))
        signs[f"{name}_title"] = int(titled)
    signs["no_offer"] = int(not signs["offer"])
    content = [n for n in range(len(reading.page.blocks)) if reading.is_content(n)]
    rules = {hit.start: hit for hit in reading.hits("context", "regulation")}.values()
    signs["regulation_density"] = int(len(rules) >= 5 and len(rules) > 0.4 * len(content))
    signs["regulation_title"] = int(any(reading.block_at(hit.start) == first for hit in rules))
    signs["regulation_address"] = int(bool(_RULES_PATH.search(url)))
    together, telling, total = _density(reading)
    # on the site of an export agency a page need not say again that its courses are for exporters
    signs["apart"] = int(not together and site_share < EXPORT_SITE)
    signs["thin"] = int(total > LONG_PAGE and telling < THIN_SHARE * total)
    signs["speech_address"] = int(bool(_SPEECH_PATH.search(url)))
    news = {hit.sentence for hit in reading.hits("context", "news")}
    signs["reported"] = int(len(news) >= REPORTED_FROM and len(news) >= REPORTED_SHARE * total)
    signs["news_address"] = int(bool(_NEWS_PATH.search(url)))
    return signs
