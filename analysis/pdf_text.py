"""From PDF to blocks: lines joined to paragraphs, larger type taken for headings."""

import re
from collections import Counter

import pypdfium2 as pdfium
from pypdfium2 import raw as pdfium_c

from analysis.page import RawBlock
from common.errors import GapAuditError

MOST_PAGES = 200  # of one document


class UnreadablePdf(GapAuditError):
    """A PDF that is broken, locked or empty."""


def read_pdf(body: bytes) -> tuple[str, list[RawBlock]]:
    """Title and blocks of a PDF.

    Raises UnreadablePdf when it cannot be opened.
    """
    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        raise UnreadablePdf(f"not a readable PDF: {error}") from None
    try:
        title = (document.get_metadata_dict().get("Title") or "").strip()
        lines: list[tuple[str, float]] = []
        for number in range(min(len(document), MOST_PAGES)):
            lines += _lines(document[number])
    except pdfium.PdfiumError as error:
        raise UnreadablePdf(f"broken PDF: {error}") from None
    finally:
        document.close()
    return title, _blocks(lines)


def _lines(page: pdfium.PdfPage) -> list[tuple[str, float]]:
    """The lines of a page, each with the size of its type in points; '' between paragraphs."""
    text_page = page.get_textpage()
    text = text_page.get_text_range()
    lines = []
    position = 0
    for line in text.split("\n"):
        stripped = line.strip("\r ")
        size = pdfium_c.FPDFText_GetFontSize(text_page.raw, position) if stripped else 0.0
        lines.append((stripped, round(float(size), 1)))
        position += len(line) + 1
    return lines


def _blocks(lines: list[tuple[str, float]]) -> list[RawBlock]:
    sizes: Counter[float] = Counter()
    for line, size in lines:
        sizes[size] += len(line)
    sizes.pop(0.0, None)
    body_size = sizes.most_common(1)[0][0] if sizes else 0.0
    heading_sizes = sorted((size for size in sizes if size > body_size * 1.1), reverse=True)
    blocks: list[RawBlock] = []
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            text = re.sub(r"(\w)- (?=[a-zà-ÿ])", r"\1", " ".join(paragraph))
            blocks.append(RawBlock("paragraph", text))
            paragraph.clear()

    for line, size in lines:
        bullet = re.match(r"[•·▪–\-*]\s+(.+)", line)
        if not line:
            close()
        elif size > body_size * 1.1 and len(line) <= 200:
            close()
            blocks.append(RawBlock("heading", line, level=min(heading_sizes.index(size) + 1, 6)))
        elif bullet:
            close()
            blocks.append(RawBlock("item", bullet.group(1)))
        else:
            paragraph.append(line)
            if line.endswith((".", "!", "?", "。")) and len(line) < 80:
                close()
    close()
    return blocks
