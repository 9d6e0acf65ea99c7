"""Finding programmes: a page may hold none, one, or several under headings of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.page import QUESTIONS, PageText
from analysis.reading import Reading

LEAST_TEXT = 25  # characters below a heading that make it more than a label
LONGEST_NAME = 160
_SEPARATORS = (" | ", " - ", " – ", " — ", " :: ", " » ", " · ")


@dataclass(frozen=True)
class Candidate:
    """A stretch of a page that may be a programme."""

    name: str
    heading: int | None  # number of the block that names it
    blocks: tuple[int, ...]  # numbers of its blocks, with the heading


@dataclass(frozen=True)
class _Section:
    heading: int
    level: int
    blocks: tuple[int, ...]  # up to the next heading of the same or a higher level


def find_candidates(reading: Reading) -> list[Candidate]:
    """The stretches of a page that may be programmes, in its order.

    Headings on one level of which at least two name an offer make one programme each; a page without such
    headings is one candidate as a whole. 'Who can apply' or 'Step 2' name parts of a programme, not programmes.
    """
    sections = _sections(reading)
    title = _title_heading(reading, sections)
    for level in sorted({section.level for section in sections}):
        peers = [section for section in sections if section.level == level and section.heading != title]
        if len(peers) < 2:
            continue
        parts = [section for section in peers if _is_part(reading, section)]
        named = [section for section in peers if section not in parts and _may_be_programme(reading, section)]
        if len(named) >= 2 and len(named) * 2 > len(parts):
            return [
                Candidate(
                    _clean_name(reading.page.of(reading.page.blocks[section.heading])),
                    section.heading,
                    section.blocks + _given_beside(reading, section, peers, parts),
                )
                for section in named
            ]
    page = whole_page(reading)
    return [page] if page.blocks else []


def whole_page(reading: Reading) -> Candidate:
    """All that a page says, as one candidate."""
    title = _title_heading(reading, _sections(reading))
    content = tuple(n for n in range(len(reading.page.blocks)) if reading.is_content(n))
    return Candidate(page_name(reading.page, title), title, content)


def leading(reading: Reading, whole: Candidate, first: Candidate) -> Candidate | None:
    """What stands before the first of several programmes, named like the page; None where that is headings alone."""
    before = tuple(number for number in whole.blocks if number < first.blocks[0])
    told = any(reading.page.blocks[number].kind != "heading" for number in before)
    return replace(whole, blocks=before) if told else None


def page_name(page: PageText, title: int | None = None) -> str:
    """What a page is called: its first heading, or its title without the name of the site."""
    if title is not None:
        return _clean_name(page.of(page.blocks[title]))
    pieces = [page.title]
    for separator in _SEPARATORS:
        pieces = [part for piece in pieces for part in piece.split(separator)]
    pieces = [piece.strip() for piece in pieces if piece.strip()]
    if pieces:
        return _clean_name(pieces[0])
    first = next((page.of(block) for block in page.blocks if not block.frame), "")
    return _clean_name(first[:80])


def _sections(reading: Reading) -> list[_Section]:
    blocks = reading.page.blocks
    headings = [n for n, block in enumerate(blocks) if block.kind == "heading" and not block.frame]
    sections = []
    for place, heading in enumerate(headings):
        level = blocks[heading].level
        following = headings[place + 1 :]
        next_peer = next((n for n in following if blocks[n].level <= level), len(blocks))
        sections.append(
            _Section(
                heading,
                level,
                tuple(n for n in range(heading, next_peer) if reading.is_content(n)),
            )
        )
    return sections


def _title_heading(reading: Reading, sections: Sequence[_Section]) -> int | None:
    """The heading that names the page: the first of the highest level, unless it has peers and text below it."""
    if not sections:
        return None
    top = min(section.level for section in sections)
    first = sections[0]
    leaders = [section for section in sections if section.level == top]
    if first.level == top and (len(leaders) == 1 or top == 1 or not _may_be_programme(reading, first)):
        return first.heading
    if first.level == top and top == 5:  # bold lines for headings: the first is the page's
        return first.heading
    if len(leaders) == 1 and leaders[0].heading <= 3:
        return leaders[0].heading
    return None


def _is_part(reading: Reading, section: _Section) -> bool:
    """Whether a heading names a part of a programme ('How to apply', 'Phase 1')."""
    heading = reading.page.blocks[section.heading]
    text = reading.page.of(heading)
    if text.rstrip().endswith(QUESTIONS):
        return True  # questions and answers are parts of what the page is about
    covered = 0
    for hit in reading.hits_of_block.get(section.heading, ()):
        if hit.concept[0] != "structure":
            continue
        if hit.concept[1] == "steps" and hit.start - heading.start <= 2 and any(c.isdigit() for c in text[:12]):
            return True
        if hit.concept[1] in ("facets", "gives") and hit.start - heading.start <= 2 and " " in hit.cue:
            return True  # 'Who can apply for the fund'
        if hit.concept[1] in ("facets", "excluded", "pointers", "closed"):
            covered = max(covered, hit.end - hit.start)
    return covered >= 0.6 * len(text.strip(" ?!:.…0123456789"))


def _given_beside(
    reading: Reading, section: _Section, peers: Sequence[_Section], parts: Sequence[_Section]
) -> tuple[int, ...]:
    """The blocks of the parts right after a section, on its level, that say what it gives ('Eligible costs')."""
    found: list[int] = []
    for peer in peers[peers.index(section) + 1 :]:
        given = any(hit.concept[:2] == ("structure", "gives") for hit in reading.hits_of_block.get(peer.heading, ()))
        if peer not in parts or not given:
            break
        found += peer.blocks
    return tuple(found)


def _may_be_programme(reading: Reading, section: _Section) -> bool:
    text = sum(reading.page.blocks[n].end - reading.page.blocks[n].start for n in section.blocks[1:])
    if text < LEAST_TEXT or section.heading in reading.not_offered or section.heading in reading.elsewhere:
        return False
    for number in section.blocks:
        for hit in reading.hits_of_block.get(number, ()):
            family, _, strength = hit.concept
            telling = strength == "strong" or (strength in ("weak", "fallback") and number == section.heading)
            if family == "measure" and telling and reading.counts(hit):
                return True
    return False


def _clean_name(text: str) -> str:
    text = " ".join(text.split()).strip(" :–-|*")
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rsplit(" ", 1)[0] + "…"
