"""Finding cues: the words of the codebook in a text, whatever their inflection, case and accents.

Texts are cut into words and sentences by analysis/words.py; spaCy finds the phrases, a Snowball stemmer takes off the
endings.
How a cue is written is told in docs/add-a-language.md:

    trade mission            these words in a row, in any inflection
    export*  *beratung       the beginning or end of a word, for compounds and families of words
    =followers               just this form of the word
    find|identify ~ agents   one of some words or phrases near another, in either order, within a sentence
"""

import itertools
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import Stemmer
from spacy.attrs import NORM, ORTH
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from analysis.codebook import Codebook, Language, load_codebook
from analysis.quick_look import Phrase, QuickLook
from analysis.words import bare_word, sentences_of, tokeniser
from common.text import plain

NEAR = {"words": 8, "characters": 24}  # tokens between the parts of a cue with '~', by the language's writing
CACHED_WORDS = 200_000
MOST_WORDS = 400_000
LEAST_BEGINNING = 2  # letters; shorter words of a cue are not looked for quickly
_WORDS = re.compile(r"\w+")
LONG_NAME = 6  # letters of a platform's name that no other word begins with
# a concept is what a cue stands for, such as ('measure', 'trade_fairs', 'strong') or ('context', 'export', '')
Concept = tuple[str, str, str]
MEANT = "(by meaning)"  # stands in for the cue where no word but the meaning of an item tells (analysis/items.py)


@dataclass(frozen=True)
class Hit:
    """A cue found in a text."""

    concept: Concept
    cue: str  # as the codebook writes it
    start: int  # characters
    end: int
    sentence: int  # number of the sentence in the text

    def overlaps(self, other: "Hit") -> bool:
        """Whether two cues share a character."""
        return self.start < other.end and other.start < self.end

    def clear_of(self, misses: Iterable["Hit"]) -> bool:
        """Whether it shares no character with any of them: near misses, or words that say it another way."""
        return not any(map(self.overlaps, misses))


@dataclass
class CuedText:
    """A text with its sentences and the cues found in it."""

    doc: Doc
    sentences: list[tuple[int, int]]  # start and end in characters, without surrounding space
    hits: list[Hit]
    _by_family: dict[str, list[Hit]] = field(default_factory=dict)

    def family(self, family: str) -> list[Hit]:
        """The hits of one family of concepts ('measure', 'social', ...)."""
        if not self._by_family:
            groups: defaultdict[str, list[Hit]] = defaultdict(list)
            for hit in self.hits:
                groups[hit.concept[0]].append(hit)
            self._by_family = dict(groups)
        return self._by_family.get(family, [])

    def sentence_at(self, position: int) -> int:
        """The number of the sentence at a character."""
        return max(bisect_right(self.sentences, (position, 1 << 60)) - 1, 0)


# a slot is one word of a cue: the stems it may have, or a pattern with *
@dataclass(frozen=True)
class _Slot:
    stems: frozenset[str]
    patterns: tuple[str, ...]


class CueFinder:
    """Finds all cues of one language."""

    def __init__(self, language: Language, codebook: Codebook) -> None:
        self.language = language
        self._pipeline = tokeniser(language)
        self._near = NEAR[language.writing]
        self._stemmer = Stemmer.Stemmer(language.stemmer) if language.stemmer else None
        self._norm_of: dict[int, int] = {}
        self._patterns_of_word: dict[int, tuple[str, ...]] = {}
        self._patterns: set[str] = set()
        self._matcher = PhraseMatcher(self._pipeline.vocab, attr="NORM")
        # parts that are written as one word, in scripts where a word is several tokens
        self._one_word: set[int] = set()
        # parts that need a pattern: pattern -> (part, slots, place of the pattern among them)
        self._anchored: defaultdict[str, list[tuple[int, tuple[_Slot, ...], int]]] = defaultdict(list)
        self._parts: dict[str, int] = {}
        self._single: defaultdict[int, list[tuple[Concept, str]]] = defaultdict(list)
        self._multiple: list[tuple[Concept, str, tuple[int, ...]]] = []
        self._export_seeds: set[Phrase] = set()
        self._foreign_seeds: set[Phrase] = set()
        for concept, cue in _all_cues(language, codebook):
            self._add(concept, cue)
            if concept[:2] == ("context", "export"):
                self._export_seeds.update(self._seeds_of(cue))
            elif concept[0] == "measure" and concept[2] == "strong" and codebook.measures[concept[1]].foreign:
                self._foreign_seeds.update(self._seeds_of(cue))

    @property
    def full(self) -> bool:
        """Whether it has seen so many words, all of which spaCy keeps, that it should be made anew."""
        return len(self._pipeline.vocab.strings) > MOST_WORDS

    def may_matter(self, text: str) -> bool:
        """A quick look whether a text may hold a word of selling abroad or of foreign trade, before it is read."""
        return self._matter_look.may_hold(self._bare_text(text))

    def may_export(self, text: str) -> bool:
        """A quick look whether a text may hold a word of selling abroad, before it is read."""
        return self._export_look.may_hold(self._bare_text(text))

    @cached_property
    def _matter_look(self) -> QuickLook:
        return QuickLook(self._export_seeds | self._foreign_seeds)

    @cached_property
    def _export_look(self) -> QuickLook:
        return QuickLook(self._export_seeds)

    def _bare_text(self, text: str) -> str:
        characters = self.language.writing == "characters"
        return bare_word(text, self.language.language) if characters else plain(text)

    def read(self, text: str) -> CuedText:
        """The cues of a text, in its order."""
        doc = self._pipeline(text)
        # arrays of numbers instead of tokens: making a Python object of each token costs more than all the rest
        words = doc.to_array(ORTH).tolist()
        norms = [self._norm_of.get(word) or self._norm(word) for word in words]
        doc.from_array([NORM], np.array(norms, dtype="uint64"))  # type: ignore[arg-type]
        sentences, sentence_of = sentences_of(doc, text)
        spans = self._part_spans(doc, words)
        hits: list[Hit] = []
        for part, found in spans.items():
            for concept, cue in self._single.get(part, ()):
                hits += [_hit(doc, concept, cue, start, end, sentence_of[start]) for start, end in found]
        for concept, cue, parts in self._multiple:
            if all(part in spans for part in parts):
                for start, end in _joined([spans[part] for part in parts], sentence_of, self._near):
                    hits.append(_hit(doc, concept, cue, start, end, sentence_of[start]))
        hits.sort(key=lambda hit: (hit.start, hit.end, hit.concept, hit.cue))
        return CuedText(doc, sentences, _without_near_misses(hits))

    def _add(self, concept: Concept, cue: str) -> None:
        parts = tuple(self._part(part.strip()) for part in cue.split(" ~ "))
        if len(parts) == 1:
            self._single[parts[0]].append((concept, cue))
        else:
            self._multiple.append((concept, cue, parts))

    def _seeds_of(self, cue: str) -> Iterable[Phrase]:
        """What a text must hold to hold a cue: the first letters of each of its words, or its characters."""
        for way in itertools.product(*(part.split("|") for part in cue.split(" ~ "))):
            if self.language.writing == "characters":
                yield tuple((bare_word(part, self.language.language).strip(),) for part in way)
            else:
                yield tuple(tuple(self._beginnings(part, cue)) for part in way)

    def _beginnings(self, part: str, cue: str) -> Iterable[str]:
        for word in _WORDS.findall(part):
            if f"*{word}" in cue:
                continue  # may begin with anything
            # the last letter of a stem may be another one in the word: countries, countri
            stem = plain(word) if f"{word}*" in cue else self._stem(word).removesuffix("i")
            if len(stem) >= LEAST_BEGINNING:
                yield stem

    def _part(self, text: str) -> int:
        """The number of a part of a cue, which is added to what is looked for when it is new."""
        if text in self._parts:
            return self._parts[text]
        number = self._parts[text] = len(self._parts)
        if self.language.writing == "characters" and " " not in text.strip():
            self._one_word.add(number)
        for alternative in text.split("|"):
            slots = tuple(self._slots(alternative))
            anchors = [place for place, slot in enumerate(slots) if slot.patterns]
            if anchors:
                for pattern in slots[anchors[0]].patterns:
                    self._patterns.add(pattern)
                    self._anchored[pattern].append((number, slots, anchors[0]))
            else:
                words = [next(iter(slot.stems)) for slot in slots]
                doc = Doc(self._pipeline.vocab, words=words)
                for token in doc:
                    token.norm_ = token.text
                self._matcher.add(str(number), [doc])
        return number

    def _slots(self, text: str) -> Iterable[_Slot]:
        for word in text.split():
            if word.startswith("="):
                yield _Slot(frozenset(), (plain(word),))
                continue
            tokens = [token.text for token in self._pipeline.make_doc(word.strip("*"))]
            for place, token in enumerate(tokens):
                before = "*" if word.startswith("*") and place == 0 else ""
                after = "*" if word.endswith("*") and place == len(tokens) - 1 else ""
                if before or after:
                    yield _Slot(frozenset(), (before + plain(token) + after,))
                else:
                    yield _Slot(frozenset([self._stem(token)]), ())

    def _part_spans(self, doc: Doc, words: list[int]) -> dict[int, list[tuple[int, int]]]:
        """Where each part was found: (first token, token after the last)."""
        spans: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        strings = self._pipeline.vocab.strings
        for key, start, end in self._matcher(doc):
            part = int(strings[key])
            if not (part in self._one_word and _runs_over(doc, start, end)):
                spans[part].append((start, end))
        for index, word in enumerate(words):
            for pattern in self._patterns_of_word.get(word) or self._patterns_matching(word):
                for part, slots, place in self._anchored[pattern]:
                    start = index - place
                    if start >= 0 and start + len(slots) <= len(doc) and self._fits(doc, start, slots):
                        spans[part].append((start, start + len(slots)))
        return spans

    def _fits(self, doc: Doc, start: int, slots: Sequence[_Slot]) -> bool:
        return all(
            doc[start + place].norm_ in slot.stems
            if slot.stems
            else any(_like(plain(doc[start + place].text), pattern) for pattern in slot.patterns)
            for place, slot in enumerate(slots)
        )

    def _patterns_matching(self, word: int) -> tuple[str, ...]:
        """The patterns that a word fits, by the number of its spelling."""
        if word not in self._patterns_of_word:
            text = plain(self._pipeline.vocab.strings[word])
            if len(self._patterns_of_word) > CACHED_WORDS:
                self._patterns_of_word.clear()
            self._patterns_of_word[word] = tuple(sorted(p for p in self._patterns if _like(text, p)))
        return self._patterns_of_word[word]

    def _norm(self, word: int) -> int:
        """The number of the stem of a word, by the number of its spelling."""
        norm = self._pipeline.vocab.strings.add(self._stem(self._pipeline.vocab.strings[word]) or " ")
        if len(self._norm_of) > CACHED_WORDS:
            self._norm_of.clear()
        self._norm_of[word] = norm
        return norm

    def _stem(self, word: str) -> str:
        bare = bare_word(word, self.language.language)
        return plain(self._stemmer.stemWord(bare) if self._stemmer else bare) or bare


_finders: dict[str, CueFinder] = {}


def cue_finder(language: str) -> CueFinder:
    """The finder of a language of the codebook. Raises KeyError for a language it has not."""
    finder = _finders.get(language)
    if finder is None or finder.full:
        codebook = load_codebook()
        finder = _finders[language] = CueFinder(codebook.languages[language], codebook)
    return finder


def _without_near_misses(hits: list[Hit]) -> list[Hit]:
    """Cues without words of selling abroad that are something else ('exports your data to a file')."""
    misses = [hit for hit in hits if hit.concept[:2] == ("context", "not_export")]
    return [hit for hit in hits if hit.concept[:2] != ("context", "export") or hit.clear_of(misses)]


def _all_cues(language: Language, codebook: Codebook) -> Iterable[tuple[Concept, str]]:
    for measure, cues in language.measures.items():
        for strength in ("strong", "weak", "fallback", "not_"):
            for cue in getattr(cues, strength):
                yield ("measure", measure, strength), cue
    for family, words in (
        ("social", language.social),
        ("context", language.context),
        ("structure", language.structure),
    ):
        for name in words.__dataclass_fields__:
            for cue in getattr(words, name):
                yield (family, name, ""), cue
    for family, groups in (
        ("audience", language.audience),
        ("instrument", language.instruments),
        ("barrier", language.barriers),
    ):
        for name, cue_list in groups.items():
            for cue in cue_list:
                yield (family, name, ""), cue
    for platform in codebook.platforms:
        for name in (platform.name, *platform.also):
            # a name has no endings of a language: the stemmer would find Viber in 'Vibe'
            whole = f"={name}" if name.isascii() and " " not in name and not platform.exact else name
            yield ("platform", platform.name, "exact" if platform.exact else ""), whole
            if whole != name and len(name) >= LONG_NAME:
                yield ("platform", platform.name, ""), f"{name}*"  # Facebookseite, LinkedIn-page, Instagramie


def _runs_over(doc: Doc, start: int, end: int) -> bool:
    """Whether tokens begin within one word and end in the next: 선수 출신 (once an athlete) holds 수출 (exports)."""
    spaced = any(token.whitespace_ or token.is_space for token in doc[start : end - 1])
    before = doc[start - 1] if spaced and start else None
    return before is not None and not before.whitespace_ and before.is_alpha


def _like(word: str, pattern: str) -> bool:
    """Whether a word fits a pattern: =word, or one with * at its beginning, its end or both."""
    if pattern.startswith("="):
        return word == pattern[1:]
    core = pattern.strip("*")
    if pattern.startswith("*"):
        return core in word if pattern.endswith("*") else word.endswith(core)
    return word.startswith(core)


def _joined(
    found: Sequence[list[tuple[int, int]]], sentence_of: Sequence[int], reach: int
) -> Iterable[tuple[int, int]]:
    """Spans that hold all parts of a cue, each near the ones before, within one sentence."""
    for first in found[0]:
        start, end = first
        for later in found[1:]:
            near = [
                (max(other[0] - end, start - other[1], 0), other)
                for other in later
                if sentence_of[other[0]] == sentence_of[first[0]]
                and not (other[0] < end and start < other[1])
                and max(other[0] - end, start - other[1]) <= reach
            ]
            if not near:
                break
            _, other = min(near)
            start, end = min(start, other[0]), max(end, other[1])
        else:
            yield start, end


def _hit(doc: Doc, concept: Concept, cue: str, start: int, end: int, sentence: int) -> Hit:
    return Hit(concept, cue, doc[start].idx, doc[end - 1].idx + len(doc[end - 1]), sentence)
