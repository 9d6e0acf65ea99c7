"""What a person sees of a running crawl: agencies with their counts on a terminal, plain lines elsewhere."""

import logging
import sys
import time
from collections import Counter

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.fetchlog import Fetch
from crawler.outcomes import READ
from crawler.spiders.agency import fetch_logged

logger = logging.getLogger(__name__)

MOST_ROWS = 12  # agencies that are shown at a time, those heard of last
BETWEEN_LINES = 10.0  # seconds between plain lines
_NO_FAILURE = {*READ, "redirect", "not_found", "soft_not_found", "other_language", "duplicate"}


class ProgressReport:
    """Counts requests as they end, and shows the counts."""

    def __init__(self, crawler: Crawler) -> None:
        self._total = len(crawler.settings["BUDGETED_AGENCIES"])
        if not self._total:
            raise NotConfigured
        self._pages = crawler.settings["BUDGETS"].pages
        self._read: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._latest: dict[str, Fetch] = {}  # by agency, the one heard of last at the end
        self._last_line = time.monotonic()
        console = Console(stderr=True)
        self._live: Live | None = None
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("crawling"), BarColumn(), MofNCompleteColumn(), TextColumn("agencies answered"),
                TimeElapsedColumn(), console=console,
            )  # fmt: skip
            self._task = self._bar.add_task("", total=self._total)
            self._live = Live(console=console, get_renderable=self._shown, refresh_per_second=4, transient=True)
        crawler.signals.connect(self.opened, signal=signals.spider_opened)
        crawler.signals.connect(self.closed, signal=signals.spider_closed)
        crawler.signals.connect(self.logged, signal=fetch_logged)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ProgressReport":
        return cls(crawler)

    def opened(self) -> None:
        if self._live:
            self._live.start()

    def logged(self, fetch: Fetch) -> None:
        logger.info(
            "%s  %s  %s%s", fetch.agency, fetch.outcome, fetch.url, f"  ({fetch.detail})" if fetch.detail else ""
        )
        if fetch.kind == "page":
            self._read[fetch.agency] += fetch.outcome in READ
            self._failed[fetch.agency] += fetch.outcome not in _NO_FAILURE
        self._latest.pop(fetch.agency, None)
        self._latest[fetch.agency] = fetch
        if self._live is None and time.monotonic() - self._last_line > BETWEEN_LINES:
            self._last_line = time.monotonic()
            self._line()

    def closed(self) -> None:
        if self._live:
            self._live.stop()
        self._line()

    def _shown(self) -> Group:
        self._bar.update(self._task, completed=sum(count > 0 for count in self._read.values()))
        table = Table(box=None, pad_edge=False)
        for name in ("agency", "read", "failed", "latest"):
            table.add_column(name, justify="right" if name in ("read", "failed") else "left", no_wrap=True)
        for agency in reversed(list(self._latest)[-MOST_ROWS:]):
            fetch = self._latest[agency]
            table.add_row(
                agency,
                f"{self._read[agency]}/{self._pages}",
                str(self._failed[agency]),
                Text(f"{fetch.outcome}  {fetch.url}", overflow="ellipsis"),
            )
        return Group(table, self._bar)

    def _line(self) -> None:
        answered = sum(count > 0 for count in self._read.values())
        print(
            f"crawl: {self._read.total()} pages read, {self._failed.total()} requests failed, "
            f"{answered} of {self._total} agencies answered",
            file=sys.stderr,
        )
