"""200 hosts side by side, each with a delay of one second: the rate against what politeness allows.

    python benchmarks/crawl_hosts.py [HOSTS] [SECONDS]

The rate is taken from the fetch log between the tenth second and the end of the time budget, when every host is under
way; what politeness allows is one request a second and host.
"""

import resource
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
from crawl_speed import ours, site

WARM_UP = 10.0  # seconds


def main() -> None:
    hosts = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 40.0
    with site(hosts, "--small") as bases, tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "audit"
        ours(folder, bases, pages=100_000, delay=1.0, depth=100, minutes=seconds / 60)
        rows = pq.read_table(folder / "fetches.parquet", columns=["time", "kind"]).to_pylist()
    times = sorted(datetime.fromisoformat(row["time"]).timestamp() for row in rows if row["time"])
    begin, end = times[0] + WARM_UP, times[0] + seconds - 2
    rate = sum(begin <= time < end for time in times) / (end - begin)
    print(f"{hosts} hosts: {rate:.0f} requests/s in {end - begin:.0f} s, {rate / hosts:.0%} of what politeness allows")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
