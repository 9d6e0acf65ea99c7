"""Pages that hold no text before their scripts have run, in a real browser (the optional part `render`)."""

import asyncio
import importlib.util
import os
import shutil
import socket
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Request as BrowserRequest
from protego import Protego

from common.errors import RenderError
from crawler.addresses import is_private

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 20_000  # milliseconds for a page to be shown
_UNSEEN = {"image", "media", "font", "websocket", "eventsource", "manifest", "ping"}


def browser_path() -> str:
    """The system's Chromium, or the one that GAP_AUDIT_CHROMIUM names. Raises RenderError where there is none."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        raise RenderError("--render needs the optional part: pip install 'gap-audit[render]'")
    named = os.environ.get("GAP_AUDIT_CHROMIUM")
    for name in (named,) if named else NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise RenderError(f"--render needs Chromium: {named or 'none of ' + ', '.join(NAMES)} was not found")


def render_settings(allowed: frozenset[str], user_agent: str, rules: dict[str, Protego], path: str) -> dict[str, Any]:
    """Scrapy's settings for pages in a browser.

    `allowed`: hosts that may be private; `rules`: the robots.txt of each host as it was read, by host and port.
    """
    handler = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "PLAYWRIGHT_LAUNCH_OPTIONS": {
            "executable_path": path,
            "headless": True,
            # as root, as in containers, Chromium does not start with its sandbox
            "chromium_sandbox": os.name != "posix" or os.geteuid() != 0,
            "args": ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
        },
        "PLAYWRIGHT_CONTEXTS": {
            "default": {
                "user_agent": user_agent,
                "accept_downloads": False,
                "service_workers": "block",
                "ignore_https_errors": True,
            }
        },
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": PATIENCE,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 4,
        "PLAYWRIGHT_PROCESS_REQUEST_HEADERS": None,
        "PLAYWRIGHT_ABORT_REQUEST": _refusal(allowed, user_agent, rules),
    }


def _refusal(
    allowed: frozenset[str], user_agent: str, rules: dict[str, Protego]
) -> Callable[[BrowserRequest], Awaitable[bool]]:
    """Tells which requests of a page a browser may not make: what nobody reads, what is private, what robots forbid."""
    known: dict[str, bool] = {}

    async def private(host: str) -> bool:
        if host not in known:
            known[host] = is_private(host) or await _resolves_to_private(host)
        return known[host]

    async def refuse(request: BrowserRequest) -> bool:
        parts = urlsplit(request.url)
        if request.resource_type in _UNSEEN or parts.scheme not in ("http", "https", "data", "blob"):
            return True
        host = parts.hostname or ""
        if host and host not in allowed and await private(host):
            return True
        robots = rules.get(parts.netloc)
        return robots is not None and not robots.can_fetch(request.url, user_agent)

    return refuse


async def _resolves_to_private(host: str) -> bool:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return True  # nothing to ask there
    return any(is_private(str(item[4][0])) for item in found)
