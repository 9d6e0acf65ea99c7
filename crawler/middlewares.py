"""What every request passes on its way out and back: safety, politeness, and the record of it."""

import base64
import hashlib
import re
import time
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.robotstxt import ProtegoRobotParser
from twisted.internet.defer import Deferred

from common.frame import site_of
from crawler.addresses import is_private
from crawler.archive import Pointer
from crawler.fetchlog import Fetch
from crawler.frontier import Address, Earlier
from crawler.outcomes import NotFetched, Outcome, outcome_of_exception, outcome_of_status
from crawler.parts import parts_of

WORD_TYPES = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/octet-stream",
    "application/zip",
)
TEXT_TYPES = ("text/html", "application/xhtml+xml", "application/pdf", "text/plain", "", WORD_TYPES[0])


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
        request.meta.setdefault("download_slot", site_of(request.url))  # robots.txt too is asked for in its site's lane


class PoliteRobots(RobotsTxtMiddleware):
    """Scrapy's robots.txt middleware, with the two cases of RFC 9309 it leaves out.

    No robots.txt (4xx, or redirects in a circle) means no rules; one that cannot be had (5xx, or without end) means
    stay away. A host that cannot be reached at all fails each of its pages with that reason.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._failed: dict[str, Outcome] = {}
        self._rules: dict[str, Protego] = parts_of(crawler).rules if "PARTS" in crawler.settings else {}

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
        parser = self._parsers[netloc]
        if isinstance(parser, ProtegoRobotParser):
            self._rules[netloc] = parser.rp

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not (isinstance(exc, IgnoreRequest) and "max redirections" in str(exc)):  # 2.3.1.2: as if there were none
            outcome = outcome_of_exception(exc)
            self._failed[netloc] = Outcome.ROBOTS_UNREACHABLE if outcome is Outcome.TOO_LARGE else outcome
        waiting = self._parsers[netloc]
        self._parsers[netloc] = None
        if isinstance(waiting, Deferred):
            waiting.callback(None)


class Recorder:
    """Sits next to the network: archives what came back, and notes how every request ended.

    Bodies pass here before they are decompressed, so that the archive holds what the server sent. The note goes
    with the request (meta 'fetch'); the spider completes it and puts it into the frontier.
    """

    def __init__(self, crawler: Crawler) -> None:
        parts = parts_of(crawler)
        self._archive, self._frontier, self._scope = parts.archive, parts.frontier, parts.scope
        self._refused = parts.refused
        self._most_bytes = parts.budgets.max_bytes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Recorder":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        request.meta["sent"] = time.monotonic()

    def process_response(self, request: Request, response: Response) -> Response:
        kind = request.meta.get("kind", "robots")
        earlier: Earlier | None = request.meta.get("earlier")
        outcome = Outcome.UNCHANGED if response.status == 304 and earlier else outcome_of_status(response.status)
        fetch = request.meta["fetch"] = self._fetch(request, outcome or self._outcome_of_content(kind, response))
        fetch.status = response.status
        fetch.content_type = content_type(response)
        fetch.bytes = len(response.body)
        fetch.etag, fetch.last_modified = header(response, b"ETag"), header(response, b"Last-Modified")
        if "dataloss" in response.flags:
            fetch.detail = "the connection broke before the end of the body"
        try:
            if fetch.outcome == Outcome.UNCHANGED:
                assert earlier is not None
                return self._as_before(fetch, request, response, earlier)
            if fetch.outcome == Outcome.REDIRECT:
                fetch.redirect_to = redirect_target(response)
            elif fetch.outcome == Outcome.KEPT:
                if earlier is not None and payload_digest(response.body) == earlier.digest:
                    self._point(fetch, self._archive.write_revisit(fetch, request, response, earlier))
                    fetch.outcome = Outcome.UNCHANGED.value
                elif "playwright" in response.flags:
                    self._point(fetch, self._archive.write_rendered(fetch, response.body))
                else:
                    self._point(fetch, self._archive.write(fetch, request, response))
        except OSError as error:
            raise ArchiveFull(f"{self._archive.folder}: cannot be written: {error.strerror or error}") from None
        if kind == "robots":
            self._frontier.log(fetch)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        outcome, host = outcome_of_exception(exception), urlsplit(request.url).hostname or ""
        if outcome is Outcome.DNS_FAILURE and host in self._refused:
            exception = NotFetched(Outcome.PRIVATE_ADDRESS, f"{host} is the private address {self._refused[host]}")
            outcome = exception.outcome
        fetch = request.meta["fetch"] = self._fetch(request, outcome)
        fetch.detail = getattr(exception, "detail", "") or first_line(exception)
        if request.meta.get("kind") is None and request.url.endswith("/robots.txt"):
            self._frontier.log(fetch)

    def _as_before(self, fetch: Fetch, request: Request, response: Response, earlier: Earlier) -> Response:
        """The page that a server says has not changed, as it was archived, so that its links are followed."""
        self._point(fetch, self._archive.write_revisit(fetch, request, response, earlier))
        headers, body = self._archive.read(earlier.warc_file, earlier.warc_offset)
        fetch.etag = fetch.etag or earlier.etag
        fetch.last_modified = fetch.last_modified or earlier.last_modified
        kind = responsetypes.from_args(headers=Headers(headers), url=request.url, body=body)
        before = kind(url=request.url, status=200, headers=headers, body=body)
        fetch.content_type = content_type(before)
        return before

    @staticmethod
    def _point(fetch: Fetch, pointer: Pointer) -> None:
        fetch.warc_file, fetch.digest = pointer.warc_file, pointer.digest
        fetch.warc_offset, fetch.warc_end = pointer.offset, pointer.end

    def _outcome_of_content(self, kind: str, response: Response) -> Outcome:
        if not response.body:
            return Outcome.CONNECTION_FAILED if "dataloss" in response.flags else Outcome.EMPTY
        if len(response.body) > self._most_bytes:  # a browser knows no limit
            return Outcome.TOO_LARGE
        if kind == "page" and not is_text(content_type(response), response):
            return Outcome.NOT_TEXT
        return Outcome.KEPT

    def _fetch(self, request: Request, outcome: Outcome) -> Fetch:
        meta = request.meta
        address: Address | None = meta.get("address")
        sent = meta.get("sent")
        return Fetch(
            agency=address.agency if address else str(getattr(self._scope.owner(request.url), "id", "")) or "none",
            url=request.url,
            kind=address.kind if address else "robots",
            outcome=outcome.value,
            time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            seconds=round(time.monotonic() - sent, 3) if sent else 0.0,
            depth=address.hops if address else 0,
            referrer=address.referrer if address else "",
        )


class ArchiveFull(Exception):
    """The archive can't be written: the disk is full, or the folder was taken away."""


def payload_digest(body: bytes) -> str:
    """The digest of a payload as warcio writes it: SHA-1 in base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()  # noqa: S324 - the form of WARC


_WRAPPED = re.compile(r"<twisted\.python\.failure\.Failure [\w.]+: (.+?)>\]?$")


def header(response: Response, name: bytes) -> str:
    """A header as printable text; '' if there is none."""
    value = (response.headers.get(name) or b"").decode("latin-1").strip()
    return value if value.isprintable() and len(value) <= 300 else ""


def first_line(error: BaseException) -> str:
    """What an error says, short."""
    lines = str(error).splitlines()
    wrapped = _WRAPPED.search(lines[0]) if lines else None  # how Twisted writes a failure within another
    return (wrapped[1] if wrapped else lines[0] if lines else type(error).__name__)[:200]


def is_text(kind: str, response: Response) -> bool:
    """Whether an answer may hold text to read: by its bytes where the server's word is not to be trusted."""
    start = response.body[:1024]
    if start.startswith(b"%PDF-") or (start.startswith(b"PK\x03\x04") and kind in WORD_TYPES):
        return True
    if kind not in TEXT_TYPES:
        return False
    if response.headers.get(b"Content-Encoding") or kind == "application/pdf" or b"\0" not in start:
        return True
    return start.lstrip()[:1] == b"<" or start[:2] in (b"\xff\xfe", b"\xfe\xff")  # careless HTML, or UTF-16


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
