"""Links of a page: which addresses it names, and how promising each looks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser
from w3lib.url import canonicalize_url, url_query_cleaner

from common.text import plain
from common.yamlfile import checked, read_yaml

LONGEST_URL = 2000  # characters; longer addresses are traps or mistakes
LONGEST_ANCHOR = 300


@dataclass(frozen=True)
class Never:
    """What is not worth a request."""

    extensions: list[str]
    schemes: list[str]


@dataclass(frozen=True)
class PromiseWords:
    """The words of promise.yaml with their points."""

    good: dict[str, int]
    bad: dict[str, int]
    never: Never
    drop_parameters: list[str]


@dataclass(frozen=True)
class Link:
    """An address that a page names, with the words of its anchor."""

    url: str
    anchor: str


@cache
def promise_words() -> PromiseWords:
    path = Path(__file__).parent / "promise.yaml"
    return checked(PromiseWords, read_yaml(path), "crawler/promise.yaml")


def promise(url: str, anchor: str = "") -> int:
    """How promising a link looks, in points; higher is better."""
    words = promise_words()
    parts = urlsplit(url)
    text = plain(f"{anchor} {unquote(parts.path)} {unquote(parts.query)}")
    points = sum(value for word, value in words.good.items() if word in text)
    return points + sum(value for word, value in words.bad.items() if word in text)


def canonical(url: str) -> str:
    """One spelling of an address: no fragment, no tracking or session parameters, parameters in order."""
    url = re.sub(r";jsessionid=[^?#]*", "", url, flags=re.I)
    if "?" in url:
        url = url_query_cleaner(url, promise_words().drop_parameters, remove=True, unique=False)
    return canonicalize_url(url)


def worth_asking(url: str) -> bool:
    """Whether an address may lead to text."""
    if len(url) > LONGEST_URL:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    extension = parts.path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
    return "." not in parts.path.rsplit("/", 1)[-1] or extension not in promise_words().never.extensions


def page_links(html: str, base_url: str) -> Iterator[Link]:
    """The links of an HTML page in its order, canonical, each address once; frames and meta refreshes count."""
    tree = LexborHTMLParser(html)
    base = tree.css_first("base[href]")
    if base is not None:
        base_url = _joined(base_url, base.attributes.get("href") or "") or base_url
    seen: set[str] = set()
    for node in tree.css("meta[http-equiv], a[href], area[href], iframe[src], frame[src]"):
        target = node.attributes.get("href") or node.attributes.get("src") or _refresh_target(node.attributes)
        target = target.strip()
        if not target or target.startswith("#"):
            continue
        url = _joined(base_url, target)
        if not url or not worth_asking(url):
            continue
        url = canonical(url)
        if url not in seen:
            seen.add(url)
            anchor = node.text(separator=" ", strip=True) or node.attributes.get("title") or ""
            yield Link(url, anchor[:LONGEST_ANCHOR])


def _refresh_target(attributes: Mapping[str, str | None]) -> str:
    """Where a page sends its reader by itself: <meta http-equiv="refresh" content="0; url=/en/">."""
    if (attributes.get("http-equiv") or "").lower() != "refresh":
        return ""
    _, _, target = (attributes.get("content") or "").partition("=")
    return target.strip(" '\"")


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        return ""
