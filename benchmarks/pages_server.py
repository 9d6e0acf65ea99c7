"""A site on loopback for the benchmarks: `python benchmarks/pages_server.py HOSTS` prints the ports, then serves.

Each page has 48 KB and 60 links (in --small mode 2 KB and 5) and words of its own; all are made before the clock runs.
"""

import asyncio
import random
import sys

PAGES = 2_000
WORDS = [
    f"{a}{b}" for a in ("ha", "be", "lo", "mi", "tra", "po", "ske", "du") for b in ("ren", "lok", "mas", "tiv", "gor")
]


def make(size: int, links: int, known: int) -> list[bytes]:
    choice = random.Random(1)
    pages = []
    for number in range(PAGES):
        anchors = "".join(
            f'<li><a href="/page/{choice.randrange(known)}">{" ".join(choice.choices(WORDS, k=3))}</a></li>'
            for _ in range(links)
        )
        next_one = f'<a href="/page/{(number + 1) % known}">next</a>'
        body = f"<html><head><title>Page {number}</title></head><body><nav><ul>{anchors}</ul></nav>{next_one}<main>"
        while len(body) < size - 100:
            body += f'<div class="card"><p>{" ".join(choice.choices(WORDS, k=18))}.</p></div>\n'
        body += "</main></body></html>"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        pages.append((head + body).encode())
    return pages


async def main() -> None:
    hosts = int(sys.argv[1])
    small = "--small" in sys.argv
    pages = make(2_000, 5, PAGES) if small else make(48_000, 60, PAGES)
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                path = request.split(b" ", 2)[1]
                if path == b"/":
                    writer.write(pages[0])
                elif path.startswith(b"/page/") and path[6:].isdigit():
                    writer.write(pages[int(path[6:]) % PAGES])
                else:
                    writer.write(missing)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    servers = [await asyncio.start_server(serve, "127.0.0.1", 0) for _ in range(hosts)]
    print(" ".join(str(server.sockets[0].getsockname()[1]) for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
