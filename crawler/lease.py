"""Whose turn it is to crawl a shard: one worker at a time, however workers die or lose the network.

The holder writes a new figure into the lease every few seconds. Whoever finds it unchanged for a while may take it
over; that is measured with the watcher's own clock, so clocks need not agree. A holder that finds another's name in
it stops at once.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from common.files import write_text

RENEWED = 3.0  # seconds between two signs of life
LASTS = 20.0  # seconds without one after which a lease is free
POLL = 0.5  # seconds


@contextmanager
def held(path: Path, lost: Callable[[], object], renewed: float = RENEWED, lasts: float = LASTS) -> Iterator[None]:
    """Hold the lease at `path`, once it is free; `lost` is called when somebody else has taken it over."""
    name = uuid4().hex
    _take(path, name, lasts)
    end = threading.Event()

    def renew() -> None:
        beat = 0
        while not end.wait(renewed):
            if _owner(path) != name:
                lost()
                return
            beat += 1
            _write(path, name, beat)

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
        if _owner(path) == name:
            path.unlink()


def _take(path: Path, name: str, lasts: float) -> None:
    """Wait until the lease is free and take it."""
    seen, since = "", time.monotonic()
    while True:
        text = _text(path)
        if text != seen:
            seen, since = text, time.monotonic()
        if not text or _dead(text) or time.monotonic() - since > lasts:
            _write(path, name, 0)
            time.sleep(POLL)  # another may have taken it in the same moment; the last to write has it
            if _owner(path) == name:
                return
        time.sleep(POLL)


def _write(path: Path, name: str, beat: int) -> None:
    text = json.dumps({"name": name, "beat": beat, "machine": socket.gethostname(), "process": os.getpid()})
    write_text(path, text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _owner(path: Path) -> str:
    try:
        return str(json.loads(_text(path))["name"])
    except (ValueError, KeyError, TypeError):
        return ""


def _dead(text: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    try:
        holder = json.loads(text)
        if holder["machine"] != socket.gethostname():
            return False
        os.kill(int(holder["process"]), 0)
    except (ValueError, KeyError, TypeError):
        return True  # nothing that we wrote
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
