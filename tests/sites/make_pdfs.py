"""Makes the sample web's PDF guides from the pages whose path ends in .pdf (run by hand; needs fpdf2)."""

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF

from gapaudit.sample_web import pdf_file, read_pages

HERE = Path(__file__).parent


def pdf_of(title: str, body: str) -> bytes:
    """A plain PDF: headings large, paragraphs below."""
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.set_title(title)
    pdf.add_page()
    for block in body.split("\n\n"):
        block = block.strip()
        size = 18 if block.startswith("# ") else 14 if block.startswith("## ") else 11
        pdf.set_font("helvetica", style="B" if size > 11 else "", size=size)
        pdf.multi_cell(0, size * 0.55, block.lstrip("# "), new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    return bytes(pdf.output())


if __name__ == "__main__":
    for folder in sorted(path.parent for path in HERE.glob("*/pages.md")):
        for page in read_pages(folder / "pages.md"):
            if page.path.endswith(".pdf"):
                target = pdf_file(folder, page)
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(pdf_of(page.title, page.body))
                print(target.relative_to(HERE))
