"""Where an audit is kept: a folder of this machine, or object storage that fsspec knows (s3://bucket/audit)."""

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
