"""Which lines of text a site has shown already: Bloom filters, so that memory stays small however large the site."""

import numpy as np
import numpy.typing as npt

Lines = npt.NDArray[np.uint32]
NO_LINES: Lines = np.empty(0, dtype=np.uint32)

CAPACITY = 20_000  # lines of one filter; then another one is begun
BITS_A_LINE = 16  # with three probes, 0.5 % of new lines are taken for known ones by a full filter
_BITS = CAPACITY * BITS_A_LINE
_MULTIPLIERS = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35], dtype=np.uint64)  # odd: each spreads a digest anew


class SeenLines:
    """The lines of one site, as digests of 32 bits."""

    def __init__(self) -> None:
        self._filters: list[npt.NDArray[np.uint8]] = []
        self._room = 0  # lines that the last filter can still take
        self._looked: tuple[Lines, npt.NDArray[np.uint64], npt.NDArray[np.bool_]] | None = None  # the last page

    def count(self, lines: Lines) -> int:
        """How many of the lines were seen before."""
        places = _places(lines)
        known = self._known(places)
        self._looked = (lines, places, known)
        return int(known.sum())

    def add(self, lines: Lines) -> None:
        """See the lines."""
        if self._looked is None or self._looked[0] is not lines:
            self.count(lines)
        assert self._looked
        _, places, known = self._looked
        self._looked = None
        places = places[~known]
        if len(places) > self._room:
            self._filters.append(np.zeros(_BITS // 8, dtype=np.uint8))
            self._room = CAPACITY
        if len(places):
            self._room -= len(places)
            byte, bit = places.ravel() >> np.uint64(3), (places.ravel() & np.uint64(7)).astype(np.uint8)
            np.bitwise_or.at(self._filters[-1], byte, np.uint8(1) << bit)

    def _known(self, places: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        known = np.zeros(len(places), dtype=np.bool_)
        for bits in self._filters:
            found = bits[places >> np.uint64(3)] >> (places & np.uint64(7)).astype(np.uint8) & np.uint8(1)
            known |= found.all(axis=1)
        return known


def _places(lines: Lines) -> npt.NDArray[np.uint64]:
    """The three bits that stand for each line, one row a line."""
    spread = lines.astype(np.uint64)[:, None] * _MULTIPLIERS & np.uint64(0xFFFFFFFF)
    return spread * np.uint64(_BITS) >> np.uint64(32)
