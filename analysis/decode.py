"""From the bytes of a response to text."""

import zlib

from bs4.dammit import UnicodeDammit

LARGEST_BODY = 20_000_000  # bytes after decompression; what lies beyond is cut off


def decompressed(body: bytes, encoding: str) -> bytes:
    """The body as it was before it was compressed for the transfer; as it is if that fails.

    Never more than LARGEST_BODY, whatever a compression bomb promises.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name in ("gzip", "x-gzip", "deflate"):
            body = _inflate(body, name)
    return body[:LARGEST_BODY]


def _inflate(body: bytes, name: str) -> bytes:
    windows = [31] if name.endswith("gzip") else [15, -15]  # 'deflate' is sent with and without its header
    for window in windows:
        try:
            return zlib.decompressobj(window).decompress(body, LARGEST_BODY)
        except zlib.error:
            continue
    return body


def decoded(body: bytes, declared: str = "") -> str:
    """The text of an HTML or plain text body.

    Its own byte order mark comes first, then what the server and the page declare, then what fits.
    """
    dammit = UnicodeDammit(
        body, known_definite_encodings=[], user_encodings=[declared] if declared else [], is_html=True
    )
    if dammit.unicode_markup is not None:
        return dammit.unicode_markup
    return body.decode("utf-8", "replace")
