"""Tunings of the deep encoder that training needs: one by all gold passages, and one without each group of sites.

The first is shipped in the model file. What the others make of the passages of their group is what the coder makes of
sites it never saw: from that is learned how sure it may be (train.py), and how well it does (held_out.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.encoder import Tuning, tuning_arrays, tuning_of
from common.errors import DataFileError

TUNINGS_FILE = Path(__file__).parent.parent / "tests" / "gold" / "tunings.npz"
GROUPS = 3
WHOLE = "whole"


@dataclass(frozen=True)
class Tunings:
    """The tuning by all passages, and for each group that by the passages of all others."""

    whole: Tuning
    groups: tuple[Tuning, ...]


def group_of(fold: int) -> int:
    """The group of a site number; passages and sites that come later change no other's group."""
    return fold % GROUPS


def read_tunings(path: Path = TUNINGS_FILE) -> Tunings:
    """Raises DataFileError when the file is missing or holds something else; `make tunings` makes it."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            found: dict[str, dict[str, npt.NDArray[Any]]] = {}
            for key in stored:
                owner, name = key.split("/")
                found.setdefault(owner, {})[name] = stored[key]
            whole, *groups = (tuning_of(found[owner]) for owner in (WHOLE, *map(str, range(GROUPS))))
    except (OSError, KeyError, ValueError) as error:
        raise DataFileError(f"{path}: cannot be read as tunings: {error}; make it with 'make tunings'") from None
    return Tunings(whole, tuple(groups))


def save_tunings(tunings: Mapping[str, Tuning], path: Path = TUNINGS_FILE) -> None:
    """Write the tunings, by WHOLE or the number of a group."""
    arrays: dict[str, Any] = {
        f"{owner}/{name}": array for owner, tuning in tunings.items() for name, array in tuning_arrays(tuning).items()
    }
    np.savez_compressed(path, **arrays)
