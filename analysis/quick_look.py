"""A quick look whether a text may hold one of many phrases, before it is read word by word.

Most pages of a crawl hold none. One pass of an Aho-Corasick automaton finds the beginnings of all words of all
phrases at once, in any language; where those of one phrase stand close to each other, the text is worth reading.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ahocorasick_rs import AhoCorasick

# a phrase is its parts, which may stand in any order; a part is the beginnings of words that follow each other
Phrase = tuple[tuple[str, ...], ...]
NEXT_WORD = 60  # characters from the beginning of a word to that of the next one of its part
NEXT_PART = 200  # characters between two parts, which stand in one line
_SPACED = "\u0590"  # scripts from here on write words together, or put prefixes before them


class QuickLook:
    """Tells whether a text may hold one of these phrases. It may say yes in vain, but hardly ever no."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        numbers: dict[str, int] = {}
        self._phrases: defaultdict[int, list[tuple[tuple[int, ...], ...]]] = defaultdict(list)
        for phrase in sorted({tuple(part for part in phrase if part) for phrase in phrases}):
            if phrase:
                coded = tuple(tuple(numbers.setdefault(word, len(numbers)) for word in part) for part in phrase)
                self._phrases[coded[0][0]].append(coded)
        self._at_word = [word[0] < _SPACED for word in numbers]
        self._automaton = AhoCorasick(list(numbers))

    def may_hold(self, text: str) -> bool:
        """Whether one of the phrases may be in a text, which is in lower case and without accents as they are."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for word, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not (self._at_word[word] and start and text[start - 1].isalnum()):
                places[word].append(start)
        return any(
            _close([_places_of(part, places) for part in phrase], text)
            for word in places
            for phrase in self._phrases.get(word, ())
        )


def _places_of(part: Sequence[int], places: dict[int, list[int]]) -> list[int]:
    """Where a part begins: its words one after another."""
    if any(word not in places for word in part):
        return []
    found = []
    for start in places[part[0]]:
        at = start
        for word in part[1:]:
            following = places[word]
            next_one = bisect_right(following, at)
            if next_one == len(following) or following[next_one] > at + NEXT_WORD:
                break
            at = following[next_one]
        else:
            found.append(start)
    return found


def _close(parts: Sequence[Sequence[int]], text: str) -> bool:
    """Whether all parts stand near one place of the first, in its line."""
    if not all(parts):
        return False
    return any(all(any(_in_reach(start, other, text) for other in part) for part in parts[1:]) for start in parts[0])


def _in_reach(one: int, other: int, text: str) -> bool:
    first, last = min(one, other), max(one, other)
    return last - first <= NEXT_PART and "\n" not in text[first:last]
