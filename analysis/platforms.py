"""Platforms of social media: their sites and names."""

import re
from functools import cache
from urllib.parse import urlsplit

from analysis.codebook import load_codebook
from analysis.quick_look import QuickLook
from common.text import plain


@cache
def _hosts() -> frozenset[str]:
    return frozenset(host for platform in load_codebook().platforms for host in platform.hosts)


LEAST_LETTERS = 5  # of a word by which it is known in every inflection


@cache
def _names() -> QuickLook:
    """Platforms, unless their names are words, and the words for social media in every language of the codebook."""
    codebook = load_codebook()
    names = [name for p in codebook.platforms if not p.exact for name in (p.name, *p.also)]
    words = [cue.replace("*", "") for language in codebook.languages.values() for cue in language.social.words]
    return QuickLook(
        tuple(tuple(plain(word)[:LEAST_LETTERS] for word in part.split()) for part in phrase.split(" ~ "))
        for phrase in (*names, *(word for word in words if "=" not in word))
    )


@cache
def _named_hosts() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_hosts()))))


def may_be_social_host(text: str) -> bool:
    """A quick look whether a text may hold an address on a platform of social media."""
    return _named_hosts().search(text) is not None


def is_social_host(url: str) -> bool:
    """Whether an address is on a platform of social media."""
    try:
        host = (urlsplit(url if "://" in url else f"https:{url}").hostname or "").removeprefix("www.")
    except ValueError:
        return False
    parts = host.split(".")
    return any(".".join(parts[place:]) in _hosts() for place in range(len(parts) - 1))


def may_name_social_media(text: str) -> bool:
    """A quick look whether a text may name social media; the coder looks closely."""
    return _names().may_hold(plain(text))
