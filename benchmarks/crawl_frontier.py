"""Memory of a crawl whose sitemaps name a million addresses: `python benchmarks/crawl_frontier.py`."""

import resource
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow.parquet as pq
from crawl_speed import ROOT

sys.path.insert(0, str(ROOT))
SITEMAPS, ADDRESSES = 50, 20_000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        base = f"http://{self.headers['Host']}"
        kind, status = "text/html", 200
        if self.path == "/robots.txt":
            kind = "text/plain"
            body = "".join(f"Sitemap: {base}/sitemap{number}.xml\n" for number in range(SITEMAPS))
        elif self.path.startswith("/sitemap"):
            kind = "application/xml"
            number = self.path.removeprefix("/sitemap").removesuffix(".xml")
            entries = "".join(
                f"<url><loc>{base}/programmes/{number}/page-{n}-with-an-address-of-usual-length</loc></url>"
                for n in range(ADDRESSES)
            )
            body = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}</urlset>"
        else:
            words = self.path.translate(str.maketrans("0123456789", "abcdefghij"))
            body = f"<html><body><h1>{words}</h1><p>Words of the page {words}.</p></body></html>"
            status = 404 if "gap-audit" in self.path else 200
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


def main() -> None:
    from common.frame import Agency, Budgets, Frame, write_frame

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "audit"
        agency = Agency(
            id="xa-0", name="Bench", country="XA", kind="tpo", level="national", languages=["en"],
            start_urls=[f"http://127.0.0.1:{server.server_address[1]}/"], allow_private=True,
        )  # fmt: skip
        write_frame(folder / "audit.toml", Frame((agency,), Budgets(pages=500, delay=0.0, minutes=60)))
        began = time.monotonic()
        # a small process in between: what this one uses must not count as memory of its child
        subprocess.run(["/bin/sh", "-c", f"exec {sys.executable} -m crawler {folder}"], cwd=ROOT, check=True)
        seconds = time.monotonic() - began
        known = pq.ParquetFile(folder / "fetches.parquet").metadata.num_rows
        size = (folder / "archive" / "frontier.sqlite").stat().st_size >> 20
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{known} rows in the fetch log, {seconds:.0f} s, frontier on disk {size} MB, peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
