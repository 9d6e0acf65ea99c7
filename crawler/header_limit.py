"""A bound on the headers of an answer.

Scrapy's client (Twisted) bounds the length of a line, not the number of lines: a server that sends headers without
end fills the memory of the machine within the timeout of a request. There is no setting for it, so the parser's
method is wrapped, once, in the process of the crawl.
"""

from typing import Any

from twisted.web._newclient import HTTPParser, ParseError

MOST_BYTES = 256 * 1024  # of all headers of one answer; browsers allow about as much


def limit_headers() -> None:
    """Fail answers whose headers exceed MOST_BYTES, as answers that are no HTTP do."""
    received: Any = HTTPParser.headerReceived

    def counted(parser: Any, name: bytes, value: bytes) -> None:
        parser.header_bytes = getattr(parser, "header_bytes", 0) + len(name) + len(value)
        if parser.header_bytes > MOST_BYTES:
            raise ParseError("more headers than any page needs", name[:100])  # type: ignore[no-untyped-call]
        received(parser, name, value)

    setattr(HTTPParser, "headerReceived", counted)  # noqa: B010 - mypy takes methods for constants
