"""The sample web: invented agencies on loopback, so that the whole audit can be seen without a network.

The sites are data (tests/sites/, shipped with the package as gapaudit/sample_sites); see the README there.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt

from common.errors import DataFileError, GapAuditError
from common.frame import Agency
from common.yamlfile import checked, read_yaml

FIRST_PORT = 47_810  # the sites stand on the ports from here on, unless one is taken


@dataclass(frozen=True)
class SamplePage:
    """One page of a sample site, in Markdown."""

    path: str
    title: str
    body: str


@dataclass(frozen=True)
class Site:
    """One site of the sample web, as site.yaml describes it."""

    agency: dict[str, Any]
    frame: str
    language: str
    tagline: str
    nav: dict[str, str]
    footer: str
    robots: str
    sitemap: bool
    redirects: dict[str, str]
    cookies: str = ""
    sitemap_path: str = "/sitemap.xml"
    folder: Path = field(default=Path())
    pages: tuple[SamplePage, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a sample site answers to one path."""

    status: int
    headers: dict[str, str]
    body: bytes


def sites_folder() -> Path:
    """Where the sample sites are: in the installed package, or in a checkout's tests/sites."""
    here = Path(__file__).parent
    shipped = here / "sample_sites"
    folder = shipped if shipped.is_dir() else here.parent / "tests" / "sites"
    if not folder.is_dir():
        raise GapAuditError(f"{folder}: the sample web is not there; install the package again")
    return folder


def read_pages(path: Path) -> list[SamplePage]:
    """The pages of one pages.md. Raises DataFileError where a page has no title."""
    pages = []
    for chunk in path.read_text(encoding="utf-8").split("\n=== ") if path.exists() else []:
        head, _, body = chunk.removeprefix("=== ").partition("\n---")
        address, _, title = head.partition("\n")
        if not title.startswith("title: "):
            raise DataFileError(f"{path}: page {address.strip()}: title: is missing")
        pages.append(SamplePage(address.strip(), title.removeprefix("title: ").strip(), body.strip()))
    return pages


def pdf_file(folder: Path, page: SamplePage) -> Path:
    """Where the PDF of a page of a site is kept."""
    return folder / "files" / page.path.strip("/").replace("/", "_")


def load_sites() -> list[Site]:
    """All sample sites, in the order of their folders."""
    sites = []
    for path in sorted(sites_folder().glob("*/site.yaml")):
        site = checked(Site, read_yaml(path), str(path))
        sites.append(replace(site, folder=path.parent, pages=tuple(read_pages(path.parent / "pages.md"))))
    return sites


def agency_of(site: Site, port: int) -> Agency:
    """The registry entry of a sample site that listens on a port of loopback."""
    entry = site.agency | {"start_urls": [f"http://127.0.0.1:{port}/"], "allow_private": True}
    return checked(Agency, entry, f"{site.folder.name}/site.yaml: agency")


class Renderer:
    """Turns the pages of a site into what its server sends."""

    def __init__(self) -> None:
        # our own pages, and raw HTML is wanted in them: nothing here comes from outside
        self._frames = Environment(loader=FileSystemLoader(sites_folder() / "frames"), autoescape=False)  # noqa: S701
        self._markdown = MarkdownIt("commonmark", {"html": True}).enable("table")

    def html(self, site: Site, page: SamplePage, base: str) -> str:
        """The HTML of a page, within the frame of its site."""
        return self._frames.get_template(f"{site.frame}.html.j2").render(
            language=site.language,
            title=page.title,
            site_name=site.agency["name"],
            tagline=site.tagline,
            nav=site.nav,
            cookies=site.cookies,
            footer=site.footer,
            body=self._markdown.render(page.body),
            base=base,
            path=page.path,
            nearby=_nearby(site, page),
        )

    def answers(self, site: Site, base: str) -> dict[str, Answer]:
        """Every path of a site, with what it answers; any other path is a 404."""
        answers: dict[str, Answer] = {}
        for page in site.pages:
            if page.path.endswith(".pdf"):
                body = pdf_file(site.folder, page).read_bytes()
                answers[page.path] = Answer(200, {"Content-Type": "application/pdf"}, body)
            else:
                html = self.html(site, page, base).encode("utf-8")
                answers[page.path] = Answer(200, {"Content-Type": "text/html; charset=utf-8"}, html)
        for source, target in site.redirects.items():
            answers[source] = Answer(301, {"Location": target}, b"")
        if site.robots:
            text = site.robots.replace("{base}", base).encode("utf-8")
            answers["/robots.txt"] = Answer(200, {"Content-Type": "text/plain"}, text)
        if site.sitemap:
            entries = "".join(f"<url><loc>{escape(base + page.path)}</loc></url>" for page in site.pages)
            xml = (
                '<?xml version="1.0" encoding="UTF-8"?>'
                f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
            )
            answers[site.sitemap_path] = Answer(200, {"Content-Type": "application/xml"}, xml.encode("utf-8"))
        return answers


def _nearby(site: Site, page: SamplePage) -> list[SamplePage]:
    """The pages that the menu beside a page names: those of its part of the site."""
    part = page.path.split("/")[1]
    inside = "." in part or not part  # old sites keep all pages side by side
    return [other for other in site.pages if other is not page and (inside or other.path.split("/")[1] == part)]


def _handler(answers: dict[str, Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            missing = Answer(404, {"Content-Type": "text/html"}, b"<h1>404</h1>")
            answer = answers.get(urlsplit(self.path).path, missing)
            mark = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            if answer.status == 200 and self.headers.get("If-None-Match") == mark:
                answer = Answer(304, {}, b"")
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("ETag", mark)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the crawl has its own log."""

    return Handler


@contextmanager
def serve(ports: dict[str, int] | None = None) -> Iterator[list[Agency]]:
    """Serve the sample web while the context lasts; yields its registry.

    `ports` names ports by agency id, so that an audit of the sample web finds it where it was.
    Raises GapAuditError when one of those is taken.
    """
    renderer = Renderer()
    servers: list[ThreadingHTTPServer] = []
    agencies: list[Agency] = []
    try:
        for number, site in enumerate(load_sites()):
            answers: dict[str, Answer] = {}
            wanted = (ports or {}).get(site.agency["id"])
            server = _listen(_handler(answers), wanted, FIRST_PORT + number)
            port = int(server.server_address[1])
            answers |= renderer.answers(site, f"http://127.0.0.1:{port}")
            servers.append(server)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            agencies.append(agency_of(site, port))
        yield agencies
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _listen(handler: type[BaseHTTPRequestHandler], wanted: int | None, usual: int) -> ThreadingHTTPServer:
    for port in [wanted] if wanted else [usual, 0]:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    raise GapAuditError(f"port {wanted} of this machine, where the sample web stood, is taken; use a new --out")
