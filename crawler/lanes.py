"""Who is asked next: one slow lane a site, the most promising address of each first, all sites side by side."""

import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler

from common.frame import Budgets
from crawler.frontier import Address, Frontier
from crawler.outcomes import Outcome
from crawler.parts import parts_of
from crawler.traps import is_trap

if TYPE_CHECKING:
    from scrapy import Spider

    from crawler.spiders.agency import AgencySpider

logger = logging.getLogger(__name__)

MOST_FAILURES = 8  # requests in a row without any answer, after which a host is given up
LOST = 30  # requests in a row without any answer, over several hosts, after which it is our network that is gone


@dataclass(eq=False)
class Lane:
    """The requests to one site, one at a time."""

    site: str
    agency: str
    resume_at: float = 0.0  # monotonic seconds; a site that asked us to wait
    failures: int = 0  # in a row
    under_way: bool = False
    queued: bool = False


class Lanes(BaseScheduler):
    """Scrapy's scheduler over the frontier.

    A lane gives out its next request only after the one before has ended with all that it led to, so that the order
    of a crawl does not depend on the moment at which it was interrupted.
    """

    def __init__(self, crawler: Crawler, frontier: Frontier, budgets: Budgets) -> None:
        self._crawler = crawler
        self._frontier = frontier
        self._budgets = budgets
        self._lanes: dict[str, Lane] = {}
        self._of_agency: dict[str, list[Lane]] = {}
        self._ready: deque[Lane] = deque()  # may have something to ask
        self._clock: dict[str, float] = {}  # when an agency was last heard of, monotonic
        self._ended = frontier.ended()
        self._answers: deque[str] = deque(maxlen=LOST)  # site of each request that got no answer, '' for an answer
        self._answered = False
        self.stopped_because = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Lanes":
        parts = parts_of(crawler)
        return cls(crawler, parts.frontier, parts.budgets)

    def open(self, spider: "Spider") -> None:
        self._spider: AgencySpider = spider  # type: ignore[assignment]
        self._spider.lanes = self
        for site, agency in parts_of(self._crawler).scope.sites.items():
            self.add(site, agency)

    def add(self, site: str, agency: str) -> None:
        """Open a lane."""
        if site not in self._lanes and not self._frontier.site_ended(site):
            lane = self._lanes[site] = Lane(site, agency)
            self._of_agency.setdefault(agency, []).append(lane)
            self._queue(lane)

    def _queue(self, lane: Lane) -> None:
        if not lane.queued:
            lane.queued = True
            self._ready.append(lane)

    def enqueue_request(self, request: Request) -> bool:
        """Nothing comes in this way: addresses go into the frontier."""
        return False

    def has_pending_requests(self) -> bool:
        return bool(self._ready)

    def next_request(self) -> Request | None:
        now = time.monotonic()
        for _ in range(len(self._ready)):
            lane = self._ready.popleft()
            lane.queued = False
            if lane.under_way or lane.agency in self._ended or lane.site not in self._lanes:
                continue
            if lane.resume_at > now:
                self._queue(lane)
                continue
            if self._used_up(lane.agency, now):
                continue
            address = self._next(lane)
            if address is not None:
                lane.under_way = True
                self._clock.setdefault(lane.agency, now)
                return self._spider.request_for(address)
        return None

    def _next(self, lane: Lane) -> Address | None:
        while address := self._frontier.next(lane.site):
            if address.kind != "page" or not is_trap(*self._frontier.shape(lane.site, address.shape)):
                return address
            self._frontier.skip(address, Outcome.TRAP)
        return None

    def _used_up(self, agency: str, now: float) -> bool:
        """Whether an agency may not be asked now: a budget is used up, or will be by what is under way."""
        kept, seconds = self._frontier.spent(agency)
        seconds += now - self._clock.get(agency, now)
        reason = None
        if kept >= self._budgets.pages:
            reason = Outcome.OVER_PAGE_BUDGET
        elif seconds > self._budgets.minutes * 60:
            reason = Outcome.OVER_TIME
        if reason is not None:
            self._frontier.end(agency, reason)
            self._ended.add(agency)
            return True
        return kept + sum(lane.under_way for lane in self._of_agency[agency]) >= self._budgets.pages

    def elapsed(self, agency: str) -> float:
        """Seconds since an agency was last heard of; the clock starts anew."""
        now = time.monotonic()
        before = self._clock.get(agency, now)
        self._clock[agency] = now
        return now - before

    def seconds_left(self, agency: str) -> float:
        """What is left of the agency's time."""
        return self._budgets.minutes * 60 - self._frontier.spent(agency)[1]

    def ended(self, site: str, answered: bool, wait: float = 0.0) -> None:
        """A request has ended, and what it led to is in the frontier; `wait`: seconds that the site asks for."""
        lane = self._lanes.get(site)
        if lane is None:
            return
        lane.under_way = False
        lane.resume_at = time.monotonic() + wait if wait else lane.resume_at
        lane.failures = 0 if answered else lane.failures + 1
        self._answered = self._answered or answered
        self._answers.append("" if answered else site)
        if lane.failures >= MOST_FAILURES:
            self._frontier.end_site(site, Outcome.HOST_GAVE_UP)
            del self._lanes[site]
            self._of_agency[lane.agency].remove(lane)
        self.wake(lane.agency)
        if self._network_is_gone():
            self.stop("network_lost", "none of the sites answers any more")

    def wake(self, agency: str) -> None:
        """There may be something new to ask of an agency's sites."""
        for lane in self._of_agency.get(agency, ()):
            if not lane.under_way:
                self._queue(lane)

    def _network_is_gone(self) -> bool:
        full = len(self._answers) == LOST and all(self._answers)
        return self._answered and full and len(set(self._answers)) > 2

    def stop(self, reason: str, detail: str) -> None:
        """End the crawl before its time; what is left stays in the frontier."""
        if not self.stopped_because:
            self.stopped_because = detail
            logger.error("stopped: %s", detail)
            assert self._crawler.engine
            self._crawler.engine.close_spider(self._spider, reason)
