"""What stands around the text of a long page and is not what it is about: bare links, lines before its first
paragraph (names, dates), headings with nothing under them, and what follows its last paragraph.

Names of elements tell most of a page's frame (analysis.html_text); this is for what they do not tell. Short pages and
lists of short cards are left as they are.
"""

from collections.abc import Sequence
from dataclasses import replace

from analysis.page import RawBlock

LONG = 600  # bytes in telling blocks from which a page has a text that something can stand around
TELLING = 80  # bytes in UTF-8 (signs that say more take more of them) from which a block is more than a line or a name
LINE = 60  # bytes below which a paragraph without a full stop is but a line
CARD = 25  # bytes under a heading that make a card of it
_ENDS = tuple(".!?:;…。！？”»)")
_TEXT = ("paragraph", "item", "row")


def told(kind: str, text: str) -> int:
    """The bytes of a block that tells something: 0 for a heading, a link or a line of a few words."""
    if kind not in _TEXT:
        return 0
    size = len(text.encode())
    return size if size >= TELLING else 0


def mark_surroundings(blocks: Sequence[RawBlock]) -> list[RawBlock]:
    """The blocks of a page, with what stands around a long text marked as frame."""
    places = [place for place, block in enumerate(blocks) if not block.frame]
    sizes = {place: told(blocks[place].kind, blocks[place].text) for place in places}
    if sum(sizes.values()) < LONG:
        return list(blocks)
    telling = [place for place in places if sizes[place]]
    rest = [place for place in places if blocks[place].kind != "link"]
    rest = [place for place in rest if place > telling[0] or not _is_line(blocks[place])]
    rest = _without_single_lines(blocks, rest)
    rest = _without_empty_headings(blocks, rest)
    kept = frozenset(_without_tail(blocks, rest, telling[-1]))
    return [
        replace(block, frame=True) if not block.frame and place not in kept else block
        for place, block in enumerate(blocks)
    ]


def _is_line(block: RawBlock) -> bool:
    """Whether a block is a few words that are no sentence, such as a name, a date or the credits of a picture."""
    return block.kind == "paragraph" and len(block.text.encode()) < LINE and not block.text.endswith(_ENDS)


def _without_single_lines(blocks: Sequence[RawBlock], places: Sequence[int]) -> list[int]:
    """Without lines that neither belong to a list of such lines nor name the paragraph under them."""
    kept = []
    for number, place in enumerate(places):
        before = blocks[places[number - 1]] if number else None
        after = blocks[places[number + 1]] if number + 1 < len(places) else None
        listed = any(near and (_is_line(near) or near.kind in ("item", "row")) for near in (before, after))
        if not _is_line(blocks[place]) or listed or (after and after.kind == "paragraph"):
            kept.append(place)
    return kept


def _without_empty_headings(blocks: Sequence[RawBlock], places: Sequence[int]) -> list[int]:
    """Without headings under which nothing is told, except the page's own."""
    kept: list[int] = []
    empty: list[int] = []  # headings whose text has yet to come, each deeper than the one before
    for place in places:
        block = blocks[place]
        if block.kind == "heading":
            while empty and blocks[empty[-1]].level >= block.level:
                empty.pop()
            empty.append(place)
        else:
            kept += [*empty, place]
            empty = []
    return sorted({*kept, *(place for place in places if blocks[place].kind == "heading" and blocks[place].level == 1)})


def _without_tail(blocks: Sequence[RawBlock], places: Sequence[int], last: int) -> list[int]:
    """Without what follows the last block that tells something, except lists and sections of some words."""
    number = next(number for number, place in enumerate(places) if place == last) + 1
    kept = list(places[:number])
    section: list[int] = []
    for place in (*places[number:], None):
        if place is None or blocks[place].kind == "heading":
            texts = [blocks[one] for one in section if blocks[one].kind != "heading"]
            headed = len(texts) < len(section)
            says = any(block.kind != "paragraph" or len(block.text.encode()) >= CARD for block in texts)
            if says and (headed or not all(map(_is_line, texts))):
                kept += section
            section = []
        if place is not None:
            section.append(place)
    return kept
