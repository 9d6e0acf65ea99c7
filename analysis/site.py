"""What is only seen over a whole site: blocks that recur, and pages that are copies of others."""

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


NEAR_COPY = 0.95  # share of the text, in characters, that two pages have in common from which on they are copies


class Copies:
    """Tells pages that are copies of one before: the same text, or nearly so under the same title.

    Pages made from one template for different programmes have much text in common, but not their titles.
    """

    def __init__(self) -> None:
        self._with_text: dict[str, str] = {}
        self._pages: list[tuple[str, str, dict[str, int]]] = []  # address, title, characters by line
        self._with_line: dict[str, list[int]] = {}

    def original(self, url: str, title: str, main: str) -> tuple[str, bool]:
        """The address of the page that this one is a copy of, and whether to the letter; its own if of none."""
        same = self._with_text.setdefault(main, url)
        if same != url:
            return same, True
        lines = {key: len(key) for key in map(recurrence_key, main.split("\n")) if key}
        shared: Counter[int] = Counter()
        for key, length in lines.items():
            for number in self._with_line.get(key, ()):
                shared[number] += length
        size = sum(lines.values())
        for number, length in shared.most_common(3):
            other, its_title, its_lines = self._pages[number]
            if its_title == title and length >= NEAR_COPY * (size + sum(its_lines.values()) - length):
                return other, False
        for key in lines:
            self._with_line.setdefault(key, []).append(len(self._pages))
        self._pages.append((url, title, lines))
        return url, True
