"""A page read with the codebook: its blocks, which of them offer something, and the cues in each."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from analysis.cues import CuedText, CueFinder, Hit
from analysis.page import COLONS, QUESTIONS, Block, PageText
from analysis.places import foreign_places

# characters at the beginning of a block in which 'not covered' speaks for the whole block, by the language's writing
LEAD_IN = {"words": 60, "characters": 20}
CLAUSE_END = re.compile(r"[,;:()\n/、，；：（）،؛•–／·・△▲▪◦]")


@dataclass
class Reading:
    """A page with its cues, and for each block whether what it says is an offer of this agency."""

    page: PageText
    cued: CuedText
    hits_of_block: dict[int, list[Hit]]
    not_offered: set[int] = field(default_factory=set)  # blocks under 'not covered' and the like
    elsewhere: set[int] = field(default_factory=set)  # blocks about what others offer
    conditions: set[int] = field(default_factory=set)  # blocks about what is asked of firms
    asked: list[tuple[int, int]] = field(default_factory=list)  # the same within a paragraph, as characters of the text
    negated_sentences: set[int] = field(default_factory=set)
    domestic_sentences: set[int] = field(default_factory=set)  # about customers at home
    places: set[str] = field(default_factory=set)  # names of other countries in the content
    language: str = ""
    home: str = ""  # the country of the agency (ISO 3166-1 alpha-2), where it is known
    lead_in: int = LEAD_IN["words"]
    _starts: list[int] = field(default_factory=list)

    def block_at(self, position: int) -> int:
        """The number of the block at a character."""
        return max(bisect_right(self._starts, position) - 1, 0)

    def is_content(self, number: int) -> bool:
        """Whether a block tells what the page is about (not frame, not a bare link)."""
        block = self.page.blocks[number]
        return not block.frame and block.kind != "link"

    def offers(self, number: int) -> bool:
        """Whether what a block says may be an offer of this agency."""
        return self.is_content(number) and number not in self.not_offered and number not in self.elsewhere

    def gives(self, number: int) -> bool:
        """Whether what a block says may be given to a firm: also not a condition that it has to meet."""
        return self.offers(number) and number not in self.conditions

    def is_asked(self, position: int) -> bool:
        """Whether what stands at a character is asked of firms: 'applicants need a page on one of these networks'."""
        return self.block_at(position) in self.conditions or any(start <= position < end for start, end in self.asked)

    def counts(self, hit: Hit) -> bool:
        """Whether a cue stands where an offer is made."""
        if hit.sentence in self.negated_sentences or hit.sentence in self.domestic_sentences:
            return False
        return self.offers(self.block_at(hit.start))

    def hits(self, family: str, name: str = "") -> list[Hit]:
        """The hits of a family (and name) in the page's content."""
        return [
            hit
            for hit in self.cued.family(family)
            if (not name or hit.concept[1] == name) and self.is_content(self.block_at(hit.start))
        ]

    def sentence(self, hit: Hit) -> tuple[int, int]:
        """The sentence around a hit, within its block, as characters of the text."""
        return self._within_block(hit.sentence, hit.start)

    def sentence_at(self, position: int) -> tuple[int, int]:
        """The sentence around a character, within its block, as characters of the text."""
        return self._within_block(self.cued.sentence_at(position), position)

    def clauses(self, start: int, end: int) -> list[tuple[int, int]]:
        """What stands between the commas from one character to another, without the blanks around it."""
        marks = [(match.start(), match.end()) for match in CLAUSE_END.finditer(self.page.text, start, end)]
        between = zip([start, *(after for _, after in marks)], [*(before for before, _ in marks), end], strict=True)
        texts = [(begins, self.page.text[begins:ends]) for begins, ends in between]
        return [
            (begins + len(text) - len(text.lstrip()), begins + len(text.rstrip()))
            for begins, text in texts
            if text.strip()
        ]

    def _within_block(self, sentence: int, position: int) -> tuple[int, int]:
        start, end = self.cued.sentences[sentence]
        block = self.page.blocks[self.block_at(position)]
        return max(start, block.start), min(end, block.end)


def read_page(page: PageText, finder: CueFinder, home: str = "") -> Reading:
    """Find the cues of a page, names of countries other than `home` (ISO 3166-1 alpha-2), and what it excludes."""
    cued = finder.read(page.text)
    starts = [block.start for block in page.blocks]
    hits_of_block: defaultdict[int, list[Hit]] = defaultdict(list)
    reading = Reading(page, cued, hits_of_block, home=home, _starts=starts)
    reading.language, reading.lead_in = finder.language.language, LEAD_IN[finder.language.writing]
    reading.places = foreign_places(page.content, reading.language, home)
    for hit in cued.hits:
        hits_of_block[reading.block_at(hit.start)].append(hit)
    for hit in cued.hits:
        if hit.concept[:2] in (("structure", "negated"), ("context", "calls")):
            reading.negated_sentences.add(hit.sentence)
        elif (
            hit.concept[:2] == ("structure", "excluded")
            and hit.start - cued.sentences[hit.sentence][0] <= reading.lead_in
        ):
            reading.negated_sentences.add(hit.sentence)  # 'Not covered: travel, advertising.'
    abroad = {hit.sentence for hit in cued.family("context") if hit.concept[1] in ("export", "abroad")}
    for hit in cued.family("context"):
        if hit.concept[1] == "domestic" and hit.sentence not in abroad:
            reading.domestic_sentences.add(hit.sentence)
    _mark_blocks(reading)
    _mark_asked(reading)
    return reading


def _mark_blocks(reading: Reading) -> None:
    """Find what stands under a heading or a lead-in that excludes, points to others, or tells what is asked of firms.

    What is asked is not told by the title of a page, nor by a heading that names a measure: there the conditions of a
    mission tell of it.
    """
    blocks = reading.page.blocks
    words = {n: _opening_structure(reading, n) for n, block in enumerate(blocks) if not block.frame}
    headings = [n for n in words if blocks[n].kind == "heading"]
    excluded = {n for n, names in words.items() if "excluded" in names}
    lines = excluded.difference(headings)
    reading.not_offered |= lines | _under(reading, words, excluded) | _listed_after(reading, words, lines)
    reading.elsewhere |= _under(reading, words, {n for n in words if "pointers" in words[n]} - excluded)
    asking = {n for n, names in words.items() if "conditions" in names}
    title = {n for n in headings[:1] if n == min(words)}
    named = {n for n in asking.intersection(headings) - title if not _names_a_measure(reading, n)}
    leading = {n for n in asking.difference(headings) if not blocks[n].listed}
    reading.conditions |= _under(reading, words, named) | _listed_after(reading, words, leading)


def _under(reading: Reading, numbers: Iterable[int], headings: set[int]) -> set[int]:
    """Those of the blocks that stand under some headings, these among them, up to a heading of the same rank."""
    under = set()
    above: Block | None = None
    for number in numbers:
        block = reading.page.blocks[number]
        if block.kind == "heading":
            if above and block.level <= above.level:
                above = None
            if number in headings:
                above = block
        if above:
            under.add(number)
    return under


def _listed_after(reading: Reading, numbers: Iterable[int], lead_ins: set[int]) -> set[int]:
    """Those of the blocks that stand in a list to which a lead-in with a colon leads."""
    after = set()
    leads = False
    for number in numbers:
        block = reading.page.blocks[number]
        if number in lead_ins:
            leads = reading.page.of(block).rstrip().endswith(COLONS)
        elif not block.listed:
            leads = False
        if leads and block.listed:
            after.add(number)
    return after


def _mark_asked(reading: Reading) -> None:
    """Find what a sentence tells after 'requirements:', the answer to a question like 'who can apply?', and sentences
    that ask: 'applicants must have'."""
    for hit in reading.cued.hits:
        if hit.concept[:2] == ("structure", "asks"):
            reading.asked.append(reading.sentence(hit))
        if hit.concept[:2] != ("structure", "conditions"):
            continue
        start, end = reading.sentence(hit)
        text = reading.page.text
        colons = [place for colon in COLONS if (place := text.find(colon, hit.end, end)) >= 0]
        if colons:
            reading.asked.append((min(colons), end))
        elif text[start:end].rstrip().endswith(QUESTIONS) and end < reading.page.blocks[reading.block_at(start)].end:
            reading.asked.append((end, reading.sentence_at(end + 1)[1]))


def _names_a_measure(reading: Reading, number: int) -> bool:
    return any(
        hit.concept[0] == "measure" and hit.concept[2] == "strong" for hit in reading.hits_of_block.get(number, ())
    )


def _opening_structure(reading: Reading, number: int) -> set[str]:
    """Which words about structure a heading holds, or a block opens with."""
    block = reading.page.blocks[number]
    reach = block.end if block.kind == "heading" else block.start + reading.lead_in
    return {
        hit.concept[1]
        for hit in reading.hits_of_block.get(number, ())
        if hit.concept[0] == "structure" and hit.end <= reach
    }
