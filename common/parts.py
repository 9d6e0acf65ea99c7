"""Work in parts: here, in processes of this machine, or on the workers of a Dask cluster.

What is done with a part is one function of it, which writes its result and returns a small report; where it runs
changes nothing about the result. One bad part, or the death of a worker, never stops the others.
"""

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from common.errors import ClusterError, GapAuditError

ATTEMPTS = 3  # how often a part is tried whose worker dies under it
AHEAD = 2  # parts a worker that are handed out; more would only fill memory
CONNECT = "10s"  # how long a scheduler may take to answer

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Where:
    """Where parts are worked on: `cluster` is the address of a Dask scheduler, else `processes` of this machine."""

    cluster: str = ""
    processes: int = 1


HERE = Where()


@dataclass(frozen=True)
class Done(Generic[P, R]):
    """A part that was worked on: what came of it, or why nothing did."""

    part: P
    result: R | None
    problem: str = ""


def work_on(work: Callable[[P], R], parts: Iterable[P], where: Where = HERE) -> Iterator[Done[P, R]]:
    """Let `work` do each part; in the order in which they end.

    On a cluster and in processes `work`, its parts and results must be picklable. Raises ClusterError when the
    cluster cannot be reached.
    """
    if where.cluster:
        with _cluster(where.cluster) as (executor, width):
            yield from _with_executor(work, iter(parts), executor, width)
        return
    parts = iter(parts)
    first = list(islice(parts, 2))
    if where.processes < 2 or len(first) < 2:  # a process would take longer to start than to work
        for part in chain(first, parts):
            yield _here(work, part)
        return
    yield from _in_processes(work, chain(first, parts), where.processes)


def _here(work: Callable[[P], R], part: P) -> Done[P, R]:
    try:
        return Done(part, work(part))
    except Exception as error:  # one bad part never stops the others
        return Done(part, None, problem_of(error))


def problem_of(error: BaseException) -> str:
    """Why something failed, in one line."""
    if isinstance(error, GapAuditError):
        return str(error)
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


def _with_executor(
    work: Callable[[P], R], parts: Iterator[P], executor: Executor, width: Callable[[], int]
) -> Iterator[Done[P, R]]:
    """Hand out parts to an executor that looks after the death of its workers itself, a few ahead of the work."""
    running: dict[Future[R], P] = {}
    while True:
        for part in islice(parts, max(AHEAD * width() - len(running), 0)):
            running[executor.submit(work, part)] = part
        if not running:
            return
        ended, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in ended:
            part = running.pop(future)
            error = future.exception()
            yield Done(part, None, problem_of(error)) if error else Done(part, future.result())


def _in_processes(work: Callable[[P], R], parts: Iterator[P], processes: int) -> Iterator[Done[P, R]]:
    """Work in processes of this machine.

    When one is killed all that was running is lost with it; each of those parts is then tried alone, so that only
    the one under which processes die is given up.
    """
    suspects: deque[tuple[P, int]] = deque()  # with the number of attempts so far
    ended = False
    while not ended:
        ended = True
        running: dict[Future[R], tuple[P, int]] = {}
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, spawn, initializer=_end_quietly) as pool:
            while True:
                if suspects and not running:
                    part, attempts = suspects.popleft()
                    running[pool.submit(work, part)] = part, attempts
                elif ended and not suspects:
                    for part in islice(parts, AHEAD * processes - len(running)):
                        running[pool.submit(work, part)] = part, 0
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    part, attempts = running.pop(future)
                    error = future.exception()
                    if not isinstance(error, BrokenProcessPool):
                        yield Done(part, None, problem_of(error)) if error else Done(part, future.result())
                        continue
                    ended = False
                    if attempts + 1 < ATTEMPTS:
                        suspects.append((part, attempts + 1))
                    else:
                        yield Done(part, None, "its process was killed each time (is memory too small?)")
                if not ended and not running:
                    break


def _end_quietly() -> None:
    """Ctrl-C reaches every process of a terminal; one line about it, from the first of them, is enough."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """An executor on the workers of a Dask scheduler, and a function that says how many parts they do at a time."""
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("--cluster needs Dask: pip install 'gap-audit[cluster]'") from None
    try:
        client: Any = Client(address, timeout=CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(f"--cluster {address}: no Dask scheduler there ({problem_of(error)})") from None

    def width() -> int:
        threads: dict[str, int] = client.nthreads()
        return max(sum(threads.values()), 1)

    with client:
        yield client.get_executor(pure=False), width
