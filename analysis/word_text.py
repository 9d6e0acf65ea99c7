"""From Word documents (.docx) to blocks."""

import io
import re
import zipfile

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from analysis.page import RawBlock
from common.errors import GapAuditError

LARGEST = 50_000_000  # bytes of all parts, unpacked
MOST_BLOCKS = 20_000
_HEADING = re.compile(r"(?:heading|titre|überschrift|título|titolo|kop|nagłówek|rubrik|overskrift|başlık)\s*(\d)", re.I)


class UnreadableDocument(GapAuditError):
    """A Word document that is broken, locked, or too large to be opened safely."""


def read_word(body: bytes) -> tuple[str, list[RawBlock]]:
    """Title and blocks of a document, in its order; a table row is one block.

    Raises UnreadableDocument when it cannot be opened.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST:
                raise UnreadableDocument("Word document: unpacks to more than is safe to read")
        document = docx.Document(io.BytesIO(body))
        return (document.core_properties.title or "").strip(), _blocks(document)
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError, OSError) as error:
        lines = str(error).splitlines()
        raise UnreadableDocument(
            f"not a readable Word document: {lines[0] if lines else type(error).__name__}"
        ) from None


def _blocks(document: Document) -> list[RawBlock]:
    blocks: list[RawBlock] = []
    for part in document.iter_inner_content():
        if len(blocks) >= MOST_BLOCKS:
            break
        if isinstance(part, Table):
            for row in part.rows:
                cells = dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells)  # merged cells come twice
                text = " | ".join(cell for cell in cells if cell)
                if text:
                    blocks.append(RawBlock("row", text))
        elif isinstance(part, Paragraph) and part.text.strip():
            blocks.append(_block(part))
    return blocks


def _block(paragraph: Paragraph) -> RawBlock:
    text = " ".join(paragraph.text.split())
    style = (paragraph.style.name if paragraph.style else "") or ""
    heading = _HEADING.match(style)
    if style == "Title" or heading:
        return RawBlock("heading", text, level=min(int(heading[1]), 6) if heading else 1)
    return RawBlock("item" if style.startswith("List") else "paragraph", text)
