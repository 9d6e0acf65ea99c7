"""What the parts of a running crawl share."""

from dataclasses import dataclass, field
from typing import Any

from protego import Protego
from scrapy.crawler import Crawler

from common.frame import Budgets
from crawler.archive import Archive
from crawler.frontier import Frontier
from crawler.scope import Scope


@dataclass
class Parts:
    """The one frontier, archive and scope of a crawl; `rules` is the robots.txt of each host and port, as
    read; `refused` the private address that a public name was resolved to."""

    frontier: Frontier
    archive: Archive
    scope: Scope
    budgets: Budgets
    renders: bool = False
    rules: dict[str, Protego] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Parts":
        return self  # Scrapy copies its settings; these are not to be copied


def parts_of(crawler: Crawler) -> Parts:
    """The parts of the crawl that a crawler runs."""
    parts = crawler.settings["PARTS"]
    assert isinstance(parts, Parts)
    return parts
