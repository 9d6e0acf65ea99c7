"""An audit in object storage: a real S3-compatible server on loopback."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from analysis.tables import PAGES
from common.errors import AuditFolderError
from common.files import read_table, write_text
from common.storage import folder_of
from gapaudit.cli import cli

TABLES = ("pages", "programmes", "codings", "evidence")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        folder_of("s3://audits/x").fs.mkdir("audits")
        yield "s3://audits"
    server.stop()


@pytest.fixture
def remote(bucket: str, demo_audit):
    """The demo's archive in object storage."""
    folder = folder_of(f"{bucket}/demo")
    for path in [*demo_audit.glob("archive/*.warc.gz"), demo_audit / "audit.toml", demo_audit / "fetches.parquet"]:
        folder.fs.put_file(str(path), f"audits/demo/{path.relative_to(demo_audit).as_posix()}")
    return f"{bucket}/demo"


def test_an_audit_in_object_storage_gives_the_same_tables(remote, demo_audit, tmp_path):
    for stage in ("extract", "classify", "report"):
        result = CliRunner().invoke(cli, [stage, remote], catch_exceptions=False)
        assert result.exit_code in (0, 1), result.output  # 1: a sample site closes itself to all robots
    folder = folder_of(remote)
    for name in TABLES:
        assert (folder / f"{name}.parquet").read_bytes() == (demo_audit / f"{name}.parquet").read_bytes(), name
    assert (folder / "manifest.json").exists()
    assert (folder / "reports" / "gap_matrix.xlsx").read_bytes()[:2] == b"PK"
    assert b"<html" in (folder / "reports" / "gap_map.html").read_bytes()[:200]
    assert not list((folder / "parts").glob("*"))


def test_a_file_that_is_not_finished_is_not_there(bucket):
    path = folder_of(f"{bucket}/x/half.txt")
    from common.files import write_atomically

    def fails(stream):
        stream.write(b"half")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        write_atomically(path, fails)
    assert not path.exists()
    write_text(path, "whole")
    assert path.read_text() == "whole"


def test_what_is_not_there_is_said(bucket):
    with pytest.raises(AuditFolderError, match="no such file"):
        read_table(folder_of(f"{bucket}/nothing/pages.parquet"), PAGES)


def test_a_storage_that_nobody_knows_is_said():
    with pytest.raises(AuditFolderError, match="nosuch"):
        folder_of("nosuch://bucket/audit")
