"""`agencies check`: ask each start address once, politely, and say what answers."""

import json
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from common.errors import GapAuditError
from common.frame import Budgets, Frame, site_of
from crawler.middlewares import redirect_target
from crawler.outcomes import outcome_of_exception
from crawler.registry import AGENCIES_FOLDER, load_registry, select
from crawler.run import USER_AGENT, settings_for


class CheckSpider(scrapy.Spider):
    """One request a start address; robots.txt is read first, as for any crawl."""

    name = "check"

    def __init__(self, frame: Frame, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frame = frame
        self._delays: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "CheckSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        self._delays[site_of(request.url)] = float(robotparser.rp.crawl_delay(USER_AGENT) or 0)

    async def start(self) -> AsyncIterator[Request]:
        for agency in self.frame.agencies:
            for url in agency.start_urls:
                meta = {
                    "agency": agency.id,
                    "download_slot": site_of(url),
                    "handle_httpstatus_all": True,
                    "dont_redirect": True,
                    "dont_retry": True,
                }
                yield Request(url, self.parse, errback=self.errback, meta=meta, dont_filter=True)

    def parse(self, response: Response, **kwargs: Any) -> None:
        self._say(response.meta["agency"], response.url, str(response.status), redirect_target(response))

    def errback(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]
        self._say(request.meta["agency"], request.url, outcome_of_exception(failure.value or Exception()).value)

    def _say(self, agency: str, url: str, answer: str, redirect: str = "") -> None:
        row = {"agency": agency, "url": url, "answer": answer}
        if redirect and redirect != url:
            row["redirect"] = redirect
        delay = self._delays.get(site_of(url), 0.0)
        if delay:
            row["crawl_delay"] = f"{delay:g} s"
        print(json.dumps(row, ensure_ascii=False), flush=True)


def main(arguments: list[str]) -> int:
    """`python -m crawler.check REGISTRY USER_AGENT [ID ...]`: a JSON line an address."""
    try:
        agencies = load_registry(Path(arguments[0]) if arguments[0] else AGENCIES_FOLDER)
        frame = Frame(tuple(select(agencies, ids=arguments[2:])), Budgets())
    except GapAuditError as error:
        print(f"gap-audit: {error}", file=sys.stderr)
        return 2
    settings = settings_for(frame, arguments[1])
    settings["DOWNLOADER_MIDDLEWARES"] = {
        name: order for name, order in settings["DOWNLOADER_MIDDLEWARES"].items() if not name.endswith("Recorder")
    }
    settings["EXTENSIONS"] = {
        "scrapy.extensions.throttle.AutoThrottle": None,
        "crawler.throttle.PoliteThrottle": 0,
    }
    settings["CONCURRENT_REQUESTS"] = 16
    del settings["SCHEDULER"]
    logging.getLogger("scrapy").setLevel(logging.CRITICAL)
    process = CrawlerProcess(settings | {"LOG_LEVEL": "CRITICAL"})
    process.crawl(CheckSpider, frame=frame)
    process.start()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
