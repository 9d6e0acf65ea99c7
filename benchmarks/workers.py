"""One Dask worker against two on this machine: the analysis of the same archive, in turns.

    python benchmarks/workers.py [PAGES]

The workers have one thread each and the settings that docs/scale.md recommends; scheduler and coordinator run beside
them. Each cluster first does a small archive, so that libraries and models are loaded before the clock starts.
"""

import sys
import tempfile
import time
from pathlib import Path

import dask
from corpus import make
from distributed import LocalCluster

from analysis.extract import extract
from common.parts import Where

TURNS = 2
SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ": {"MALLOC_TRIM_THRESHOLD_": 128_000_000, "OMP_NUM_THREADS": 1},
}


def seconds(folder: Path, cluster: LocalCluster, warm: Path) -> float:
    """How long the workers of a cluster take over an archive."""
    where = Where(cluster.scheduler_address)
    for _ in range(2):  # so that each worker has had a part
        extract(warm, where=where)
    start = time.perf_counter()
    report = extract(folder, where=where)
    assert not report.failures, report.failures[:3]
    return time.perf_counter() - start


def main(pages: int = 8_000) -> None:
    """Print the times and their ratio."""
    dask.config.set(SETTINGS)
    times: dict[int, list[float]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as scratch:
        folder, warm = Path(scratch) / "archive", Path(scratch) / "warm"
        make(folder, pages)
        make(warm, 2_000)
        for _ in range(TURNS):
            for workers in times:
                with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
                    times[workers].append(seconds(folder, cluster, warm))
                print(
                    f"{workers} worker(s): {times[workers][-1]:.1f} s, {pages / times[workers][-1]:.0f} pages/s",
                    flush=True,
                )
    print(f"one to two workers, best of {TURNS} turn(s): {min(times[1]) / min(times[2]):.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
