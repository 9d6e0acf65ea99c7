"""reports/evidence/: the text of each page that is quoted, as the coder read it, with the quotations marked.

An analyst opens it from the workbook, the map or the brief, in a browser and without a network. It holds the text
alone, nothing of the page's own code; the page itself is in the archive, and each file says where.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader

from analysis.matrix import Audit
from common.files import write_text

FOLDER = "evidence"
_BATCH = 500  # pages in memory


def place_of(evidence: Mapping[str, Any]) -> str:
    """The address of a quotation's place, relative to reports/."""
    return f"{FOLDER}/{page_name(str(evidence['url']))}#q{evidence['start']}-{evidence['end']}"


def write_evidence_pages(audit: Audit) -> int:
    """Write a page for each address that is quoted; how many. Files of quotations that are gone are deleted.

    Raises AuditFolderError when one cannot be written.
    """
    quoted: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for programme in audit.programmes:
        for row in programme.evidence:
            quoted[row["url"]].append(row)
    folder = audit.folder / "reports" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {page_name(url) for url in quoted}
    for path in sorted(folder.glob("*.html")):
        if path.name not in wanted:
            path.unlink()
    template = Environment(loader=PackageLoader("reports"), autoescape=True).get_template("evidence_page.html.j2")
    written: set[str] = set()
    for page in _pages(audit.folder / "pages.parquet", set(quoted)):
        if page["url"] in written:
            continue
        written.add(page["url"])
        rows = quoted[page["url"]]
        values = {
            "page": page,
            "blocks": [_block(page["text"], block, rows) for block in page["blocks"]],
            "language": page["language"] if page["language"] != "und" else "",
        }
        write_text(folder / page_name(page["url"]), template.render(values))
    return len(written)


def page_name(url: str) -> str:
    """The name of the file that holds the text of a page."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:20] + ".html"


def _pages(path: Path, wanted: set[str]) -> Iterable[dict[str, Any]]:
    columns = ["url", "title", "text", "blocks", "language", "time", "warc_file", "warc_offset"]
    for batch in pq.ParquetFile(path).iter_batches(_BATCH, columns=columns):
        addresses = batch.column("url").to_pylist()
        for place in [number for number, url in enumerate(addresses) if url in wanted]:
            yield batch.slice(place, 1).to_pylist()[0]


def _block(text: str, block: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A block as pieces of text: each with the quotations that begin at it, and whether it is quoted."""
    first, last = block["start"], block["end"]
    own = sorted({(row["start"], row["end"]) for row in rows if row["start"] < last and row["end"] > first})
    cuts = sorted({first, last, *(min(max(edge, first), last) for span in own for edge in span)})
    pieces = []
    for start, end in pairwise(cuts):
        anchors = [f"q{a}-{b}" for a, b in own if max(a, first) == start and a >= first]
        pieces.append(
            {"text": text[start:end], "anchors": anchors, "quoted": any(a <= start and end <= b for a, b in own)}
        )
    return {"kind": block["kind"], "frame": block["frame"], "pieces": pieces}
