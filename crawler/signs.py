"""Whether a page is what was asked for: error pages, walls and shells that a server sends with status 200."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from common.text import plain
from common.yamlfile import checked, read_yaml
from crawler.outcomes import Outcome
from crawler.seen import Lines
from crawler.webpage import LEAST_TEXT, WebPage

FEW_WORDS = 1_000  # characters of a page whose body is looked at too
MOST_NEW_LINES = 2  # by which a page may differ from the one a site shows for what is not there


@dataclass(frozen=True)
class Words:
    """What gives a kind of page away."""

    title: list[str]
    body: list[str]


@dataclass(frozen=True)
class Signs:
    """The words of signs.yaml."""

    soft_not_found: Words
    bot_wall: Words
    login_wall: Words
    cookie_wall: Words
    closed_for_now: Words
    login_paths: list[str]
    needs_script: list[str]


@cache
def signs() -> Signs:
    """signs.yaml, its words plain. Raises DataFileError where it is wrong."""
    path = Path(__file__).parent / "signs.yaml"
    found = checked(Signs, read_yaml(path), "crawler/signs.yaml")
    for words in (found.soft_not_found, found.bot_wall, found.login_wall, found.cookie_wall, found.closed_for_now):
        words.title[:] = [plain(word) for word in words.title]
        words.body[:] = [plain(word) for word in words.body]
    found.needs_script[:] = [plain(word) for word in found.needs_script]
    return found


def not_a_page(page: WebPage, hops: int, missing: tuple[str, Lines] | None) -> Outcome | None:
    """What a page is, if it is not what was asked for; None for a real one.

    `missing` is what the site shows for an address that does not exist (title and lines). A start page is never
    taken for that, since some sites send it for everything.
    """
    words = signs()
    title = plain(f"{page.title} | {page.heading}")
    body = plain(page.first_words) if page.text_length <= FEW_WORDS else ""
    if page.asks_password and page.text_length <= 2 * FEW_WORDS and _says(words.login_wall, title, body):
        return Outcome.LOGIN_WALL
    if page.text_length <= 2 * FEW_WORDS:
        for kind, outcome in ((words.bot_wall, Outcome.BOT_WALL), (words.cookie_wall, Outcome.COOKIE_WALL)):
            if _says(kind, title, body) and page.text_length <= FEW_WORDS:
                return outcome
        if _says(words.closed_for_now, title if page.text_length <= FEW_WORDS else "", body):
            return Outcome.CLOSED_FOR_NOW
    if _is_shell(page):
        return Outcome.NEEDS_BROWSER
    if hops > 0 and _says(words.soft_not_found, title, body):
        return Outcome.SOFT_NOT_FOUND
    if hops > 0 and missing is not None and page.lines.size and page.title == missing[0]:
        new = int((~np.isin(page.lines, missing[1])).sum())
        return Outcome.SOFT_NOT_FOUND if new <= MOST_NEW_LINES else None
    return None


def leads_to_login(url: str) -> bool:
    """Whether an address is that of a login."""
    parts = [part for part in urlsplit(url).path.lower().split("/") if part]
    path = "/".join(parts)
    return any(word in parts or ("/" in word and word in path) for word in signs().login_paths)


def _says(words: Words, title: str, body: str) -> bool:
    return any(word in title for word in words.title) or any(word in body for word in words.body)


def _is_shell(page: WebPage) -> bool:
    """Whether a page holds no text before its scripts have run."""
    if page.text_length >= LEAST_TEXT:
        return False
    asks = plain(page.without_script)
    return (page.scripts > 0 and len(page.links) < 3) or any(word in asks for word in signs().needs_script)
