"""Makes an audit folder with a web archive of any size, for the benchmarks.

    python benchmarks/corpus.py FOLDER PAGES [KB [RARE]]

Sites have 1,000 pages each, built of our own gold passages: one page in RARE (default 10) is relevant, two are near
misses, and the rest have not a word of selling abroad. One in ten is as on the site of a trade agency, one in a
hundred as on the sites of a government. Pages are of about KB kilobytes of HTML (default 10), most of it menus and
scripts, as in content management systems.
"""

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from analysis.cues import cue_finder
from analysis.gold import GoldPassage, read_passages
from common.frame import Agency, Budgets, Frame, write_frame

SITE_PAGES = 1_000
WORDS = 350  # of text a page, at least
GOLD = Path(__file__).parent.parent / "tests" / "gold"
SERVER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"


def page(number: int, passages: list[GoldPassage], chance: np.random.Generator, size: int) -> bytes:
    """One page: a menu and a footer of its site, passages, and what fills it up to `size` bytes."""
    chosen: list[GoldPassage] = []
    while sum(len(passage.text.split()) for passage in chosen) < WORDS:
        chosen.append(passages[int(chance.integers(0, len(passages)))])
    lines = [line for passage in chosen for line in passage.text.splitlines()]
    text = "".join(f"<h2>{line[2:]}</h2>" if line.startswith("# ") else f"<p>{line}</p>" for line in lines)
    menu = "".join(f'<li class="menu-item"><a href="/s/{n}/">Section {n}</a></li>' for n in range(20))
    top = f'<!doctype html><html lang="en"><head><title>Page {number} of the site</title><meta charset="utf-8">'
    end = '<footer class="site-footer"><a href="https://facebook.com/x">Facebook</a></footer></body></html>'
    body = f'<nav class="main-nav"><ul>{menu}</ul></nav><main><h1>Page {number}</h1>{text}</main>{end}'
    filled = max(size - len(top) - len(body), 0) // 12
    script = f"<script>window.data={{{','.join(f'k{n % 1000:03}:{n % 10_000:04}' for n in range(filled))}}};</script>"
    return f"{top}</head><body>{script}{body}".encode()


def record(url: str, html: bytes) -> bytes:
    """A response record as a gzip member of its own."""
    body = SERVER + html
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return zlib.compress(head.encode() + body + b"\r\n\r\n", 1, wbits=31)


def records(site: str, first: int, count: int, size: int, rare: int) -> Iterator[tuple[str, bytes]]:
    """The pages of a site as (address, record); the same every time."""
    english = [passage for passage in read_passages(GOLD) if passage.language == "en"]
    relevant = [passage for passage in english if passage.relevant]
    near = [passage for passage in english if not passage.relevant]
    finder = cue_finder("en")
    unrelated = [passage for passage in near if not finder.may_matter(passage.text)]
    kinds = [relevant, near, near, *[unrelated] * (rare - 3)]
    chance = np.random.default_rng(first)
    for number in range(first, first + count):
        url = f"https://{site}/{number}.html"
        yield url, record(url, page(number, kinds[number % rare], chance, size))


def make(folder: Path, pages: int, kilobytes: float = 10, rare: int = 10) -> None:
    """Write an audit folder whose archive holds so many pages."""
    (folder / "archive").mkdir(parents=True)
    agencies = []
    for first in range(0, pages, SITE_PAGES):
        name = f"site-{first // SITE_PAGES:05}"
        agencies.append(
            Agency(name, name, "XA", "tpo", "national", ["en"], [f"https://{name}.example/"])  # type: ignore[arg-type]
        )
        with (folder / "archive" / f"{name}.warc.gz").open("wb") as stream:
            count = min(SITE_PAGES, pages - first)
            for _, raw in records(f"{name}.example", first, count, int(kilobytes * 1000), rare):
                stream.write(raw)
    write_frame(folder / "audit.toml", Frame(tuple(agencies), Budgets()))


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), *map(float, sys.argv[3:4]), *map(int, sys.argv[4:5]))
