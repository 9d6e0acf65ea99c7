"""One slow lane a host."""

from typing import Any

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from common.frame import site_of

LONGEST_DELAY = 60.0  # seconds; a robots.txt that asks for more gets this, and the time budget ends the crawl


class PoliteThrottle(AutoThrottle):
    """Scrapy's AutoThrottle that never goes below the Crawl-delay which a host's robots.txt asks for."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._floors: dict[str, float] = {}
        self._agent: str = crawler.settings["USER_AGENT"]
        crawler.signals.connect(self._robots_parsed, signal=signals.robots_parsed)

    def _robots_parsed(self, robotparser: Any, request: Request) -> None:
        asked = robotparser.rp.crawl_delay(self._agent)
        if asked:
            self._floors[site_of(request.url)] = min(float(asked), LONGEST_DELAY)

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        slot.delay = max(slot.delay, self._floors.get(site_of(response.url), 0.0))
