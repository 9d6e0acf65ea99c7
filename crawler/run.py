"""One crawl of a frame into an audit folder: `python -m crawler FOLDER`.

It runs in a process of its own (Twisted's reactor starts once a process), so that nothing which happens to it
harms the audit around it.
"""

import logging
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from scrapy import signals
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.exceptions import NotConfigured

from common.errors import GapAuditError
from common.files import write_json
from common.frame import Frame, read_frame
from crawler.archive import Archive
from crawler.journal import Fetch, Journal, write_fetches
from crawler.middlewares import fetch_logged
from crawler.outcomes import Outcome
from crawler.scope import Scope
from crawler.spiders.agency import AgencySpider

USER_AGENT = "gap-audit (research audit of public support for exporters; contact: not given by who runs it)"
# outcomes that are a server's answer: a crawl that goes on after a crash need not ask again
_ANSWERS = {
    Outcome.KEPT,
    Outcome.REDIRECT,
    Outcome.REDIRECT_OFF_SITE,
    Outcome.NOT_FOUND,
    Outcome.BLOCKED,
    Outcome.CLIENT_ERROR,
    Outcome.NOT_TEXT,
    Outcome.EMPTY,
}


def settings_for(frame: Frame, user_agent: str) -> dict[str, Any]:
    """Scrapy's settings for a polite crawl of a frame."""
    hosts = sum(len(agency.sites) for agency in frame.agencies)
    allowed = sorted(
        {site.rsplit(":", 1)[0] for agency in frame.agencies if agency.allow_private for site in agency.sites}
    )
    return {
        "USER_AGENT": user_agent,
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": max(2, hosts + 1),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": frame.budgets.delay,
        "DOWNLOAD_DELAY_JITTER": 0.2,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": frame.budgets.delay,
        "AUTOTHROTTLE_MAX_DELAY": 60,
        "DOWNLOAD_TIMEOUT": 30,
        "DOWNLOAD_MAXSIZE": frame.budgets.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        "DNS_TIMEOUT": 20,
        "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardedResolver",
        "RETRY_TIMES": 2,
        "REDIRECT_MAX_TIMES": 10,  # only for robots.txt; the spider follows the redirects of pages itself
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf;q=0.9,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        },
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "crawler.middlewares.AddressGuard": 90,
            "crawler.middlewares.PoliteRobots": 100,
            "crawler.middlewares.BudgetGuard": 110,
            "crawler.middlewares.Recorder": 860,
        },
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawler.throttle.PoliteThrottle": 0,
            "crawler.run.ProgressReport": 0,
        },
        "PRIVATE_HOSTS_ALLOWED": allowed,
        "BUDGETS": frame.budgets,
        "LOG_LEVEL": "WARNING",
    }


class ProgressReport:
    """A line of progress on a terminal, a plain line every ten seconds elsewhere."""

    def __init__(self, crawler: Crawler) -> None:
        self._total = len(crawler.settings["BUDGETED_AGENCIES"])
        if not self._total:
            raise NotConfigured
        self._kept = self._failed = 0
        self._last = time.monotonic()
        self._agencies: set[str] = set()
        console = Console(stderr=True)
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("crawling"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("agencies answered · {task.fields[kept]} pages kept · {task.fields[failed]} failed"),
                TimeElapsedColumn(),
                console=console,
            )
            self._task = self._bar.add_task("", total=self._total, kept=0, failed=0)
        crawler.signals.connect(self.opened, signal=signals.spider_opened)
        crawler.signals.connect(self.closed, signal=signals.spider_closed)
        crawler.signals.connect(self.logged, signal=fetch_logged)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ProgressReport":
        return cls(crawler)

    def opened(self) -> None:
        if self._bar:
            self._bar.start()

    def logged(self, fetch: Fetch) -> None:
        if fetch.outcome == Outcome.KEPT and fetch.kind == "page":
            self._kept += 1
            self._agencies.add(fetch.agency)
        elif fetch.outcome not in (Outcome.KEPT, Outcome.REDIRECT) and not fetch.outcome.startswith("over_"):
            self._failed += 1
        if self._bar:
            self._bar.update(self._task, completed=len(self._agencies), kept=self._kept, failed=self._failed)
        elif time.monotonic() - self._last > 10:
            self._last = time.monotonic()
            self._line()

    def closed(self) -> None:
        if self._bar:
            self._bar.stop()
        else:
            self._line()

    def _line(self) -> None:
        print(
            f"crawl: {self._kept} pages kept, {self._failed} requests failed, "
            f"{len(self._agencies)} of {self._total} agencies answered",
            file=sys.stderr,
        )


def crawl(folder: Path, user_agent: str = USER_AGENT) -> bool:
    """Crawl the frame of an audit folder; True when it came to its end.

    Writes archive/*.warc.gz and fetches.parquet. A crawl that was interrupted goes on from its journal.
    Raises GapAuditError when the folder is no audit or cannot be written.
    """
    frame = read_frame(folder / "audit.toml")
    archive = Archive(folder / "archive", "gap-audit")
    journal = Journal(folder / "archive" / "fetches.jsonl")
    earlier = [row for row in journal.read() if row.outcome in _ANSWERS]
    ends: dict[str, int] = {}
    for row in earlier:
        if row.warc_file:
            ends[row.warc_file] = max(ends.get(row.warc_file, 0), row.warc_end)
    archive.cut_back(ends)
    journal.restart(earlier)
    scope = Scope(frame)
    settings = settings_for(frame, user_agent) | {
        "ARCHIVE": archive,
        "JOURNAL": journal,
        "REPLAY": {row.url: row for row in earlier},
        "SCOPE": scope,
        "LOG_FILE": str(folder / "archive" / "crawl.log"),
        "BUDGETED_AGENCIES": [agency.id for agency in frame.agencies],
    }
    logging.getLogger("scrapy.core.scraper").setLevel(logging.ERROR)
    logging.getLogger("scrapy.downloadermiddlewares.retry").setLevel(logging.CRITICAL)
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(AgencySpider)
    process.crawl(crawler, agencies=frame.agencies, scope=scope)
    process.start()
    journal.close()
    archive.close()
    reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
    stats = {key: str(value) for key, value in (crawler.stats.get_stats() if crawler.stats else {}).items()}
    write_json(folder / "archive" / "scrapy_stats.json", stats)
    if reason != "finished":
        return False
    write_fetches(journal, folder / "fetches.parquet")
    return True


def main() -> int:
    """Command line of the crawl's own process."""
    try:
        return 0 if crawl(Path(sys.argv[1]), *sys.argv[2:3]) else 1
    except GapAuditError as error:
        print(f"gap-audit: {error}", file=sys.stderr)
        return 2
