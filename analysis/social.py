"""Grading social media: how far it is part of a programme, from not at all to its very purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.codebook import load_codebook
from analysis.coding import Quote, SocialCoding, SocialLevel
from analysis.cues import CueFinder, Hit
from analysis.page import PageText, RawBlock, assemble, begins_with_counter
from analysis.platforms import may_name_social_media
from analysis.programmes import Candidate
from analysis.reading import Reading, read_page

MOST_QUOTES = 5
_CHANNEL_NAMES = {"boilerplate", "publicity"}
_CHANNEL_SIGNS = {("social", name) for name in _CHANNEL_NAMES}
LONGEST_OPENING = 80  # characters
LEAST_GIVEN = 2  # different words
MOST_OFFERS_OF_AN_ESSAY = 2  # different words of an offer in a text that defines or discusses
LEAD_SENTENCES = 2  # sentences after the name in which a programme tells its purpose
# characters between a name of social media and words of the agency's own publicity, by the language's writing: in a
# sentence that counts up, 'on our shared stand' says nothing of the 'social media campaign' before it
PUBLICITY_REACH = {"words": 60, "characters": 25}


@dataclass(frozen=True)
class Sign:
    """One sentence of a programme that names social media, and how."""

    level: SocialLevel
    block: int
    start: int  # characters in the page's text
    end: int
    in_name: bool
    in_lead: bool
    asked: bool  # of firms: 'applicants need a page on one of these networks'
    plain: bool  # neither asked, nor a follow-us line, nor the agency's own publicity, nor for customers at home


def grade_programme(reading: Reading, candidate: Candidate) -> SocialCoding:
    """The level of a programme by cues alone."""
    return grade_signs(reading, candidate, programme_signs(reading, candidate))


def grade_signs(reading: Reading, candidate: Candidate, signs: Sequence[Sign]) -> SocialCoding:
    """The level of a programme by its signs (programme_signs).

    4 where its name is about using social media and the text goes on with what the firm gets for it, or where its
    opening and at least two more places are; 3 where the firm
    gets it as a part; 2 where it is only named; 1 and 0 as for the page's frame.
    """
    given = [sign for sign in signs if sign.level >= SocialLevel.COMPONENT]
    named = [sign for sign in given if sign.in_name]
    leading = [sign for sign in given if sign.in_lead]
    if (named and (len(given) >= 2 or _given_in_lead(reading, candidate))) or (leading and len(given) >= 3):
        return social_coding(reading, SocialLevel.DEDICATED, signs, 0.95 if named else 0.85)
    if given:
        return social_coding(reading, SocialLevel.COMPONENT, signs, 0.9 if len(given) > 1 else 0.8)
    if any(sign.level == SocialLevel.MENTION for sign in signs):
        return social_coding(reading, SocialLevel.MENTION, signs, 0.85)
    return grade_frame(reading)


def programme_signs(reading: Reading, candidate: Candidate) -> list[Sign]:
    """The sentences of a programme that name social media, each as the whole text shows it, in the text's order."""
    signs = _signs(reading, candidate)
    if signs and _explains(reading, candidate):
        signs = [replace(sign, level=min(sign.level, SocialLevel.MENTION), plain=False) for sign in signs]
    about = [sign for sign in signs if sign.in_name and sign.level == SocialLevel.MENTION and sign.plain]
    if about and _given_in_lead(reading, candidate):
        signs = [replace(sign, level=SocialLevel.COMPONENT) if sign in about else sign for sign in signs]
    return signs


def grade_page(reading: Reading) -> SocialCoding:
    """The level of a page without a programme: there nothing can be given, so it is a mention at most."""
    content = tuple(
        n for n in range(len(reading.page.blocks)) if reading.is_content(n) and n not in reading.not_offered
    )
    signs = [sign for sign in _signs(reading, Candidate("", None, content)) if sign.level >= SocialLevel.MENTION]
    if signs:
        return social_coding(reading, SocialLevel.MENTION, signs, 0.85)
    return grade_frame(reading)


def grade_in_passing(page: PageText, finder: CueFinder) -> SocialCoding:
    """The level of a page that is not about exporting: only the blocks that may name social media are read."""
    blocks = [block for block in page.blocks if block.social_link or may_name_social_media(page.of(block))]
    if not blocks:
        return SocialCoding(SocialLevel.NONE, 0.95)
    if blocks[0].social_link and all(block.frame for block in blocks):
        return _boilerplate(page.text, blocks[0].start, blocks[0].end)
    raw = [RawBlock(b.kind, page.of(b), b.level, b.frame, b.social_link) for b in blocks]
    coding = grade_page(read_page(assemble(page.title, raw), finder))
    places = [(quote.quote, page.text.find(quote.quote)) for quote in coding.evidence]
    quotes = tuple(Quote(text, start, start + len(text)) for text, start in places if start >= 0)
    return replace(coding, evidence=quotes)


def grade_frame(reading: Reading) -> SocialCoding:
    """1 where menus, footers, banners or follow-us lines name social media, otherwise 0."""
    for number, block in enumerate(reading.page.blocks):
        if block.frame or block.kind == "link":
            # a link to a page about social media is a pointer; one to a platform is boilerplate
            if block.social_link or (block.frame and _social_hits(reading, number)):
                return _boilerplate(reading.page.text, block.start, block.end)
            continue
        for hit in _social_hits(reading, number):
            if _level(reading, Candidate("", None, ()), hit, _around(reading, hit)) == SocialLevel.BOILERPLATE:
                return _boilerplate(reading.page.text, *reading.sentence(hit))
    return SocialCoding(SocialLevel.NONE, 0.95)


def _boilerplate(text: str, start: int, end: int) -> SocialCoding:
    return SocialCoding(SocialLevel.BOILERPLATE, 0.95, (Quote(text[start:end], start, end),))


def _signs(reading: Reading, candidate: Candidate) -> list[Sign]:
    """Sentences of a programme that name social media, in the order of the text."""
    signs: dict[tuple[int, int], Sign] = {}
    first_sentences = _lead(reading, candidate)
    for number in candidate.blocks:
        if number in reading.not_offered or not reading.is_content(number):
            continue
        for hit in _social_hits(reading, number):
            if hit.sentence in reading.negated_sentences:
                continue
            start, end = reading.sentence(hit)
            around = _around(reading, hit)
            asked = reading.is_asked(hit.start)
            level = _level(reading, candidate, hit, around)
            sign = Sign(
                min(level, SocialLevel.MENTION) if asked else level,
                number,
                start,
                end,
                number == candidate.heading or _opens(reading, candidate, start, end),
                hit.sentence in first_sentences,
                asked,
                not asked and not around & _CHANNEL_NAMES and hit.sentence not in reading.domestic_sentences,
            )
            known = signs.get((start, end))
            if known is None or sign.level > known.level:
                signs[(start, end)] = sign
    return sorted(signs.values(), key=lambda sign: sign.start)


def _opens(reading: Reading, candidate: Candidate, start: int, end: int) -> bool:
    """Whether a sentence stands for a name: short, and the first of a programme without a heading."""
    return (
        candidate.heading is None
        and start == reading.page.blocks[candidate.blocks[0]].start
        and end - start <= LONGEST_OPENING
        and end < reading.page.blocks[candidate.blocks[-1]].end
    )


def _given_in_lead(reading: Reading, candidate: Candidate) -> bool:
    """Whether the sentences after the name tell of training, posts, accounts or advertisements for the firm."""
    lead = _lead(reading, candidate)
    words = {
        hit.cue
        for number in candidate.blocks
        if number != candidate.heading and reading.offers(number)
        for hit in reading.hits_of_block.get(number, ())
        if hit.concept[:2] == ("social", "given") and hit.sentence in lead
    }
    return len(words) >= LEAST_GIVEN


def _explains(reading: Reading, candidate: Candidate) -> bool:
    """Whether a text defines or discusses its subject and hardly offers anything: a textbook, an article, a thesis.

    Such texts tell how firms reach customers abroad by social media in the very words of a course in it.
    """
    hits = [hit for number in candidate.blocks for hit in reading.hits_of_block.get(number, ())]
    offers = {hit.cue for hit in hits if hit.concept[:2] == ("context", "offer")}
    return len(offers) <= MOST_OFFERS_OF_AN_ESSAY and any(hit.concept[:2] == ("context", "explains") for hit in hits)


def _lead(reading: Reading, candidate: Candidate) -> set[int]:
    """The numbers of the sentences in which a programme tells its purpose, with further headings before them."""
    lead: set[int] = set()
    texts = 0
    for number in candidate.blocks:
        if number == candidate.heading:
            continue
        block = reading.page.blocks[number]
        first, last = reading.cued.sentence_at(block.start), reading.cued.sentence_at(block.end - 1)
        for sentence in range(first, last + 1):
            lead.add(sentence)
            texts += block.kind != "heading"
            if texts >= LEAD_SENTENCES:
                return lead
    return lead


def _social_hits(reading: Reading, number: int) -> list[Hit]:
    """Names of social media in a block: words and platforms, without what only sounds like them."""
    hits = reading.hits_of_block.get(number, [])
    misses = [hit for hit in hits if hit.concept[:2] == ("social", "not_")]
    text = reading.page.text
    found = []
    doubtful = []
    for hit in hits:
        if hit.concept[:2] == ("social", "words") or hit.concept[0] == "platform":
            if not hit.clear_of(misses):
                continue
            if hit.concept[2] == "exact":
                if text[hit.start : hit.end] == hit.cue:
                    doubtful.append(hit)
            else:
                found.append(hit)
    sure = {hit.sentence for hit in found}
    sure |= {hit.sentence for hit in hits if hit.concept[:2] in _CHANNEL_SIGNS}
    return found + [hit for hit in doubtful if hit.sentence in sure or len({d.cue for d in doubtful}) > 1]


def _level(reading: Reading, candidate: Candidate, hit: Hit, around: set[str]) -> SocialLevel:
    """How one sentence uses social media; `around`: the words about social media that stand in it (_around)."""
    number = reading.block_at(hit.start)
    block = reading.page.blocks[number]
    if block.frame or block.kind == "link":
        return SocialLevel.BOILERPLATE
    if "boilerplate" in around:
        return SocialLevel.BOILERPLATE
    if "publicity" in around:
        return SocialLevel.MENTION
    if number in reading.elsewhere or hit.sentence in reading.domestic_sentences:
        return SocialLevel.MENTION
    # the numbered lines of a guide are chapters, not what a firm gets
    in_place = block.kind != "paragraph" and not begins_with_counter(reading.page.of(block))
    if "given" in around or (in_place and _is_about_exporting(reading, candidate)):
        return SocialLevel.COMPONENT
    return SocialLevel.MENTION


def _around(reading: Reading, hit: Hit) -> set[str]:
    """Which words about social media stand in the sentence of one of its names; those of publicity near it."""
    number = reading.block_at(hit.start)
    if _is_title_of_follow_us(reading, number, hit):
        return {"boilerplate"}
    reach = PUBLICITY_REACH[load_codebook().languages[reading.language].writing]
    return {
        other.concept[1]
        for other in reading.hits_of_block[number]
        if other.concept[0] == "social"
        and other.sentence == hit.sentence
        and (other.concept[1] != "publicity" or (other.start - hit.end <= reach and hit.start - other.end <= reach))
    }


def _is_title_of_follow_us(reading: Reading, number: int, hit: Hit) -> bool:
    """Whether a platform's name stands alone as the heading of a follow-us line."""
    block = reading.page.blocks[number]
    return (
        block.kind == "heading"
        and reading.page.of(block).strip() == reading.page.text[hit.start : hit.end]
        and any(other.concept[:2] == ("social", "boilerplate") for other in reading.hits_of_block.get(number + 1, ()))
    )


def _is_about_exporting(reading: Reading, candidate: Candidate) -> bool:
    """Whether the programme as a whole is for exporters, so that what it lists is too.

    A calendar of all sorts of courses is not.
    """
    opening = [n for n in candidate.blocks if n != candidate.heading][:2]
    if candidate.heading is not None:
        opening.append(candidate.heading)
    return any(
        hit.concept[:2] in (("context", "export"), ("context", "abroad"))
        for number in opening
        for hit in reading.hits_of_block.get(number, ())
    )


def social_coding(reading: Reading, level: SocialLevel, signs: Sequence[Sign], confidence: float) -> SocialCoding:
    """A level with the sentences that show it: those that give the firm social media, or, where none does, others.

    Whole sentences stand before names, and reports show the first.
    """
    text = reading.page.text
    shown = min(level, SocialLevel.COMPONENT)
    fitting = [sign for sign in signs if min(sign.level, SocialLevel.COMPONENT) == shown]
    ordered = sorted(
        fitting or [sign for sign in signs if sign.level >= SocialLevel.MENTION],
        key=lambda sign: (sign.in_name, sign.end - sign.start < 25, sign.start),
    )
    quotes = tuple(Quote(text[sign.start : sign.end], sign.start, sign.end) for sign in ordered)
    return SocialCoding(level, confidence, quotes[:MOST_QUOTES])
