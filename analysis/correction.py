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
import numpy.typing as npt
import pyarrow.parquet as pq

from analysis.agreement import RESAMPLES, SEED, Interval
from analysis.codebook import load_codebook
from analysis.coding import SocialLevel
from analysis.reviews import is_person, read_reviews, settled
from analysis.shares import Share
from analysis.tables import CODINGS, RELEVANT, SOCIAL
from common.files import read_table

USES = "social media, component or more"  # level 3 or 4
Numbers = npt.NDArray[Any]
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
    coded = [_codes(said) for said in _machine(folder).values()]
    total, draws = len(coded), _draws(programmes)
    chance = np.random.default_rng(SEED)
    found = []
    for code in (*load_codebook().measures, USES):
        apparent = sum(codes[code] for codes in coded) / total
        sensitivity, specificity = (float(rate[0]) for rate in _errors(programmes, sizes, code))
        shares = chance.binomial(total, apparent, RESAMPLES) / total
        drawn = zip(shares, *_errors(programmes, sizes, code, draws), strict=True)
        values = [value for p, se, sp in drawn if (value := rogan_gladen(p, se, sp)) is not None]
        corrected = rogan_gladen(apparent, sensitivity, specificity)
        known = bool(values) and corrected is not None
        interval = Interval(*map(float, np.percentile(values, [2.5, 97.5]))) if known else None
        found.append(Correction(code, len(programmes), sensitivity, specificity, apparent, corrected, interval))
    return found


def agency_corrections(folder: Path, agencies: Sequence[str]) -> list[Correction]:
    """For each code: the share of these agencies with it in any programme, as coded and as to be expected.

    An agency has a code with probability 1 - (1 - v)^y (1 - w)^n, for its y programmes that the machine gives the code
    and n that it does not; v and w are the shares of such programmes that people give it, taken as independent within
    an agency. [] without a sample. Sensitivity and specificity are the programmes'.
    """
    items, sizes = reviewed(folder)
    programmes = [item for item in items if item.stratum != PAGES]
    if not programmes or not agencies:
        return []
    coded: defaultdict[str, list[dict[str, bool]]] = defaultdict(list)
    for (agency, _), said in _machine(folder).items():
        coded[agency].append(_codes(said))
    draws = _draws(programmes)
    found = []
    for code in (*load_codebook().measures, USES):
        with_it = np.array([sum(codes[code] for codes in coded[agency]) for agency in agencies])
        without = np.array([len(coded[agency]) for agency in agencies]) - with_it
        sensitivity, specificity = (float(rate[0]) for rate in _errors(programmes, sizes, code))

        def expected(places: Numbers | None, code: str = code, y: Numbers = with_it, n: Numbers = without) -> Numbers:
            v, w = _meanings(programmes, sizes, code, places)
            return np.asarray(np.mean(1 - (1 - v[:, None]) ** y * (1 - w[:, None]) ** n, axis=1))

        interval = Interval(*map(float, np.percentile(expected(draws), [2.5, 97.5])))
        apparent = float(np.mean(with_it > 0))
        found.append(
            Correction(code, len(programmes), sensitivity, specificity, apparent, float(expected(None)[0]), interval)
        )
    return found


def measured_recall(folder: Path) -> Recall | None:
    """The coder's recall for programmes that use social media, from this audit's own reviews.

    None unless pages that were left out were looked at too (`review export --elusion`): misses are found nowhere else.
    """
    items, sizes = reviewed(folder)
    if not any(item.stratum == PAGES for item in items) or not any(item.people[USES] for item in items):
        return None
    low, high = np.percentile(_errors(items, sizes, USES, _draws(items))[0], [2.5, 97.5])
    value = float(_errors(items, sizes, USES)[0][0])
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
    codings = {programme: said for (_, programme), said in _machine(folder).items()}
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


def _machine(folder: Path) -> dict[tuple[str, str], dict[str, int]]:
    """The machine's decisions by agency and programme: code to value."""
    said: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in read_table(folder / "codings.parquet", CODINGS).to_pylist():
        if not is_person(row):
            said[row["agency"], row["programme"]][row["code"]] = row["value"]
    return said


def _errors(
    items: Sequence[Reviewed], sizes: Mapping[str, int], code: str, draws: Numbers | None = None
) -> tuple[Numbers, Numbers]:
    """Sensitivity and specificity of the items, or of each draw of them; 1 where none tells."""
    both, missed, extra, neither = _counts(items, sizes, code, draws)
    return _share(both, missed, 1.0), _share(neither, extra, 1.0)


def _meanings(
    items: Sequence[Reviewed], sizes: Mapping[str, int], code: str, draws: Numbers | None = None
) -> tuple[Numbers, Numbers]:
    """Of the items that the machine gives a code, and of those that it does not: the share that people give it.

    Where none was looked at, the machine is believed.
    """
    both, missed, extra, neither = _counts(items, sizes, code, draws)
    return _share(both, extra, 1.0), _share(missed, neither, 0.0)


def _counts(
    items: Sequence[Reviewed], sizes: Mapping[str, int], code: str, draws: Numbers | None
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """How many have a code by both, by people only, by the machine only, by neither: of the items, or of each draw of
    them (a row of their places). Each item is weighed by how many of its stratum it stands for."""
    drawn = Counter(item.stratum for item in items)
    weight = np.array([sizes[item.stratum] / drawn[item.stratum] for item in items])
    people = np.array([item.people[code] for item in items])
    machine = np.array([item.machine[code] for item in items])
    places = np.arange(len(items))[None, :] if draws is None else draws

    def count(which: Numbers) -> Numbers:
        return np.asarray((weight * which)[places].sum(axis=1))

    return count(people & machine), count(people & ~machine), count(machine & ~people), count(~people & ~machine)


def _share(part: Numbers, rest: Numbers, otherwise: float) -> Numbers:
    """part / (part + rest), `otherwise` where both are 0."""
    of = part + rest
    return np.where(of > 0, part / np.where(of > 0, of, 1), otherwise)


def _draws(items: Sequence[Reviewed]) -> Numbers:
    """Places of items drawn again with replacement, as many of each stratum as there are: shape (RESAMPLES, items)."""
    chance = np.random.default_rng(SEED)
    strata: defaultdict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        strata[item.stratum].append(place)
    return np.hstack([chance.choice(np.array(own), (RESAMPLES, len(own))) for own in strata.values()])
