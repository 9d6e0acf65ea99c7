"""Which lines of text a site has shown already: a Bloom filter a site, so that memory stays small and flat."""

import numpy as np
import numpy.typing as npt

Lines = npt.NDArray[np.uint32]
NO_LINES: Lines = np.empty(0, dtype=np.uint32)

BITS_A_LINE = 12  # with three probes: fewer than 1 % of new lines are taken for known ones
LINES_A_PAGE = 150
_MULTIPLIERS = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], dtype=np.uint64)  # odd: each spreads a digest anew


class SeenLines:
    """The lines of one site, as digests of 32 bits."""

    def __init__(self, pages: int) -> None:
        """Room for the lines of about so many pages; a site with more is not wrong, only less exact."""
        bits = max(pages, 100) * LINES_A_PAGE * BITS_A_LINE
        self._bits = np.zeros(-(-bits // 8), dtype=np.uint8)

    def _places(self, lines: Lines) -> npt.NDArray[np.uint64]:
        spread = (lines.astype(np.uint64)[:, None] * _MULTIPLIERS) & np.uint64(0xFFFFFFFF)
        return spread * np.uint64(self._bits.size * 8) >> np.uint64(32)

    def count(self, lines: Lines) -> int:
        """How many of the lines were seen before."""
        places = self._places(lines)
        found = (self._bits[places >> np.uint64(3)] >> (places & np.uint64(7)).astype(np.uint8)) & 1
        return int(found.all(axis=1).sum())

    def add(self, lines: Lines) -> None:
        """See the lines."""
        places = self._places(lines).ravel()
        np.bitwise_or.at(self._bits, places >> np.uint64(3), np.uint8(1) << (places & np.uint64(7)).astype(np.uint8))
