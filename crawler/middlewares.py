"""What every request passes on its way out and back: politeness, safety, budgets, and the record of it all."""

import ipaddress
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from twisted.internet.defer import Deferred

from common.frame import Budgets
from crawler.archive import Archive
from crawler.journal import Fetch, Journal
from crawler.outcomes import NotFetched, Outcome, outcome_of_exception, outcome_of_status
from crawler.scope import Scope

TEXT_TYPES = ("text/html", "application/xhtml+xml", "application/pdf", "text/plain", "")


def is_private(host: str) -> bool:
    """Whether a host written as an IP address, or as localhost, is not a public one."""
    host = host.strip("[]").lower()
    if host == "localhost" or host.endswith(".localhost") or host.endswith(".local"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


class AddressGuard:
    """Refuses private and loopback addresses unless the registry allows them for that host.

    Names are checked again when they are resolved, see crawler/resolver.py.
    """

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "AddressGuard":
        return cls(frozenset(crawler.settings.getlist("PRIVATE_HOSTS_ALLOWED")))

    def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if host not in self._allowed and is_private(host):
            raise NotFetched(Outcome.PRIVATE_ADDRESS, f"{host} is a private address")


class PoliteRobots(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware, with the two cases of RFC 9309 it leaves out.

    No robots.txt (4xx) means no rules; a robots.txt that cannot be had (5xx) means stay away. A host that
    cannot be reached at all fails each of its pages with that reason.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._failed: dict[str, Outcome] = {}

    async def process_request(self, request: Request) -> None:  # type: ignore[override]
        await super().process_request(request)
        reason = self._failed.get(urlsplit(request.url).netloc)
        if reason and not request.meta.get("dont_obey_robotstxt"):
            raise NotFetched(reason, "robots.txt of the host could not be read")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            self._failed[netloc] = Outcome.ROBOTS_UNREACHABLE
        if response.status != 200:
            response = response.replace(status=200, body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._failed[netloc] = outcome_of_exception(exc)
        waiting = self._parsers[netloc]
        self._parsers[netloc] = None
        if isinstance(waiting, Deferred):
            waiting.callback(None)


class BudgetGuard:
    """Holds each agency to its budgets of pages, depth and time. What is left over is named, not lost."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._kept: Counter[str] = Counter()
        self._under_way: defaultdict[str, set[str]] = defaultdict(set)
        self._began: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "BudgetGuard":
        return cls(crawler.settings["BUDGETS"])

    def process_request(self, request: Request) -> None:
        if request.meta.get("kind") != "page":
            return
        agency, under_way = request.meta["agency"], self._under_way[request.meta["agency"]]
        now = time.monotonic()
        if request.meta["hops"] > self._budgets.depth:
            raise NotFetched(Outcome.OVER_DEPTH)
        if now - self._began.setdefault(agency, now) > self._budgets.minutes * 60:
            raise NotFetched(Outcome.OVER_TIME)
        if self._kept[agency] + len(under_way - {request.url}) >= self._budgets.pages:
            raise NotFetched(Outcome.OVER_PAGE_BUDGET)
        under_way.add(request.url)

    def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get("kind") == "page":
            self._under_way[request.meta["agency"]].discard(request.url)
            self._kept[request.meta["agency"]] += request.meta.get("outcome") == Outcome.KEPT
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if request.meta.get("kind") == "page":
            self._under_way[request.meta["agency"]].discard(request.url)


class Recorder:
    """Sits next to the network: archives what came back, logs every request, and replays a crawl that broke off.

    Bodies pass here before they are decompressed, so that the archive holds what the server sent. After a
    crash the same crawl runs again, and every request that the journal already has is answered from there.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.archive: Archive = settings["ARCHIVE"]
        self.journal: Journal = settings["JOURNAL"]
        self._replay: dict[str, Fetch] = settings["REPLAY"]
        self._scope: Scope = settings["SCOPE"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Recorder":
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        request.meta["sent"] = time.monotonic()
        done = self._replay.pop(request.url, None)
        if done is None:
            return None
        return replayed(done, self.archive)

    def process_response(self, request: Request, response: Response) -> Response:
        outcome = outcome_of_status(response.status) or self._outcome_of_content(request, response)
        fetch = self._fetch(request, outcome)
        request.meta["outcome"] = outcome
        if "replayed" in response.flags:
            if outcome is Outcome.REDIRECT:  # so that the scope grows as it did the first time
                self._scope.redirect_stays(request.url, redirect_target(response), fetch.depth)
            return response
        fetch.status = response.status
        fetch.content_type = content_type(response)
        fetch.bytes = len(response.body)
        if outcome is Outcome.REDIRECT:
            fetch.redirect_to = redirect_target(response)
            if not self._scope.redirect_stays(request.url, fetch.redirect_to, fetch.depth):
                fetch.outcome = Outcome.REDIRECT_OFF_SITE.value
        elif outcome is Outcome.KEPT:
            pointer = self.archive.write(fetch.agency, request, response, response.protocol or "HTTP/1.1")
            fetch.warc_file, fetch.digest = pointer.warc_file, pointer.digest
            fetch.warc_offset, fetch.warc_end = pointer.offset, pointer.end
        self._log(fetch)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        fetch = self._fetch(request, outcome_of_exception(exception))
        fetch.detail = getattr(exception, "detail", "") or str(exception).splitlines()[0][:200]
        self._log(fetch)

    def _outcome_of_content(self, request: Request, response: Response) -> Outcome:
        if not response.body:
            return Outcome.EMPTY
        kind = content_type(response)
        if request.meta.get("kind", "robots") == "page" and kind not in TEXT_TYPES:
            return Outcome.NOT_TEXT
        return Outcome.KEPT

    def _fetch(self, request: Request, outcome: Outcome) -> Fetch:
        meta = request.meta
        agency = meta.get("agency") or str(getattr(self._scope.owner(request.url), "id", ""))
        sent = meta.get("sent")
        return Fetch(
            agency=agency,
            url=request.url,
            kind=meta.get("kind", "robots"),
            outcome=outcome.value,
            time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            seconds=round(time.monotonic() - sent, 3) if sent else 0.0,
            depth=meta.get("hops", 0),
            referrer=meta.get("referrer", ""),
        )

    def _log(self, fetch: Fetch) -> None:
        self.journal.append(fetch)
        assert self.crawler.stats
        self.crawler.stats.inc_value(f"outcome/{fetch.outcome}")
        self.crawler.signals.send_catch_log(fetch_logged, fetch=fetch)


fetch_logged = object()  # signal: a row went into the journal


def content_type(response: Response) -> str:
    """The media type as the server said it, without parameters, lower-case."""
    raw = response.headers.get(b"Content-Type") or b""
    return raw.decode("latin-1").split(";")[0].strip().lower()


def redirect_target(response: Response) -> str:
    """Where a redirect leads, as an absolute address; '' when it does not say."""
    location = (response.headers.get(b"Location") or b"").decode("utf-8", "replace").strip()
    try:
        return urljoin(response.url, location).split("#")[0] if location else ""
    except ValueError:
        return ""


def replayed(fetch: Fetch, archive: Archive) -> Response:
    """The answer to a request as an earlier, interrupted run of this crawl got it."""
    headers: dict[str, Any] = {}
    body = b""
    if fetch.redirect_to:
        headers["Location"] = fetch.redirect_to
    if fetch.warc_file:
        headers, body = archive.read(fetch.warc_file, fetch.warc_offset)
    elif fetch.content_type:
        headers["Content-Type"] = fetch.content_type
    kind = responsetypes.from_args(headers=Headers(headers), url=fetch.url, body=body)
    return kind(url=fetch.url, status=fetch.status, headers=headers, body=body, flags=["replayed"])
