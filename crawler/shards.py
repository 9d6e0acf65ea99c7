"""A crawl shared out among the workers of a cluster: a shard is agencies that no other shard has a host in common with.

Each shard is a crawl of its own, in a folder of its own, with the spider, budgets and politeness of any other; at its
end its archive and its log become part of the audit's.
"""

import heapq
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from common.errors import CrawlInterrupted, GapAuditError
from common.files import copy_file, write_atomically, write_rows
from common.frame import Frame, read_frame, write_frame
from common.storage import folder_of, is_local
from crawler.cdxj import INDEX
from crawler.fetchlog import FETCHES
from crawler.lease import held
from crawler.scope import domain_of

SHARDS = "shards"  # in the audit's folder, until all are at their end


@dataclass(frozen=True)
class Shard:
    """The order to crawl some agencies."""

    folder: str  # of the audit
    agencies: tuple[str, ...]  # their ids
    user_agent: str
    since: str = ""  # folder of an earlier audit
    render: bool = False

    @property
    def name(self) -> str:
        """What a person calls it."""
        return f"shard {', '.join(self.agencies)}"

    @property
    def log(self) -> Path:
        """Where its fetch log goes when it is at its end."""
        return folder_of(self.folder) / SHARDS / f"{self.agencies[0]}.parquet"

    @property
    def index(self) -> Path:
        """Where the index of its archive goes."""
        return folder_of(self.folder) / SHARDS / f"{self.agencies[0]}.cdxj"


def shards_of(frame: Frame) -> list[tuple[str, ...]]:
    """The ids of agencies that must be crawled together, because they share a registered domain; in the frame's order.

    A start address may move to another host of its domain, so that it is the domain which no two shards may share.
    """
    groups: list[tuple[list[str], set[str]]] = []
    for agency in frame.agencies:
        domains = {domain_of(site) for site in agency.sites}
        together = [group for group in groups if group[1] & domains]
        names = [name for group in together for name in group[0]] + [agency.id]
        domains = domains.union(*(group[1] for group in together))
        groups = [group for group in groups if group not in together] + [(names, domains)]
    place = {agency.id: number for number, agency in enumerate(frame.agencies)}
    return sorted((tuple(sorted(names, key=place.__getitem__)) for names, _ in groups), key=lambda ids: place[ids[0]])


def crawl_shard(shard: Shard) -> str:
    """Crawl a shard to its end, or go on where another worker stopped; its name.

    Raises CrawlInterrupted when it ended before its time, GapAuditError when it could not begin.
    """
    folder = folder_of(shard.folder)
    if shard.log.exists():
        return shard.name
    with ExitStack() as stack:
        if is_local(folder):
            here = folder / SHARDS / shard.agencies[0]
        else:  # SQLite needs a disk: what a worker had when it died is fetched again
            here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gap-audit-")))
        running: list[subprocess.Popen[bytes]] = []
        lease = folder / SHARDS / f"{shard.agencies[0]}.lease"
        stack.enter_context(held(lease, lambda: _kill(running)))
        if shard.log.exists():
            return shard.name  # another worker has done it meanwhile
        frame = read_frame(folder / "audit.toml")
        ours = tuple(agency for agency in frame.agencies if agency.id in shard.agencies)
        write_frame(here / "audit.toml", replace(frame, agencies=ours))
        running.append(_begin(here, shard))
        _check(*_ended(running[0]))
        _hand_in(here, folder, shard)
    return shard.name


def crawl_command(folder: Path, user_agent: str, since: Path | None, render: bool) -> list[str]:
    """The command that crawls a folder in a process of its own."""
    command = [sys.executable, "-m", "crawler", str(folder), "--user-agent", user_agent]
    command += ["--since", str(since)] if since else []
    return [*command, "--render"] if render else command


def _begin(here: Path, shard: Shard) -> "subprocess.Popen[bytes]":
    """The crawl, in a process of its own that ends when this one does: its standard input closes then."""
    since = folder_of(shard.since) if shard.since else None
    command = [*crawl_command(here, shard.user_agent, since, shard.render), "--with-parent"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our own module


def _ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """The exit status of a crawl that has ended, and what it said. Its standard input stays open until then."""
    assert process.stderr is not None
    said = process.stderr.read().decode("utf-8", "replace")
    return process.wait(), said


def _kill(running: list["subprocess.Popen[bytes]"]) -> None:
    for process in running:
        process.kill()


def _check(status: int, said: str) -> None:
    if status == 0:
        return
    last = (said.strip().splitlines() or ["it said nothing"])[-1]
    if status == CrawlInterrupted.exit_status or status < 0:
        raise CrawlInterrupted(f"not at its end ({last if status > 0 else f'signal {-status}'})")
    raise GapAuditError(f"could not begin: {last}")


def _hand_in(here: Path, folder: Path, shard: Shard) -> None:
    """Put the archive of a shard into that of the audit, then its log, which says that it is at its end."""
    archive = here / "archive"
    for file in sorted([*archive.glob("*.warc.gz"), *archive.glob("earlier/*.warc.gz")]):
        copy_file(file, folder / "archive" / file.relative_to(archive).as_posix())
    copy_file(archive / "crawl.log", folder / "archive" / f"{shard.agencies[0]}.crawl.log")
    copy_file(archive / INDEX, shard.index)
    copy_file(here / "fetches.parquet", shard.log)
    shutil.rmtree(here, ignore_errors=True)


def join_shards(folder: Path, shards: Iterable[Shard]) -> None:
    """Make one index and one fetches.parquet of those of the shards, which are all at their end."""
    shards = list(shards)
    with ExitStack() as stack:
        indexes = [stack.enter_context(shard.index.open("rb")) for shard in shards]
        write_atomically(folder / "archive" / INDEX, lambda stream: stream.writelines(heapq.merge(*indexes)))
    log_of = {agency: shard.log for shard in shards for agency in shard.agencies}

    def rows() -> Iterator[dict[str, object]]:
        for agency in sorted(log_of):
            with log_of[agency].open("rb") as stream:
                yield from pq.read_table(stream, filters=[("agency", "=", agency)]).to_pylist()

    write_rows(folder / "fetches.parquet", FETCHES, rows())
    for shard in shards:
        shard.log.unlink()
        shard.index.unlink()
    if is_local(folder):
        shutil.rmtree(folder / SHARDS, ignore_errors=True)
