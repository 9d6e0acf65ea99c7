"""What was changed by hand in gap_matrix.xlsx, read back as a person's decisions."""

from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from analysis.codebook import load_codebook
from analysis.reviews import CHANGED
from analysis.tables import RELEVANT, SOCIAL
from common.errors import ReviewError
from reports.review_sheet import open_filled, refuse
from reports.workbook.programmes import COUNTED, FIRST_KEY_ROW, ID, KEY, LEVEL, NAME


def is_gap_matrix(path: Path) -> bool:
    """Whether a file is a workbook of this kind. Raises ReviewError when it is no readable workbook."""
    book = open_filled(path, read_only=True)
    try:
        return NAME in book.sheetnames and KEY in book.sheetnames
    finally:
        book.close()


def read_changes(path: Path, audit: str, coder: str) -> list[dict[str, Any]]:
    """The decisions (rows of reviews.parquet) that differ from those with which the workbook was written.

    `audit` is the digest of the audit that it must belong to. Raises ReviewError that names sheet and cell for each
    mistake, so that nothing is taken in by halves.
    """
    book = open_filled(path)
    key, sheet = book[KEY], book[NAME]
    if key.cell(1, 2).value != audit:
        raise ReviewError(f"{path}: sheet {KEY!r}: belongs to another audit")
    before = {
        str(programme): (str(agency), [int(value) for value in str(said).split()])
        for programme, agency, said in key.iter_rows(min_row=FIRST_KEY_ROW, max_col=3, values_only=True)
        if programme
    }
    codes = (RELEVANT, *load_codebook().measures, SOCIAL)
    names = (COUNTED, *load_codebook().measures, LEVEL)
    places = _places(sheet, (*names, ID), path)
    mistakes: list[str] = []
    changes: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2):
        programme = str(row[places[ID] - 1] or "")
        if not programme:
            continue
        where = f"sheet {NAME!r}, cell {get_column_letter(places[ID])}{number}"
        if programme not in before:
            mistakes.append(f"{where}: {programme[:60]!r} is no programme of this workbook")
            continue
        if programme in seen:
            mistakes.append(f"{where}: {programme[:60]!r} stands here a second time")
        seen.add(programme)
        agency, decided = before[programme]
        for code, name, old in zip(codes, names, decided, strict=True):
            value = _number(row[places[name] - 1], 4 if name == LEVEL else 1)
            if value is None:
                cell = f"{get_column_letter(places[name])}{number}"
                mistakes.append(f"sheet {NAME!r}, cell {cell}: must be a number from 0 to {4 if name == LEVEL else 1}")
            elif value != old:
                changes.append(
                    {
                        "item": programme, "agency": agency, "code": code, "value": value, "coder": coder,
                        "kind": CHANGED, "comment": "",
                    }
                )  # fmt: skip
    missing = [name for name in before if name not in seen]
    mistakes += [
        f"sheet {NAME!r}: the row of {name[:60]!r} is missing (set 'counted' to 0 instead)" for name in missing
    ]
    refuse(path, mistakes)
    return changes


def _places(sheet: Worksheet, names: tuple[str, ...], path: Path) -> dict[str, int]:
    found = {str(cell.value): cell.column for cell in sheet[1] if cell.value is not None}
    for name in names:
        if name not in found:
            raise ReviewError(f"{path}: sheet {NAME!r}: has no column {name!r}")
    return found


def _number(value: Any, most: int) -> int | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return int(number) if number in range(most + 1) else None
