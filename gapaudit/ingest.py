"""Taking in archives that were made elsewhere: WARC files (also those of Common Crawl) and WACZ packages."""

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq

from analysis.archive import Capture, Damage, count_revisits, read_archive
from common.errors import ArchiveError, AuditFolderError
from common.files import copy_file, file_digest
from common.frame import Frame, owner_of, read_frame, write_frame
from common.storage import is_local
from crawler.cdxj import write_index
from crawler.fetchlog import FETCHES, Fetch, write_log
from crawler.outcomes import Outcome, outcome_of_status
from gapaudit.common_crawl import TakenIn, take_in

LARGEST_PACKAGE = 200_000_000_000  # bytes of all WARC files of a WACZ, unpacked


def ingest(folder: Path, files: list[Path]) -> tuple[int, list[str]]:
    """Copy archives into an audit and log their records as fetches; the number of captures, and what failed.

    A folder that is no audit yet becomes one whose frame names no agency: hosts stand for agencies then.
    Raises ArchiveError when a file cannot be read at all; nothing is taken in then.
    """
    _refuse_remote(folder)
    if not (folder / "audit.toml").exists():
        write_frame(folder / "audit.toml", Frame(()))
    frame = read_frame(folder / "audit.toml")
    sites = {site: agency.id for site, agency in frame.agency_of_site().items()}
    log = folder / "fetches.parquet"
    known = _known(log)
    damage: list[Damage] = []
    new: list[Fetch] = []
    copies: list[tuple[Path, Path]] = []
    with ExitStack() as stack:
        for file, name in _warc_files(files, stack):
            target = folder / "archive" / name
            if target.exists():
                raise AuditFolderError(f"{target}: is there already; give the file another name")
            found = [_fetch(capture, name, sites) for capture in read_archive(file, damage)]
            if not found:
                raise ArchiveError(f"{file}: holds no readable response record")
            revisits = count_revisits(file)
            if revisits:
                damage.append(Damage(name, f"{revisits} revisit records refer to pages of other archives; not read"))
            new += found
            copies.append((file, target))
        for source, target in copies:
            copy_file(source, target)
    write_index(folder / "archive")
    write_log(sorted([*known, *new], key=lambda row: (row.agency, row.url, row.time)), log)
    return len(new), [f"{item.warc_file}: {item.problem}" for item in damage]


def ingest_common_crawl(
    folder: Path, index: str, source: str, matching: re.Pattern[str] | None = None
) -> tuple[TakenIn, list[str]]:
    """Take pages of the frame's agencies, or whose address matches, out of Common Crawl; what failed.

    Raises ArchiveError as take_in does, AuditFolderError where the folder is not on this machine.
    """
    _refuse_remote(folder)
    frame = read_frame(folder / "audit.toml")
    sites = {site: agency.id for site, agency in frame.agency_of_site().items()}
    log = folder / "fetches.parquet"
    known = _known(log)
    taken = take_in(folder, frame, index, source, matching)
    logged = {row.warc_file for row in known}
    damage: list[Damage] = []
    new: list[Fetch] = []
    for path in sorted((folder / "archive").glob("cc-*.warc.gz")):
        if path.name not in logged:
            new += [_fetch(capture, path.name, sites) for capture in read_archive(path, damage)]
    there = {row.url for row in (*known, *new)}
    new += [row for row in taken.left_out if row.url not in there]
    write_index(folder / "archive")
    write_log(sorted([*known, *new], key=lambda row: (row.agency, row.url, row.time)), log)
    return taken, [*taken.failures, *(f"{item.warc_file}: {item.problem}" for item in damage)]


def _refuse_remote(folder: Path) -> None:
    if not is_local(folder):
        raise AuditFolderError(f"{folder}: files are taken into a folder of this machine; copy it to the storage then")


def _known(log: Path) -> list[Fetch]:
    if not log.exists():
        return []
    table = pq.read_table(log)
    if table.schema.names != FETCHES.names:
        raise AuditFolderError(f"{log}: written by another version of gap-audit (columns differ)")
    return [Fetch(**row) for row in table.to_pylist()]


def _fetch(capture: Capture, name: str, sites: dict[str, str]) -> Fetch:
    outcome = outcome_of_status(capture.status) or (Outcome.KEPT if capture.status == 200 else Outcome.EMPTY)
    return Fetch(
        agency=owner_of(capture.url, sites),
        url=capture.url,
        kind="robots" if capture.url.endswith("/robots.txt") else "page",
        outcome=outcome.value,
        status=capture.status,
        content_type=capture.content_type,
        bytes=len(capture.body),
        time=capture.time,
        warc_file=name,
        warc_offset=capture.warc_offset,
    )


def _warc_files(files: list[Path], stack: ExitStack) -> Iterator[tuple[Path, str]]:
    """Each WARC file with its name in the archive; those of a WACZ are unpacked until `stack` closes."""
    for file in files:
        if not file.is_file():
            raise ArchiveError(f"{file}: no such file")
        if file.suffix == ".wacz":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gap-audit-")))
            yield from _unpacked(file, folder)
        elif file.name.endswith((".warc", ".warc.gz")):
            yield file, file.name
        else:
            raise ArchiveError(f"{file}: neither WARC (.warc, .warc.gz) nor WACZ (.wacz)")


def _unpacked(package: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """The WARC files of a WACZ, checked against the digests that it states."""
    try:
        with zipfile.ZipFile(package) as parts:
            members = [
                part
                for part in parts.infolist()
                if part.filename.startswith("archive/") and part.filename.endswith((".warc", ".warc.gz"))
            ]
            if sum(part.file_size for part in members) > LARGEST_PACKAGE:
                raise ArchiveError(f"{package}: unpacks to more than is safe")
            digests = _digests(parts)
            for part in members:
                name = f"{package.stem}-{part.filename.rsplit('/', 1)[-1]}"
                with parts.open(part) as source, (folder / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
                stated = digests.get(part.filename)
                if stated and stated != file_digest(folder / name):
                    raise ArchiveError(f"{package}: {part.filename} is not what the package says (its digest differs)")
                yield folder / name, name
            if not members:
                raise ArchiveError(f"{package}: holds no WARC file")
    except (zipfile.BadZipFile, zlib.error, OSError) as error:
        raise ArchiveError(f"{package}: not a readable WACZ: {error}") from None


def _digests(parts: zipfile.ZipFile) -> dict[str, str]:
    """The SHA-256 of each file, as datapackage.json states them; none where it states none."""
    try:
        with parts.open("datapackage.json") as stream:
            described = json.loads(stream.read(50_000_000))
        found = {str(item.get("path")): str(item.get("hash") or "") for item in described["resources"]}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}
    return {path: digest.removeprefix("sha256:") for path, digest in found.items() if digest.startswith("sha256:")}
