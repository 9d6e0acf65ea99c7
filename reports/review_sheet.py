"""Coding sheets: workbooks in which people decide what the machine decided, and their way back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis.codebook import Codebook, load_codebook
from analysis.tables import RELEVANT, SOCIAL
from common.errors import ReviewError
from common.files import write_atomically
from reports.cells import BORDER, FACE, fit_rows, head, link, put, set_up_page

SHEET, KEY = "Coding", "_audit"
LONGEST_TEXT = 3_000  # characters of a programme's text in the sheet
MOST_NAMED = 5  # mistakes that an error names
_YES, _NO = {"yes", "y", "x", "1", "true"}, {"no", "n", "0", "false"}
_DECIDE = PatternFill("solid", fgColor="FFF7E0")
_FIRST = ("Number", "Agency", "Programme", "Language", "Page", "Text", "Machine says")
_WIDTHS = (8, 22, 30, 9, 34, 80, 26)
_HOW = (
    "Read the text of each row (the link opens the page), and decide from it alone what is offered, by the definitions "
    "in the sheet Codebook.",
    "Help for exporters? yes, if it is help offered to firms that sell, or want to sell, abroad; else no, and nothing "
    "more need be filled in.",
    "Measures: yes in every column whose measure is offered. An empty cell means no.",
    "Social level: 0 not named; 1 only follow-us links and the like; 2 named in passing; 3 part of what firms get; 4 "
    "the purpose of the programme.",
    "A row of which nothing is filled in is taken as not looked at yet. Comment as you like.",
    "Do not delete, double or reorder columns and rows, do not change the last column, and do not talk about rows with "
    "other coders before all are done: agreement is measured between you.",
)


@dataclass(frozen=True)
class ReviewItem:
    """Something for a person to decide about."""

    id: str  # of the programme, or page:ADDRESS
    agency: str
    agency_name: str
    name: str
    language: str
    url: str
    text: str
    measures: tuple[str, ...]  # as the machine has them
    social: int
    relevant: bool


@dataclass(frozen=True)
class SheetKey:
    """What a sheet says of itself, in a hidden sheet."""

    audit: str  # digest of the audit's frame
    coder: str
    kind: str  # sample, uncertain or elusion
    shown: bool  # whether the machine's answers are shown


@dataclass
class ReadSheet:
    """The decisions of one sheet."""

    key: SheetKey
    rows: list[dict[str, Any]] = field(default_factory=list)  # of reviews.parquet
    decided: int = 0  # rows that were filled in
    left: int = 0  # rows that were not


def write_review_sheet(path: Path, items: Sequence[ReviewItem], key: SheetKey) -> None:
    """Write a coding sheet. Raises AuditFolderError when it cannot be written."""
    book = Workbook()
    book.remove(book.worksheets[0])
    codebook = load_codebook()
    _instructions(book.create_sheet("Instructions"), key, len(items))
    _coding(book.create_sheet(SHEET), items, key, codebook)
    _definitions(book.create_sheet("Codebook"), codebook)
    hidden = book.create_sheet(KEY)
    hidden.sheet_state = "hidden"
    for row, (name, value) in enumerate(vars(key).items(), 1):
        put(hidden, row, 1, name)
        put(hidden, row, 2, str(value))
    for row, item in enumerate(items, 10):
        put(hidden, row, 1, item.id)
        put(hidden, row, 2, item.agency)
    book.active = 1
    write_atomically(path, book.save)


def _instructions(sheet: Worksheet, key: SheetKey, count: int) -> None:
    sheet.column_dimensions["A"].width = 110
    put(sheet, 1, 1, f"Coding sheet of {key.coder}: {count} items").font = Font(name=FACE, bold=True, size=14)
    for row, text in enumerate(_HOW, 3):
        put(sheet, row, 1, f"{row - 2}. {text}")
    fit_rows(sheet)


def _columns(codebook: Codebook) -> list[tuple[str, str]]:
    """The columns of decisions: code and heading."""
    measures = [(name, measure.label) for name, measure in codebook.measures.items()]
    return [(RELEVANT, "Help for exporters?"), *measures, (SOCIAL, "Social level"), ("comment", "Comment")]


def _coding(sheet: Worksheet, items: Sequence[ReviewItem], key: SheetKey, codebook: Codebook) -> None:
    columns = _columns(codebook)
    first = len(_FIRST) + 1
    names = [*_FIRST, *(label for _, label in columns), "Id"]
    head(sheet, 1, names, [*_WIDTHS, 12, *[11] * len(codebook.measures), 9, 40, 18])
    sheet.row_dimensions[1].height = 75
    for row, item in enumerate(items, 2):
        machine = "; ".join(codebook.measures[name].label for name in item.measures)
        shown = f"{machine or 'no measure'}; social level {item.social}" if key.shown else ""
        values = (row - 1, item.agency_name, item.name, item.language, item.url, item.text[:LONGEST_TEXT], shown)
        for column, value in enumerate(values, 1):
            put(sheet, row, column, value).border = BORDER
        link(sheet.cell(row, 5), item.url)
        for column, (code, _) in enumerate(columns, first):
            cell = put(sheet, row, column, _answer(item, code) if key.shown else None)
            cell.fill, cell.border = _DECIDE, BORDER
            if code != "comment":
                cell.alignment = Alignment(horizontal="center", vertical="top")
        put(sheet, row, len(names), item.id).font = Font(name=FACE, color="808080", size=8)
    last = max(len(items) + 1, 2)
    letters = [get_column_letter(column) for column in range(first, first + len(columns))]
    yes_no = DataValidation("list", formula1='"yes,no"', allow_blank=True, showErrorMessage=True)
    yes_no.error, yes_no.errorTitle = "yes or no, please", "Coding"
    level = DataValidation("list", formula1='"0,1,2,3,4"', allow_blank=True, showErrorMessage=True)
    level.error, level.errorTitle = "a level from 0 to 4, please", "Coding"
    yes_no.add(f"{letters[0]}2:{letters[-3]}{last}")
    level.add(f"{letters[-2]}2:{letters[-2]}{last}")
    sheet.add_data_validation(yes_no)
    sheet.add_data_validation(level)
    if not key.shown:
        sheet.column_dimensions[get_column_letter(len(_FIRST))].hidden = True
    sheet.freeze_panes = "D2"
    sheet.print_title_rows = "1:1"
    set_up_page(sheet)
    fit_rows(sheet)


def _answer(item: ReviewItem, code: str) -> str | int | None:
    """The machine's answer, where it is shown: people change what they find wrong."""
    if code == RELEVANT:
        return "yes" if item.relevant else "no"
    if code == SOCIAL:
        return item.social
    return "yes" if code in item.measures else None


def _definitions(sheet: Worksheet, codebook: Codebook) -> None:
    head(sheet, 1, ("Measure", "Definition", "Counts", "Does not count"), (24, 60, 60, 60))
    for row, measure in enumerate(codebook.measures.values(), 2):
        for column, value in enumerate(
            (measure.label, measure.definition, "; ".join(measure.include), "; ".join(measure.exclude)), 1
        ):
            put(sheet, row, column, value).border = BORDER
    row = len(codebook.measures) + 3
    for level in codebook.levels:
        put(sheet, row, 1, f"Social level {level.level}: {level.label}")
        put(sheet, row, 2, level.meaning)
        row += 1
    fit_rows(sheet)


def read_review_sheet(path: Path, audit: str) -> ReadSheet:
    """The decisions of a filled sheet; `audit` is the digest of the audit that it must belong to.

    Raises ReviewError that names sheet and cell for each mistake, so that nothing is taken in by halves.
    """
    book = open_filled(path)
    for name in (SHEET, KEY):
        if name not in book.sheetnames:
            raise ReviewError(f"{path}: has no sheet {name!r}; it is no coding sheet of gap-audit")
    key, wanted = _read_key(book[KEY], path)
    if key.audit != audit:
        raise ReviewError(f"{path}: sheet {KEY!r}: belongs to another audit")
    found = _Reader(book[SHEET], path.name, key, wanted)
    result = found.read()
    refuse(path, found.mistakes)
    return result


def open_filled(path: Path, read_only: bool = False) -> Workbook:
    """A workbook that people filled in. Raises ReviewError when it is no readable one."""
    try:
        return load_workbook(path, data_only=True, read_only=read_only)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        said = next(iter(str(error).splitlines()), "")
        raise ReviewError(f"{path}: not a readable workbook (.xlsx): {said}") from None


def refuse(path: Path, mistakes: Sequence[str]) -> None:
    """Raise ReviewError that names the first mistakes of a file, if there are any."""
    if mistakes:
        more = len(mistakes) - MOST_NAMED
        raise ReviewError(f"{path}: {'; '.join(mistakes[:MOST_NAMED])}" + (f"; and {more} more" if more > 0 else ""))


def _read_key(sheet: Worksheet, path: Path) -> tuple[SheetKey, dict[str, str]]:
    said = {str(sheet.cell(row, 1).value): str(sheet.cell(row, 2).value) for row in range(1, 5)}
    try:
        key = SheetKey(said["audit"], said["coder"], said["kind"], said["shown"] == "True")
    except KeyError as error:
        raise ReviewError(f"{path}: sheet {KEY!r}: has no entry {error}") from None
    rows = sheet.iter_rows(min_row=10, max_col=2, values_only=True)
    return key, {str(item): str(agency) for item, agency in rows if item}


class _Reader:
    """Reads the sheet of decisions, and gathers every mistake."""

    def __init__(self, sheet: Worksheet, file: str, key: SheetKey, wanted: dict[str, str]) -> None:
        self._sheet, self._file, self._key, self._wanted = sheet, file, key, wanted
        self._columns = _columns(load_codebook())
        self.mistakes: list[str] = []

    def read(self) -> ReadSheet:
        result = ReadSheet(self._key)
        places = self._places()
        if self.mistakes:
            return result
        seen: Counter[str] = Counter()
        for row in range(2, self._sheet.max_row + 1):
            item = self._text(row, places["Id"])
            said = {code: self._text(row, places[label]) for code, label in self._columns}
            if not item and not any(said.values()):
                continue
            if item not in self._wanted:
                self._mistake(row, places["Id"], f"{item[:60]!r} is no item of this sheet")
                continue
            seen[item] += 1
            if seen[item] == 2:
                self._mistake(row, places["Id"], f"{item[:60]!r} stands here a second time")
            if not any(said.values()):
                result.left += 1
                continue
            result.decided += 1
            result.rows += self._decisions(row, item, said, places)
        for item in self._wanted:
            if not seen[item]:
                self.mistakes.append(f"sheet {SHEET!r}: the row of {item[:60]!r} is missing")
        return result

    def _places(self) -> dict[str, int]:
        """The column of each heading."""
        found: dict[str, int] = {}
        for column in range(1, self._sheet.max_column + 1):
            name = self._text(1, column)
            if name in found:
                self._mistake(1, column, f"the heading {name!r} stands here a second time")
            found[name] = column
        for name in [*(label for _, label in self._columns), "Id"]:
            if name not in found:
                self.mistakes.append(f"sheet {SHEET!r}: has no column {name!r}")
        return found

    def _decisions(self, row: int, item: str, said: dict[str, str], places: dict[str, int]) -> list[dict[str, Any]]:
        labels = dict(self._columns)
        values: dict[str, int] = {}
        for code, text in said.items():
            if code == "comment":
                continue
            column = places[labels[code]]
            if code == SOCIAL:
                if text.removesuffix(".0") in ("0", "1", "2", "3", "4"):
                    values[code] = int(float(text))
                elif text:
                    self._mistake(row, column, f"{text[:30]!r} is no level from 0 to 4")
            elif text.lower() in _YES or text.removesuffix(".0") == "1":
                values[code] = 1
            elif text.lower() in _NO or text.removesuffix(".0") == "0" or (not text and code != RELEVANT):
                values[code] = 0
            elif text:
                self._mistake(row, column, f"{text[:30]!r} is neither yes nor no")
        if RELEVANT not in values and not said[RELEVANT]:
            self._mistake(row, places[labels[RELEVANT]], "is empty, though the row is filled in")
        if values.get(RELEVANT) == 0:
            values = {RELEVANT: 0}
        elif SOCIAL not in values and not said[SOCIAL]:
            self._mistake(row, places[labels[SOCIAL]], "is empty, though the row is filled in")
        return [
            {
                "item": item, "agency": self._wanted[item], "code": code, "value": value, "coder": self._key.coder,
                "kind": self._key.kind, "comment": said["comment"],
            }
            for code, value in values.items()
        ]  # fmt: skip

    def _text(self, row: int, column: int) -> str:
        value = self._sheet.cell(row, column).value
        return "" if value is None else str(value).strip()

    def _mistake(self, row: int, column: int, what: str) -> None:
        self.mistakes.append(f"sheet {SHEET!r}, cell {get_column_letter(column)}{row}: {what}")
