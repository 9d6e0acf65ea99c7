"""The comparison of two audits: a workbook, JSON, and a few lines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill

from analysis.coding import SocialLevel
from analysis.compare import Change, Comparison, ProgrammeChange
from common.files import write_atomically, write_json
from reports.cells import fit_rows, link, set_up_page, table

_FILLS = {
    Change.NEW: PatternFill("solid", fgColor="CFE8CF"),
    Change.GONE: PatternFill("solid", fgColor="F3C9C0"),
    Change.RECODED: PatternFill("solid", fgColor="FBE3B5"),
    Change.RENAMED: PatternFill("solid", fgColor="BFDDF2"),
    Change.NOT_SEEN: PatternFill("lightUp", fgColor="9A9A9A", bgColor="F4F4F4"),
    Change.FIRST_SEEN: PatternFill("lightUp", fgColor="9A9A9A", bgColor="F4F4F4"),
}
_MEANINGS = {
    Change.NEW: "new",
    Change.GONE: "gone",
    Change.RENAMED: "renamed",
    Change.RECODED: "changed in measures or level",
    Change.FIRST_SEEN: "seen for the first time, on pages that were not read before",
    Change.NOT_SEEN: "not seen this time, because their pages were not read",
    Change.SAME: "as before",
}


def compare_lines(result: Comparison) -> list[str]:
    """What a reader wants to know first."""
    counts = Counter(change.change for change in result.programmes)
    lines = [f"programmes {words}: {counts[change]}" for change, words in _MEANINGS.items()]
    for change in result.programmes:
        before, after = change.levels
        if (after or 0) >= SocialLevel.COMPONENT and (before or 0) < SocialLevel.COMPONENT:
            lines.append(f"social media is now part of: {change.name} ({change.agency}; {change.change.value})")
        elif (before or 0) >= SocialLevel.COMPONENT and (after or 0) < SocialLevel.COMPONENT:
            lines.append(f"social media is no longer part of: {change.name} ({change.agency}; {change.change.value})")
    lines += [
        f"verdict on {agency.agency}: {_word(agency.before)} before, {_word(agency.after)} now"
        for agency in result.agencies
        if agency.before != agency.after
    ]
    if not result.same_coder:
        lines.append("the two audits were coded by different versions: changes in measures or level may be the coder's")
    return lines


def write_compare(result: Comparison, folder: Path) -> list[Path]:
    """Write compare.xlsx and compare.json into a folder. Raises AuditFolderError when they cannot be written."""
    book = Workbook()
    book.remove(book.worksheets[0])
    changes = sorted(
        result.programmes, key=lambda change: (list(_MEANINGS).index(change.change), change.agency, change.name)
    )
    sheet = book.create_sheet("Programmes")
    columns = [
        ("Agency", 28), ("Programme", 40), ("Change", 14), ("Name before", 40), ("Level before", 9), ("Level now", 9),
        ("Measures gained", 30), ("Measures lost", 30), ("Page", 50),
    ]  # fmt: skip
    table(sheet, [c[0] for c in columns], [c[1] for c in columns], (_row(change) for change in changes))
    for number, change in enumerate(changes, 2):
        if change.change in _FILLS:
            sheet.cell(number, 3).fill = _FILLS[change.change]
        link(sheet.cell(number, 9), _url(change))
    agencies = book.create_sheet("Agencies")

    def rows() -> Iterable[Sequence[Any]]:
        for a in result.agencies:
            yield a.agency, _word(a.before), _word(a.after), a.coverage_before, a.coverage_after

    names = ("Agency", "Verdict before", "Verdict now", "Coverage before", "Coverage now")
    table(agencies, names, (28, 22, 22, 70, 70), rows())
    summary = book.create_sheet("About", 0)
    table(summary, ("What changed",), (140,), ([line] for line in compare_lines(result)))
    for each in book.worksheets:
        fit_rows(each)
        set_up_page(each)
    workbook, data = folder / "compare.xlsx", folder / "compare.json"
    write_atomically(workbook, book.save)
    write_json(data, _as_json(result, changes))
    return [workbook, data]


def _row(change: ProgrammeChange) -> Sequence[Any]:
    before, after = change.levels
    old = change.before.row["name"] if change.before and change.change is Change.RENAMED else ""
    return (
        change.agency, change.name, change.change.value, old, None if before is None else int(before),
        None if after is None else int(after), ", ".join(change.gained), ", ".join(change.lost), _url(change),
    )  # fmt: skip


def _as_json(result: Comparison, changes: Sequence[ProgrammeChange]) -> dict[str, Any]:
    return {
        "before": result.before.folder.name,
        "after": result.after.folder.name,
        "same_coder": result.same_coder,
        "counts": {change.value: sum(c.change is change for c in changes) for change in Change},
        "agencies": [
            {
                "agency": a.agency, "before": a.before and a.before.value, "after": a.after and a.after.value,
                "coverage_before": a.coverage_before, "coverage_after": a.coverage_after,
            }
            for a in result.agencies
        ],
        "programmes": [
            {
                "agency": c.agency, "change": c.change.value, "name": c.name, "url": _url(c),
                "name_before": c.before.row["name"] if c.before else None,
                "level_before": None if c.levels[0] is None else int(c.levels[0]),
                "level": None if c.levels[1] is None else int(c.levels[1]),
                "gained": list(c.gained), "lost": list(c.lost),
            }
            for c in changes
        ],
    }  # fmt: skip


def _url(change: ProgrammeChange) -> str:
    view = change.after or change.before
    assert view is not None
    return str(view.row["url"])


def _word(verdict: object) -> str:
    return "not in this audit" if verdict is None else str(verdict)
