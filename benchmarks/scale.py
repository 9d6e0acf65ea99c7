"""How the analysis grows: time a page and memory from 1,000 to 1,000,000 pages, and one process against two.

    python benchmarks/scale.py [PAGES ...] [--processes N] [--folder SCRATCH]

Archives are made by benchmarks/corpus.py (one page in a hundred relevant, about 10 KB each) and stay in SCRATCH for
the next run. Printed are pages, processes, seconds, CPU seconds of all processes, milliseconds of CPU a page, and the
peak memory of the coordinator and of the largest worker.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

from corpus import make

from analysis.extract import extract
from common.parts import Where


def measure(folder: Path, pages: int, processes: int) -> None:
    """Print one row; in a process of its own, so that its memory is its own."""
    start = time.perf_counter()
    report = extract(folder, where=Where(processes=processes))
    seconds = time.perf_counter() - start
    ours, workers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = ours.ru_utime + ours.ru_stime + workers.ru_utime + workers.ru_stime
    assert report.pages == pages, report
    assert not report.failures, report.failures[:3]
    print(
        f"| {pages:,} | {processes} | {seconds:.0f} | {cpu:.0f} | {1000 * cpu / pages:.2f} | "
        f"{ours.ru_maxrss / 1024:.0f} | {workers.ru_maxrss / 1024:.0f} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("scale-scratch"))
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        measure(given.folder, given.pages[0], given.processes)
        return
    print("| pages | processes | s | CPU s | CPU ms a page | peak MB, coordinator | peak MB, largest worker |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for pages in given.pages:
        folder = given.folder / str(pages)
        if not folder.exists():
            make(folder, pages, 10, 100)
        again = [sys.executable, __file__, str(pages), "--one", "--folder", str(folder)]
        subprocess.run([*again, "--processes", str(given.processes)], check=True)


if __name__ == "__main__":
    main()
