"""One crawl of a frame into an audit folder: `python -m crawler FOLDER`.

It runs in a process of its own (Twisted's reactor starts once a process), so that nothing which happens to it
harms the audit around it.
"""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

from scrapy.crawler import CrawlerProcess

from common.errors import AuditFolderError, CrawlInterrupted, GapAuditError
from common.files import write_json
from common.frame import Frame, read_frame, site_of
from crawler.archive import Archive
from crawler.cdxj import write_index
from crawler.earlier import earlier_fetches
from crawler.fetchlog import write_log
from crawler.frontier import Found, FoundBy, Frontier
from crawler.header_limit import limit_headers
from crawler.links import canonical
from crawler.parts import Parts
from crawler.scope import Scope
from crawler.spiders.agency import AgencySpider
from crawler.traps import shape_of

USER_AGENT = "gap-audit (research audit of public support for exporters; contact: not given by who runs it)"
FRONTIER = "frontier.sqlite"
MOST_SIDE_BY_SIDE = 1_000  # hosts
CHECKED_RECORDS = 20  # at the end of each archive file, looked at before an interrupted crawl goes on


def settings_for(frame: Frame, user_agent: str) -> dict[str, Any]:
    """Scrapy's settings for a polite crawl of a frame."""
    hosts = sum(len(agency.sites) for agency in frame.agencies)
    allowed = sorted(
        {site.rsplit(":", 1)[0] for agency in frame.agencies if agency.allow_private for site in agency.sites}
    )
    return {
        "USER_AGENT": user_agent,
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": min(hosts + len(frame.agencies) + 1, MOST_SIDE_BY_SIDE),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 1,
        "REACTOR_THREADPOOL_MAXSIZE": 20,  # names are resolved in threads; one that hangs must not hold up the rest
        "DOWNLOAD_DELAY": frame.budgets.delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": frame.budgets.delay,
        "AUTOTHROTTLE_MAX_DELAY": 60,
        "DOWNLOAD_TIMEOUT": frame.budgets.timeout,
        "DOWNLOAD_MAXSIZE": frame.budgets.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        "DNS_TIMEOUT": 20,
        "TWISTED_DNS_RESOLVER": "crawler.resolver.GuardedResolver",
        # requests for pages are repeated by the frontier, and their redirects followed by the spider; these two
        # are for robots.txt
        "RETRY_TIMES": 2,
        "REDIRECT_MAX_TIMES": 5,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,  # nobody is to run code in here
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/pdf;q=0.9,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        },
        "SCHEDULER": "crawler.lanes.Lanes",
        "SPIDER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "crawler.middlewares.AddressGuard": 90,
            "crawler.middlewares.PoliteRobots": 100,
            "crawler.middlewares.Recorder": 860,
        },
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,
            "scrapy.extensions.logstats.LogStats": None,
            "crawler.throttle.PoliteThrottle": 0,
            "crawler.progress.ProgressReport": 0,
        },
        "PRIVATE_HOSTS_ALLOWED": allowed,
        "BUDGETS": frame.budgets,
        "LOG_ENABLED": False,  # see _log_to
    }


def crawl(folder: Path, user_agent: str = USER_AGENT, since: Path | None = None, render: bool = False) -> None:
    """Crawl the frame of an audit folder to its end.

    Writes archive/*.warc.gz with its index, and fetches.parquet. A crawl that was interrupted goes on where it was.
    `since`: an earlier audit; what has not changed is taken from there. `render`: pages that hold no text of their
    own are shown by a browser. Raises CrawlInterrupted when it ended before its time, GapAuditError when the folder
    is no audit or cannot be written.
    """
    frame = read_frame(folder / "audit.toml")
    archive = Archive(folder / "archive", "gap-audit")
    _refuse_foreign(folder / "archive")
    frontier = Frontier(folder / "archive" / FRONTIER)
    _mend(archive, frontier)
    scope = _begin(frame, frontier, archive, since)
    parts = Parts(frontier, archive, scope, frame.budgets, render)
    settings = settings_for(frame, user_agent) | {
        "PARTS": parts,
        "BUDGETED_AGENCIES": [agency.id for agency in frame.agencies],
    }
    if render:
        from crawler.render import browser_path, render_settings

        allowed = frozenset(settings["PRIVATE_HOSTS_ALLOWED"])
        settings |= render_settings(allowed, user_agent, parts.rules, browser_path())
    limit_headers()
    process = CrawlerProcess(settings)
    _log_to(folder / "archive" / "crawl.log")
    crawler = process.create_crawler(AgencySpider)
    process.crawl(crawler)
    process.start()
    archive.close()
    stats = crawler.stats.get_stats() if crawler.stats else {}
    reason = stats.get("finish_reason")
    try:
        write_json(folder / "archive" / "scrapy_stats.json", {key: str(value) for key, value in stats.items()})
        if reason == "finished":
            write_index(folder / "archive")
            write_log(frontier.rows(), folder / "fetches.parquet")  # the last: it says that the crawl is at its end
    finally:
        frontier.close()
    if reason != "finished":
        spider: Any = crawler.spider
        why = getattr(getattr(spider, "lanes", None), "stopped_because", "") or "it was stopped"
        raise CrawlInterrupted(f"the crawl is not at its end ({why}); run the same command again to go on")


def _log_to(path: Path) -> None:
    """A log that a person can read: a line a request, and what went wrong elsewhere."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%Y-%m-%d %H:%M:%S"))
    handler.addFilter(lambda record: record.name.startswith("crawler") or record.levelno >= logging.ERROR)
    logging.getLogger().addHandler(handler)
    logging.getLogger("crawler").setLevel(logging.INFO)
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    # failed requests for robots.txt, tracebacks and all; our own lines have them
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)


def _refuse_foreign(archive: Path) -> None:
    """A crawl cuts its files back to what it knows of; before it has begun, whatever lies there is not its own."""
    if (archive / FRONTIER).exists():
        return
    for path in sorted(archive.glob("*.warc.gz")):
        if path.stat().st_size:
            raise AuditFolderError(
                f"{path}: is there, but this crawl has not begun; start a new folder with --out, or take the file in "
                "with gap-audit ingest"
            )


def _mend(archive: Archive, frontier: Frontier) -> None:
    """Bring archive and frontier together again after a crash: neither may speak of what the other has not."""
    ends = frontier.ends()
    short = archive.cut_back(ends)
    for name, end in ends.items():
        lost = [
            number
            for number, offset, last in frontier.last_records(name, 10**9 if name in short else CHECKED_RECORDS)
            if last > archive.size(name) or not archive.sound(name, offset)
        ]
        if lost:
            logging.getLogger(__name__).warning("%s: %d records were lost (known end: %d)", name, len(lost), end)
            frontier.forget(lost)
    if short:
        archive.cut_back(frontier.ends())


def _begin(frame: Frame, frontier: Frontier, archive: Archive, since: Path | None) -> Scope:
    """Put the start addresses into the frontier, and what an earlier audit knew."""
    scope = Scope(frame)
    for site, identity in frontier.begin(scope.sites).items():
        scope.add(site, identity)
    for agency in frame.agencies:
        seeds = [Found(canonical(url), "page", 1000, 0, FoundBy.SEED) for url in agency.start_urls]
        frontier.add(agency.id, [(seed, site_of(seed.url), shape_of(seed.url)) for seed in seeds])
    if since is not None and not frontier.has_earlier():

        def placed(identity: str, found: Found) -> tuple[str, str] | None:
            owner = scope.owner(found.url)
            ours = found.kind == "page" and owner is not None and owner.id == identity
            return (site_of(found.url), shape_of(found.url)) if ours else None

        frontier.take_in_earlier(earlier_fetches(since, archive.folder), placed)
    return scope


def main() -> int:
    """Command line of the crawl's own process; the exit status is that of gap-audit."""
    parser = argparse.ArgumentParser(prog="python -m crawler")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--user-agent", default=USER_AGENT)
    parser.add_argument("--since", type=Path)
    parser.add_argument("--render", action="store_true")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input does")
    given = parser.parse_args()
    if given.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        crawl(given.folder, given.user_agent, given.since, given.render)
    except GapAuditError as error:
        print(f"gap-audit: {error}", file=sys.stderr)
        return error.exit_status
    except OSError as error:
        failure = AuditFolderError(f"{given.folder}: cannot be written: {error.strerror or error}")
        print(f"gap-audit: {failure}", file=sys.stderr)
        return failure.exit_status
    return 0


def _end_with_parent() -> None:
    """End at once when the process that began the crawl is gone, so that nobody crawls on beside who takes over.

    What was read so far is in the frontier, as after any kill.
    """
    while os.read(0, 1):  # a buffered read would abort the interpreter's own end
        pass
    os._exit(CrawlInterrupted.exit_status)
