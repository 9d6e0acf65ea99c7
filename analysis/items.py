"""Items that no cue shows, by their meaning: 'compliance testing' among the costs that a grant covers.

A list, or a sentence that counts up, says much in few words, which hardly show in the vector of the whole. Each item is
looked at by itself and, where it plainly means a measure, counts like a cue of it. What means what was learned from
tests/gold/items.
"""

from collections.abc import Iterator

from analysis.codebook import load_codebook
from analysis.cues import MEANT, Hit
from analysis.look import Learned, offered_spans
from analysis.reading import Reading

MEANT_FROM = 0.6  # probability from which an item of a list is taken for a measure
OFFERED_FROM = 0.5  # probability of an offer in the best piece from which items of a page are looked at
LONGEST = 110  # characters of an item
MOST_ITEMS = 40  # of a page
# a sentence counts up from so many clauses; what only a few words of it seem to mean has to be plainer than an item of
# a list, and the sentence as a whole has to have something of it by quick vectors
CLAUSES, CLAUSE_MEANT_FROM, SENTENCE_SEEN = 3, 0.8, 0.2
HINTED_FROM = 0.75  # the same where a weak cue of the measure stands in the clause, be it ever so short
SHORTEST = {"words": 10, "characters": 4}  # characters of a clause, by the language's writing

Span = tuple[int, int]


def add_meant(reading: Reading, learned: Learned) -> None:
    """Let items of a page's lists and sentences count as cues of what they mean, where the page offers something to
    exporters."""
    if max(learned.offers(), default=0.0) < OFFERED_FROM:
        return
    model, language = learned.model, learned.language
    listed = list(_listed(reading))[:MOST_ITEMS]
    counted = list(_counted_up(reading))[: MOST_ITEMS - len(listed)]
    texts = [reading.page.text[start:end] for start, end in (*listed, *(span for span, _ in counted))]
    found = model.item_probabilities(texts, language)
    sentences = sorted({sentence for _, sentence in counted})
    whole = model.at_a_glance([reading.page.text[start:end] for start, end in sentences], language)
    for (start, end), row in zip(listed, found, strict=False):
        best = int(row.argmax())
        if row[best] >= MEANT_FROM:
            _add(reading, model.labels[1 + best], start, end)
    for ((start, end), sentence), row in zip(counted, found[len(listed) :], strict=True):
        best = int(row.argmax())
        measure = model.labels[1 + best]
        hinted = row[best] >= HINTED_FROM and measure in _hinted(reading, start, end)
        seen = row[best] >= CLAUSE_MEANT_FROM and whole[sentences.index(sentence), 1 + best] >= SENTENCE_SEEN
        if hinted or seen:
            _add(reading, measure, start, end)


def _add(reading: Reading, measure: str, start: int, end: int) -> None:
    hit = Hit(("measure", measure, "strong"), MEANT, start, end, reading.cued.sentence_at(start))
    reading.hits_of_block[reading.block_at(start)].append(hit)


def _listed(reading: Reading) -> Iterator[Span]:
    """Where short items of lists and tables stand that no strong cue is in."""
    for number, block in enumerate(reading.page.blocks):
        item = block.listed and block.end - block.start <= LONGEST and reading.gives(number)
        negated = reading.cued.sentence_at(block.start) in reading.negated_sentences
        if item and not negated and not _strong(reading, block.start, block.end):
            yield block.start, block.end


def _counted_up(reading: Reading) -> Iterator[tuple[Span, Span]]:
    """The clauses of sentences that count up, those without a strong cue, each with its sentence."""
    for number, block in enumerate(reading.page.blocks):
        if not reading.gives(number) or (block.listed and block.end - block.start <= LONGEST):
            continue
        for sentence in offered_spans(reading, number):
            clauses = list(_clauses(reading, *sentence))
            if len(clauses) >= CLAUSES:
                yield from ((clause, sentence) for clause in clauses if not _strong(reading, *clause))


def _clauses(reading: Reading, start: int, end: int) -> Iterator[Span]:
    """The clauses of a sentence that are neither too short nor too long to mean something by themselves."""
    shortest = SHORTEST[load_codebook().languages[reading.language].writing]
    for begins, finish in reading.clauses(start, end):
        if finish - begins <= LONGEST and (finish - begins >= shortest or _hinted(reading, begins, finish)):
            yield begins, finish


def _strong(reading: Reading, start: int, end: int) -> bool:
    """Whether a strong cue of a measure stands between two characters."""
    return bool(_cued(reading, start, end, "strong"))


def _hinted(reading: Reading, start: int, end: int) -> set[str]:
    """The measures of which a weak cue stands between two characters."""
    return _cued(reading, start, end, "weak")


def _cued(reading: Reading, start: int, end: int, strength: str) -> set[str]:
    return {
        hit.concept[1]
        for hit in reading.hits_of_block.get(reading.block_at(start), ())
        if hit.concept[0] == "measure" and hit.concept[2] == strength and hit.start < end and hit.end > start
    }
