"""Taking in archives that were made elsewhere."""

import shutil
from functools import partial
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq

from analysis.archive import Damage, read_archive
from common.errors import ArchiveError, AuditFolderError
from common.files import write_atomically
from common.frame import Frame, owner_of, read_frame, write_frame
from crawler.fetchlog import Fetch, write_log


def ingest(folder: Path, files: list[Path]) -> tuple[int, list[str]]:
    """Copy WARC files into an audit and log their records as fetches; the number of captures, and what failed.

    A folder that is no audit yet becomes one whose frame names no agency: hosts stand for agencies then.
    Raises ArchiveError when a file cannot be read at all; nothing of it is taken in then.
    """
    if not (folder / "audit.toml").exists():
        write_frame(folder / "audit.toml", Frame(()))
    frame = read_frame(folder / "audit.toml")
    sites = {site: agency.id for site, agency in frame.agency_of_site().items()}
    log = folder / "fetches.parquet"
    known = [Fetch(**row) for row in pq.read_table(log).to_pylist()] if log.exists() else []
    damage: list[Damage] = []
    new: list[Fetch] = []
    copies: list[tuple[Path, Path]] = []
    for file in files:
        if not file.is_file():
            raise ArchiveError(f"{file}: no such file")
        if not file.name.endswith((".warc", ".warc.gz")):
            raise ArchiveError(f"{file}: not a WARC file (.warc or .warc.gz)")
        target = folder / "archive" / file.name
        if target.exists():
            raise AuditFolderError(f"{target}: is there already; give the file another name")
        count = 0
        for capture in read_archive(file, damage):
            new.append(
                Fetch(
                    agency=owner_of(capture.url, sites),
                    url=capture.url,
                    kind="page" if not capture.url.endswith("/robots.txt") else "robots",
                    outcome="kept" if capture.status == 200 else "not_found",
                    status=capture.status,
                    content_type=capture.content_type,
                    bytes=len(capture.body),
                    time=capture.time,
                    warc_file=file.name,
                    warc_offset=capture.warc_offset,
                )
            )
            count += 1
        if not count:
            raise ArchiveError(f"{file}: holds no readable response record")
        copies.append((file, target))
    for source, target in copies:
        write_atomically(target, partial(_copy, source))
    write_log(sorted([*known, *new], key=lambda row: (row.agency, row.url, row.time)), log)
    return len(new), [f"{item.warc_file}: {item.problem}" for item in damage]


def _copy(source: Path, target: IO[bytes]) -> None:
    with source.open("rb") as stream:
        shutil.copyfileobj(stream, target)
