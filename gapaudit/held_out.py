"""How well the coder does on sites it never saw: `make held-out`, or `python -m gapaudit.held_out [FOLDER]`.

In each of twelve rounds a twelfth of the site numbers is held out in all languages at once (sites of one number tell
alike stories, so a language alone would leak), each site in one round. The trained part is made anew without them, on
an encoder that was tuned without a third of the site numbers, theirs among them, and the whole coder codes them. How
values become probabilities, and how cues and vectors are joined, is not learned anew: train.py learns it from
held-out groups of all sites.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np

from analysis.agreement import reliability
from analysis.codebook import load_codebook
from analysis.coder import code_page
from analysis.coding import PageCoding, SocialLevel
from analysis.encoder import Tuning
from analysis.evaluate import Scores, quadratic_kappa
from analysis.gold import GoldItem, GoldPassage, read_items, read_passages
from analysis.model import Items, Model, load_model
from analysis.page import page_from_text
from gapaudit.train import GOLD, Examples, fit_items, fitted, passage_examples
from gapaudit.tunings import Tunings, group_of, read_tunings

ROUNDS = 12  # a multiple of the groups that the encoder was tuned without


@dataclass(frozen=True)
class Round:
    """The figures of one round."""

    passages: int
    relevance_recall: float
    false_alarms: float  # share of irrelevant passages
    macro_f1: float
    measures: dict[str, float]
    languages: dict[str, float]
    kappa: float
    false_programmes: int
    programme_recall: float  # of levels 3 and 4
    decisions: dict[str, list[tuple[float, bool]]]  # confidence, and whether it is right, by what was decided


def main(folder: Path = GOLD) -> None:
    """Print the mean and spread over the rounds, and how sure the coder was and how right, as Markdown tables."""
    passages = read_passages(folder)
    rounds = hold_out(passages, read_items(folder / "items"), read_tunings())
    held = mean(r.passages for r in rounds)
    print(f"{len(rounds)} rounds, {len(passages)} passages, on average {held:.0f} held out\n")
    print("| | mean | standard deviation | lowest | highest |\n|---|---|---|---|---|")
    print(_line("relevance, recall", [r.relevance_recall for r in rounds]))
    print(_line("relevance, false alarms", [r.false_alarms for r in rounds]))
    print(_line("measures, macro-F1", [r.macro_f1 for r in rounds]))
    print(_line("social level, quadratic kappa", [r.kappa for r in rounds]))
    print(_line("levels 3 and 4, recall", [r.programme_recall for r in rounds]))
    print(_line("3 or 4 where people say 0 to 2", [r.false_programmes for r in rounds]))
    for measure in load_codebook().measures:
        print(_line(measure, [r.measures[measure] for r in rounds if measure in r.measures]))
    for language in load_codebook().languages:
        print(
            _line(f"language {language}, micro-F1", [r.languages[language] for r in rounds if language in r.languages])
        )
    print("\n| confidence | decisions | claimed | true |\n|---|---|---|---|")
    for name in rounds[0].decisions:
        for band in reliability([decision for r in rounds for decision in r.decisions[name]]):
            name_of_band = f"{name}, {band.low:.1f} to {band.high:.1f}"
            print(f"| {name_of_band} | {band.decisions} | {band.claimed:.2f} | {band.true:.2f} |")


def hold_out(passages: Sequence[GoldPassage], items: Sequence[GoldItem], tunings: Tunings) -> list[Round]:
    """One round a twelfth of the site numbers; those without passages are left out."""
    base = load_model()
    parts = np.array([passage.fold % ROUNDS for passage in passages])
    rounds = {}
    examples = None
    for group, tuning in enumerate(tunings.groups):
        examples, fit = passage_examples(passages, tuning, examples), fit_items(items, tuning)
        for part in sorted({t for t in parts.tolist() if group_of(t) == group}):
            held = [passage for passage, its in zip(passages, parts.tolist(), strict=True) if its == part]
            rounds[part] = _round(held, without(base, examples.where(parts != part), tuning, fit))
    return [rounds[part] for part in sorted(rounds)]


def without(base: Model, seen: Examples, tuning: Tuning, items: Items) -> Model:
    """A model that saw only some examples, scaled and joined like another."""
    model = fitted(seen, tuning, items)
    return replace(
        base,
        tuning=tuning,
        quick=model.quick,
        deep=model.deep,
        by_quick=replace(base.by_quick, coefficients=model.by_quick.coefficients),
        by_deep=replace(base.by_deep, coefficients=model.by_deep.coefficients),
        items=items,
    )


def _round(passages: Sequence[GoldPassage], model: Model) -> Round:
    relevance: Counter[tuple[bool, bool]] = Counter()
    measures: Counter[tuple[str, bool, bool]] = Counter()
    languages: Counter[tuple[str, bool, bool]] = Counter()
    levels: Counter[tuple[int, int]] = Counter()
    decisions: dict[str, list[tuple[float, bool]]] = {"relevance": [], "measures": [], "level": []}
    for passage in passages:
        coding = code_page(page_from_text(passage.text), passage.language, model=model)
        found = {measure.measure for measure in coding.measures}
        relevance[passage.relevant, coding.relevant] += 1
        levels[passage.social, int(coding.social.level)] += 1
        for name, confidence, right in _decisions(passage, coding):
            decisions[name].append((confidence, right))
        for measure in found | set(passage.measures):
            measures[measure, measure in passage.measures, measure in found] += 1
            languages[passage.language, measure in passage.measures, measure in found] += 1
    by_measure = _f1s(measures)
    given = sum(n for (truth, _), n in levels.items() if truth >= 3)
    return Round(
        len(passages),
        relevance[True, True] / max(relevance[True, True] + relevance[True, False], 1),
        relevance[False, True] / max(relevance[False, True] + relevance[False, False], 1),
        mean(by_measure.values()),
        by_measure,
        _f1s(languages),
        quadratic_kappa(levels),
        sum(n for (truth, found), n in levels.items() if truth <= 2 < found),
        sum(n for (truth, found), n in levels.items() if truth >= 3 and found >= 3) / max(given, 1),
        decisions,
    )


def _decisions(passage: GoldPassage, coding: PageCoding) -> Iterator[tuple[str, float, bool]]:
    """What was decided, how surely, and whether people say the same; levels where a page names social media."""
    sure = coding.relevance if coding.relevant else 1 - coding.relevance
    yield "relevance", sure, coding.relevant == passage.relevant
    for measure in coding.measures:
        yield "measures", measure.confidence, measure.measure in passage.measures
    if coding.relevant and coding.social.level >= SocialLevel.MENTION:
        yield "level", coding.social.confidence, int(coding.social.level) == passage.social


def _f1s(counts: Counter[tuple[str, bool, bool]]) -> dict[str, float]:
    return {
        name: Scores(counts[name, True, True], counts[name, False, True], counts[name, True, False]).f1
        for name in sorted({name for name, _, _ in counts})
    }


def _line(name: str, values: Sequence[float]) -> str:
    spread = stdev(values) if len(values) > 1 else 0.0
    return f"| {name} | {mean(values):.3f} | {spread:.3f} | {min(values):.3f} | {max(values):.3f} |"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
