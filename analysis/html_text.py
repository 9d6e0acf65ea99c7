"""From HTML to blocks: what a reader sees, in order, with headings kept and the page's frame set apart."""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from analysis.page import BlockKind, RawBlock
from analysis.platforms import is_social_host

LARGEST_HTML = 10_000_000  # characters that are parsed
LEAST_MAIN = 250  # characters in <main> or <article> that show where the page's text is
DEEPEST = 400  # nesting beyond which a page's elements are not told apart any more

_SKIPPED = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "head",
    "object",
    "select",
    "button",
    "canvas",
    "math",
}
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
_CONTAINERS = {"li", "tr", "p"}  # a paragraph within a cell of a layout table is a paragraph
_FRAME_TAGS = {"nav", "footer", "dialog"}
_FRAME_ROLES = {"navigation", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"}
_FRAME_NAMES = re.compile(
    r"(?:^|[-_\s])(?:nav|navbar|navigation|menu|footer|site-?footer|bottom|breadcrumbs?|cookies?|cookie-?\w*|"
    r"ckmsg|consent|gdpr|share|sharing|share-?\w*|social|social-?(?:links|icons|media|bar|share)|follow-?us|"
    r"sidebar|side-?nav|skip|skip-?link|topbar|top-?bar|masthead|pagination|pager|newsletter|related|"
    r"comments?|comment-\w*|commentlist|respond|disqus\w*|author-?(?:box|bio|info)|byline|(?:entry|post|article)-?meta|"
    r"recommend\w*|more-?stories|subscribe\w*|sign-?up|adverts?|advertisement|sponsored|copyright|print-?only|"
    r"widget|widgets?-\w*|toolbar|tag-?cloud|language-?switcher|col-side|site-header|site-info)(?:$|[-_\s])",
    re.I,
)
_SPACE = re.compile(r"\s+")
_SENTENCE_END = (".", ":", ";", "!", "?", "。")


@dataclass
class HtmlPage:
    """What was read from one HTML page."""

    title: str
    language: str  # as declared by the page, '' if not
    blocks: list[RawBlock]


@dataclass
class _Run:
    text: str
    link: bool
    bold: bool


def read_html(html: str) -> HtmlPage:
    """The blocks of an HTML page. Never fails: a broken page gives what could be read of it."""
    tree = LexborHTMLParser(html[:LARGEST_HTML])
    title_node = tree.css_first("head title") or tree.css_first("title")
    title = _SPACE.sub(" ", title_node.text(deep=True)).strip() if title_node else ""
    root = tree.root
    language = (root.attributes.get("lang") or root.attributes.get("xml:lang") or "") if root else ""
    body = tree.body
    blocks = _Walk(by_name=True).blocks(body) if body else []
    content = sum(len(block.text) for block in blocks if not block.frame)
    if content < 200 and sum(len(block.text) for block in blocks) > 1000 and body:
        # the names of its elements mislead: trust only the elements themselves
        blocks = _Walk(by_name=False).blocks(body)
    blocks = _within_main(blocks)
    return HtmlPage(title[:500], language.split("-")[0].split("_")[0].lower()[:3], blocks)


def _within_main(blocks: list[RawBlock]) -> list[RawBlock]:
    """Where most of a page's text stands in its <main> or <article>, what stands outside is frame."""
    inside = sum(len(block.text) for block in blocks if isinstance(block, _MainBlock) and not block.frame)
    outside = sum(len(block.text) for block in blocks if not isinstance(block, _MainBlock) and not block.frame)
    plain = [RawBlock(b.kind, b.text, b.level, b.frame, b.social_link) for b in blocks]
    if inside < LEAST_MAIN or inside < outside:
        return plain
    return [
        block if isinstance(found, _MainBlock) else replace(block, frame=True)
        for found, block in zip(blocks, plain, strict=True)
    ]


class _MainBlock(RawBlock):
    """A block within <main> or <article>."""


class _Walk:
    """One pass over the elements of a page."""

    def __init__(self, by_name: bool) -> None:
        self._by_name = by_name
        self._found: list[RawBlock] = []
        self._runs: list[_Run] = []
        self._social = False
        self._frames = 0  # how many enclosing elements are frame
        self._links = 0
        self._bolds = 0
        self._inside_main = 0
        self._containers: list[str] = []  # enclosing headings, items and rows

    def blocks(self, root: LexborNode) -> list[RawBlock]:
        # an explicit stack: a page may be nested deeper than Python recurses
        stack: list[tuple[LexborNode | None, str, bool]] = [(root.child, "", False)]
        while stack:
            node, tag, frame = stack.pop()
            if node is None:
                if tag:
                    self._leave(tag, frame)
                continue
            stack.append((node.next, "", False)) if node.next is not None else None
            name = node.tag
            if name == "-text":
                self._text(node.text_content or "")
            elif name is None or name[0] in "-!" or name in _SKIPPED:
                continue
            elif name == "br":
                self._line_break()
            elif name == "img":
                continue
            else:
                is_frame = self._enter(node, name)
                stack.append((None, name, is_frame))
                if node.child is not None and len(stack) < DEEPEST * 3:
                    stack.append((node.child, "", False))
                elif node.child is not None:
                    self._text(node.text(deep=True, separator=" "))
        self._flush()
        return self._found

    def _enter(self, node: LexborNode, tag: str) -> bool:
        if tag in _BLOCKS:
            if tag in ("td", "th"):
                if self._runs and not self._runs[-1].text.endswith(" | "):
                    self._runs.append(_Run(" | ", False, False))
            else:
                self._flush()
        frame = self._is_frame(node, tag)
        self._frames += frame
        if tag == "a":
            self._links += 1
            self._note_social_link(node)
        elif tag in ("b", "strong"):
            self._bolds += 1
        elif tag in ("main", "article"):
            self._inside_main += 1
        if tag in _HEADINGS or tag in _CONTAINERS:
            self._containers.append(tag)
        return frame

    def _leave(self, tag: str, frame: bool) -> None:
        if tag in _BLOCKS and tag not in ("td", "th"):
            self._flush()
        if tag == "a":
            self._links -= 1
        elif tag in ("b", "strong"):
            self._bolds -= 1
        elif tag in ("main", "article"):
            self._inside_main -= 1
        if tag in _HEADINGS or tag in _CONTAINERS:
            self._containers.pop()
        self._frames -= frame

    def _is_frame(self, node: LexborNode, tag: str) -> bool:
        if tag in _FRAME_TAGS:
            return True
        if tag in (
            "a",
            "span",
            "b",
            "strong",
            "em",
            "i",
            "p",
            "li",
            "td",
            "tr",
            "tbody",
            "br",
            "h1",
            "h2",
            "h3",
        ):
            return False  # what is inline or plain text is not a region; reading its attributes costs time
        if tag == "header" and not self._inside_main:
            return node.css_first("h1") is None
        if tag == "aside":
            return not self._inside_main
        attributes = node.attributes
        if attributes.get("role") in _FRAME_ROLES:
            return True
        if not self._by_name or tag in ("main", "article", "body", "html"):
            return False
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        if len(names) < 3 or not _FRAME_NAMES.search(names):
            return False
        return node.css_first("main, article, h1") is None

    def _note_social_link(self, node: LexborNode) -> None:
        href = node.attributes.get("href") or ""
        if "//" in href and is_social_host(href):
            self._social = True
            if not node.text(deep=True, strip=True) and self._frames:
                self._runs.append(_Run(f" {href.split('?')[0][:100]} ", True, False))

    def _text(self, text: str) -> None:
        if text and (self._runs or not text.isspace()):
            self._runs.append(_Run(text, self._links > 0, self._bolds > 0))

    def _line_break(self) -> None:
        text = "".join(run.text for run in self._runs).strip()
        if len(text) > 60 or text.endswith(_SENTENCE_END) or all(run.link or run.text.isspace() for run in self._runs):
            self._flush()
        else:
            self._runs.append(_Run(" ", False, False))

    def _flush(self) -> None:
        runs, self._runs = self._runs, []
        social, self._social = self._social, False
        text = _clean("".join(run.text for run in runs))
        if not text:
            self._social = social
            return
        frame = self._frames > 0
        total = sum(len(run.text.strip()) for run in runs) or 1
        linked = sum(len(run.text.strip()) for run in runs if run.link)
        bold = sum(len(run.text.strip()) for run in runs if run.bold)
        container = self._containers[-1] if self._containers else ""
        if container == "p" and len(self._containers) > 1 and self._containers[-2] == "li":
            container = "li"
        if container in _HEADINGS and len(text) <= 250:
            self._add("heading", text, _HEADINGS[container], frame, social)
        elif linked / total > 0.8:
            self._add("link", text, 0, frame, social)
        elif bold / total > 0.95 and len(text) <= 100 and text[-1] not in ".,;" and container != "tr":
            self._add("heading", text.rstrip(":"), 5, frame, social)
        else:
            kind: BlockKind = {"li": "item", "tr": "row"}.get(container, "paragraph")  # type: ignore[assignment]
            heading = _run_in_heading(runs) if kind == "paragraph" else ""
            if heading:
                self._add("heading", heading.rstrip(".: "), 6, frame, social)
                text = _clean(text[len(heading) :].lstrip(" .:"))
            self._add(kind, text, 0, frame, social)

    def _add(self, kind: BlockKind, text: str, level: int, frame: bool, social: bool) -> None:
        if text:
            block = _MainBlock if self._inside_main else RawBlock
            self._found.append(block(kind, text, level, frame, social))


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
    closed = heading.endswith((".", ":")) or rest.lstrip().startswith((":", "–", "—"))
    return heading if heading and len(heading) <= 80 and closed and len(rest.strip()) >= 20 else ""
