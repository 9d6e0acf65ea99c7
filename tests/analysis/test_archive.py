import pytest

from analysis.archive import read_archive
from common.errors import ArchiveError


@pytest.fixture
def warc(demo_audit):
    return (demo_audit / "archive" / "qr-ahrental-global.warc.gz").read_bytes()


def test_a_truncated_file_gives_what_it_has_and_says_so(tmp_path, warc):
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(warc[: len(warc) // 2])
    damage = []
    assert len(list(read_archive(path, damage))) >= 3
    assert "cut off" in damage[0].problem


def test_a_whole_file_is_whole(tmp_path, warc):
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(warc)
    damage = []
    assert list(read_archive(path, damage))
    assert damage == []


def test_garbage_is_refused(tmp_path):
    path = tmp_path / "bad.warc.gz"
    path.write_bytes(b"this is no archive" * 50)
    with pytest.raises(ArchiveError, match="not a readable WARC file"):
        list(read_archive(path, []))
