"""Links that tell something: cards that are one link each, and items of a list that are links.

A bare link is a word of a menu or a pointer, and no text of the page. On many portals, though, a link wraps a whole
card, its title and what it leads to, and in many a list some items are links.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from analysis.around_text import CARD, LONG, TELLING, told
from analysis.page import BlockKind

LONGEST_TITLE = 100  # characters of the line that names a card
TITLE_LEVEL = 5  # of such a line as a heading
SENTENCE_END = (*".:;!?", *"。：；！？", "؛", "؟")


@dataclass
class Found:
    """A block as it was found in the HTML."""

    kind: BlockKind
    text: str
    level: int
    social: bool
    main: bool  # within <main> or <article>
    card: int = 0  # number of the link that it begins with, 0 for none: a link that wraps a card has several blocks
    listed: bool = False  # an item of a list, be it a link


def read_links(shown: Sequence[Found]) -> None:
    """Let links be read that tell something, among the blocks of a page that are no frame."""
    for listed, group in groupby(shown, key=lambda found: found.listed):
        items = list(group)
        if listed and 3 * sum(_size(f) for f in items if f.kind == "item") >= 2 * sum(map(_size, items)):
            for found in items:
                found.kind = "item"
    titles: list[Found] = []
    texts: list[Found] = []
    for number, group in groupby(shown, key=lambda found: found.card):
        if number:
            title, own = _parts(list(group))
            titles += title if own else []
            texts += own
    # cards around a text of some length lead to other pages
    size, around = sum(map(_size, texts)), sum(told(found.kind, found.text) for found in shown)
    if around < size and (around < LONG or 3 * around < size):
        for found in titles:
            found.kind, found.level = "heading", TITLE_LEVEL
        for found in texts:
            found.kind = "paragraph"


def _parts(card: Sequence[Found]) -> tuple[list[Found], list[Found]]:
    """The line that names a card, if no heading does, and the links that tell something."""
    titles = {found.text for found in card if found.kind == "heading"}
    links = [found for found in card if found.kind == "link" and found.text not in titles]
    title = []
    if not titles and len(links) > 1 and len(links[0].text) <= min(LONGEST_TITLE, max(len(f.text) for f in links[1:])):
        title = links[:1]
    texts = [found for found in links if found not in title and _size(found) >= CARD]
    if not titles and not title:
        texts = [found for found in texts if _size(found) >= TELLING and found.text.endswith(SENTENCE_END)]
    return title, texts


def _size(found: Found) -> int:
    return len(found.text.encode())
