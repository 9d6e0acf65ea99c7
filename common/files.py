"""Writing files so that a reader, or a run after a crash, sees either the old file or the whole new one."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from common.errors import AuditFolderError
from common.storage import is_local, readable


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in place.

    In object storage a file is there once it is whole. Raises AuditFolderError when the folder cannot be written.
    """
    if not is_local(path):
        _put(path, write)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AuditFolderError(f"{path}: cannot be written: {error.strerror or error}") from None


def _put(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    with tempfile.TemporaryDirectory(prefix="gap-audit-") as scratch:
        whole = Path(scratch) / "file"
        with whole.open("wb") as stream:
            write(stream)
        try:
            upath: Any = path
            upath.fs.put_file(str(whole), upath.path)
        except OSError as error:
            raise AuditFolderError(f"{path}: cannot be written: {error}") from None


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, so that the copy is there once it is whole."""

    def write(stream: IO[bytes]) -> None:
        with source.open("rb") as whole:
            shutil.copyfileobj(whole, stream)

    write_atomically(target, write)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with plain line ends."""
    write_atomically(path, lambda stream: stream.write(text.encode("utf-8")))


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys, so that equal values give equal bytes."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def write_table(path: Path, table: pa.Table) -> None:
    """Write an Arrow table as Parquet. Equal tables give equal bytes."""
    write_atomically(path, lambda stream: pq.write_table(table, stream, compression="zstd"))


def write_rows(path: Path, schema: pa.Schema, rows: Iterable[dict[str, Any]], batch: int = 20_000) -> None:
    """Write rows as Parquet, `batch` at a time, so that memory does not grow with them. Equal rows give equal bytes."""

    def write(stream: IO[bytes]) -> None:
        left = iter(rows)
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            while some := list(islice(left, batch)):
                writer.write_table(pa.Table.from_pylist(some, schema=schema))

    write_atomically(path, write)


def write_joined(path: Path, schema: pa.Schema, pieces: Iterable[Path]) -> None:
    """Write the Parquet files `pieces`, all of one schema, as one, a row group at a time, in their order."""

    def write(stream: IO[bytes]) -> None:
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            for piece in pieces:
                with piece.open("rb") as source:
                    file = pq.ParquetFile(source)
                    for number in range(file.num_row_groups):
                        writer.write_table(file.read_row_group(number).cast(schema))

    write_atomically(path, write)


def check_table(path: Path, schema: pa.Schema) -> None:
    """Raises AuditFolderError when a Parquet table of ours is missing, torn, or has not the columns of `schema`."""
    if not path.exists():
        raise AuditFolderError(f"{path}: no such file; run the stage that writes it first")
    try:
        names = pq.read_schema(readable(path)).names
    except (pa.ArrowException, OSError) as error:
        raise AuditFolderError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    if names != schema.names:
        raise AuditFolderError(f"{path}: written by another version of gap-audit (columns differ); run its stage again")


def read_table(path: Path, schema: pa.Schema) -> pa.Table:
    """Read a Parquet table of ours.

    Raises AuditFolderError when it is missing, torn, or has not the columns of `schema`.
    """
    check_table(path, schema)
    try:
        return pq.read_table(readable(path))
    except (pa.ArrowException, OSError) as error:
        raise AuditFolderError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None


def text_digest(value: Any) -> str:
    """A short digest of a value that JSON can write: equal values have equal ones."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
