"""Formulas with the results they have now.

The library writes a formula without its result, which only a program that calculates puts in: viewers, previews and
scripts would show nothing. So the results are put into the file after it was written.
"""

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from reports.cells import put

Result = str | int | float
_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)>(<f(?: [^>]*)?>.*?</f>)<v\s*/?>(?:</v>)?</c>', re.S)


_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file knows


class Live:
    """The formulas of one workbook, with their results."""

    def __init__(self) -> None:
        self._results: defaultdict[str, dict[str, Result]] = defaultdict(dict)

    def put(self, sheet: Worksheet, row: int, column: int, formula: str, result: Result) -> Cell | MergedCell:
        """Write a formula (without its '=') and remember its result, as it is for the values of now."""
        cell = put(sheet, row, column, None)
        cell.value = f"={formula}"
        self._results[sheet.title][cell.coordinate] = result
        return cell

    def array(self, sheet: Worksheet, area: str, formula: str, results: Sequence[Result]) -> None:
        """Write one formula (without its '=') that fills the cells of a column with the results it has now."""
        cells = [row[0] for row in sheet[area]]
        for cell, result in zip(cells, results, strict=True):
            put(sheet, cell.row, cell.column, result)
        first = cells[0]
        first.value = ArrayFormula(area, f"={formula}")
        self._results[sheet.title][first.coordinate] = results[0]

    def save(self, book: Workbook, stream: IO[bytes]) -> None:
        """Write the workbook with the results of its formulas."""
        written = BytesIO()
        book.save(written)
        titles = {f"xl/worksheets/sheet{number}.xml": sheet.title for number, sheet in enumerate(book.worksheets, 1)}

        def filled(name: str, content: bytes) -> bytes:
            results = self._results.get(titles.get(name, ""))
            return _with_results(content.decode("utf-8"), results).encode("utf-8") if results else content

        same_bytes(written, stream, filled)


def same_bytes(
    written: IO[bytes], stream: IO[bytes], change: Callable[[str, bytes], bytes] = lambda _, content: content
) -> None:
    """Copy an Office file without the times at which it was written, so that equal reports are equal byte for byte.

    `change` gives the new content of a part from its name and content.
    """
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = change(part.filename, source.read(part))
            if part.filename == "docProps/core.xml":
                content = _TIMES.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", content)
            target.writestr(zipfile.ZipInfo(part.filename, _NO_TIME), content, zipfile.ZIP_DEFLATED)


def _with_results(xml: str, results: dict[str, Result]) -> str:
    def fill(match: re.Match[str]) -> str:
        place, attributes, formula = match.groups()
        result = results[place]
        kind = ' t="str"' if isinstance(result, str) else ""
        attributes = re.sub(r' t="[a-z]+"', "", attributes)
        shown = escape(result) if isinstance(result, str) else repr(result)
        return f'<c r="{place}"{attributes}{kind}>{formula}<v>{shown}</v></c>'

    return _FORMULA.sub(fill, xml)
