"""What was decided about a page, kept beside it, so that nothing is coded twice.

A coding holds as long as all it rests on is the same: the text with its blocks, the language, what the site speaks
of, and the coder with its codebook and model. All that is in the key.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import TypeAdapter

from analysis.codebook import load_codebook
from analysis.coder import CODER
from analysis.coding import PageCoding
from analysis.joining import EXPORT_SITE
from analysis.model import MODEL_FILE
from common.files import file_digest
from common.storage import readable

_CODING = TypeAdapter(PageCoding)


@cache
def coder_digest() -> str:
    """What a coding rests on beside the page: the coder with its codebook and model."""
    return f"{CODER} {load_codebook().digest} {file_digest(MODEL_FILE)}"


def coding_key(row: dict[str, Any]) -> str:
    """The digest of all that the coding of a row of pages.parquet rests on."""
    share = row["site_share"]
    site = (share > 0) + (share >= EXPORT_SITE)  # all that the coder asks of it
    rests_on = [
        coder_digest(),
        site,
        *(row[name] for name in ("url", "title", "text", "blocks", "language", "country")),
    ]
    return hashlib.sha256(json.dumps(rests_on, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def as_text(coding: PageCoding) -> str:
    """A coding as JSON."""
    return _CODING.dump_json(coding).decode("utf-8")


def from_text(text: str) -> PageCoding:
    """The coding that `as_text` wrote."""
    return _CODING.validate_json(text)


def codings_of(pages: Path, agency: str) -> dict[str, str]:
    """The codings of an agency's pages in an earlier pages.parquet, by their keys; none where it has none."""
    if not pages.exists() or not {"coding_key", "coding"} <= set(pq.read_schema(readable(pages)).names):
        return {}
    table = pq.read_table(readable(pages), columns=["coding_key", "coding"], filters=[("agency", "=", agency)])
    return {row["coding_key"]: row["coding"] for row in table.to_pylist() if row["coding_key"]}
