"""A server on loopback that does to a crawler what the real web does: a path a fault, written to the socket by hand."""

import gzip
import socketserver
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import trustme

Send = Callable[[bytes], None]
Fault = Callable[[Send], None]

WORDS = ("harbour", "orchard", "granite", "velvet", "meadow", "lantern", "copper", "willow", "ember", "saffron")


def text(seed: str) -> str:
    """Words of their own for each page."""
    number = zlib.crc32(seed.encode())
    lines = [" ".join(WORDS[(number >> (shift + step)) % 10] for step in range(6)) for shift in range(0, 24, 4)]
    return "".join(f"<p>{seed} {line}.</p>" for line in lines)


def page(body: str, title: str = "A page", head: str = "", lang: str = "en") -> bytes:
    start = f"<!doctype html><html lang='{lang}'><head><title>{title}</title>{head}</head>"
    return f"{start}<body>{body}</body></html>".encode()


def answer(body: bytes, status: str = "200 OK", kind: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def says(body: bytes, status: str = "200 OK", kind: str = "text/html; charset=utf-8", **headers: str) -> Fault:
    return lambda send: send(answer(body, status, kind, **headers))


def raw(data: bytes) -> Fault:
    return lambda send: send(data)


def redirect(target: str, **headers: str) -> Fault:
    return says(b"", "302 Found", Location=target, **headers)


def endless(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100_000):
        send(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")


def drip(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(600):
        send(b"x")
        time.sleep(0.1)


def silence(send: Send) -> None:
    time.sleep(20)


def header_drip(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\n")
    for number in range(600):
        send(f"X-{number}: y\r\n".encode())
        time.sleep(0.1)


def header_flood(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    for number in range(2_000_000):
        send(f"X-Flood-{number}: {'y' * 200}\r\n".encode())


def bomb(mebibytes: int) -> bytes:
    return gzip.compress(b"\0" * (mebibytes << 20))


def only_once(first: Fault, then: Fault) -> Fault:
    """One thing to the first who asks, another to those who come back."""
    asked: list[int] = []

    def fault(send: Send) -> None:
        asked.append(1)
        (first if len(asked) == 1 else then)(send)

    return fault


def hops(prefix: str) -> Callable[[str], Fault]:
    """Redirects without end, each to a new address."""
    return lambda path: redirect(f"{prefix}{int(path.removeprefix(prefix) or 0) + 1}")


@contextmanager
def plain_talker() -> Iterator[int]:
    """The port of a server that says a line of plain text to whoever connects, whatever he says."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@dataclass
class Server:
    base: str
    asked: list[str]


@contextmanager
def serving(
    routes: dict[str, Fault], patterns: dict[str, Callable[[str], Fault]] | None = None, tls: bool = False
) -> Iterator[Server]:
    """Serve faults by path, or by the beginning of a path; what is not there is 404."""
    asked: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            try:
                if tls:
                    self.request = context.wrap_socket(self.request, server_side=True)
                    self.rfile = self.request.makefile("rb")
                while (line := self.rfile.readline(65537)).strip():
                    while self.rfile.readline(65537).strip():
                        pass
                    path = line.split()[1].decode()
                    asked.append(path)
                    found = routes.get(path)
                    for prefix, make in (patterns or {}).items():
                        if found is None and path.startswith(prefix):
                            found = make(path)
                    (found or says(page("<p>gone</p>"), "404 Not Found"))(self.request.sendall)
                    if found in (endless, drip, silence, header_drip, header_flood):
                        return
            except (OSError, ssl.SSLError, ValueError, IndexError):
                return

    class Threads(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True
        request_queue_size = 64

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls:
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with Threads(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield Server(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}", asked)
        finally:
            server.shutdown()
