"""An audit on a real Dask cluster gives the same tables as one on this machine, also when workers are killed."""

import shutil
import subprocess
import sys
import threading
import time

import pyarrow.parquet as pq
import pytest

from analysis.captures import CaptureList
from analysis.classify import classify
from analysis.extract import extract
from analysis.stage import PARTS
from common.errors import CrawlInterrupted
from common.frame import read_frame
from common.parts import Where
from gapaudit.audit import CrawlOptions, crawl_stage
from tests.conftest import agency, html, new_audit, serving

TABLES = ("pages", "programmes", "codings", "evidence")


@pytest.fixture
def many_parts(monkeypatch):
    """Small parts, so that a small audit has several. The coordinator alone cuts the work into parts."""
    monkeypatch.setattr("analysis.captures.PART_PAGES", 20)


def copied(audit, folder):
    folder.mkdir()
    shutil.copytree(audit / "archive", folder / "archive")
    for name in ("audit.toml", "fetches.parquet"):
        shutil.copy(audit / name, folder / name)
    return folder


def tables(folder):
    return {name: (folder / f"{name}.parquet").read_bytes() for name in TABLES}


@pytest.fixture
def here(demo_audit, tmp_path, many_parts):
    folder = copied(demo_audit, tmp_path / "here")
    extract(folder)
    classify(folder)
    return folder


def test_the_same_tables_here_in_processes_and_on_a_cluster(here, demo_audit, tmp_path, cluster):
    for name, where in (("processes", Where(processes=2)), ("cluster", Where(cluster.address))):
        folder = copied(demo_audit, tmp_path / name)
        assert extract(folder, where=where).failures == []
        classify(folder, where=where)
        assert tables(folder) == tables(here), name
        assert not (folder / PARTS).exists()


def test_a_worker_killed_in_the_middle_of_the_analysis_changes_nothing(here, demo_audit, tmp_path, cluster):
    folder = copied(demo_audit, tmp_path / "killed")
    killer = threading.Thread(target=kill_when, args=(cluster, lambda: any((folder / PARTS).glob("extract/*.parquet"))))
    killer.start()
    assert extract(folder, where=Where(cluster.address)).failures == []
    killer.join()
    classify(folder, where=Where(cluster.address))
    assert tables(folder) == tables(here)


def kill_when(cluster, condition):
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    cluster.kill_one()


def test_a_failed_part_is_named_and_done_alone_the_next_time(here, demo_audit, tmp_path, monkeypatch):
    folder = copied(demo_audit, tmp_path / "failed")
    with monkeypatch.context() as broken:
        read = "analysis.extract.captures_at"
        import analysis.extract as stage

        original = stage.captures_at

        def fails(path, offsets, name=""):
            if name == "xb-northmarch.warc.gz":
                raise MemoryError("too large")
            return original(path, offsets, name)

        broken.setattr(read, fails)
        failures = extract(folder).failures
    assert len(failures) == 1
    assert failures[0].startswith("part ")
    assert "run the stage again to do it alone" in failures[0]
    classify(folder)  # as `run` goes on; what extract has done must stay
    done = {path.name: path.stat().st_mtime_ns for path in (folder / PARTS).glob("extract/*.parquet")}
    assert done
    times = []
    monkeypatch.setattr(
        stage, "_read_group", lambda f, group, report, r=stage._read_group: times.append(group) or r(f, group, report)
    )
    assert extract(folder).failures == []
    assert any(group.agency == "xb-northmarch" for group in times)
    assert len(times) < len(read_frame(folder / "audit.toml").agencies)
    classify(folder)
    assert tables(folder) == tables(here)


def test_large_agencies_are_shared_out_and_only_the_latest_capture_counts(monkeypatch):
    monkeypatch.setattr("analysis.captures.MOST_PAGES", 10)
    monkeypatch.setattr("analysis.captures.PART_PAGES", 12)
    with CaptureList() as captures:
        captures.add("b.warc.gz", [("large", f"https://l.example/{n:02}", "2026-02", 100 * n) for n in range(25)])
        captures.add(
            "a.warc.gz", [("large", "https://l.example/03", "2026-01", 7), ("small", "https://s.example/", "", 1)]
        )
        captures.add("a.warc.gz", [("large", "https://l.example/04", "2026-03", 9)])
        shares = list(captures.shares())
    assert [[(group.agency, len(group.captures)) for group in share] for share in shares] == [
        [("large", 9)], [("large", 9)], [("large", 7), ("small", 1)],
    ]  # fmt: skip
    assert shares[0][0].captures[3:5] == (("b.warc.gz", 300), ("a.warc.gz", 9))


COUNTRIES = ("Norway", "Chile", "Japan", "Kenya", "Peru", "Malta", "Nepal", "Oman", "Qatar", "Samoa", "Togo", "Tonga",
             "Ghana", "India", "Iraq", "Italy", "Laos", "Libya", "Mali", "Niger", "Palau", "Spain", "Sudan", "Syria",
             "Yemen")  # fmt: skip


def sites(count):
    """A site whose pages each tell of another trade mission."""
    names = COUNTRIES[:count] if count <= len(COUNTRIES) else [f"land {n}" for n in range(count)]
    links = "".join(f"<a href='/p{n}'>Trade mission to {name}</a>" for n, name in enumerate(names))
    pages = {
        f"/p{n}": html(
            f"<main><h1>Trade mission to {name}</h1><p>We organise a trade mission to {name} for small exporters. "
            f"{' '.join(names[n:] + names[:n])}</p></main>",
            f"Trade mission to {name}",
        )
        for n, name in enumerate(names)
    }
    return {"/": html(f"<main><h1>Help for exporters</h1>{links}</main>")} | pages


def fetched(folder):
    """The fetch log without what differs between any two crawls: times and places in the archive."""
    rows = pq.read_table(folder / "fetches.parquet").to_pylist()
    return [
        {k: v for k, v in row.items() if k not in ("time", "seconds", "warc_offset", "warc_end", "digest")}
        for row in rows
    ]


def test_a_crawl_on_a_cluster_is_as_one_here_also_when_a_worker_is_killed(tmp_path, cluster):
    with serving(sites(25), "127.0.0.1") as (one, asked), serving(sites(25), "127.0.0.2") as (two, others):
        agencies = [agency(one, "xa-one"), agency(two, "xa-two")]
        here = new_audit(tmp_path / "here", *agencies, delay=0.02)
        there = new_audit(tmp_path / "there", *agencies, delay=0.1)
        crawl_stage(here, CrawlOptions("test"), lambda _: None)
        asked.clear(), others.clear()
        killer = threading.Thread(target=kill_when, args=(cluster, lambda: len(asked) > 8 and len(others) > 8))
        killer.start()
        said = []
        try:
            crawl_stage(there, CrawlOptions("test"), said.append, Where(cluster.address))
        except CrawlInterrupted:
            pytest.fail("\n".join(said))
        killer.join()
    assert fetched(there) == fetched(here), said
    for paths in (asked, others):  # what was on its way when the worker died is asked again, no more
        assert sum(path.startswith("/p") for path in paths) <= 26
    assert not (there / "shards").exists()
    for folder in (here, there):
        extract(folder)
        classify(folder)
    assert pq.read_table(here / "programmes.parquet") == pq.read_table(there / "programmes.parquet")


def test_shards_that_fail_are_named(tmp_path, cluster):
    folder = new_audit(tmp_path / "audit", agency("http://127.0.0.1:9", "xa-one"))
    (folder / "shards" / "xa-one" / "archive").mkdir(parents=True)
    (folder / "shards" / "xa-one" / "archive" / "xa-one.warc.gz").write_bytes(b"somebody's")
    said = []
    with pytest.raises(CrawlInterrupted, match="1 of 1 shards failed"):
        crawl_stage(folder, CrawlOptions("test"), said.append, Where(cluster.address))
    assert "is there, but this crawl has not begun" in said[-1]


def test_a_crawl_ends_with_its_parent(tmp_path):
    with serving(sites(200)) as (base, asked):
        folder = new_audit(tmp_path / "audit", agency(base), delay=0.1)
        command = [sys.executable, "-m", "crawler", str(folder), "--with-parent"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        end = time.monotonic() + 30
        while len(asked) < 5 and time.monotonic() < end:
            time.sleep(0.05)
        process.stdin.close()  # as when the parent is killed
        assert process.wait(10) == 1
