import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from analysis.decode import LARGEST_BODY, decoded, decompressed


def test_declared_and_undeclared_charsets():
    assert decoded("é".encode("latin-1"), "iso-8859-1") == "é"
    assert decoded("<meta charset='windows-1252'>“x”".encode("cp1252")).endswith("“x”")
    assert decoded("日本語のページ".encode()) == "日本語のページ"


def test_a_compression_bomb_is_cut_off():
    bomb = gzip.compress(b"\0" * (LARGEST_BODY + 1000))
    assert len(decompressed(bomb, "gzip")) == LARGEST_BODY


def test_both_kinds_of_deflate():
    raw = zlib.compressobj(wbits=-15)
    body = raw.compress(b"hello") + raw.flush()
    assert decompressed(body, "deflate") == decompressed(zlib.compress(b"hello"), "deflate") == b"hello"


@given(st.binary(), st.sampled_from(["gzip", "deflate", "br", "gzip, deflate", "", "nonsense"]))
def test_no_bytes_break_it(body, encoding):
    decoded(decompressed(body, encoding), encoding)
