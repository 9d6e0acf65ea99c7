"""What is only seen over a whole site: blocks that recur."""

from collections import Counter
from collections.abc import Iterable, Sequence

from analysis.page import RawBlock, recurrence_key

LEAST_PAGES = 3  # a block is boilerplate from this many pages of a site on ...
LEAST_SHARE = 0.2  # ... if that is also this share of them


def block_keys(blocks: Iterable[RawBlock]) -> set[str]:
    """What of a page can recur. Headings may recur without being boilerplate; they tell how a page is built."""
    return {recurrence_key(block.text) for block in blocks if block.kind != "heading"}


def recurring(counts: Counter[str], pages: int) -> frozenset[str]:
    """The keys that recur, from the number of pages that hold each and the number of all pages of the site."""
    least = max(LEAST_PAGES, LEAST_SHARE * pages)
    return frozenset(key for key, count in counts.items() if count >= least and key)


def recurring_blocks(pages: Iterable[Sequence[RawBlock]]) -> frozenset[str]:
    """The keys of blocks that recur over the pages of a site."""
    counts: Counter[str] = Counter()
    total = 0
    for blocks in pages:
        total += 1
        counts.update(block_keys(blocks))
    return recurring(counts, total)
