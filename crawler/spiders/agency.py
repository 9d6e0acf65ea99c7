"""The one spider: it walks the sites of the agencies of a frame, the most promising links first."""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import numpy as np
import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap
from twisted.python.failure import Failure

from common.frame import Agency, Budgets, site_of
from crawler.fetchlog import Fetch
from crawler.frontier import Address, Found, FoundBy, Frontier
from crawler.lanes import Lanes
from crawler.links import canonical, promise, worth_asking
from crawler.middlewares import ArchiveFull, first_line, header
from crawler.outcomes import PASSING, READ, NotFetched, Outcome, outcome_of_exception
from crawler.parts import parts_of
from crawler.scope import Scope
from crawler.seen import NO_LINES
from crawler.signs import leads_to_login, not_a_page
from crawler.traps import shape_of
from crawler.webpage import UnreadablePage, WebPage, read_webpage, root_of

logger = logging.getLogger(__name__)

MOST_SITEMAPS = 50  # sitemap files read for one agency
MOST_SITEMAP_ADDRESSES = 20_000  # addresses taken from one sitemap file
MOST_FEEDS = 5  # read for one agency
MOST_REDIRECTS = 10  # in a row
MOST_TRIES = 3
LONGEST_WAIT = 600.0  # seconds that a site may ask us to wait; beyond it the request has failed
_NO_ANSWER = {Outcome.TIMEOUT, Outcome.CONNECTION_FAILED, Outcome.DNS_FAILURE, Outcome.TLS_FAILURE}


@dataclass
class Ending:
    """What a request led to."""

    found: list[Found] = field(default_factory=list)
    page: WebPage | None = None
    stale: bool = False  # says nothing that the site has not said on other pages
    instead: str = ""  # an address of the same agency that is to be read in this one's stead
    render: bool = False  # ask again, in a browser
    final: bool = False  # not to be asked again: we decided so ourselves


class AgencySpider(scrapy.Spider):
    """Seeds, sitemaps, feeds and links within each agency's hosts.

    Requests come from the frontier by way of the lanes; whatever they lead to goes back into the frontier, in one
    step with the note of how the request ended.
    """

    name = "agency"
    lanes: Lanes  # set by the scheduler when it opens
    scope: Scope
    frontier: Frontier
    budgets: Budgets
    renders: bool

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "AgencySpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        parts = parts_of(crawler)
        spider.scope, spider.frontier, spider.budgets = parts.scope, parts.frontier, parts.budgets
        spider.renders = parts.renders
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Nothing: the start addresses are in the frontier already."""
        return
        yield

    # from the frontier to a request

    def request_for(self, address: Address) -> Request:
        """The request for an address; what an earlier audit kept of it is asked for only if it has changed."""
        meta: dict[str, Any] = {
            "address": address,
            "kind": address.kind,
            "download_slot": address.site,
            "handle_httpstatus_all": True,
            "dont_redirect": True,
            "dont_retry": True,
        }
        headers: dict[str, str] = {}
        if address.render:
            meta |= {"playwright": True, "playwright_page_goto_kwargs": {"wait_until": "networkidle"}}
        elif earlier := self.frontier.earlier(address.url):
            meta["earlier"] = earlier
            if earlier.etag:
                headers["If-None-Match"] = earlier.etag
            if earlier.last_modified:
                headers["If-Modified-Since"] = earlier.last_modified
        return Request(address.url, self.answered, errback=self.failed, headers=headers, meta=meta, dont_filter=True)

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        """Take in the sitemaps that robots.txt names, or the usual one."""
        agency = self.scope.owner(request.url)
        if agency is None:
            return
        root = root_of(request.url)
        named = [url for url in robotparser.rp.sitemaps if self.scope.owner(url) is agency and worth_asking(url, "xml")]
        found = [Found(url, "sitemap", 900, 1, FoundBy.SEED) for url in named or [f"{root}sitemap.xml"]]
        room = MOST_SITEMAPS - self.frontier.count(agency.id, "sitemap")
        self.frontier.add(agency.id, self._placed(found[: max(room, 0)]), f"{root}robots.txt")
        self.lanes.wake(agency.id)

    # from an answer back to the frontier

    def answered(self, response: Response) -> None:
        """A request was answered."""
        request = response.request
        assert request is not None
        address: Address = request.meta["address"]
        fetch: Fetch = request.meta["fetch"]
        try:
            ending = self._read(address, fetch, response)
        except Exception as error:  # whatever a page does to us, it ends nothing
            logger.warning("%s: could not be read: %r", address.url, error)
            fetch.outcome, fetch.detail = Outcome.DAMAGED.value, first_line(error)
            ending = Ending()
        self._end(address, fetch, ending, _wait_asked(response) if fetch.status in (429, 503) else None)

    def failed(self, failure: Failure) -> None:
        """A request was not answered, or not sent, or its answer could not be unpacked."""
        request: Request = failure.request  # type: ignore[attr-defined]
        address: Address = request.meta["address"]
        error = failure.value or Exception()
        if isinstance(error, ArchiveFull):
            self.lanes.stop("archive_full", str(error))
            return
        fetch: Fetch | None = request.meta.get("fetch")
        if fetch is None:
            fetch = Fetch(address.agency, address.url, address.kind, "", depth=address.hops, referrer=address.referrer)
        if fetch.outcome in ("", Outcome.KEPT, Outcome.UNCHANGED):  # not of the network, but of what came after it
            fetch.outcome = outcome_of_exception(error).value
        fetch.detail = fetch.detail or getattr(error, "detail", "") or first_line(error)
        self._end(address, fetch, Ending(final=isinstance(error, NotFetched)), None)

    def _end(self, address: Address, fetch: Fetch, ending: Ending, wait: float | None) -> None:
        try:
            self._note(address, fetch, ending, wait)
        except sqlite3.OperationalError as error:
            self.lanes.stop("archive_full", f"the frontier cannot be written: {error}")

    def _note(self, address: Address, fetch: Fetch, ending: Ending, wait: float | None) -> None:
        outcome = Outcome(fetch.outcome)
        seconds = self.lanes.elapsed(address.agency)
        self.crawler.stats.inc_value(f"outcome/{outcome.value}")
        again = (outcome in PASSING or fetch.status == 429) and not ending.final
        too_long = wait is not None and wait > min(LONGEST_WAIT, self.lanes.seconds_left(address.agency))
        if too_long:
            fetch.detail = f"the site asks us to come back after {wait:.0f} seconds"
        if ending.render:
            self.frontier.again(address, fetch, seconds, render=True)
        elif again and not too_long and address.tries + 1 < MOST_TRIES:
            self.frontier.again(address, fetch, seconds)
        else:
            lines = ending.page.lines if ending.page and outcome in READ else NO_LINES
            with self.frontier.whole():
                self.frontier.finish(address, fetch, self._placed(ending.found), lines, ending.stale, seconds)
                self._settle(address, outcome, ending)
        self.crawler.signals.send_catch_log(fetch_logged, fetch=fetch)
        self.lanes.ended(address.site, outcome not in _NO_ANSWER, 0.0 if too_long else wait or 0.0)

    def _settle(self, address: Address, outcome: Outcome, ending: Ending) -> None:
        """Which of several pages that stand for one another is read."""
        page = ending.page
        if page is None:
            return
        if address.kind == "probe":
            if outcome in READ and page.lines.size:
                self.frontier.set_missing(address.site, page.title, page.lines)
        elif outcome in READ:
            if ending.instead:
                self.frontier.stands_instead(address, ending.instead)
            translations = {url for _, url in page.alternates}
            for url, lines in self.frontier.replaced_by(address.url):
                if url in translations:
                    self.frontier.set_aside(url, Outcome.OTHER_LANGUAGE)
                elif np.setxor1d(lines, page.lines).size <= MOST_DIFFERENT_LINES:
                    self.frontier.set_aside(url, Outcome.DUPLICATE)

    def _placed(self, found: list[Found]) -> Iterator[tuple[Found, str, str]]:
        """Addresses with the site and the shape of each; what is too deep is noted as such."""
        for item in found:
            if item.kind == "page" and item.hops > self.budgets.depth and item.outcome is None:
                item = replace(item, outcome=Outcome.OVER_DEPTH)
            yield item, site_of(item.url), shape_of(item.url)

    # reading an answer

    def _read(self, address: Address, fetch: Fetch, response: Response) -> Ending:
        if fetch.outcome == Outcome.REDIRECT:
            return self._follow(address, fetch)
        if fetch.outcome not in READ:
            return Ending()
        if address.kind == "sitemap":
            return self._read_sitemap(address, response)
        if address.kind == "feed":
            return self._read_feed(address, response)
        if not isinstance(response, TextResponse):
            return Ending()
        try:
            page = read_webpage(response.text, response.url)
        except UnreadablePage as error:
            fetch.outcome, fetch.detail = Outcome.DAMAGED.value, str(error)
            return Ending()
        if address.kind == "probe":
            return Ending(page=page)
        return self._read_page(address, fetch, page)

    def _read_page(self, address: Address, fetch: Fetch, page: WebPage) -> Ending:
        agency = self._agency(address)
        ending = Ending(page=page)
        wall = not_a_page(page, address.hops, self.frontier.missing(address.site))
        ending.render = wall is Outcome.NEEDS_BROWSER and self.renders and not address.render
        if wall is not None:
            fetch.outcome = wall.value
        if wall is None or wall in (Outcome.NEEDS_BROWSER, Outcome.LOGIN_WALL):
            ending.found = list(self._links(address, page, agency))
        if wall is None:
            ending.stale = self.frontier.says_nothing_new(address.site, page.lines)
            self._translations(address, page, agency, ending)
            if not ending.instead and page.canonical not in ("", address.url) and self._ours(page.canonical, agency):
                ending.instead = page.canonical
                ending.found.append(Found(page.canonical, "page", address.priority + 1, address.hops, address.found_by))
        if address.hops == 0 and address.found_by & FoundBy.SEED:
            missing = f"{root_of(address.url)}gap-audit-asks-for-a-page-that-is-not-there"
            ending.found.append(Found(missing, "probe", 950, 1, FoundBy.PROBE))
        return ending

    def _links(self, address: Address, page: WebPage, agency: Agency) -> Iterator[Found]:
        hops = address.hops + 1
        for link in page.links:
            if self._ours(link.url, agency):
                yield Found(link.url, "page", 10 * promise(link.url, link.anchor) - hops, hops)
        if page.feeds:
            room = MOST_FEEDS - self.frontier.count(agency.id, "feed")
            for url in page.feeds[: max(room, 0)]:
                if self._ours(url, agency):
                    yield Found(url, "feed", 0, hops)

    def _translations(self, address: Address, page: WebPage, agency: Agency, ending: Ending) -> None:
        """Of a page in several languages, one is read: the first in the agency's order of preference."""
        own = next((language for language, url in page.alternates if url == address.url), "")
        if not own:  # a page that does not name itself among its translations means something else by them
            return
        order = {language: number for number, language in enumerate(agency.languages)}
        ranked = sorted(page.alternates, key=lambda item: order.get(item[0], len(order)))
        language, best = ranked[0]
        if order.get(language, len(order)) >= order.get(own, len(order)):
            language, best = own, address.url
        elif self._ours(best, agency):
            ending.instead = best
            ending.found.append(Found(best, "page", address.priority + 1, address.hops, address.found_by))
        for other, url in page.alternates:
            if other not in (own, language) and url != best and self._ours(url, agency):
                noted = Found(url, hops=address.hops + 1, outcome=Outcome.OTHER_LANGUAGE, instead=best)
                ending.found.insert(0, noted)

    def _follow(self, address: Address, fetch: Fetch) -> Ending:
        target = fetch.redirect_to
        if address.kind in ("page", "probe") and target:
            target = canonical(target)
        if target == address.url or address.redirects >= MOST_REDIRECTS:
            fetch.outcome = Outcome.REDIRECT_LOOP.value
            return Ending()
        if not worth_asking(target, "xml"):
            fetch.outcome = Outcome.REDIRECT_OFF_SITE.value
            return Ending()
        if address.kind == "page" and leads_to_login(target) and not leads_to_login(address.url):
            fetch.outcome = Outcome.LOGIN_WALL.value
            return Ending()
        agency = self._agency(address)
        if self.scope.taken_in(address, target):
            self.frontier.add_site(site_of(target), agency.id)
            self.lanes.add(site_of(target), agency.id)
        if not self._ours(target, agency):
            fetch.outcome = Outcome.REDIRECT_OFF_SITE.value
            return Ending()
        if address.kind == "probe":  # unknown addresses lead to a real page: nothing to learn from it
            return Ending()
        step = Found(target, address.kind, address.priority + 5, address.hops, address.found_by, address.redirects + 1)
        return Ending([step])

    def _read_sitemap(self, address: Address, response: Response) -> Ending:
        """Pages and further sitemaps that a sitemap names."""
        agency = self._agency(address)
        ending = Ending()
        room = MOST_SITEMAPS - self.frontier.count(agency.id, "sitemap")
        for url, is_sitemap in _sitemap_entries(response.body):
            if not self._ours(url, agency) or not worth_asking(url, "xml" if is_sitemap else ""):
                continue
            if not is_sitemap:
                url = canonical(url)
                ending.found.append(Found(url, "page", 10 * promise(url) - 1, 1, FoundBy.SITEMAP))
            elif room > 0:
                room -= 1
                ending.found.append(Found(url, "sitemap", 900, 1, FoundBy.SITEMAP))
            if len(ending.found) >= MOST_SITEMAP_ADDRESSES:
                break
        return ending

    def _read_feed(self, address: Address, response: Response) -> Ending:
        """Pages that an RSS or Atom feed names."""
        agency = self._agency(address)
        ending = Ending()
        for entry in feedparser.parse(response.body[:2_000_000]).entries[:200]:
            url = str(entry.get("link") or "")
            if worth_asking(url) and self._ours(url, agency):
                url = canonical(url)
                points = 10 * promise(url, str(entry.get("title") or "")) - address.hops - 1
                ending.found.append(Found(url, "page", points, address.hops + 1, FoundBy.FEED))
        return ending

    def _agency(self, address: Address) -> Agency:
        return self.scope.agency(address.agency)

    def _ours(self, url: str, agency: Agency) -> bool:
        return self.scope.owner(url) is agency


MOST_DIFFERENT_LINES = 2  # between a page and the address it gives as its own, up to which they are the same
fetch_logged = object()  # signal: a request has ended


def _wait_asked(response: Response) -> float | None:
    """Seconds that a site asks us to wait (Retry-After: seconds or a date); None if it does not."""
    asked = header(response, b"Retry-After")
    if asked.isdecimal():
        return float(asked[:9])
    try:
        date, now = parsedate_to_datetime(asked), parsedate_to_datetime(header(response, b"Date"))
        return max(0.0, (date - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _sitemap_entries(body: bytes) -> Iterator[tuple[str, bool]]:
    """Addresses in a sitemap, and whether each is a sitemap itself. A broken file gives what can be read."""
    if body[:2] == b"\x1f\x8b":
        try:
            body = gunzip(body, max_size=50_000_000)
        except Exception:  # a broken or bomb-like file is no sitemap
            return
    if not body.lstrip().startswith(b"<"):
        for line in body.decode("utf-8", "replace").splitlines()[:50_000]:
            if line.strip().startswith("http"):
                yield line.strip(), False
        return
    try:
        sitemap = Sitemap(body)
        for entry in sitemap:
            if entry.get("loc"):
                yield entry["loc"], sitemap.type == "sitemapindex"
    except Exception:  # not XML after all
        return
