"""The crawl against a plain Scrapy spider with its LinkExtractor, on one loopback site, side by side in one run.

    python benchmarks/crawl_speed.py [PAGES]

Both take the same pages of 48 KB with 60 links, one request at a time; ours also writes the archive, the index, the
frontier on disk and the fetch log. Prints pages a second of each and their ratio, start-up and end not counted for
either (they are printed apart).
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PLAIN = """
import sys, scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor
class Plain(scrapy.Spider):
    name = "plain"
    extract = LinkExtractor()
    async def start(self):
        yield scrapy.Request(sys.argv[1])
    def parse(self, response):
        for link in self.extract.extract_links(response):
            yield scrapy.Request(link.url)
process = CrawlerProcess({"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0,
    "CLOSESPIDER_PAGECOUNT": int(sys.argv[2]), "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": True})
crawler = process.create_crawler(Plain)
process.crawl(crawler)
process.start()
stats = crawler.stats
print(stats.get_value("response_received_count"), stats.get_value("elapsed_time_seconds"))
"""


@contextmanager
def site(hosts: int, *more: str) -> Iterator[list[str]]:
    """Start the server; the addresses of its hosts."""
    command = [sys.executable, str(ROOT / "benchmarks" / "pages_server.py"), str(hosts), *more]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        yield [f"http://127.0.0.1:{port}" for port in server.stdout.readline().split()]
    finally:
        server.kill()


def ours(folder: Path, bases: list[str], **budgets: float) -> tuple[int, float, float]:
    """Crawl with gap-audit: pages kept, seconds of crawling, seconds of the whole process."""
    from common.frame import Agency, Budgets, Frame, write_frame

    agencies = tuple(
        Agency(
            id=f"xa-{number}", name="Bench", country="XA", kind="tpo", level="national", languages=["en"],
            start_urls=[f"{base}/"], allow_private=True,
        )
        for number, base in enumerate(bases)
    )  # fmt: skip
    write_frame(folder / "audit.toml", Frame(agencies, Budgets(**budgets)))  # type: ignore[arg-type]
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "crawler", str(folder)], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    whole = time.monotonic() - began
    stats = json.loads((folder / "archive" / "scrapy_stats.json").read_text())
    return int(stats.get("outcome/kept", 0)), float(stats["elapsed_time_seconds"]), whole


def plain(base: str, pages: int) -> tuple[int, float, float]:
    """Crawl with the plain spider."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, base + "/", str(pages)], check=True, capture_output=True, text=True
    )
    count, seconds = done.stdout.split()
    return int(count), float(seconds), time.monotonic() - began


def main() -> None:
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    rates: dict[str, list[float]] = {"plain": [], "ours": []}
    with site(1) as (base,), tempfile.TemporaryDirectory() as folder:
        for turn in range(3):  # in turns, so that what else the machine does touches both
            for name in rates:
                result = (
                    plain(base, pages)
                    if name == "plain"
                    else ours(Path(folder) / str(turn), [base], pages=pages, delay=0.0, depth=100, minutes=60)
                )
                rates[name].append(result[0] / result[1])
                print(f"{name}: {result[0]} pages in {result[1]:.1f} s ({result[2]:.1f} s in all)")
    best = {name: max(values) for name, values in rates.items()}
    print(
        f"pages/s, best of 3: plain {best['plain']:.0f}, gap-audit {best['ours']:.0f}, "
        f"ratio {best['ours'] / best['plain']:.1f}"
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of a process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
