"""Which addresses belong to which agency."""

import tldextract

from common.frame import Agency, Frame, site_of
from crawler.frontier import Address

# the registered domain of a host, from the list of public suffixes that the package brings
_domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class Scope:
    """The sites of the agencies of a crawl."""

    def __init__(self, frame: Frame) -> None:
        self._agencies = {agency.id: agency for agency in frame.agencies}
        self._agency_of_site = frame.agency_of_site()

    @property
    def sites(self) -> dict[str, str]:
        """The id of the agency of each site."""
        return {site: agency.id for site, agency in self._agency_of_site.items()}

    def agency(self, identity: str) -> Agency:
        """An agency by its id. Raises KeyError."""
        return self._agencies[identity]

    def add(self, site: str, identity: str) -> None:
        """Take in a site that an agency moved to."""
        self._agency_of_site.setdefault(site, self._agencies[identity])

    def owner(self, url: str) -> Agency | None:
        """The agency whose site an address is on."""
        return self._agency_of_site.get(site_of(url))

    def taken_in(self, address: Address, target: str) -> bool:
        """Whether a redirect brings a new site to an agency; it is taken in then.

        Where a start address moved to another host of the same registered domain (from example.gov to
        www.example.gov), that host becomes the agency's for this crawl.
        """
        if address.hops > 0 or self.owner(target) is not None or not _same_domain(address.url, target):
            return False
        self.add(site_of(target), address.agency)
        return True


def domain_of(site: str) -> str:
    """The registered domain of a site ('host' or 'host:port'); the host itself where it is under no public suffix."""
    found = _domain(site)
    host = site if site.count(":") > 1 else site.partition(":")[0]  # an IPv6 address is full of them
    return f"{found.domain}.{found.suffix}" if found.suffix else host


def _same_domain(one: str, other: str) -> bool:
    a, b = _domain(one), _domain(other)
    return bool(a.suffix) and (a.domain, a.suffix) == (b.domain, b.suffix)
