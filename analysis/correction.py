"""What people's decisions say about the machine's errors, and prevalences corrected for them.

Reviewed items are drawn at random within strata (programmes by their level of social media; pages that were left out),
so each stands for so many of its stratum. Only random items count: those chosen because the machine was unsure do not.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from analysis.agreement import RESAMPLES, SEED, Interval
from analysis.codebook import load_codebook
from analysis.coding import SocialLevel
from analysis.reviews import is_person, read_reviews, settled
from analysis.shares import Share
from analysis.tables import CODINGS, RELEVANT, SOCIAL
from common.files import read_table

USES = "social media, component or more"  # level 3 or 4
PAGES = "pages left out"  # the stratum of pages that the machine called irrelevant
_RANDOM = ("sample", "elusion")
# The coder's recall for programmes that use social media: passages of levels 3 and 4 that it found, of those written
# before it had seen any like them (docs/accuracy.md). Used where an audit has no figure of its own.
KNOWN_RECALL = (28, 31)


@dataclass(frozen=True)
class Reviewed:
    """One item that people decided on."""

    stratum: str
    machine: Mapping[str, bool]  # by code
    people: Mapping[str, bool]


@dataclass(frozen=True)
class Correction:
    """The errors of the machine in one code, and how common the code is among the programmes found without them."""

    code: str
    reviewed: int
    sensitivity: float
    specificity: float
    apparent: float  # share of the programmes that the machine gives the code
    corrected: float | None  # None where the machine is no better than chance
    interval: Interval | None  # 95 %


@dataclass(frozen=True)
class Recall:
    """How many of the programmes that use social media the coder finds, on pages that it reads."""

    value: float
    low: float
    high: float
    source: str


def rogan_gladen(apparent: float, sensitivity: float, specificity: float) -> float | None:
    """The true prevalence behind an apparent one: (p + sp - 1) / (se + sp - 1), kept within 0 and 1.

    None where se + sp is not over 1: such a test tells nothing (Rogan and Gladen 1978, American Journal of
    Epidemiology).
    """
    power = sensitivity + specificity - 1
    if power <= 1e-9:
        return None
    return float(min(max((apparent + specificity - 1) / power, 0.0), 1.0))


def corrections(folder: Path) -> list[Correction]:
    """For each code: the machine's errors and the corrected share among the programmes found; [] without a sample."""
    items, sizes = reviewed(folder)
    programmes = [item for item in items if item.stratum != PAGES]
    if not programmes:
        return []
    found = []
    total = sum(size for stratum, size in sizes.items() if stratum != PAGES)
    for code in (*load_codebook().measures, USES):
        apparent = _apparent(folder)[code] / total
        sensitivity, specificity = _errors(programmes, sizes, code)
        chance = np.random.default_rng(SEED)
        draws = []
        for drawn in _resampled(programmes, chance):
            p = chance.binomial(total, apparent) / total
            value = rogan_gladen(p, *_errors(drawn, sizes, code))
            if value is not None:
                draws.append(value)
        corrected = rogan_gladen(apparent, sensitivity, specificity)
        interval = Interval(*map(float, np.percentile(draws, [2.5, 97.5]))) if draws and corrected is not None else None
        found.append(Correction(code, len(programmes), sensitivity, specificity, apparent, corrected, interval))
    return found


def measured_recall(folder: Path) -> Recall | None:
    """The coder's recall for programmes that use social media, from this audit's own reviews.

    None unless pages that were left out were looked at too (`review export --elusion`): misses are found nowhere else.
    """
    items, sizes = reviewed(folder)
    if not any(item.stratum == PAGES for item in items) or not any(item.people[USES] for item in items):
        return None
    chance = np.random.default_rng(SEED)
    draws = [_errors(drawn, sizes, USES)[0] for drawn in _resampled(items, chance)]
    low, high = np.percentile(draws, [2.5, 97.5])
    value = _errors(items, sizes, USES)[0]
    return Recall(value, float(low), float(high), f"{len(items)} items of this audit that people looked at")


def recall_of(folder: Path) -> Recall:
    """The coder's recall as this audit's reviews show it, else as it is known (KNOWN_RECALL)."""
    measured = measured_recall(folder)
    if measured is not None:
        return measured
    share = Share(*KNOWN_RECALL)
    source = f"{share.yes} of {share.of} passages that the coder had not seen (docs/accuracy.md)"
    return Recall(share.value, share.interval.low, share.interval.high, source)


def reviewed(folder: Path) -> tuple[list[Reviewed], dict[str, int]]:
    """The items that people decided on and that were drawn at random, and the size of each stratum."""
    reviews = [row for row in read_reviews(folder) if row["kind"] in _RANDOM]
    if not reviews:
        return [], {}
    codings: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in read_table(folder / "codings.parquet", CODINGS).to_pylist():
        if not is_person(row):
            codings[row["programme"]][row["code"]] = row["value"]
    sizes = Counter(_stratum(said) for said in codings.values())
    left_out = pq.read_table(folder / "pages.parquet", columns=["relevant", "note"]).to_pylist()
    sizes[PAGES] = sum(not row["relevant"] and not row["note"] for row in left_out)
    by_item: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in reviews:
        by_item[row["item"]][row["code"]].append(row["value"])
    items = []
    for name in sorted(by_item):
        machine = codings.get(name, {})
        said = {code: settled(sorted(values), machine.get(code, 0), code) for code, values in by_item[name].items()}
        if said.get(RELEVANT) == 0:
            said = {}
        stratum = _stratum(machine) if name in codings else PAGES
        items.append(Reviewed(stratum, _codes(machine), _codes(said)))
    return items, dict(sizes)


def _codes(said: Mapping[str, int]) -> dict[str, bool]:
    codes = {measure: bool(said.get(measure)) for measure in load_codebook().measures}
    return codes | {USES: said.get(SOCIAL, 0) >= SocialLevel.COMPONENT}


def _stratum(said: Mapping[str, int]) -> str:
    return f"level {said.get(SOCIAL, 0)}"


def _apparent(folder: Path) -> Counter[str]:
    machine: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in read_table(folder / "codings.parquet", CODINGS).to_pylist():
        if not is_person(row):
            machine[row["programme"]][row["code"]] = row["value"]
    return Counter(code for said in machine.values() for code, has in _codes(said).items() if has)


def _errors(items: Sequence[Reviewed], sizes: Mapping[str, int], code: str) -> tuple[float, float]:
    """Sensitivity and specificity, each item weighed by how many of its stratum it stands for; 1 where none tells."""
    drawn = Counter(item.stratum for item in items)
    weights: dict[tuple[bool, bool], float] = defaultdict(float)
    for item in items:
        weights[item.people[code], item.machine[code]] += sizes[item.stratum] / drawn[item.stratum]
    yes, no = weights[True, True] + weights[True, False], weights[False, True] + weights[False, False]
    return (weights[True, True] / yes if yes else 1.0), (weights[False, False] / no if no else 1.0)


def _resampled(items: Sequence[Reviewed], chance: Any) -> list[list[Reviewed]]:
    """Draws of the items with replacement, as many of each stratum as there are."""
    strata: defaultdict[str, list[Reviewed]] = defaultdict(list)
    for item in items:
        strata[item.stratum].append(item)
    return [
        [own[place] for own in strata.values() for place in chance.integers(0, len(own), len(own))]
        for _ in range(RESAMPLES)
    ]
