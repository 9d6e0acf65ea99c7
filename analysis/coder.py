"""The coder: from the text of one page to its programmes, measures, levels and evidence."""

from collections.abc import Sequence
from dataclasses import replace

from analysis.attributes import code_audience, code_instruments, code_status
from analysis.barriers import code_barriers
from analysis.codebook import FALLBACK_MEASURE, load_codebook
from analysis.coding import MeasureCoding, PageCoding, ProgrammeCoding, SocialLevel
from analysis.cues import cue_finder
from analysis.items import add_meant
from analysis.joining import SHORT, UNSURE, joined_relevance
from analysis.language import UNKNOWN
from analysis.levels import final_level
from analysis.look import Learned, look
from analysis.measures import (
    CODED_FROM,
    code_measures,
    doubtful_measures,
    measures_by_cues,
    named_measures,
    offers_help,
    with_evidence,
)
from analysis.model import Model, load_model
from analysis.page import PageText
from analysis.programmes import Candidate, find_candidates, leading, whole_page
from analysis.quotations import readable_quotes
from analysis.reading import Reading, read_page
from analysis.relevance import RELEVANT_FROM, against, may_be_of_abroad, relevance, speaks_of_abroad
from analysis.social import grade_in_passing, grade_page, grade_programme

CODER = "gap-audit-hybrid-20"  # the machine's name in the codings, changed whenever its decisions may change
LONGEST_DESCRIPTION = 400


def code_page(
    page: PageText,
    language: str,
    url: str = "",
    site_share: float = 0.0,
    model: Model | None = None,
    home: str = "",
) -> PageCoding:
    """Code one page whose language is known; `model` is the trained part, by default the one in the package;
    `home` is the country of the agency (ISO 3166-1 alpha-2), where it is known.

    A language that the codebook has not is said in the note; nothing is guessed about such a page.
    """
    if language not in load_codebook().languages:
        what = "language not recognised" if language == UNKNOWN else f"no codebook for language '{language}'"
        return PageCoding(language, False, 0.0, note=what)
    if not page.text:
        return PageCoding(language, False, 0.0, note="no text")
    finder = cue_finder(language)
    if len(page.text) >= SHORT and not finder.may_matter(page.content):
        return PageCoding(language, False, 0.0, social=grade_in_passing(page, finder))
    reading = read_page(page, finder, home)
    if not _may_matter(reading) or not (speaks_of_abroad(reading, site_share) or may_be_of_abroad(reading)):
        return PageCoding(language, False, 0.0, social=grade_page(reading))
    model = model or load_model()
    candidates = find_candidates(reading)
    learned = look(reading, language, model)
    add_meant(reading, learned)
    coded = coded_programmes(reading, candidates, learned)
    probability = page_relevance(reading, url, coded, learned, site_share)
    if probability < RELEVANT_FROM:
        return PageCoding(language, False, probability, social=grade_page(reading), unsure=probability >= UNSURE[0])
    programmes = tuple(_programme(reading, candidate, measures, learned, probability) for candidate, measures in coded)
    social = max((programme.social for programme in programmes), key=lambda coding: coding.level)
    if social.level < SocialLevel.MENTION:
        social = max(social, grade_page(reading), key=lambda coding: coding.level)
    unsure = probability < UNSURE[1] or any(
        programme.doubtful
        or programme.social.confidence < UNSURE[1]
        or any(measure.confidence < UNSURE[1] for measure in programme.measures)
        for programme in programmes
    )
    return PageCoding(language, True, probability, programmes, social, unsure)


def coded_programmes(
    reading: Reading, candidates: Sequence[Candidate], learned: Learned
) -> list[tuple[Candidate, list[MeasureCoding]]]:
    """The stretches of a page that offer a measure, with their measures."""
    coded = _coded(reading, candidates, learned)
    if len(candidates) > 1:
        whole = whole_page(reading)
        known = {coding.measure for _, found in coded for coding in found}
        if not named_measures(reading, whole) <= known or not coded:
            return _coded(reading, [whole], learned)  # the page names one programme; its headings are parts of it
        lead = leading(reading, whole, candidates[0])
        before = _coded(reading, [lead], learned) if lead else []
        coded = [pair for pair in before if not {coding.measure for coding in pair[1]} <= known] + coded
    return coded


def page_relevance(
    reading: Reading,
    url: str,
    coded: list[tuple[Candidate, list[MeasureCoding]]],
    learned: Learned,
    site_share: float = 0.0,
) -> float:
    """The probability that a page is relevant, by cues and vectors together; 0 where it offers no measure."""
    if not coded:
        return 0.0
    by_cues = relevance_by_cues(reading, url, [candidate for candidate, _ in coded], site_share)
    speaks_against = against(reading, url)
    exports = bool(reading.hits("context", "export"))
    abroad = speaks_of_abroad(reading, site_share)
    if not abroad and reading.hits("context", "domestic"):
        return 0.0  # the same fairs, loans and courses are offered for selling at home
    length = len(reading.page.main)
    return round(joined_relevance(by_cues, learned, speaks_against, length, site_share, exports, abroad), 3)


def relevance_by_cues(reading: Reading, url: str, candidates: Sequence[Candidate], site_share: float = 0.0) -> float:
    """The probability by cues alone that a page is relevant."""
    return relevance(reading, url, measures_by_cues(reading, candidates), site_share)


def _may_matter(reading: Reading) -> bool:
    """A quick look whether a page may be relevant, before the slow one.

    Short texts always may; longer ones need a word of selling abroad, or several of foreign countries or measures.
    """
    if len(reading.page.text) < SHORT:
        return True
    signs = [hit for hit in reading.cued.hits if reading.is_content(reading.block_at(hit.start))]
    if any(hit.concept[:2] == ("context", "export") for hit in signs):
        return True
    measures = load_codebook().measures
    return any(
        hit.concept[0] == "measure" and hit.concept[2] == "strong" and measures[hit.concept[1]].foreign for hit in signs
    )


def _coded(
    reading: Reading, candidates: Sequence[Candidate], learned: Learned
) -> list[tuple[Candidate, list[MeasureCoding]]]:
    coded = [
        (candidate, code_measures(reading, candidate, learned) or _by_social_media(reading, candidate))
        for candidate in candidates
    ]
    return [(candidate, measures) for candidate, measures in coded if measures]


def _by_social_media(reading: Reading, candidate: Candidate) -> list[MeasureCoding]:
    """`digital` for a programme of which nothing is known but that it offers social media to the firm.

    A story about a firm that found its customers there offers nothing.
    """
    offered = any(offers_help(reading, number) for number in candidate.blocks)
    social = grade_programme(reading, candidate) if offered else None
    if social is None or social.level < SocialLevel.COMPONENT:
        return []
    return [MeasureCoding("digital", social.confidence, social.evidence[:3])]


def _programme(
    reading: Reading, candidate: Candidate, measures: list[MeasureCoding], learned: Learned, relevance: float
) -> ProgrammeCoding:
    measures = with_evidence(reading, candidate, learned, measures)
    doubtful = doubtful_measures(reading, candidate, learned, measures)
    social = final_level(reading, candidate, learned, relevance)
    known = {coding.measure for coding in measures}
    # marketing by social media that is offered is digital marketing; a course stays a course
    if social.level == SocialLevel.DEDICATED or (social.level == SocialLevel.COMPONENT and known != {"training"}):
        if "digital" not in known:
            # how sure it is that the firm gets it, be it as a part or as the purpose
            confidence = max(social.confidence, CODED_FROM)
            measures = [*measures, MeasureCoding("digital", confidence, social.evidence[:3])]
        measures = [coding for coding in measures if coding.measure != FALLBACK_MEASURE]
    measures = [replace(m, evidence=readable_quotes(reading, m.evidence)) for m in measures]
    social = replace(social, evidence=readable_quotes(reading, social.evidence))
    order = list(load_codebook().measures)
    blocks = [reading.page.blocks[number] for number in candidate.blocks]
    return ProgrammeCoding(
        name=candidate.name,
        description=_description(reading, candidate),
        start=blocks[0].start,
        end=blocks[-1].end,
        status=code_status(reading, candidate),
        measures=tuple(sorted(measures, key=lambda coding: order.index(coding.measure))),
        social=social,
        audience=code_audience(reading, candidate),
        instruments=code_instruments(reading, candidate),
        barriers=tuple(
            replace(b, evidence=readable_quotes(reading, b.evidence)) for b in code_barriers(reading, candidate)
        ),
        doubtful=tuple(doubtful),
    )


def _description(reading: Reading, candidate: Candidate) -> str:
    """The first text under the programme's name, cut at a word."""
    for number in candidate.blocks:
        block = reading.page.blocks[number]
        if number != candidate.heading and block.kind != "heading" and block.end - block.start >= 20:
            text = reading.page.of(block)
            if len(text) > LONGEST_DESCRIPTION:
                text = text[:LONGEST_DESCRIPTION].rsplit(" ", 1)[0] + " …"
            return text
    return ""
