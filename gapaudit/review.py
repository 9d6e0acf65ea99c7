"""People's decisions: out as coding sheets, and back in."""

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from analysis.matrix import Audit, ProgrammeView, read_audit
from analysis.reviews import CodeAgreement, agreement, store_reviews
from analysis.tables import CODINGS
from common.errors import ReviewError
from common.files import file_digest, read_table, write_text
from common.text import plain
from reports.changed_workbook import is_gap_matrix, read_changes
from reports.review_sheet import ReadSheet, ReviewItem, SheetKey, read_review_sheet, write_review_sheet


def export_reviews(
    folder: Path, coders: Sequence[str], kind: str, count: int, shown: bool, seed: int
) -> tuple[list[Path], int]:
    """Write a coding sheet a coder, all with the same items; the files, and the number of items.

    `kind`: 'sample' draws programmes at random, as many of each level of social media as there are (a rare level is
    drawn whole); 'uncertain' takes all of which the machine is unsure; 'elusion' draws from what the machine called
    irrelevant or level 0 to 2. Raises ReviewError when there is nothing to review or a file is there already.
    """
    audit = read_audit(folder)
    chance = random.Random(seed)  # noqa: S311 - the same sample for the same seed is what is wanted
    texts = _texts(folder)
    if kind == "sample":
        items = [_item(audit, p, texts) for p in _stratified(audit.programmes, count, chance)]
    elif kind == "uncertain":
        unsure = {
            row["programme"] for row in read_table(folder / "codings.parquet", CODINGS).to_pylist() if row["review"]
        }
        items = [_item(audit, p, texts) for p in audit.programmes if p.row["programme"] in unsure or p.row["doubtful"]]
    else:
        low = [_item(audit, p, texts) for p in audit.programmes if p.social <= 2]
        pages = [_page_item(audit, row) for row in _left_out(folder)]
        items = sorted(chance.sample([*low, *pages], min(count, len(low) + len(pages))), key=lambda item: item.id)
    if not items:
        raise ReviewError(f"{folder}: there is nothing to review ({kind})")
    digest = file_digest(folder / "audit.toml")
    files = []
    for coder in coders:
        slug = "-".join(plain(coder).split()) or "coder"
        path = folder / "reviews" / f"{kind}-{''.join(c for c in slug if c.isalnum() or c == '-')}.xlsx"
        if path.exists():
            raise ReviewError(f"{path}: is there already; move it away, so that nobody's work is lost")
        write_review_sheet(path, items, SheetKey(digest, coder, kind, shown))
        files.append(path)
    return files, len(items)


def import_reviews(
    folder: Path, files: Sequence[Path], coder: str = ""
) -> tuple[list[ReadSheet], int, list[CodeAgreement]]:
    """Take in filled coding sheets and changed workbooks (gap_matrix.xlsx, for which `coder` says who changed them).

    Gives what each sheet held, how many decisions were changed in workbooks, and how far people and machine agree.
    Writes reviews.parquet, people's rows of codings.parquet and reports/agreement.md. Raises ReviewError when any
    cell of any file is wrong, or nobody is named for a workbook; nothing is taken in then.
    """
    digest = file_digest(folder / "audit.toml")
    sheets: list[ReadSheet] = []
    changes: list[dict[str, Any]] = []
    for file in files:
        if is_gap_matrix(file):
            if not coder:
                raise ReviewError(f"{file}: say who changed it: --coder NAME")
            changes += read_changes(file, digest, coder)
        else:
            sheets.append(read_review_sheet(file, digest))
    store_reviews(folder, [*(row for sheet in sheets for row in sheet.rows), *changes])
    found = agreement(folder)
    write_text(folder / "reports" / "agreement.md", _agreement_table(found))
    return sheets, len(changes), found


def _stratified(programmes: Sequence[ProgrammeView], count: int, chance: random.Random) -> list[ProgrammeView]:
    """Programmes at random, the strata (levels of social media) as equal as their sizes allow."""
    strata: defaultdict[int, list[ProgrammeView]] = defaultdict(list)
    for programme in programmes:
        strata[int(programme.social)].append(programme)
    for stratum in strata.values():
        chance.shuffle(stratum)
    drawn: list[ProgrammeView] = []
    while len(drawn) < count and any(strata.values()):
        for level in sorted(strata, reverse=True):
            if strata[level] and len(drawn) < count:
                drawn.append(strata[level].pop())
    return sorted(drawn, key=lambda programme: str(programme.row["programme"]))


def _texts(folder: Path) -> dict[str, str]:
    """The text of each page by its address."""
    table = pq.read_table(folder / "pages.parquet", columns=["url", "text"])
    return dict(zip(table.column("url").to_pylist(), table.column("text").to_pylist(), strict=True))


def _item(audit: Audit, programme: ProgrammeView, texts: dict[str, str]) -> ReviewItem:
    row = programme.row
    names = {view.agency.id: view.agency.name for view in audit.agencies}
    text = texts.get(row["url"], "")[row["start"] : row["end"]] or row["description"]
    return ReviewItem(
        row["programme"], row["agency"], names[row["agency"]], row["name"], row["language"], row["url"], text,
        tuple(programme.measures), int(programme.social), True,
    )  # fmt: skip


def _left_out(folder: Path) -> list[dict[str, Any]]:
    """Pages that the machine read and called irrelevant."""
    columns = ["agency", "url", "title", "language", "text", "relevant", "note"]
    rows = pq.read_table(folder / "pages.parquet", columns=columns).to_pylist()
    return [row for row in rows if not row["relevant"] and not row["note"]]


def _page_item(audit: Audit, row: dict[str, Any]) -> ReviewItem:
    names = {view.agency.id: view.agency.name for view in audit.agencies}
    name = names.get(row["agency"], row["agency"])
    return ReviewItem(
        f"page:{row['url']}", row["agency"], name, row["title"], row["language"], row["url"], row["text"], (), 0, False
    )


def _agreement_table(found: Sequence[CodeAgreement]) -> str:
    lines = [
        "# Agreement",
        "",
        "Krippendorff's alpha (nominal; ordinal for the level of social media) with 95 % intervals from 1,000 "
        "resamples of the items. `machine` is the machine against what people settled on.",
        "",
        "| code | who | items | same | alpha | from | to | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        mark = "" if row.reliable else "under .80"
        lines.append(
            f"| {row.code} | {row.who} | {row.items} | {row.same:.0%} | {row.alpha:.2f} | {row.interval.low:.2f} | "
            f"{row.interval.high:.2f} | {mark} |"
        )
    return "\n".join(lines) + "\n"
