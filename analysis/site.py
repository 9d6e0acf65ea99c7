"""What is only seen over a whole site: blocks that recur, texts that are the same, what the site is about."""

from collections import Counter
from collections.abc import Iterable, Sequence

from analysis.page import RawBlock, recurrence_key

LEAST_PAGES = 3  # a block is boilerplate from this many pages of a site on ...
LEAST_SHARE = 0.2  # ... if that is also this share of them


def recurring_blocks(pages: Iterable[Sequence[RawBlock]]) -> frozenset[str]:
    """The keys of blocks that recur over the pages of a site. Headings may recur; they tell how a page is built."""
    counts: Counter[str] = Counter()
    total = 0
    for blocks in pages:
        total += 1
        counts.update({recurrence_key(block.text) for block in blocks if block.kind != "heading"})
    least = max(LEAST_PAGES, LEAST_SHARE * total)
    return frozenset(key for key, count in counts.items() if count >= least and key)
