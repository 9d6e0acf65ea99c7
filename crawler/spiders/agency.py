"""The one spider: it walks the sites of the agencies of a frame, the most promising links first."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap
from twisted.python.failure import Failure

from common.frame import Agency, site_of
from crawler.links import canonical, page_links, promise, worth_asking
from crawler.middlewares import redirect_target
from crawler.scope import Scope

MOST_SITEMAPS = 50  # sitemap files read for one agency
MOST_SITEMAP_ADDRESSES = 20_000  # addresses taken from the sitemaps of one agency
MOST_REDIRECTS = 10  # in a row


class AgencySpider(scrapy.Spider):
    """Seeds, sitemaps and links within each agency's hosts."""

    name = "agency"

    def __init__(self, agencies: tuple[Agency, ...], scope: Scope, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.agencies = agencies
        self.scope = scope
        self._sitemaps_read: dict[str, int] = {}
        self._sitemap_addresses: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "AgencySpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        for agency in self.agencies:
            for url in agency.start_urls:
                yield self._page(agency, canonical(url), hops=0, priority=1000)

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        """Ask for the sitemaps that robots.txt names, or for the usual one."""
        agency = self.scope.owner(request.url)
        if agency is None:
            return
        robots = request.url.split("/", 3)[:3]
        named = [url for url in robotparser.rp.sitemaps if self.scope.owner(url) is agency]
        for url in named or ["/".join([*robots, "sitemap.xml"])]:
            sitemap = self._sitemap(agency, url, "/".join([*robots, "robots.txt"]))
            if sitemap:
                self.crawler.engine.crawl(sitemap)

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        agency: Agency = response.meta["agency_record"]
        if 300 <= response.status < 400:
            yield from self._follow_redirect(response, agency)
        elif response.status == 200 and isinstance(response, TextResponse):
            hops = response.meta["hops"] + 1
            for link in page_links(response.text, response.url):
                if self.scope.owner(link.url) is agency:
                    points = promise(link.url, link.anchor)
                    yield self._page(agency, link.url, hops, 10 * points - hops, response.url)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Pages and further sitemaps that a sitemap names."""
        agency: Agency = response.meta["agency_record"]
        if 300 <= response.status < 400:
            yield from self._follow_redirect(response, agency)
            return
        if response.status != 200:
            return
        for url, is_sitemap in _sitemap_entries(response.body):
            if self.scope.owner(url) is not agency:
                continue
            if is_sitemap:
                sitemap = self._sitemap(agency, url, response.url)
                if sitemap:
                    yield sitemap
            elif worth_asking(url):
                taken = self._sitemap_addresses.get(agency.id, 0)
                if taken >= MOST_SITEMAP_ADDRESSES:
                    return
                self._sitemap_addresses[agency.id] = taken + 1
                yield self._page(agency, canonical(url), 1, 10 * promise(url) - 1, response.url)

    def errback(self, failure: Failure) -> None:
        """Failures are in the fetch log already; a page that fails ends nothing."""

    def _follow_redirect(self, response: Response, agency: Agency) -> Iterator[Request]:
        target = redirect_target(response)
        redirects = response.meta.get("redirects", 0) + 1
        if not worth_asking(target) or redirects > MOST_REDIRECTS:
            return
        kind = response.meta["kind"]
        request = response.request
        assert request is not None
        if self.scope.owner(target) is agency:
            url = canonical(target) if kind == "page" else target
            meta = {**request.meta, "redirects": redirects, "referrer": response.url}
            for key in ("sent", "download_latency", "download_timeout", "depth", "retry_times"):
                meta.pop(key, None)
            meta["download_slot"] = site_of(url)
            yield request.replace(url=url, meta=meta, priority=request.priority + 5)

    def _page(self, agency: Agency, url: str, hops: int, priority: int, referrer: str = "") -> Request:
        return Request(
            url,
            callback=self.parse,
            errback=self.errback,
            priority=priority,
            meta=_meta(agency, "page", url, hops, referrer),
        )

    def _sitemap(self, agency: Agency, url: str, referrer: str) -> Request | None:
        read = self._sitemaps_read.get(agency.id, 0)
        if read >= MOST_SITEMAPS:
            return None
        self._sitemaps_read[agency.id] = read + 1
        meta = _meta(agency, "sitemap", url, 1, referrer)
        return Request(url, callback=self.parse_sitemap, errback=self.errback, priority=900, meta=meta)


def _meta(agency: Agency, kind: str, url: str, hops: int, referrer: str) -> dict[str, Any]:
    return {
        "agency": agency.id,
        "agency_record": agency,
        "kind": kind,
        "hops": hops,
        "referrer": referrer,
        "download_slot": site_of(url),
        "handle_httpstatus_all": True,
        "dont_redirect": True,
    }


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
