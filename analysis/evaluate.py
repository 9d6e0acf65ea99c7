"""How well the coder does: its decisions against those of people on a gold set."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.codebook import load_codebook
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


@dataclass
class Evaluation:
    """The result of an evaluation."""

    pages: int
    relevance: Scores
    measures: dict[str, Scores]
    languages: dict[str, Scores]
    levels: Counter[tuple[int, int]]  # (people's level, machine's level)
    errors: list[str] = field(default_factory=list)

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
        total = sum(self.levels.values())
        if not total:
            return 1.0
        truth: Counter[int] = Counter()
        found: Counter[int] = Counter()
        for (a, b), n in self.levels.items():
            truth[a] += n
            found[b] += n
        observed = sum(n * (a - b) ** 2 for (a, b), n in self.levels.items()) / total
        expected = sum(truth[a] * found[b] * (a - b) ** 2 for a in truth for b in found) / total**2
        return 1 - observed / expected if expected else 1.0


def read_gold(path: Path) -> list[dict[str, Any]]:
    """The lines of a gold file: the input of `classify --input` with `relevant`, `measures` and `social` (a level).

    Raises DataFileError that names file and line.
    """
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


def evaluate(gold: list[dict[str, Any]], coded: list[dict[str, Any]]) -> Evaluation:
    """Compare the output of `classify --input` with the gold lines it was made from, matched by id."""
    by_id = {row["id"]: row for row in coded}
    relevance = Counter[str]()
    measures: Counter[tuple[str, str]] = Counter()
    languages: Counter[tuple[str, str]] = Counter()
    levels: Counter[tuple[int, int]] = Counter()
    errors: list[str] = []
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
    )


def report_lines(result: Evaluation) -> list[str]:
    """The evaluation as a Markdown text."""
    lines = [
        f"{result.pages} pages",
        "",
        "| | precision | recall | F1 | in the gold set |",
        "|---|---|---|---|---|",
    ]
    lines.append(_line("relevance", result.relevance))
    lines.append(_line("measures, micro", result.micro))
    lines += [_line(measure, scores) for measure, scores in result.measures.items()]
    lines += [_line(f"language {language}", scores) for language, scores in result.languages.items()]
    lines += [
        "",
        f"measures, macro-F1: {result.macro_f1:.3f}",
        f"social level right: {result.levels_right:.3f}; quadratic-weighted kappa: {result.weighted_kappa:.3f}",
        f"level 3 or 4 where people say 0 to 2: {result.false_programmes}",
        "",
        "| people \\ machine | 0 | 1 | 2 | 3 | 4 |",
        "|---|---|---|---|---|---|",
    ]
    for truth in range(5):
        cells = " | ".join(str(result.levels[truth, found]) for found in range(5))
        lines.append(f"| {truth} | {cells} |")
    return lines


def _line(name: str, scores: Scores) -> str:
    return (
        f"| {name} | {scores.precision:.3f} | {scores.recall:.3f} | {scores.f1:.3f} | {scores.right + scores.missed} |"
    )


def _outcome(truth: bool, found: bool) -> str:
    if truth:
        return "right" if found else "missed"
    return "extra" if found else "neither"


def _scores(counts: dict[str, int] | Counter[str]) -> Scores:
    return Scores(counts.get("right", 0), counts.get("extra", 0), counts.get("missed", 0))


def _sum(parts: Any) -> Scores:
    parts = list(parts)
    return Scores(sum(p.right for p in parts), sum(p.extra for p in parts), sum(p.missed for p in parts))
