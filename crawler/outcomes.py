"""Why a request ended as it did: the words of the column `outcome` in fetches.parquet, and what leads to each."""

import gzip
import ssl
import zlib
from enum import StrEnum

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)


class Outcome(StrEnum):
    """One named reason for each request."""

    KEPT = "kept"  # archived as evidence
    UNCHANGED = "unchanged"  # as an earlier audit archived it
    REDIRECT = "redirect"  # followed, see redirect_to
    REDIRECT_LOOP = "redirect_loop"  # leads to itself, or on and on
    REDIRECT_OFF_SITE = "redirect_off_site"  # leads to a host that is not the agency's; not followed
    NOT_FOUND = "not_found"  # 404, 410
    SOFT_NOT_FOUND = "soft_not_found"  # says 200, and that the page is not there
    BLOCKED = "blocked"  # 401, 403, 407, 429, 451: the site does not let us in
    BOT_WALL = "bot_wall"  # a test whether we are people; not gone around
    LOGIN_WALL = "login_wall"
    COOKIE_WALL = "cookie_wall"
    CLOSED_FOR_NOW = "closed_for_now"  # maintenance, or a domain for sale
    NEEDS_BROWSER = "needs_browser"  # holds no text before its scripts run; see --render
    DUPLICATE = "duplicate"  # the same page under another address, which was kept
    OTHER_LANGUAGE = "other_language"  # a translation of a page that is read in another language
    TRAP = "trap"  # of a kind of address whose pages say nothing new: calendars, filters, sessions
    CLIENT_ERROR = "client_error"  # other 4xx
    SERVER_ERROR = "server_error"  # 5xx
    REFUSED_BY_ROBOTS = "refused_by_robots"  # robots.txt asks us to stay away
    ROBOTS_UNREACHABLE = "robots_unreachable"  # robots.txt answered with 5xx: stay away (RFC 9309, 2.3.1.4)
    OVER_PAGE_BUDGET = "over_page_budget"
    OVER_DEPTH = "over_depth"
    OVER_TIME = "over_time"
    HOST_GAVE_UP = "host_gave_up"  # not asked: the requests before it failed one after another
    NOT_REACHED = "not_reached"  # the crawl ended before its turn
    NOT_TEXT = "not_text"  # an image, a video, a program: nothing to read
    EMPTY = "empty"  # 200 with no body
    TOO_LARGE = "too_large"  # beyond the budget of bytes, as sent or when decompressed
    DAMAGED = "damaged"  # could not be decompressed, or is not safe to read
    TIMEOUT = "timeout"
    DNS_FAILURE = "dns_failure"
    CONNECTION_FAILED = "connection_failed"
    TLS_FAILURE = "tls_failure"
    PRIVATE_ADDRESS = "private_address"  # leads into a private network
    OTHER_FAILURE = "other_failure"


# there is something at the address, and this crawl has read it
READ = frozenset({Outcome.KEPT, Outcome.UNCHANGED})
# failures of a moment: asked again, after all others of the site
PASSING = frozenset(
    {Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.CONNECTION_FAILED, Outcome.DNS_FAILURE, Outcome.TLS_FAILURE}
)


class NotFetched(IgnoreRequest):
    """A request that we decided not to send, with its outcome."""

    def __init__(self, outcome: Outcome, detail: str = "") -> None:
        super().__init__(detail or outcome.value)
        self.outcome = outcome
        self.detail = detail


def outcome_of_exception(error: BaseException) -> Outcome:
    """The outcome that an exception of the download stands for."""
    if isinstance(error, NotFetched):
        return error.outcome
    if isinstance(error, IgnoreRequest):
        if "during decompression" in str(error):
            return Outcome.TOO_LARGE
        return Outcome.REFUSED_BY_ROBOTS if "robots.txt" in str(error) else Outcome.OTHER_FAILURE
    if isinstance(error, zlib.error | EOFError | gzip.BadGzipFile | UnicodeError):
        return Outcome.DAMAGED
    if isinstance(error, DownloadTimeoutError):
        return Outcome.TIMEOUT
    if isinstance(error, CannotResolveHostError):
        return Outcome.DNS_FAILURE
    if isinstance(error, DownloadCancelledError):
        return Outcome.TOO_LARGE
    if isinstance(error, DownloadConnectionRefusedError):
        return Outcome.CONNECTION_FAILED
    if isinstance(error, UnsupportedURLSchemeError):
        return Outcome.OTHER_FAILURE
    if isinstance(error, DownloadFailedError | ResponseDataLossError):
        text = repr(error.__cause__ or error).lower()
        tls = isinstance(error.__cause__, ssl.SSLError) or "ssl" in text or "certificate" in text
        return Outcome.TLS_FAILURE if tls else Outcome.CONNECTION_FAILED
    return Outcome.OTHER_FAILURE


def outcome_of_status(status: int) -> Outcome | None:
    """The outcome of an HTTP status; None where it depends on the content (200)."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Outcome.REDIRECT
    if status in (404, 410):
        return Outcome.NOT_FOUND
    if status in (401, 403, 407, 429, 451):
        return Outcome.BLOCKED
    if 400 <= status < 500:
        return Outcome.CLIENT_ERROR
    return Outcome.SERVER_ERROR
