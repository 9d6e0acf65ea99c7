"""A page as the coder sees it: plain text, cut into blocks whose place in the text is known."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from analysis.platforms import may_name_social_media

BlockKind = Literal["heading", "paragraph", "item", "row", "link"]

LONGEST_TEXT = 200_000  # characters of a page that are read; what lies beyond is cut off
LONGEST_ITEM = 400  # characters of a paragraph that may be an item of a list
COLONS = (":", "：")  # also that of Chinese, Japanese and Korean
QUESTIONS = ("?", "？", "؟")  # also those of Chinese, Japanese and Arabic
TYPED_LEVEL = 6  # of a heading that is one by a number and a colon alone
# what an item begins with where a list is typed by hand: '(a)', '2.', '三、', '・'
_COUNTER = re.compile(
    r"(?:[•●○■□▲△▶◆※·・‣▪–—-]\s*|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s"
    r"|\d{1,2}\s?[-–]\s?(?=[^\W\d])|[①-⑳]|[一二三四五六七八九十]{1,3}[、.]"
    r"|[(（][一二三四五六七八九十\d]{1,2}[)）])"
)


@dataclass(frozen=True)
class RawBlock:
    """A piece of a page that a reader sees as one: a heading, paragraph, list item, table row or bare link."""

    kind: BlockKind
    text: str
    level: int = 0  # 1 to 6 for headings, 0 for the rest
    frame: bool = False  # menus, footers, banners and whatever recurs over a site: not what the page is about
    social_link: bool = False  # holds a link to a platform of social media


@dataclass(frozen=True)
class Block:
    """A block and where it stands in the page's text."""

    kind: BlockKind
    level: int
    start: int  # characters
    end: int
    frame: bool
    social_link: bool

    @property
    def listed(self) -> bool:
        """Whether it is an item of a list or a row of a table."""
        return self.kind in ("item", "row")


@dataclass(frozen=True)
class PageText:
    """The readable text of one page."""

    title: str
    text: str
    blocks: tuple[Block, ...]
    declared_language: str = ""  # what the page says of itself

    def of(self, block: Block) -> str:
        """The text of a block."""
        return self.text[block.start : block.end]

    @property
    def main(self) -> str:
        """The text of the page without its frame."""
        return "\n".join(self.of(block) for block in self.blocks if not block.frame)

    @property
    def content(self) -> str:
        """The text that tells what the page is about: neither frame nor bare links."""
        return "\n".join(self.of(block) for block in self.blocks if not block.frame and block.kind != "link")


def assemble(title: str, raw: Iterable[RawBlock], declared_language: str = "") -> PageText:
    """Put blocks together to a text: first what the page is about, then those of its frame that name social media.

    The rest of the frame is left out.
    """
    raw = list(raw)
    ordered = [block for block in raw if not block.frame]
    seen: set[str] = set()
    for block in raw:
        named = block.frame and (block.social_link or may_name_social_media(block.text))
        if named and block.text not in seen:
            seen.add(block.text)
            ordered.append(block)
    parts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for block in _with_typed_marks(ordered):
        if position + len(block.text) > LONGEST_TEXT:
            break
        end = position + len(block.text)
        blocks.append(Block(block.kind, block.level, position, end, block.frame, block.social_link))
        parts.append(block.text)
        position = end + 1
    return PageText(title, "\n".join(parts), tuple(blocks), declared_language)


def _with_typed_marks(blocks: Sequence[RawBlock]) -> list[RawBlock]:
    """The blocks; neighbouring paragraphs that begin with counters or bullets are items, and one by itself that ends in
    a colon ('2 - Transport of goods:') is a heading."""
    counted = [
        block.kind == "paragraph" and len(block.text) <= LONGEST_ITEM and begins_with_counter(block.text)
        for block in blocks
    ]
    beside = zip([False, *counted], counted, [*counted[1:], False], strict=False)
    marked = []
    for block, (before, here, after) in zip(blocks, beside, strict=True):
        if here and (before or after):
            block = replace(block, kind="item")
        elif here and block.text.rstrip().endswith(COLONS):
            block = replace(block, kind="heading", level=TYPED_LEVEL)
        marked.append(block)
    return marked


def begins_with_counter(text: str) -> bool:
    """Whether a line begins as an item of a list that was typed by hand does."""
    return bool(_COUNTER.match(text))


def blocks_from_text(text: str) -> list[RawBlock]:
    """The blocks of a page of which only the text is known: its lines, short ones before longer ones as headings."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    raw: list[RawBlock] = []
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        bullet = line[:2] in ("- ", "* ", "• ", "– ")
        if bullet:
            raw.append(RawBlock("item", line[2:].strip()))
        elif line.startswith("#"):
            stripped = line.lstrip("#")
            raw.append(RawBlock("heading", stripped.strip(), level=min(len(line) - len(stripped), 6)))
        elif begins_with_counter(line) and begins_with_counter(following):
            raw.append(RawBlock("paragraph", line))
        elif len(lines) > 1 and len(line) <= 80 and line[-1] not in ".!?:;,。！？" and len(following) > len(line):
            raw.append(RawBlock("heading", line, level=1 if number == 0 else 2))
        else:
            raw.append(RawBlock("paragraph", line))
    return [block for block in raw if block.text]


def page_from_text(text: str, title: str = "") -> PageText:
    """A page of which only the text is known."""
    return assemble(title, blocks_from_text(text))


def mark_frame(blocks: Sequence[RawBlock], recurring: frozenset[str]) -> list[RawBlock]:
    """The blocks, with those that recur over the site marked as frame."""
    return [
        replace(block, frame=True)
        if not block.frame and block.kind != "heading" and recurrence_key(block.text) in recurring
        else block
        for block in blocks
    ]


_FIGURES = re.compile(r"\d+")


@lru_cache(20_000)  # each block of a site is asked for three times, and menus on every page
def recurrence_key(text: str) -> str:
    """What two copies of a block have in common: its words without figures."""
    return " ".join(_FIGURES.sub("", text.casefold()).split())
