import shutil

import pyarrow.parquet as pq

from analysis.classify import classify, text_fragment
from analysis.extract import extract

TABLES = ("pages", "programmes", "codings", "evidence")


def test_the_same_archive_gives_the_same_bytes(demo_audit, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copytree(demo_audit / "archive", copy / "archive")
    for name in ("audit.toml", "fetches.parquet"):
        shutil.copy(demo_audit / name, copy / name)
    extract(copy)
    classify(copy)
    for name in TABLES:
        assert (copy / f"{name}.parquet").read_bytes() == (demo_audit / f"{name}.parquet").read_bytes(), name


def test_every_quotation_is_a_piece_of_its_page(demo_audit):
    texts = {row["url"]: row["text"] for row in pq.read_table(demo_audit / "pages.parquet").to_pylist()}
    rows = pq.read_table(demo_audit / "evidence.parquet").to_pylist()
    assert len(rows) > 300
    for row in rows:
        assert texts[row["url"]][row["start"] : row["end"]] == row["quote"]


def test_a_programme_of_several_pages_is_one(demo_audit):
    rows = pq.read_table(demo_audit / "programmes.parquet").to_pylist()
    funds = [row for row in rows if row["agency"] == "xa-calder-trade" and "First Steps Fund" in row["name"]]
    assert len(funds) == 1
    assert len(funds[0]["urls"]) == 3


def test_text_fragments():
    assert text_fragment("https://a.example/x#top", "Yes, we-do") == "https://a.example/x#:~:text=Yes%2C%20we%2Ddo"
    long = " ".join(f"word{n}" for n in range(100))
    assert text_fragment("https://a.example/", long).endswith(
        "word0%20word1%20word2%20word3%20word4,word95%20word96%20word97%20word98%20word99"
    )
