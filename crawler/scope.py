"""Which addresses belong to which agency."""

import tldextract

from common.frame import Agency, Frame, site_of

# the registered domain of a host, from the list of public suffixes that the package brings
_domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


class Scope:
    """The sites of the agencies of a crawl."""

    def __init__(self, frame: Frame) -> None:
        self._agency_of_site = frame.agency_of_site()

    def owner(self, url: str) -> Agency | None:
        """The agency whose site an address is on."""
        return self._agency_of_site.get(site_of(url))

    def redirect_stays(self, source: str, target: str, hops: int) -> bool:
        """Whether a redirect leads to a page of the same agency.

        Where a start address moved to another host of the same registered domain (from example.gov to
        www.example.gov), that host becomes the agency's for this crawl.
        """
        agency = self.owner(source)
        if hops == 0 and agency is not None and self.owner(target) is None and _same_domain(source, target):
            self._agency_of_site[site_of(target)] = agency
        return agency is not None and self.owner(target) is agency


def _same_domain(one: str, other: str) -> bool:
    a, b = _domain(one), _domain(other)
    return bool(a.suffix) and (a.domain, a.suffix) == (b.domain, b.suffix)
