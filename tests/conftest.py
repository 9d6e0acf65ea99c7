"""Shared parts of the tests: a real server on loopback, and one audit of the sample web."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from analysis.encoder import Tuning
from analysis.matrix import Audit
from common.frame import Agency, Budgets, Frame, write_frame

# a first call may load libraries, and a machine may be busy: time is no property of what is tested
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")

Route = tuple[int, dict[str, str], bytes] | Callable[[BaseHTTPRequestHandler], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that start a Dask cluster or an object storage take long, and are run with those that start a browser.

    The file that codes the sample web comes first, and has the demo's audit made. All others that read the audit come
    last: another process (`-n auto`) has other things to do meanwhile.
    """
    for item in items:
        if {"cluster", "bucket"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("cluster")
    readers = {item.path for item in items if "demo_audit" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: 0 if item.path.name == "test_sample_web.py" else 2 if item.path in readers else 1)


@contextmanager
def serving(routes: dict[str, Route], host: str = "127.0.0.1") -> Iterator[tuple[str, list[str]]]:
    """A real HTTP server on loopback; yields its base address and the list of paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            route = routes.get(self.path, (404, {"Content-Type": "text/html"}, b"<p>gone</p>"))
            if callable(route):
                route(self)
                return
            status, headers, body = route
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://{host}:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def html(body: str, title: str = "A page") -> Route:
    text = f"<!doctype html><html lang='en'><head><title>{title}</title></head><body>{body}</body></html>"
    return 200, {"Content-Type": "text/html; charset=utf-8"}, text.encode()


def agency(base: str, identity: str = "xa-test", **more: object) -> Agency:
    fields = {
        "id": identity, "name": "Test agency", "country": "XA", "kind": "tpo", "level": "national",
        "languages": ["en"], "start_urls": [f"{base}/"], "allow_private": True,
    }  # fmt: skip
    return Agency(**(fields | more))  # type: ignore[arg-type]


def new_audit(folder: Path, *agencies: Agency, **budgets: float) -> Path:
    write_frame(folder / "audit.toml", Frame(agencies, Budgets(**({"delay": 0.0} | budgets))))  # type: ignore[arg-type]
    return folder


@pytest.fixture(scope="session", autouse=True)
def deep_vectors_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Deep vectors of texts that several processes of a run look at (the sample web's) are made once for all."""
    from analysis import vectors

    shared = run_folder(tmp_path_factory)
    known = sqlite3.connect(shared / "vectors.sqlite", timeout=60, isolation_level=None)
    # SQLite does not wait where two processes change the mode of the journal at once
    with one_at_a_time(shared / "vectors.lock"):
        known.execute("pragma journal_mode = wal")
        known.execute(
            "create table if not exists vectors (text text, tuning text, vector blob, primary key (text, tuning))"
        )
    made = vectors._deep_vector

    def deep_vector(text: str, tuning: Tuning | None) -> vectors.Vectors:
        key = text, tuning.digest if tuning else ""
        row = known.execute("select vector from vectors where text = ? and tuning = ?", key).fetchone()
        if row:
            return np.frombuffer(row[0], dtype=np.float32)
        vector = made(text, tuning)
        known.execute("insert or ignore into vectors values (?, ?, ?)", (*key, vector.tobytes()))
        return vector

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "_deep_vector", deep_vector)
        yield
    known.close()


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Keeps other processes of a run waiting that come here with the same file."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a run share."""
    ours = tmp_path_factory.getbasetemp()
    return ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours


@pytest.fixture(scope="session")
def demo_audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audit that `gap-audit demo` makes, once for all processes of a run; tests only read it."""
    from click.testing import CliRunner

    from gapaudit.cli import cli

    shared = run_folder(tmp_path_factory)
    folder = shared / "demo" / "audit"
    with one_at_a_time(shared / "demo.lock"):
        if not (shared / "demo.made").exists():
            result = CliRunner().invoke(cli, ["demo", "--out", str(folder)], catch_exceptions=False)
            assert result.exit_code == 0, result.output
            (shared / "demo.made").touch()
    return folder


@pytest.fixture(scope="session")
def large_audit() -> Audit:
    """200 agencies, 5,000 programmes, 50,000 quotations: the audit of benchmarks/workbook_size.py."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    from workbook_size import synthetic

    return synthetic()


@dataclass
class Cluster:
    """A Dask scheduler with workers, each a process of its own as on any cluster."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    _start: Callable[[], subprocess.Popen[bytes]]

    def kill_one(self) -> None:
        """Kill a worker as the kernel does when memory is short; another takes its place."""
        worker = self.workers.pop(0)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        self.workers.append(self._start())


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real Dask scheduler with two workers on loopback."""
    from distributed import Client  # takes a second: not for every test run

    scratch = tmp_path_factory.mktemp("dask")
    file = scratch / "scheduler.json"
    root = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s"}

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            command, cwd=scratch, env=environment, stdout=quiet, stderr=quiet, start_new_session=True
        )

    def worker() -> subprocess.Popen[bytes]:
        # with a nanny, which starts a worker anew that has died
        return begin("dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard")

    scheduler = begin("dask_scheduler", "--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0",
                      "--no-dashboard")  # fmt: skip
    workers = [worker(), worker()]
    try:
        end = time.monotonic() + 30
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        with Client(address, timeout="30s", set_as_default=False) as client:
            client.wait_for_workers(2, timeout=30)
        yield Cluster(address, workers, worker)
    finally:
        for process in [*workers, scheduler]:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
