"""Kinds of addresses without end: calendars, filters, sessions, pages of pages."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

LEAST_SEEN = 8  # pages of a shape after which it is judged
MOST_STALE = 0.75  # share of them that said nothing new, from which on the rest is left out
STALE_SHARE = 0.1  # of a page's lines that are new to the site, up to which the page says nothing new

_FIGURES = re.compile(r"[^/]*\d[^/]*")


@lru_cache(maxsize=50_000)
def shape_of(url: str) -> str:
    """What addresses made by one rule have in common: folders without figures, and the names of parameters."""
    parts = urlsplit(url)
    folders, _, _ = parts.path.rpartition("/")
    names = ",".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))
    return f"{_FIGURES.sub('0', folders)}/*{'?' + names if names else ''}"


def is_trap(seen: int, stale: int) -> bool:
    """Whether the pages of a shape say nothing new any more."""
    return seen >= LEAST_SEEN and stale >= MOST_STALE * seen


def says_nothing_new(lines: int, known: int) -> bool:
    """Whether a page of `lines` lines, of which other pages of its site had `known`, says nothing new."""
    return lines > 0 and lines - known <= STALE_SHARE * lines
