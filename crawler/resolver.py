"""Name resolution that will not be led into a private network."""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred

from crawler.addresses import is_private
from crawler.outcomes import NotFetched, Outcome
from crawler.parts import parts_of


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver; a public name that resolves to a private address fails, as in a DNS rebinding attack."""

    allowed: frozenset[str] = frozenset()
    refused: dict[str, str]  # addresses by name; Twisted drops the reason of a failure on its way

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> "GuardedResolver":
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed = frozenset(crawler.settings.getlist("PRIVATE_HOSTS_ALLOWED"))
        resolver.refused = parts_of(crawler).refused if "PARTS" in crawler.settings else {}
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> "Deferred[str]":
        answer: Deferred[str] = super().getHostByName(name, timeout)
        if name not in self.allowed:
            answer.addCallback(self._refuse_private, name)
        return answer

    def _refuse_private(self, address: str, name: str) -> str:
        if is_private(address):
            self.refused[name] = address
            raise NotFetched(Outcome.PRIVATE_ADDRESS, f"{name} resolves to the private address {address}")
        return address
