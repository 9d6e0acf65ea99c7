"""Addresses: one spelling of each, which are worth asking, and how promising they look."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

from common.text import plain
from common.yamlfile import checked, read_yaml

LONGEST_URL = 2000  # characters; longer addresses are traps or mistakes
LONGEST_ANCHOR = 300

_SESSION = re.compile(r";jsessionid=[^?#/]*|(?<=/)\((?:[A-Z]\([^)/]*\))+\)/", re.I)  # Java's and ASP.NET's


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


@cache
def _points() -> dict[str, int]:
    words = promise_words()
    return words.good | words.bad


@lru_cache(maxsize=50_000)
def _words_in(piece: str) -> frozenset[str]:
    """The words of promise.yaml that are parts of a piece of text. Pieces repeat, so they are remembered."""
    return frozenset(word for word in _points() if word in piece)


@lru_cache(maxsize=50_000)
def _words_of(url: str) -> frozenset[str]:
    parts = urlsplit(url)
    return _words_in(plain(f"{unquote(parts.path)} {unquote(parts.query)}"))


def promise(url: str, anchor: str = "") -> int:
    """How promising a link looks, in points; higher is better."""
    points = _points()
    found = _words_of(url).union(*map(_words_in, plain(anchor).split()))
    return sum([points[word] for word in found])


def canonical(url: str) -> str:
    """One spelling of an address: no fragment, no tracking or session parameters, parameters in order."""
    url = _SESSION.sub("", url)
    if "?" in url:
        url = url_query_cleaner(url, promise_words().drop_parameters, remove=True, unique=False)
    return canonicalize_url(url)


def worth_asking(url: str, also: str = "") -> bool:
    """Whether an address may lead to text, or to a file with the ending `also`."""
    if len(url) > LONGEST_URL:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not (parts.hostname or "").strip():
        return False
    extension = parts.path.rsplit("/", 1)[-1].rpartition(".")[2].lower()
    ending = extension if "." in parts.path.rsplit("/", 1)[-1] else ""
    return not ending or ending == also or ending not in promise_words().never.extensions
