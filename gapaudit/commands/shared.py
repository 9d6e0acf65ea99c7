"""What the commands share: their options, how they speak, and how they end."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from common.storage import folder_of, working_copy
from gapaudit.audit import Say, version


class _Folder(click.ParamType[Path]):
    """A folder of this machine, or an address in object storage such as s3://bucket/audit."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return folder_of(value)


FOLDER = _Folder()
FILE = click.Path(path_type=Path)
RENDER = "auto: pages that hold no text of their own are shown by Chromium"


on_cluster = click.option("--cluster", default="", help="work on a Dask cluster: its scheduler, as tcp://host:8786")
in_processes = click.option(
    "--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all", help="to work with here"
)


def say(text: str) -> None:
    """Tell the person how things go: on standard error, so that results can be piped."""
    click.echo(text, err=True)


def user_agent(contact: str | None) -> str:
    """How the crawl introduces itself: `contact` as given, or from the environment."""
    contact = contact or os.environ.get("GAP_AUDIT_CONTACT") or "not given by who runs it"
    safe = "".join(c for c in contact if 32 <= ord(c) < 127 and c not in "()")[:200]
    return f"gap-audit/{version()} (research audit of public support for exporters; contact: {safe})"


def end(folder: Path, failures: list[str]) -> None:
    """Name the failures of an audit and exit with 1, if there are any."""
    if failures:
        say(f"done, with {len(failures)} failures, named in {folder / 'manifest.json'}:")
        for failure in failures[:10]:
            say(f"  {failure}")
        if len(failures) > 10:
            say(f"  and {len(failures) - 10} more")
        sys.exit(1)


@contextmanager
def files_of(folder: Path) -> Iterator[tuple[Path, Say]]:
    """The audit's folder on this machine, and how to say things about it in the words of who asked."""
    with working_copy(folder) as here:
        yield here, lambda text: say(text.replace(str(here), str(folder)))
