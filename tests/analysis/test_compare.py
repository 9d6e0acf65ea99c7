"""What changed between two audits: the demo's, with changes made by hand in its tables."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.compare import Change, compare
from analysis.matrix import read_audit
from reports.compare_sheet import compare_lines, write_compare

AGENCY = "xa-calder-trade"


def change_table(folder, name, change):
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    rows = [row for row in (change(dict(row)) for row in table.to_pylist()) if row is not None]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def without(identity):
    return lambda row: None if row["programme"] == identity else row


@pytest.fixture(scope="module")
def compared(demo_audit, tmp_path_factory):
    folders = [tmp_path_factory.mktemp("compare") / name for name in ("before", "after")]
    for folder in folders:
        shutil.copytree(demo_audit, folder, ignore=shutil.ignore_patterns("archive"))
    before, after = folders
    programmes = [p.row for p in read_audit(before).programmes if p.row["agency"] == AGENCY]
    # on a page of their own each, so that what is done to one page touches one programme
    alone = [p for p in programmes if sum(set(p["urls"]) & set(o["urls"]) != set() for o in programmes) == 1]
    new, gone, renamed, recoded, unseen, first = (p["programme"] for p in alone[:6])
    for table in ("programmes", "codings", "evidence"):
        for folder, lost in ((before, (new, first)), (after, (gone, unseen))):
            for identity in lost:
                change_table(folder, table, without(identity))

    def rename(row):
        if row["programme"] == renamed:
            row["programme"] += "-2027"
            if "name" in row:
                row["name"] += " 2027"
        return row

    def level(row):
        if row["programme"] == recoded and row["code"] == "social_media":
            row["value"] = 4 - row["value"]
        return row

    for table in ("programmes", "codings", "evidence"):
        change_table(after, table, rename)
    change_table(after, "codings", level)
    pages = {p["programme"]: set(p["urls"]) for p in alone}

    def failed(identity):
        def change(row):
            if row["url"] in pages[identity]:
                row["outcome"] = "timeout"
            return row

        return change

    change_table(after, "fetches", failed(unseen))
    change_table(before, "fetches", failed(first))
    result = compare(read_audit(before), read_audit(after))
    wanted = {
        new: Change.NEW, gone: Change.GONE, renamed + "-2027": Change.RENAMED, recoded: Change.RECODED,
        unseen: Change.NOT_SEEN, first: Change.FIRST_SEEN,
    }  # fmt: skip
    return result, wanted, after


def test_each_change_is_told_from_what_was_only_seen_or_not(compared):
    result, wanted, _ = compared
    found = {str((c.after or c.before).row["programme"]): c.change for c in result.programmes}
    assert {identity: found[identity] for identity in wanted} == wanted
    assert set(found.values()) == {*wanted.values(), Change.SAME}
    assert sum(change is not Change.SAME for change in found.values()) == len(wanted)


def test_the_reports_say_it(compared):
    result, _, folder = compared
    lines = compare_lines(result)
    assert "programmes gone: 1" in lines
    assert "programmes not seen this time, because their pages were not read: 1" in lines
    _, data = write_compare(result, folder / "reports")
    counts = json.loads(data.read_text())["counts"]
    assert counts == {
        "new": 1,
        "first seen": 1,
        "gone": 1,
        "not seen": 1,
        "renamed": 1,
        "recoded": 1,
        "same": counts["same"],
    }


def test_an_audit_is_the_same_as_itself(demo_audit):
    audit = read_audit(demo_audit)
    result = compare(audit, audit)
    assert {change.change for change in result.programmes} == {Change.SAME}
    assert result.same_coder
