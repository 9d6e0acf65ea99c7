"""People's decisions: kept beside the machine's, never over them, and what follows from both."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

import pyarrow as pa

from analysis.agreement import Interval, alpha, bootstrap
from analysis.codebook import load_codebook
from analysis.coding import SocialLevel
from analysis.tables import CODINGS, RELEVANT, REVIEWS, SOCIAL
from common.files import read_table, write_table

PERSON = "person: "  # before the name of a person among the coders
CHANGED = "workbook"  # kind of the decisions that were changed in gap_matrix.xlsx (else sample, uncertain, elusion)
ENOUGH = 0.8  # alpha from which on a code counts as reliable (Krippendorff 2004)


@dataclass(frozen=True)
class Decision:
    """The final decision on a code, and who made it."""

    value: int
    confidence: float
    coders: tuple[str, ...]


YES = Decision(1, 1.0, ())
NONE = Decision(0, 0.0, ())


def final_decisions(codings: Iterable[dict[str, Any]]) -> dict[str, Decision]:
    """The final decision on each code of one programme.

    The rule: people's decisions go before the machine's. Of several people's, the majority counts, and for the level
    of social media the median; where they are even, the machine's decision if some of them share it, else the lower
    value, since a wrong yes does more harm than a wrong no.
    """
    people: defaultdict[str, dict[str, int]] = defaultdict(dict)
    machine: dict[str, dict[str, Any]] = {}
    for row in codings:
        if row["coder"].startswith(PERSON):
            people[row["code"]][row["coder"].removeprefix(PERSON)] = row["value"]
        else:
            machine[row["code"]] = row
    final = {code: Decision(row["value"], row["confidence"], (row["coder"],)) for code, row in machine.items()}
    for code, values in people.items():
        known = int(machine[code]["value"]) if code in machine else 0
        final[code] = Decision(settled(sorted(values.values()), known, code), 1.0, tuple(sorted(values)))
    return final


def settled(values: list[int], machine: int, code: str) -> int:
    """What several people's decisions on a code (sorted) come to, by the rule of final_decisions."""
    if code == SOCIAL:
        middle = {values[(len(values) - 1) // 2], values[len(values) // 2]}
        return machine if machine in middle else median_low(values)
    yes = sum(values)
    if 2 * yes == len(values):
        return machine
    return int(2 * yes > len(values))


def has_reviews(folder: Path) -> bool:
    """Whether people have decided on anything in an audit."""
    return (folder / "reviews.parquet").exists()


def read_reviews(folder: Path) -> list[dict[str, Any]]:
    """People's decisions on an audit, in a fixed order; none where there are none."""
    path = folder / "reviews.parquet"
    return read_table(path, REVIEWS).to_pylist() if has_reviews(folder) else []


def store_reviews(folder: Path, new: Iterable[dict[str, Any]]) -> None:
    """Keep people's decisions; a person's later decision on the same item replaces the earlier one."""
    kept = {(row["item"], row["code"], row["coder"]): row for row in (*read_reviews(folder), *new)}
    rows = [kept[key] for key in sorted(kept)]
    write_table(folder / "reviews.parquet", pa.Table.from_pylist(rows, schema=REVIEWS))
    add_people(folder)


def add_people(folder: Path) -> None:
    """Put people's decisions on programmes into codings.parquet, beside the machine's."""
    codebook = load_codebook()
    machine = [row for row in read_table(folder / "codings.parquet", CODINGS).to_pylist() if not is_person(row)]
    agency = {row["programme"]: row["agency"] for row in machine}
    people = [
        {
            "programme": row["item"], "agency": row["agency"], "code": row["code"], "value": row["value"],
            "confidence": 1.0, "review": False, "coder": PERSON + row["coder"],
            "codebook": f"{codebook.version} {codebook.digest}",
        }
        for row in read_reviews(folder)
        if row["item"] in agency
    ]  # fmt: skip
    if people or len(machine) < len(agency):
        write_table(folder / "codings.parquet", pa.Table.from_pylist([*machine, *people], schema=CODINGS))


def is_person(row: dict[str, Any]) -> bool:
    """Whether a row of codings.parquet is a person's."""
    return str(row["coder"]).startswith(PERSON)


@dataclass(frozen=True)
class CodeAgreement:
    """How far coders agree on one code."""

    code: str
    who: str  # 'people' among one another, or 'machine' against people
    items: int  # that at least two of them decided
    same: float  # share of items on which all say the same
    alpha: float
    interval: Interval  # 95 %, items drawn again

    @property
    def reliable(self) -> bool:
        """Whether alpha reaches ENOUGH."""
        return self.alpha >= ENOUGH


def agreement(folder: Path) -> list[CodeAgreement]:
    """Agreement per code: people among one another, and the machine against what people settled on.

    What was changed in the workbook does not count: only disagreements are seen there.
    """
    changed = {(r["item"], r["code"], PERSON + r["coder"]) for r in read_reviews(folder) if r["kind"] == CHANGED}
    by_item: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_table(folder / "codings.parquet", CODINGS).to_pylist():
        if (row["programme"], row["code"], row["coder"]) not in changed:
            by_item[row["programme"]].append(row)
    reviewed = {item: rows for item, rows in by_item.items() if any(is_person(row) for row in rows)}
    names = sorted({row["coder"] for rows in reviewed.values() for row in rows if is_person(row)})
    found = []
    for code in (*load_codebook().measures, SOCIAL):
        units: list[list[float | None]] = []
        against: list[list[float | None]] = []
        for item in sorted(reviewed):
            said = {row["coder"]: row["value"] for row in reviewed[item] if row["code"] == code and is_person(row)}
            machine = next((r["value"] for r in reviewed[item] if r["code"] == code and not is_person(r)), 0)
            if len(said) > 1:
                units.append([said.get(name) for name in names])
            if said:
                against.append([machine, settled(sorted(said.values()), machine, code)])
        for who, values in (("people", units), ("machine", against)):
            if len(values) > 1:
                found.append(_agreed(code, who, values))
    return found


def _agreed(code: str, who: str, units: list[list[float | None]]) -> CodeAgreement:
    level = "ordinal" if code == SOCIAL else "nominal"

    def of(some: Any) -> float:
        return alpha(list(zip(*some, strict=True)), level)  # type: ignore[arg-type]

    same = sum(len({value for value in unit if value is not None}) == 1 for unit in units) / len(units)
    return CodeAgreement(code, who, len(units), same, of(units), bootstrap(units, of))


MOST_ELUDED = 0.05  # bound of the elusion test over which no 'none found' stands where people found a miss


@dataclass(frozen=True)
class Elusion:
    """What people found among the things that the machine said do not use social media."""

    looked_at: int
    found: int  # with social media as a part of the offer or its purpose
    agencies: dict[str, SocialLevel]  # the highest level found so, by the id of the agency
    most: float  # upper bound of their share, 95 % (one-sided, Clopper and Pearson 1934; about 3/n where none is found)

    @property
    def doubtful(self) -> bool:
        """Whether people found misses, and so many may be left that 'none found' cannot be said."""
        return self.found > 0 and self.most > MOST_ELUDED


def elusion(folder: Path) -> Elusion | None:
    """The elusion test; None where nobody has looked."""
    rows = [row for row in read_reviews(folder) if row["kind"] == "elusion" and row["code"] in (SOCIAL, RELEVANT)]
    items: defaultdict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        items[row["item"]][row["code"]].append(row["value"])
    looked_at = len(items)
    if not looked_at:
        return None
    agency = {row["item"]: row["agency"] for row in rows}
    found = 0
    agencies: dict[str, SocialLevel] = {}
    for item in sorted(items):
        levels = items[item][SOCIAL]
        level = SocialLevel(settled(sorted(levels), 0, SOCIAL)) if levels else SocialLevel.NONE
        if level >= SocialLevel.COMPONENT:
            found += 1
            agencies[agency[item]] = max(level, agencies.get(agency[item], level))
    from scipy.stats import beta  # takes a second to load, and most commands need it not

    most = 1.0 if found == looked_at else float(beta.ppf(0.95, found + 1, looked_at - found))
    return Elusion(looked_at, found, agencies, most)
