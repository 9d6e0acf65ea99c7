"""How well the coder does: its decisions against those of people on a gold set."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from analysis.agreement import Interval, alpha, bootstrap, calibration_error, reliability
from analysis.codebook import load_codebook
from analysis.gold import read_passages
from common.errors import DataFileError


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1 (harmonic mean) from counts of decisions."""

    right: int = 0  # coded by both
    extra: int = 0  # by the machine alone
    missed: int = 0  # by people alone

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.extra) if self.right + self.extra else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.extra + self.missed
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True)
class Decided:
    """What people and the machine say of one page."""

    language: str
    relevant: tuple[bool, bool]  # people, machine
    truth: frozenset[str]
    found: dict[str, float]  # measures with the machine's confidence
    levels: tuple[int, int] | None


@dataclass
class Evaluation:
    """The result of an evaluation."""

    pages: int
    relevance: Scores
    measures: dict[str, Scores]
    languages: dict[str, Scores]
    levels: Counter[tuple[int, int]]  # (people's level, machine's level)
    errors: list[str] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    alphas: dict[str, float] = field(default_factory=dict)  # Krippendorff's, machine and people, by what is coded

    @property
    def micro(self) -> Scores:
        """All measures together."""
        return _sum(self.measures.values())

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the measures that occur."""
        found = [s.f1 for s in self.measures.values() if s.right + s.extra + s.missed]
        return sum(found) / len(found) if found else 1.0

    @property
    def levels_right(self) -> float:
        """The share of pages with the right level."""
        total = sum(self.levels.values())
        return sum(n for (a, b), n in self.levels.items() if a == b) / total if total else 1.0

    @property
    def false_programmes(self) -> int:
        """Pages with level 3 or 4 where people say 0 to 2: the error that ruins an audit."""
        return sum(n for (truth, found), n in self.levels.items() if truth <= 2 < found)

    @property
    def weighted_kappa(self) -> float:
        """Cohen's kappa of the levels with quadratic weights (Cohen 1968)."""
        return quadratic_kappa(self.levels)

    def level_scores(self, level: int) -> Scores:
        """Precision and recall of one level of social media."""
        right = self.levels[level, level]
        return Scores(
            right,
            sum(n for (truth, found), n in self.levels.items() if found == level) - right,
            sum(n for (truth, found), n in self.levels.items() if truth == level) - right,
        )


def quadratic_kappa(levels: Counter[tuple[int, int]]) -> float:
    """Agreement of two coders beyond chance, larger differences weighing more: 1 - observed / expected."""
    total = sum(levels.values())
    if not total:
        return 1.0
    truth: Counter[int] = Counter()
    found: Counter[int] = Counter()
    for (a, b), n in levels.items():
        truth[a] += n
        found[b] += n
    observed = sum(n * (a - b) ** 2 for (a, b), n in levels.items()) / total
    expected = sum(truth[a] * found[b] * (a - b) ** 2 for a in truth for b in found) / total**2
    return 1 - observed / expected if expected else 1.0


def read_gold(path: Path) -> list[dict[str, Any]]:
    """The lines of a gold file: the input of `classify --input` with `relevant`, `measures` and `social` (a level).

    A folder is read as gold passages (analysis/gold.py). Raises DataFileError that names file and line.
    """
    if path.is_dir():
        return [passage.as_line() for passage in read_passages(path)]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read: {error}") from None
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            raise DataFileError(f"{path}: line {number}: not JSON") from None
        known = load_codebook().measures
        if not isinstance(row, dict) or not isinstance(row.get("measures", []), list):
            raise DataFileError(f"{path}: line {number}: must be an object with a list 'measures'")
        for measure in row.get("measures", []):
            if measure not in known:
                raise DataFileError(f"{path}: line {number}: measures: {measure!r} is not in the codebook")
        if row.get("social") not in (None, 0, 1, 2, 3, 4):
            raise DataFileError(f"{path}: line {number}: social: must be a level from 0 to 4")
        if "id" not in row:
            raise DataFileError(f"{path}: line {number}: 'id' is missing")
        rows.append(row)
    if not rows:
        raise DataFileError(f"{path}: holds no gold page")
    return rows


def evaluate(
    gold: list[dict[str, Any]], coded: list[dict[str, Any]], coders: Sequence[list[dict[str, Any]]] = ()
) -> Evaluation:
    """Compare the output of `classify --input` with the gold lines it was made from, matched by id.

    `coders` are the gold lines of further people who coded the same pages, for Krippendorff's alpha.
    """
    by_id = {row["id"]: row for row in coded}
    relevance = Counter[str]()
    measures: Counter[tuple[str, str]] = Counter()
    languages: Counter[tuple[str, str]] = Counter()
    levels: Counter[tuple[int, int]] = Counter()
    errors: list[str] = []
    decided: list[Decided] = []
    pages = 0
    for row in gold:
        found = by_id.get(row["id"])
        if found is None:
            continue
        pages += 1
        truth = set(row.get("measures", []))
        machine = {entry["measure"] for entry in found["measures"]}
        relevant = row.get("relevant", bool(truth))
        relevance[_outcome(relevant, found["relevant"])] += 1
        decided.append(
            Decided(
                row.get("lang") or found["lang"],
                (relevant, found["relevant"]),
                frozenset(truth),
                {entry["measure"]: entry.get("confidence", 1.0) for entry in found["measures"]},
                None if row.get("social") is None else (row["social"], found["social"]["level"]),
            )
        )
        for measure in truth | machine:
            outcome = _outcome(measure in truth, measure in machine)
            measures[measure, outcome] += 1
            languages[row.get("lang") or found["lang"], outcome] += 1
        wrong = []
        if relevant != found["relevant"]:
            wrong.append(f"relevant {relevant}, coded {found['relevant']}")
        if truth != machine:
            wrong.append(f"missed {sorted(truth - machine)}, extra {sorted(machine - truth)}")
        if row.get("social") is not None:
            levels[row["social"], found["social"]["level"]] += 1
            if row["social"] != found["social"]["level"]:
                wrong.append(f"level {row['social']}, coded {found['social']['level']}")
        if wrong:
            errors.append(f"{row['id']}: {'; '.join(wrong)}")
    return Evaluation(
        pages,
        _scores(relevance),
        {m: _scores({o: measures[m, o] for o in ("right", "extra", "missed")}) for m in load_codebook().measures},
        {
            lang: _scores({o: languages[lang, o] for o in ("right", "extra", "missed")})
            for lang in sorted({lang for lang, _ in languages})
        },
        levels,
        errors,
        decided,
        _alphas([gold, *coders], by_id),
    )


def _alphas(people: Sequence[list[dict[str, Any]]], machine: dict[Any, dict[str, Any]]) -> dict[str, float]:
    """Alpha of relevance, each measure and the level, over all people and the machine; and over people alone."""
    units = [row["id"] for row in people[0] if row["id"] in machine]
    tables = [{row["id"]: row for row in rows} for rows in people]
    found: dict[str, float] = {}
    groups = {"people and machine": True} | ({"people": False} if len(people) > 1 else {})
    for name, with_machine in groups.items():

        def rows(
            of_people: Callable[[dict[str, Any]], float | None],
            of_machine: Callable[[dict[str, Any]], float | None],
            with_machine: bool = with_machine,
        ) -> list[list[float | None]]:
            table = [[of_people(t[u]) if u in t else None for u in units] for t in tables]
            return [*table, [of_machine(machine[u]) for u in units]] if with_machine else table

        found[f"relevance, {name}"] = alpha(
            rows(lambda r: r.get("relevant", bool(r.get("measures"))), lambda r: r["relevant"])
        )
        for measure in load_codebook().measures:
            found[f"{measure}, {name}"] = alpha(
                rows(
                    lambda r, m=measure: m in r.get("measures", []),  # type: ignore[misc]
                    lambda r, m=measure: m in {e["measure"] for e in r["measures"]},  # type: ignore[misc]
                )
            )
        found[f"social level, {name}"] = alpha(
            rows(lambda r: r.get("social"), lambda r: r["social"]["level"]), "ordinal"
        )
    return found


def report_lines(result: Evaluation) -> list[str]:
    """The evaluation as a Markdown text. Intervals are 95 %, by resampling pages."""
    decided = result.decided
    lines = [
        f"{result.pages} pages. Intervals: 95 %, by drawing pages again with replacement.",
        "",
        "| | precision | recall | F1 | interval of F1 | right | extra | missed | neither |",
        "|---|---|---|---|---|---|---|---|---|",
        _line("relevance", result.relevance, decided, lambda d: [d.relevant], result.pages),
        _line("measures, micro", result.micro, decided, _measure_pairs, result.pages * len(result.measures)),
    ]
    for measure, scores in result.measures.items():
        lines.append(_line(measure, scores, decided, partial(_measure_pairs, only=measure), result.pages))
    lines += ["", "| language | pages | precision | recall | F1 | interval of F1 |", "|---|---|---|---|---|---|"]
    for language, scores in result.languages.items():
        part = [d for d in decided if d.language == language]
        interval = _interval(part, _measure_pairs)
        lines.append(f"| {language} | {len(part)} | {_shares(scores)} | {interval} |")
    lines += ["", "| level | precision | recall | F1 | in the gold set |", "|---|---|---|---|---|"]
    for level in range(5):
        scores = result.level_scores(level)
        lines.append(f"| {level} | {_shares(scores)} | {scores.right + scores.missed} |")
    kappa = bootstrap(decided, lambda part: quadratic_kappa(Counter(d.levels for d in part if d.levels)))
    lines += [
        "",
        f"measures, macro-F1: {result.macro_f1:.3f} ({_shown(bootstrap(decided, _macro))})",
        f"social level right: {result.levels_right:.3f}; quadratic-weighted kappa: {result.weighted_kappa:.3f} "
        f"({_shown(kappa)})",
        f"level 3 or 4 where people say 0 to 2: {result.false_programmes}",
        "",
        "| people \\ machine | 0 | 1 | 2 | 3 | 4 |",
        "|---|---|---|---|---|---|",
    ]
    for truth in range(5):
        cells = " | ".join(str(result.levels[truth, found]) for found in range(5))
        lines.append(f"| {truth} | {cells} |")
    lines += ["", "Krippendorff's alpha (nominal; level: ordinal)", "", "| | alpha |", "|---|---|"]
    lines += [f"| {name} | {value:.3f} |" for name, value in result.alphas.items()]
    bands = reliability([(c, m in d.truth) for d in decided for m, c in d.found.items()])
    lines += [
        "",
        f"Calibration of coded measures; expected calibration error {calibration_error(bands):.3f}",
        "",
        "| confidence | decisions | claimed | true |",
        "|---|---|---|---|",
    ]
    lines += [f"| {b.low:.1f} to {b.high:.1f} | {b.decisions} | {b.claimed:.2f} | {b.true:.2f} |" for b in bands]
    return lines


def _line(
    name: str, scores: Scores, decided: list[Decided], pairs: Callable[[Decided], list[tuple[bool, bool]]], total: int
) -> str:
    neither = total - scores.right - scores.extra - scores.missed
    return (
        f"| {name} | {_shares(scores)} | {_interval(decided, pairs)} | "
        f"{scores.right} | {scores.extra} | {scores.missed} | {neither} |"
    )


def _shares(scores: Scores) -> str:
    return f"{scores.precision:.3f} | {scores.recall:.3f} | {scores.f1:.3f}"


def _measure_pairs(page: Decided, only: str = "") -> list[tuple[bool, bool]]:
    names = {only} if only else page.truth | page.found.keys()
    return [(name in page.truth, name in page.found) for name in names]


def _f1(counts: Counter[tuple[bool, bool]]) -> float:
    return Scores(counts[True, True], counts[False, True], counts[True, False]).f1


def _interval(decided: Sequence[Decided], pairs: Callable[[Decided], list[tuple[bool, bool]]]) -> str:
    counted = [Counter(pairs(page)) for page in decided]
    return _shown(bootstrap(counted, lambda part: _f1(sum(part, Counter())))) if counted else ""


def _macro(part: Sequence[Decided]) -> float:
    measures = sorted({m for page in part for m in page.truth | page.found.keys()})
    found = [_f1(Counter(pair for page in part for pair in _measure_pairs(page, only=m))) for m in measures]
    return sum(found) / len(found) if found else 1.0


def _shown(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}"


def _outcome(truth: bool, found: bool) -> str:
    if truth:
        return "right" if found else "missed"
    return "extra" if found else "neither"


def _scores(counts: dict[str, int] | Counter[str]) -> Scores:
    return Scores(counts.get("right", 0), counts.get("extra", 0), counts.get("missed", 0))


def _sum(parts: Any) -> Scores:
    parts = list(parts)
    return Scores(sum(p.right for p in parts), sum(p.extra for p in parts), sum(p.missed for p in parts))
