"""From HTML to blocks: what a reader sees, in order, with headings kept and the page's frame set apart.

A parser written in C mends the page and writes it out again; what it wrote is regular enough to be read as a row of
tags by one expression, which takes a third of the time of walking the tree in Python.
"""

import re
from dataclasses import dataclass
from html import unescape
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

from analysis.around_text import TELLING, mark_surroundings, told
from analysis.frame_names import (
    ANY_TITLE,
    SHOWN_BY,
    TITLES,
    attributes_of,
    opens_panel,
    panel_of_tab,
    says_frame,
    says_title,
)
from analysis.linked_text import LONGEST_TITLE, SENTENCE_END, Found, read_links
from analysis.page import BlockKind, RawBlock, begins_with_counter
from analysis.platforms import is_social_host, may_be_social_host

LARGEST_HTML = 10_000_000  # characters that are parsed
LONGEST_TAG = 8_000  # characters of an element's attributes that are looked at
LONGEST_HEADING = 250  # characters; what is longer is a paragraph, whatever element it stands in
BREAK = "\n"  # where a line ends within a block
LEAST_MAIN = 250  # bytes of text in <main> or <article> that show where the page's text is

_SKIPPED = [
    *("script", "style", "noscript", "template", "svg", "head", "object", "select", "canvas", "math"),
    *("iframe", "noembed", "noframes", "xmp", "plaintext"),  # their content is written out unescaped
]
_HEADINGS = {
    "h1": 1,
    "h2": 2,
    "h3": 3,
    "h4": 4,
    "h5": 5,
    "h6": 6,
    "summary": 4,
    "dt": 5,
    "legend": 5,
    "caption": 5,
    "title": 4,  # of a card or of the panel of an accordion, by what attributes say
}
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
) | frozenset(_HEADINGS)
_CONTAINERS = {"li", "tr", "p", "div"}  # a paragraph within a cell of a layout table is a paragraph
_FRAME_TAGS = {"nav", "footer", "dialog", "figcaption"}
# elements that are written without an end tag
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
     "basefont", "bgsound", "frame", "keygen", "param"]
)  # fmt: skip
# what is inline or plain text is not a region of the page
_NO_REGION = frozenset(["a", "b", "strong", "p", "li", "td", "tr", "tbody", "h1", "h2", "h3"])
_INLINE = _VOID - {"br", "hr"} | {"span", "em", "i", "small", "u", "font", "label", "time", "abbr", "sup", "sub", ""}
_SPACE = re.compile(r"\s+")
# a tag as the parser writes it, with the text after it; comments have no name
_TAG = re.compile(r"<(?:!--.*?--|(/?)([^\s/>!]+)([^>]*))>([^<]*)", re.S)


@dataclass
class HtmlPage:
    """What was read from one HTML page."""

    title: str
    language: str  # as declared by the page, '' if not
    blocks: list[RawBlock]


@dataclass
class _Run:
    text: str
    link: int  # number of the link that it stands in, 0 for none
    bold: bool


@dataclass
class _Region:
    """An element that may be frame, with its first block and the one after its last."""

    start: int
    unless: frozenset[str]  # tags within it that show that it is no frame
    may_mislead: bool = False  # whether only its place or its name says so
    end: int = 0
    frame: bool = True


def read_html(html: str) -> HtmlPage:
    """The blocks of an HTML page. Never fails: a broken page gives what could be read of it."""
    tree = LexborHTMLParser(html[:LARGEST_HTML])
    title_node = tree.css_first("head title") or tree.css_first("title")
    title = _SPACE.sub(" ", title_node.text(deep=True)).strip() if title_node else ""
    root = tree.root
    language = (root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else ""
    tree.strip_tags(_SKIPPED, recursive=True)
    tags = _TAG.findall(tree.body.html or "") if tree.body else []
    blocks = _Walk(by_name=True).blocks(tags)
    content = sum(len(block.text) for block in blocks if not block.frame)
    if content < 200 and sum(len(block.text) for block in blocks) > 1000:
        # the names of its elements mislead: trust only the elements themselves
        blocks = _Walk(by_name=False).blocks(tags)
    return HtmlPage(title[:500], language.split("-")[0].split("_")[0].lower()[:3], mark_surroundings(blocks))


class _Walk:
    """One pass over the tags of a page."""

    def __init__(self, by_name: bool) -> None:
        self._by_name = by_name
        self._found: list[Found] = []
        self._runs: list[_Run] = []
        self._social = False
        self._regions: list[_Region] = []
        self._open: list[tuple[str, _Region | None]] = []  # enclosing elements that may be regions
        self._doubtful: list[_Region] = []  # open ones that are frame unless a title comes
        self._links = 0  # how many began so far
        self._link = 0  # number of the open one, 0 for none
        self._pressed: list[str] = []  # open links and buttons: 'title' of a panel, 'words', or 'skipped'
        self._tab = ""  # id of the panel that an open tab shows
        self._tabs: dict[str, str] = {}  # the words of tabs by the ids of their panels
        self._bolds = 0
        self._broken = False  # whether a line of the open block has just ended
        self._inside_main = 0
        self._icon = ""  # address of an open link to social media that has no text so far
        self._containers: list[str] = []  # enclosing headings, items and rows

    def blocks(self, tags: list[tuple[str, str, str, str]]) -> list[RawBlock]:
        """The blocks of a page, from its tags as (slash of an end tag, name, attributes, text after it)."""
        for slash, tag, attributes, text in tags:
            if tag in _INLINE:
                pass
            elif tag == "br":
                self._line_break()
            elif tag == "hr":
                self._flush()
            elif slash:
                self._leave(tag)
            else:
                self._enter(tag, attributes)
            if text:
                self._text(text)
        self._flush()
        return self._marked()

    def _enter(self, tag: str, attributes: str) -> None:
        if tag in _BLOCKS:
            if tag in ("td", "th"):
                if self._runs and not self._runs[-1].text.endswith(" | "):
                    self._runs.append(_Run(" | ", 0, False))
            elif self._runs:
                self._flush()
        if tag in ANY_TITLE and self._doubtful:
            for region in self._doubtful:
                region.frame = region.frame and tag not in region.unless
            self._doubtful = [region for region in self._doubtful if region.frame]
        if tag not in _NO_REGION:
            self._open.append((tag, self._region(tag, attributes)))
        if self._tabs and tag in _BLOCKS and " id=" in attributes:
            title = self._tabs.pop(attributes_of(attributes[:LONGEST_TAG]).get("id", ""), "")
            if title:
                self._flush()
                self._add("heading", title, _HEADINGS["title"], False)
        if tag in ("a", "button"):
            self._press(tag, attributes)
        if tag == "a":
            if self._runs and self._runs[-1].link:
                self._runs.append(_Run(" ", 0, False))  # two links side by side are two words
            self._links += 1
            marks = " name=" in attributes and " href=" not in attributes  # a place in the text, and leads nowhere
            self._link = 0 if marks else self._links
            if "//" in attributes and may_be_social_host(attributes):
                self._note_social_link(attributes)
        elif tag in ("b", "strong"):
            self._bolds += 1
        elif tag in ("main", "article"):
            self._inside_main += 1
        if tag in _HEADINGS or tag in _CONTAINERS:
            self._containers.append(self._container(tag, attributes))

    def _leave(self, tag: str) -> None:
        if self._runs and tag in _BLOCKS and tag not in ("td", "th"):
            self._flush()
        if tag in ("a", "button"):
            self._release()
        if tag == "a":
            self._link = 0
            if self._icon and any(region.frame for _, region in self._open if region):
                self._runs.append(_Run(f" {self._icon} ", 1, False))
                self._social = True
            self._icon = ""
        elif tag in ("b", "strong"):
            self._bolds -= 1
        elif tag in ("main", "article"):
            self._inside_main -= 1
        if tag in _HEADINGS or tag in _CONTAINERS:
            self._containers.pop()
        if tag not in _NO_REGION:
            _, region = self._open.pop()
            if region:
                region.end = len(self._found)
                if region in self._doubtful[-1:]:
                    self._doubtful.pop()

    def _container(self, tag: str, attributes: str) -> str:
        """What the text of an element is: a heading, an item, a row, a paragraph; of a <div> what it is around it."""
        if tag in ("p", "div") and attributes:
            shown = attributes[:LONGEST_TAG]
            if says_title(shown) or ('role="button"' in shown and opens_panel(shown)):
                return "title"
        return (self._containers[-1] if self._containers else "") if tag == "div" else tag

    def _press(self, tag: str, attributes: str) -> None:
        """What a person may press begins: the title of the panel that it opens, words like others, or a control."""
        role = "words" if tag == "a" else "skipped"
        shown = attributes[:LONGEST_TAG]
        if self._containers and self._containers[-1] in _HEADINGS:
            role = "words"
        elif opens_panel(shown):
            role = "title"
            self._flush()
            self._containers.append(role)
        self._pressed.append(role)
        self._tab = panel_of_tab(shown)
        if self._tab:
            self._tabs[self._tab] = ""

    def _release(self) -> None:
        """A link or button ends."""
        if self._pressed.pop() == "title":
            self._flush()
            self._containers.pop()
        self._tab = ""

    def _region(self, tag: str, attributes: str) -> _Region | None:
        """The region that an element is, if it may be frame."""
        unless: frozenset[str] | None = None
        may_mislead = tag == "figcaption"
        if tag in _FRAME_TAGS:
            unless = frozenset()
        elif tag == "header" and not self._inside_main:
            unless = frozenset(["h1"])
        elif tag == "aside":
            unless = TITLES if self._inside_main else frozenset()
        elif attributes:
            by_role, named = says_frame(attributes[:LONGEST_TAG])
            if by_role:
                unless = frozenset()
            elif named is not None and self._by_name and tag not in ("main", "article", "body"):
                unless, may_mislead = SHOWN_BY[named], named in ("place", "caption")
        if unless is None:
            return None
        region = _Region(len(self._found), unless, may_mislead)
        self._regions.append(region)
        if unless:
            self._doubtful.append(region)
        return region

    def _note_social_link(self, attributes: str) -> None:
        href = unescape(attributes_of(attributes).get("href", ""))
        if "//" in href and is_social_host(href):
            self._social = True
            self._icon = href.split("?")[0][:100]

    def _text(self, text: str) -> None:
        if "&" in text:
            text = unescape(text)
        if self._tab in self._tabs and len(self._tabs[self._tab]) < LONGEST_TITLE:
            self._tabs[self._tab] = _clean(f"{self._tabs[self._tab]} {text[:LONGEST_TITLE]}")
        if "skipped" in self._pressed:
            return
        if text.isspace():
            if not self._runs:
                return
        elif self._icon:
            self._icon = ""
        if self._broken and begins_with_counter(text.lstrip()):
            self._flush()  # the next item of a list that was typed by hand
        self._broken = self._broken and text.isspace()
        self._runs.append(_Run(text, self._link, self._bolds > 0))

    def _line_break(self) -> None:
        text = "".join(run.text for run in self._runs).strip()
        if len(text) > 60 or text.endswith(SENTENCE_END) or all(run.link or run.text.isspace() for run in self._runs):
            self._flush()
        else:
            self._runs.append(_Run(BREAK, 0, False))
            self._broken = True

    def _flush(self) -> None:
        runs, self._runs, self._broken = self._runs, [], False
        text = _clean("".join([run.text for run in runs]))
        if not text:
            return
        social, self._social = self._social, False
        card = runs[0].link if runs else 0
        container = self._containers[-1] if self._containers else ""
        if container == "p" and len(self._containers) > 1 and self._containers[-2] == "li":
            container = "li"
        total = linked = bold = 0
        for run in runs:
            size = len(run.text.strip())
            total += size
            linked += size if run.link else 0
            bold += size if run.bold else 0
        if container in _HEADINGS and len(text) <= (LONGEST_TITLE if container == "title" else LONGEST_HEADING):
            self._add("heading", text, _HEADINGS[container], social, card)
        elif linked > 0.8 * total:
            self._add("link", text, 0, social, card, container == "li")
        elif bold > 0.95 * total and len(text) <= LONGEST_TITLE and text[-1] not in ".,;。，、；" and container != "tr":
            self._add("heading", text.rstrip(":："), 5, social)
        else:
            kind: BlockKind = {"li": "item", "tr": "row"}.get(container, "paragraph")  # type: ignore[assignment]
            heading = _run_in_heading(runs) if kind == "paragraph" and bold else ""
            if heading:
                self._add("heading", heading.rstrip(".: "), 6, social)
                text = _clean(text[len(heading) :].lstrip(" .:"))
            self._add(kind, text, 0, social, listed=kind == "item")

    def _add(self, kind: BlockKind, text: str, level: int, social: bool, card: int = 0, listed: bool = False) -> None:
        if text:
            self._found.append(Found(kind, text, level, social, self._inside_main > 0, card, listed))

    def _marked(self) -> list[RawBlock]:
        """What was found, with the frame marked: the regions that are frame, and, where most of a page's text stands
        in its <main> or <article>, what stands outside."""
        frames = self._frames()
        read_links([found for found, frame in zip(self._found, frames, strict=True) if not frame])
        sizes_told = [told(found.kind, found.text) for found in self._found]
        up_to = [0, *accumulate(sizes_told)]
        outside = sum(size for size, frame in zip(sizes_told, frames, strict=True) if not frame)
        least = max(outside, LEAST_MAIN)
        misleading = [r for r in self._regions if r.may_mislead and up_to[r.end] - up_to[r.start] > least]
        if misleading:  # these hold what there is to read
            for region in misleading:
                region.frame = False
            frames = self._frames()
        sizes = {True: 0, False: 0}
        for found, size, frame in zip(self._found, sizes_told, frames, strict=True):
            sizes[found.main] += 0 if frame else size
        trusted = sizes[True] >= max(LEAST_MAIN, sizes[False])
        return [
            RawBlock(found.kind, found.text, found.level, frame or (trusted and not found.main), found.social)
            for found, frame in zip(self._found, frames, strict=True)
        ]

    def _frames(self) -> list[bool]:
        """For each block whether it stands in a region that is frame."""
        steps = [0] * (len(self._found) + 1)
        for region in self._regions:
            if region.frame:
                steps[region.start] += 1
                steps[region.end] -= 1
        return [depth > 0 for depth in accumulate(steps[:-1])]


def _clean(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    return text.strip("|").strip() if text.startswith("|") or text.endswith("|") else text


def _run_in_heading(runs: list[_Run]) -> str:
    """The bold words that open a paragraph and name what it is about: 'Certificates. We issue ...'."""
    words: list[str] = []
    rest = ""
    for number, run in enumerate(runs):
        if run.bold or (not words and run.text.isspace()):
            words.append(run.text)
        else:
            rest = "".join(later.text for later in runs[number:])
            break
    heading = _clean("".join(words))
    told_on = len(rest.strip().encode())
    closed = heading.endswith((*".:。：",)) or rest.lstrip().startswith((*":：–—",))
    above = rest.startswith(BREAK) and told_on >= TELLING
    return heading if heading and len(heading) <= 80 and (above or (closed and told_on >= 20)) else ""
