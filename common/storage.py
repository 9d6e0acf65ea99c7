"""Where an audit is kept: a folder of this machine, or object storage that fsspec knows (s3://bucket/audit)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from common.errors import AuditFolderError


def folder_of(text: str | Path) -> Path:
    """A folder by its path or address. What lies in object storage is used as if it were a Path (a UPath is one).

    Raises AuditFolderError when there is no storage of that kind.
    """
    if "://" not in str(text):
        return Path(text)
    from upath import UPath  # loads fsspec: not for audits on this machine

    try:
        folder = UPath(str(text))
        _ = folder.fs
    except (ValueError, ImportError) as error:
        raise AuditFolderError(f"{text}: {error}") from None
    return cast(Path, folder)


def is_local(path: Path) -> bool:
    """Whether a path is on this machine."""
    return isinstance(path, Path)


def readable(path: Path) -> Any:
    """What pyarrow reads a file by: its path, or a stream of it where it is in object storage."""
    return path if is_local(path) else path.open("rb")


@contextmanager
def working_copy(folder: Path) -> Iterator[Path]:
    """A folder on this machine with the tables of an audit, for what needs files: the folder itself where it is here.

    Of an audit in object storage it is a copy without the archive; what is new or changed in it at the end is put
    into the storage.
    """
    if is_local(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="gap-audit-") as scratch:
        here = Path(scratch)
        files: list[Path] = [path for path in folder.iterdir() if path.suffix in (".parquet", ".toml", ".json")]
        files += (folder / "reports").glob("*.xlsx")
        for source in files:
            target = here / str(source.relative_to(folder))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
        before = {path: _state(path) for path in here.rglob("*") if path.is_file()}
        yield here
        upath: Any = folder
        for path in sorted(here.rglob("*")):
            if path.is_file() and before.get(path) != _state(path):
                upath.fs.put_file(str(path), (upath / path.relative_to(here).as_posix()).path)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
