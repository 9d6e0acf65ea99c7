"""What the stages of the analysis have in common: their parts, and the files in which parts leave their rows."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

from analysis.kept_codings import coder_digest
from common.errors import ClusterError
from common.parts import Where, work_on
from common.storage import is_local

PARTS = "parts"  # in the audit's folder: a folder a stage with the rows of parts that are done, until all are


class Part(Protocol):
    """A part of a stage."""

    @property
    def number(self) -> int: ...

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...


R = TypeVar("R")
P = TypeVar("P", bound=Part)


def do_parts(
    work: Callable[[P], R], parts: Iterable[P], where: Where, done: Callable[[R], object]
) -> tuple[list[P], list[str]]:
    """Do the parts of a stage; those that were done, in their order, and what is to be said of those that failed.

    `done` is called with the report of each part when it ends.
    """
    ended: list[P] = []
    failures: list[str] = []
    for item in work_on(work, parts, where):
        if item.result is None:
            failures.append(f"{item.part.name}: {item.problem}; run the stage again to do it alone")
        else:
            ended.append(item.part)
            done(item.result)
    return sorted(ended, key=lambda part: part.number), failures


def part_name(number: int, first: str, last: str) -> str:
    """What a person calls a part, by its first and last agency."""
    return f"part {number} ({first}{f' to {last}' if last != first else ''})"


def check_coder(rests_on: str) -> None:
    """Raises ClusterError on a worker that has another coder or codebook than who ordered a part."""
    if rests_on != coder_digest():
        raise ClusterError("the worker has another version of gap-audit, its codebook or its model")


def remove_parts(parts: Path) -> None:
    """Remove the rows of a stage's parts, once they are in the tables, and what killed workers left of theirs."""
    if is_local(parts):
        shutil.rmtree(parts, ignore_errors=True)
        if parts.parent.exists() and not any(parts.parent.iterdir()):
            parts.parent.rmdir()
        return
    for piece in parts.glob("*.parquet"):
        piece.unlink()
