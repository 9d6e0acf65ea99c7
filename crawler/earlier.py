"""Coming back: what an earlier audit kept, so that only what has changed is fetched."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from warcio.archiveiterator import ArchiveIterator

from common.errors import AuditFolderError
from crawler.frontier import Earlier, Found, FoundBy

FOLDER = "earlier"  # in archive/: the files of earlier audits that this one refers to
_COLUMNS = ["agency", "url", "kind", "outcome", "etag", "last_modified", "digest", "time", "depth", "priority",
            "warc_file", "warc_offset"]  # fmt: skip


def earlier_fetches(audit: Path, archive: Path) -> Iterator[tuple[str, Found, Earlier]]:
    """Agency, address and state of all that an earlier audit kept (pages, sitemaps, feeds), in its order.

    The archive files that hold it become files of this archive too (by a hard link where the disk allows one), so
    that an audit's folder stays whole by itself. Raises AuditFolderError when `audit` is no crawled audit.
    """
    log = audit / "fetches.parquet"
    if not log.exists():
        raise AuditFolderError(f"{audit}: not an audit that was crawled to its end (it has no {log.name})")
    table = pq.ParquetFile(log)
    missing = sorted(set(_COLUMNS) - set(table.schema_arrow.names))
    if missing:
        raise AuditFolderError(f"{log}: written by another version of gap-audit (it has no column {missing[0]})")
    names: dict[str, str] = {}
    for batch in table.iter_batches(columns=_COLUMNS):
        for row in batch.to_pylist():
            if (
                row["outcome"] not in ("kept", "unchanged")
                or not row["warc_file"]
                or row["kind"] in ("robots", "probe")
            ):
                continue
            if row["warc_file"] not in names:
                names[row["warc_file"]] = _take(audit / "archive" / row["warc_file"], archive)
            found = Found(row["url"], row["kind"], row["priority"], row["depth"], FoundBy.EARLIER)
            yield row["agency"], found, Earlier(
                row["etag"], row["last_modified"], row["digest"], row["time"], names[row["warc_file"]],
                row["warc_offset"],
            )  # fmt: skip


def _take(source: Path, archive: Path) -> str:
    """Make a file of another archive one of ours; its name, told apart from others by the id of its first record."""
    try:
        with source.open("rb") as stream:
            first = next(iter(ArchiveIterator(stream)))
        mark = (first.rec_headers.get_header("WARC-Record-ID") or "").rsplit(":", 1)[-1][:8] or "0"
        stem = source.name.removesuffix(".gz").removesuffix(".warc")
        name = source.name if source.parent.name == FOLDER else f"{stem}-{mark}.warc.gz"
        target = archive / FOLDER / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            temporary = target.with_suffix(".new")
            temporary.unlink(missing_ok=True)
            try:
                os.link(source, temporary)
            except OSError:  # another disk, or one that has no links
                shutil.copyfile(source, temporary)
            temporary.replace(target)
        return f"{FOLDER}/{name}"
    except (OSError, StopIteration) as error:
        raise AuditFolderError(f"{source}: the earlier audit's archive cannot be read: {error}") from None
