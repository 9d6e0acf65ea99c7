# ruff: noqa: E501 - a table of faults is read by its columns
"""Every fault of the real web, from a real server: each is survived, counted and named, beside a healthy agency."""

import gzip
import socket
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import agency, new_audit
from tests.crawler import faults
from tests.crawler.faults import answer, page, raw, redirect, says, text

SHELL = "<div id=app></div><noscript>You need to enable JavaScript to run this app.</noscript>"
ALTERNATES = "".join(f"<link rel=alternate hreflang={code} href=/{code}/guide>" for code in ("en", "fr"))
DEEP = "<div>" * 50_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8

# name of the fault: the path, what the server does, and what the log must call it
CONTENT = {
    "compression bomb": ("/bomb", says(faults.bomb(50), Content_Encoding="gzip"), "too_large"),
    "endless body": ("/endless", faults.endless, "too_large"),
    "100 MB announced": ("/announced", raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000000\r\n\r\n"), "too_large"),
    "large page": ("/large", says(page("x" * 400_000)), "too_large"),
    "lying charset": ("/charset", says("<p>Für Exporteure, größer</p>".encode("latin-1")), "kept"),
    "unknown charset": ("/nocharset", says(page(text("nocharset")), kind="text/html; charset=x-nonsense"), "kept"),
    "NUL bytes": ("/nul", says(page("<p>one\0two</p>" + text("nul"))), "kept"),
    "picture called HTML": ("/picture", says(PNG), "not_text"),
    "page called a program": ("/program", says(page("<p>x</p>"), kind="application/octet-stream"), "not_text"),
    "no content type": ("/untyped", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n<p>Something said</p>"), "kept"),
    "broken HTML": ("/broken", says(b"<html><p <a href=/x'><<div></p></table>" + text("broken").encode()), "kept"),
    "deep nesting": ("/deep", says(page(DEEP)), "damaged"),
    "said to be gzip, is not": ("/notgzip", says(b"plain words", Content_Encoding="gzip"), "damaged"),
    "gzip cut off": ("/cutgzip", says(gzip.compress(page(text("cut") * 50))[:300], Content_Encoding="gzip"), "kept"),
    "empty page": ("/empty", says(b""), "empty"),
    "no content": ("/nocontent", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "empty"),
    "redirect to itself": ("/self", redirect("/self", Set_Cookie="a=b"), "redirect_loop"),
    "redirect in a circle": ("/circle", redirect("/circle2"), "redirect"),
    "redirect to a private address": ("/inside", redirect("http://10.0.0.1/admin"), "redirect_off_site"),
    "redirect to loopback in IPv6": ("/inside6", redirect("http://[::ffff:127.0.0.1]:22/"), "redirect_off_site"),
    "redirect to another scheme": ("/scheme", redirect("file:///etc/passwd"), "redirect_off_site"),
    "redirect without a target": ("/nowhere", says(b"", "302 Found"), "redirect_off_site"),
    "soft 404 by its words": ("/soft", says(page("<h1>Page not found</h1>" + text("soft"))), "soft_not_found"),
    "bot wall with status 200": ("/bot", says(page("<p>Checking your browser before accessing</p>", "Just a moment...")), "bot_wall"),
    "bot wall with status 403": ("/bot403", says(page("<p>Denied</p>"), "403 Forbidden"), "blocked"),
    "login page": ("/members", says(page("<h1>Log in</h1><input type=password>")), "login_wall"),
    "redirect to a login": ("/account", redirect("/login?next=/account"), "login_wall"),
    "cookie wall": ("/cookies", says(page("<p>You must accept cookies to go on.</p>", "Before you continue")), "cookie_wall"),
    "maintenance": ("/closed", says(page("<h1>Scheduled maintenance</h1>", "Maintenance")), "closed_for_now"),
    "page that needs a browser": ("/app", says(page(SHELL + "<script src=/a.js></script>")), "needs_browser"),
    "copy under another address": ("/copy?from=menu", says(page(text("guide"), head="<link rel=canonical href=/real>")), "duplicate"),
    "translation": ("/fr/guide", says(page(text("traduction"), head=ALTERNATES, lang="fr")), "other_language"),
    "429, then an answer": ("/busy", faults.only_once(says(b"", "429 Too Many Requests", Retry_After="1"), says(page(text("busy")))), "kept"),
    "503 for a day": ("/tomorrow", says(b"", "503 Unavailable", Retry_After="86400"), "server_error"),
    "500 always": ("/error", says(page("<p>oops</p>"), "500 Error"), "server_error"),
    "status nobody knows": ("/odd", says(page("<p>odd</p>"), "799 Odd"), "server_error"),
    "teapot": ("/teapot", says(page("<p>tea</p>"), "418 Teapot"), "client_error"),
}  # fmt: skip
CONNECTION = {
    "one endless header": ("/header", raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 200_000 + b"\r\n\r\n<p>x</p>"), "connection_failed"),
    "nonsense for a status": ("/nonsense", raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "connection_failed"),
    "wrong chunks": ("/chunks", raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello"), "connection_failed"),
}  # fmt: skip
SLOW = {
    "no answer at all": ("/silent", faults.silence, "timeout"),
    "slow drip": ("/drip", faults.drip, "timeout"),
}
FLOODS = {
    "flood of headers": ("/flood", faults.header_flood, "connection_failed"),
    "headers in drips": ("/headerdrip", faults.header_drip, "timeout"),
}


def start(cases, more=""):
    links = "".join(f"<a href='{path}'>{path}</a>" for path, _, _ in cases.values())
    return says(page(text("start") + links + more))


def routes_of(cases, more=""):
    return {"/": start(cases, more)} | {path: fault for path, fault, _ in cases.values()}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """One crawl of all of it; the log by agency and path."""
    folder = tmp_path_factory.mktemp("faults") / "audit"
    healthy = {"/": says(page(text("home") + "".join(f"<a href=/p/{w}>{w}</a>" for w in faults.WORDS)))}
    healthy |= {f"/p/{word}": says(page(text(word))) for word in faults.WORDS}
    content = routes_of(
        CONTENT, "<a href=/hop/0>h</a><a href=/circle2>c</a><a href=/en/guide>g</a><a href='/x y'>s</a>"
    )
    content |= {
        "/circle2": redirect("/circle"),
        "/real": says(page(text("guide"), head="<link rel=canonical href=/real>")),
        "/en/guide": says(page(text("english"), head=ALTERNATES)),
    }
    traps = {
        "/": says(
            page(text("traps") + "<a href=/calendar/2026/1>c</a><a href=/s/a1/list>s</a><a href='/find?a=1'>f</a>")
        )
    }
    patterns = {
        "/calendar/": lambda p: says(
            page(f"<h1>No events</h1><a href=/calendar/2026/{int(p.split('/')[3]) + 1}>next</a>")
        ),
        "/s/": lambda p: says(page(f"<h1>List</h1><p>The same</p><a href=/s/{p.split('/')[2]}9/list>again</a>")),
        "/find": lambda p: says(page(f"<h1>Results</h1><p>None</p><a href='{p}1'>more</a>")),
    }
    laughs = (
        "<!DOCTYPE x [<!ENTITY a 'lol'>"
        + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
        + "]>"
    )
    poisoned = {
        "/": says(page(text("poisoned"))),
        "/robots.txt": raw(answer(b"\xff\xfe\0" + b"User-agent: *\nSitemap: /a.xml\n" + bytes(range(256)) * 100, kind="text/plain")),
        "/sitemap.xml": says(
            (laughs + "<urlset><url><loc>http://10.0.0.1/x</loc></url><url><loc>/listed</loc></url>"
             "<url><loc>&j;</loc></url></urlset>").encode(), kind="application/xml"),
    }  # fmt: skip
    loops = {
        "/": says(page(text("loops"))),
        "/sitemap.xml": lambda send: send(answer(
            f"<sitemapindex><sitemap><loc>{servers['loops'].base}/sitemap.xml</loc></sitemap>"
            f"<sitemap><loc>{servers['loops'].base}/bomb.xml.gz</loc></sitemap></sitemapindex>".encode(), kind="application/xml")),
        "/bomb.xml.gz": says(faults.bomb(200), kind="application/gzip"),
    }  # fmt: skip
    served = {
        "healthy": (healthy, {}, False), "secure": (healthy, {}, True), "content": (content, {"/hop/": faults.hops("/hop/")}, False),
        "connection": (routes_of(CONNECTION), {}, False), "slow": (routes_of(SLOW), {}, True), "floods": (routes_of(FLOODS), {}, False),
        "traps": (traps, patterns, False), "poisoned": (poisoned, {}, False), "loops": (loops, {}, False),
        "robots-5xx": ({"/": says(page("x")), "/robots.txt": says(b"", "503 Unavailable")}, {}, False),
        "robots-endless": ({"/": says(page(text("r"))), "/robots.txt": faults.endless}, {}, False),
        "robots-circle": ({"/": says(page(text("r"))), "/robots.txt": redirect("/robots.txt")}, {}, False),
        "all-wall": ({"/": says(page("<p>Denied</p>"), "403 Forbidden")}, {}, False),
    }  # fmt: skip
    servers: dict[str, faults.Server] = {}
    stack = ExitStack()
    for name, (routes, more, tls) in served.items():
        servers[name] = stack.enter_context(faults.serving(routes, more, tls))
    port_without_tls = stack.enter_context(faults.plain_talker())
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    agencies = [agency(server.base, f"x-{name}") for name, server in servers.items()]
    agencies += [
        agency(nobody, "x-nobody"),
        agency(f"https://127.0.0.1:{port_without_tls}", "x-no-tls"),
        agency("https://no-such-host.invalid", "x-no-name", allow_private=False),
        agency(f"https://{socket.gethostname()}", "x-rebound", allow_private=False),
        agency("https://2130706433", "x-number", allow_private=False),
        agency("https://[::1]", "x-loopback6", allow_private=False),
    ]
    new_audit(folder, *agencies, max_bytes=300_000, timeout=1.5, pages=60, depth=30)
    done = subprocess.run([sys.executable, "-m", "crawler", str(folder)], capture_output=True, text=True, timeout=150)
    stack.close()
    assert done.returncode == 0, done.stderr[-2000:]
    log: dict[str, dict[str, dict]] = defaultdict(dict)
    for row in pq.read_table(folder / "fetches.parquet").to_pylist():
        if row["kind"] == "page":
            log[row["agency"].removeprefix("x-")]["/" + row["url"].split("/", 3)[3]] = row
    return folder, log, servers


CASES = [
    *[("content", name, *case) for name, case in CONTENT.items()],
    *[("connection", name, *case) for name, case in CONNECTION.items()],
    *[("slow", name, *case) for name, case in SLOW.items()],
    *[("floods", name, *case) for name, case in FLOODS.items()],
]


@pytest.mark.parametrize(("who", "path", "outcome"), [(w, p, o) for w, _, p, _, o in CASES], ids=[c[1] for c in CASES])
def test_each_fault_is_named(crawled, who, path, outcome):
    row = crawled[1][who][path]
    assert row["outcome"] == outcome or (
        outcome is None and row["outcome"] in ("connection_failed", "too_large", "timeout")
    )


@pytest.mark.parametrize("who", ["healthy", "secure"])
def test_a_healthy_agency_beside_them_is_read_whole(crawled, who):
    assert Counter(row["outcome"] for row in crawled[1][who].values()) == {"kept": 11}


@pytest.mark.parametrize(
    ("who", "outcome"),
    [
        ("nobody", "connection_failed"), ("no-tls", "tls_failure"), ("no-name", "dns_failure"),
        ("rebound", "private_address"), ("number", "private_address"), ("loopback6", "private_address"),
        ("robots-5xx", "robots_unreachable"), ("robots-circle", "kept"), ("all-wall", "blocked"),
    ],
)  # fmt: skip
def test_each_host_that_cannot_be_read_is_named(crawled, who, outcome):
    assert crawled[1][who]["/"]["outcome"] == outcome


def test_endless_robots_keep_nobody_waiting(crawled):
    assert crawled[1]["robots-endless"]["/"]["outcome"] in ("kept", "too_large", "robots_unreachable")


def test_endless_lists_are_left(crawled):
    counts = Counter(row["outcome"] for row in crawled[1]["traps"].values())
    assert counts["trap"] >= 2
    assert counts["kept"] < 40


def test_redirects_without_end_are_given_up(crawled):
    outcomes = Counter(row["outcome"] for path, row in crawled[1]["content"].items() if path.startswith("/hop/"))
    assert outcomes == {"redirect": 10, "redirect_loop": 1}


def test_poisoned_sitemaps_lead_nowhere(crawled):
    _, log, servers = crawled
    assert set(log["poisoned"]) == {"/"}
    assert servers["loops"].asked.count("/sitemap.xml") == 1
    assert log["loops"]["/"]["outcome"] == "kept"


def test_nothing_private_was_asked(crawled):
    urls = {row["url"] for rows in crawled[1].values() for row in rows.values() if row["status"]}
    assert not any("10.0.0.1" in url or "[::" in url for url in urls)


def test_the_archive_passes_the_check(crawled):
    for file in sorted(Path(crawled[0]).glob("archive/*.warc.gz")):
        done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, (file.name, done.stdout[-500:])
