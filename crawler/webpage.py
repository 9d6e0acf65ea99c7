"""A page as the crawl sees it: where it leads to, what it says of itself, and whether it holds text at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin
from zlib import crc32

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from common.html import too_deep
from crawler.links import LONGEST_ANCHOR, Link, canonical, worth_asking
from crawler.seen import Lines

LEAST_TEXT = 200  # characters below which a page holds no text of its own
MOST_LINKS = 5_000  # of one page
MOST_LINES = 3_000  # of one page, for telling whether it says something new
_UNREAD = ["script", "style", "template", "noscript", "svg", "select", "textarea"]
_FEEDS = ("application/rss+xml", "application/atom+xml")
_NEEDED = (
    "a[href], area[href], iframe[src], frame[src], link[rel][href], meta[http-equiv], meta[name], input[type], "
    "script[src]"
)


class UnreadablePage(Exception):
    """A page that is not safe to parse."""


@dataclass
class WebPage:
    """What the crawl takes from a page."""

    title: str = ""
    heading: str = ""
    language: str = ""
    text_length: int = 0  # characters
    first_words: str = ""  # beginning of the text, for pages of few words
    lines: Lines = field(
        default_factory=lambda: np.empty(0, dtype=np.uint32)
    )  # digests of its lines of text, each once
    links: list[Link] = field(default_factory=list)
    canonical: str = ""  # the address it gives as its own, '' if none
    alternates: list[tuple[str, str]] = field(default_factory=list)  # language and address of its translations
    feeds: list[str] = field(default_factory=list)
    scripts: int = 0
    asks_password: bool = False
    without_script: str = ""  # what it says to those without JavaScript


def read_webpage(html: str, url: str) -> WebPage:
    """Read a page. Raises UnreadablePage where it would be dangerous to."""
    if too_deep(html):
        raise UnreadablePage("elements lie too deep within each other")
    tree = LexborHTMLParser(html)
    page = WebPage()
    root = tree.root
    page.language = ((root.attributes.get("lang") if root else "") or "").split("-")[0].lower()
    title = tree.css_first("title")
    page.title = title.text(strip=True)[:300] if title else ""
    base = tree.css_first("base[href]")
    base_url = (joined(url, base.attributes.get("href") or "") if base else "") or url
    _take_links(page, tree, base_url)
    page.scripts = len(tree.css("script"))
    notice = tree.css_first("noscript")
    page.without_script = notice.text(separator=" ", strip=True)[:300] if notice else ""
    heading = tree.css_first("h1")
    page.heading = heading.text(separator=" ", strip=True)[:300] if heading else ""
    tree.strip_tags(_UNREAD)
    text = tree.body.text(separator="\n", strip=True) if tree.body else ""
    page.text_length = len(text)
    page.first_words = text[:1000]
    page.lines = line_digests(text)
    return page


def line_digests(text: str) -> Lines:
    """Digests (32 bit) of the lines of a text without figures, each once: what copies of a page have in common."""
    data = text.encode("utf-8", "replace").translate(None, b"0123456789")
    keys = dict.fromkeys(line.strip() for line in data.split(b"\n", MOST_LINES)[:MOST_LINES])
    return np.fromiter((crc32(key) for key in keys if key), dtype=np.uint32)


def root_of(url: str) -> str:
    """Scheme and host of an address, with a slash."""
    return "/".join(url.split("/", 3)[:3]) + "/"


def joined(base: str, target: str) -> str:
    """An address as a page at `base` means it; '' where it is none."""
    try:
        return urljoin(base, target)
    except ValueError:
        return ""


def _take_links(page: WebPage, tree: LexborHTMLParser, base_url: str) -> None:
    """Links in the page's order, each address once; frames and meta refreshes count, rel=nofollow does not."""
    seen: set[str] = set()
    nofollow = False
    root = root_of(base_url)
    for node in tree.css(_NEEDED):
        attributes = node.attributes
        kind: str = node.tag or ""
        if kind == "link":
            _take_relation(page, attributes, base_url)
        elif kind == "input":
            page.asks_password = page.asks_password or (attributes.get("type") or "").lower() == "password"
        elif kind == "meta" and (attributes.get("name") or "").lower() == "robots":
            nofollow = nofollow or "nofollow" in (attributes.get("content") or "").lower()
        else:
            target = attributes.get("href") or attributes.get("src") or refresh_target(attributes)
            if kind == "script" or not target or len(seen) >= MOST_LINKS:
                continue
            if "nofollow" in (attributes.get("rel") or "").lower():
                continue
            url = _address(base_url, root, target)
            if url and url not in seen:
                seen.add(url)
                anchor = node.text(separator=" ", strip=True) or attributes.get("title") or ""
                page.links.append(Link(url, anchor[:LONGEST_ANCHOR]))
    if nofollow:
        page.links.clear()


def _take_relation(page: WebPage, attributes: Mapping[str, str | None], base_url: str) -> None:
    """<link rel=...>: the page's own address, its translations, its feeds, its neighbours in a list."""
    relations = (attributes.get("rel") or "").lower().split()
    target = attributes.get("href") or ""
    if "alternate" in relations and (attributes.get("type") or "").lower() in _FEEDS:
        feed = joined(base_url, target.strip())
        if any(worth_asking(feed, ending) for ending in ("rss", "xml", "atom")):
            page.feeds.append(feed)
        return
    url = _address(base_url, root_of(base_url), target)
    if not url:
        return
    if "canonical" in relations:
        page.canonical = url
    elif "alternate" in relations:
        language = (attributes.get("hreflang") or "").split("-")[0].split("_")[0].lower()
        if language and language != "x":
            page.alternates.append((language, url))
    elif "next" in relations or "prev" in relations:
        page.links.append(Link(url, ""))


def _address(base: str, root: str, target: str) -> str:
    """The canonical address of a link; '' where it is not worth asking."""
    if target.startswith("/"):
        return _remembered(root, target)  # where on the site the page stands makes no difference
    target = target.strip()
    if not target or target.startswith("#"):
        return ""
    return _remembered("" if target.startswith(("http://", "https://")) else base, target)


@lru_cache(maxsize=50_000)
def _remembered(base: str, target: str) -> str:
    """Menus repeat over the pages of a site, so what was made of a link is remembered."""
    url = joined(base, target)
    return canonical(url) if url and worth_asking(url) else ""


def refresh_target(attributes: Mapping[str, str | None]) -> str:
    """Where a page sends its reader by itself: <meta http-equiv="refresh" content="0; url=/en/">."""
    if (attributes.get("http-equiv") or "").lower() != "refresh":
        return ""
    _, _, target = (attributes.get("content") or "").partition("=")
    return target.strip(" '\"")
