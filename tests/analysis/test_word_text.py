import io
import zipfile

import docx
import pytest

from analysis.word_text import UnreadableDocument, read_word


def document():
    made = docx.Document()
    made.core_properties.title = "Guide"
    made.add_heading("Trade Fair Grant", 1)
    made.add_paragraph("We pay half of the cost of a stand abroad.")
    made.add_paragraph("travel", style="List Bullet")
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Stand", "50 %"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_headings_paragraphs_lists_and_tables_in_order():
    title, blocks = read_word(document())
    assert title == "Guide"
    assert [(block.kind, block.text) for block in blocks] == [
        ("heading", "Trade Fair Grant"),
        ("paragraph", "We pay half of the cost of a stand abroad."),
        ("item", "travel"),
        ("row", "Stand | 50 %"),
    ]


def test_bombs_and_broken_files_are_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("word/document.xml", b"\0" * 60_000_000)
    for body in (out.getvalue(), b"PK\x03\x04 no zip", document()[:500]):
        with pytest.raises(UnreadableDocument):
            read_word(body)
