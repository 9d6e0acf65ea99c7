import copy
import csv
import json

import pytest
from click.testing import CliRunner

from analysis.matrix import read_audit
from common.files import file_digest
from gapaudit.cli import cli
from reports.open_data import write_open_data


@pytest.fixture(scope="module")
def audit(demo_audit):
    return read_audit(demo_audit)


@pytest.fixture
def package(audit, tmp_path):
    write_open_data(audit, tmp_path)
    return tmp_path


def rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_tables_are_as_the_descriptor_says(package):
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert described["profile"] == "tabular-data-package"
    keys = {}
    for resource in described["resources"]:
        path = package / resource["path"]
        assert resource["hash"] == f"sha256:{file_digest(path)}"
        found = rows(package, resource["name"])
        assert list(found[0]) == [field["name"] for field in resource["schema"]["fields"]]
        for field in resource["schema"]["fields"]:
            values = [row[field["name"]] for row in found if row[field["name"]]]
            if field["type"] in ("integer", "number"):
                assert all(float(value) == float(value) for value in values)
        if "primaryKey" in resource["schema"]:
            own = [tuple(row[name] for name in resource["schema"]["primaryKey"]) for row in found]
            assert len(set(own)) == len(own)
            keys[resource["name"]] = {key[0] for key in own}
    for resource in described["resources"]:
        for foreign in resource["schema"].get("foreignKeys", []):
            known = keys[foreign["reference"]["resource"]]
            assert {row[foreign["fields"]] for row in rows(package, resource["name"])} <= known


def test_nothing_is_lost(package, audit):
    assert len(rows(package, "programmes")) == len(audit.programmes)
    assert len(rows(package, "codings")) == sum(len(p.measures) for p in audit.programmes)
    quotes = [row["quote"] for row in rows(package, "evidence")]
    assert [q.removeprefix("'") for q in quotes] == [
        e["quote"].removeprefix("'") for p in audit.programmes for e in p.evidence
    ]


def test_no_cell_is_a_formula(audit, tmp_path):
    hostile = copy.deepcopy(audit)
    for p, text in zip(hostile.programmes, ["=1+1", "+1", "-1", "@x", "\t=1"], strict=False):
        p.row["name"] = text
    write_open_data(hostile, tmp_path)
    names = [row["name"] for row in rows(tmp_path, "programmes")]
    assert "'=1+1" in names
    assert not [name for name in names if name[:1] in "=+-@\t"]


def test_json_ld_hangs_together(package, audit):
    graph = json.loads((package / "programmes.jsonld").read_text(encoding="utf-8"))["@graph"]
    by_id = {node["@id"]: node for node in graph}
    assert len(by_id) == len(graph) == len(audit.agencies) + len(audit.programmes)
    for node in graph:
        if node["@type"] == "GovernmentService":
            assert by_id[node["provider"]["@id"]]["@type"] == "GovernmentOrganization"


def test_by_the_command_line(demo_audit, tmp_path):
    done = CliRunner().invoke(cli, ["export", str(demo_audit), "--out", str(tmp_path / "open")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "open" / "datapackage.json").exists()
