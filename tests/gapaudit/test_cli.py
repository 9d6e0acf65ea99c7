"""The command line: bad input is one clear line and an exit status, never a traceback."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import agency, html, new_audit, serving

GOOD = """
- id: xa-one
  name: One
  country: XA
  kind: tpo
  level: national
  languages: [en]
  start_urls: [{base}/]
  allow_private: true
"""


def gap_audit(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "gapaudit", *map(str, arguments)], capture_output=True, text=True, timeout=120, **more
    )


def refused(done, *words, status=2):
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("gap-audit: ")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], ["--country"]),
        (["run", "--country", "XX"], ["'XX'"]),
        (["run", "--agency", "no-such-agency"], ["'no-such-agency'"]),
        (["run", "--registry", "no-such-file.yaml"], ["no-such-file.yaml", "no such file"]),
        (["report", "no-such-folder"], ["no-such-folder", "not an audit folder"]),
        (["extract", "no-such-folder"], ["not an audit folder"]),
        (["classify"], ["--input"]),
        (["classify", "--input", "no-such-file"], ["no-such-file"]),
        (["evaluate", "--gold", "no-such-file"], ["no-such-file"]),
        (["nonsense"], ["nonsense"]),
        (["agencies", "list", "--kind", "shop"], ["shop"]),
    ],
)
def test_wrong_usage_and_bad_input(arguments, words, tmp_path):
    refused(gap_audit(*arguments, cwd=tmp_path), *words)


def test_a_broken_registry(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text("- id: [broken\n")
    refused(gap_audit("run", "--registry", file, "--out", tmp_path / "a"), "my.yaml", "not valid YAML")


def test_an_output_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    file = tmp_path / "my.yaml"
    file.write_text(GOOD.format(base="http://127.0.0.1:9"))
    refused(gap_audit("run", "--registry", file, "--out", tmp_path / "file" / "audit"), "cannot be written")


def test_an_audit_of_another_version(tmp_path):
    folder = new_audit(tmp_path / "audit", agency("http://127.0.0.1:9"))
    path = folder / "audit.toml"
    path.write_text(path.read_text().replace("version = 1", "version = 7"))
    refused(gap_audit("report", folder), "another version")


def test_no_network_is_said_in_one_line(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(GOOD.format(base="http://127.0.0.1:9"))
    refused(gap_audit("run", "--registry", file, "--out", tmp_path / "audit"), "no agency could be reached")


def test_a_warc_that_cannot_be_read(tmp_path):
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(b"no archive" * 99)
    refused(gap_audit("ingest", tmp_path / "audit", bad), "bad.warc.gz", "not a readable WARC")


def test_a_truncated_warc_is_taken_as_far_as_it_goes(tmp_path, demo_audit):
    whole = (demo_audit / "archive" / "xa-calder-trade.warc.gz").read_bytes()
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole[: len(whole) // 5])
    folder = tmp_path / "audit"
    done = gap_audit("ingest", folder, cut)
    assert done.returncode == 1
    assert "cut off" in done.stderr
    assert gap_audit("extract", folder).returncode == 1
    assert gap_audit("classify", folder).returncode == 0
    assert gap_audit("report", folder).returncode == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    assert "cut.warc.gz" in manifest["archive"]
    # the later stages had no failure of their own, and do not forget those of the earlier ones
    assert sum("cut off" in failure for failure in manifest["failures"]) == 2


def test_json_lines_with_a_broken_line(tmp_path):
    file = tmp_path / "pages.jsonl"
    file.write_text('{"id": 1, "text": "Trade missions"}\n{broken\n{"id": 2, "html": ""}\n')
    done = gap_audit("classify", "--input", file, "--output", tmp_path / "out.jsonl")
    refused(done, "line 2", status=1)
    assert [json.loads(line)["id"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [1, 2]


def test_a_run_names_what_failed_and_goes_on(tmp_path):
    good = html("<h1>Trade missions</h1><p>Exporters, join our trade mission abroad. Apply now: places are free.</p>")
    with serving({"/": good}) as (base, asked):
        file = tmp_path / "my.yaml"
        file.write_text(GOOD.format(base=base) + GOOD.format(base="http://127.0.0.1:9").replace("one", "two"))
        arguments = [
            "run",
            "--registry",
            file,
            "--out",
            tmp_path / "audit",
            "--delay",
            "0",
            "--contact",
            "me@x.example",
        ]
        done = gap_audit(*arguments)
        assert done.returncode == 1
        before = len(asked)
        assert gap_audit(*arguments).returncode == 1  # goes on where it stopped: nothing is asked again
        assert len(asked) == before
    manifest = json.loads((tmp_path / "audit" / "manifest.json").read_text())
    assert any("xa-two" in failure for failure in manifest["failures"])
    assert (tmp_path / "audit" / "reports" / "gap_matrix.xlsx").exists()


def test_an_unknown_language_is_reported(tmp_path):
    text = (
        "Autamme suomalaisia yrityksiä kansainvälisille markkinoille. Neuvojamme kertovat, miten vienti aloitetaan, "
        "mitä asiakirjoja tarvitaan ja miten löydät luotettavan jälleenmyyjän ulkomailta."
    )
    with serving({"/": html(f"<p>{text}</p>")}) as (base, _):
        file = tmp_path / "my.yaml"
        file.write_text(GOOD.format(base=base))
        gap_audit("run", "--registry", file, "--out", tmp_path / "audit", "--delay", "0")
    manifest = json.loads((tmp_path / "audit" / "manifest.json").read_text())
    assert any("'fi'" in failure for failure in manifest["failures"])


def test_agencies_check_asks_once(tmp_path):
    robots = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nCrawl-delay: 3\n")
    with serving({"/": (301, {"Location": "/en"}, b""), "/robots.txt": robots}) as (base, asked):
        file = tmp_path / "my.yaml"
        file.write_text(GOOD.format(base=base))
        done = gap_audit("agencies", "check", "--registry", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\t")[:2] == ["xa-one", "301"]
    assert "/en" in done.stdout
    assert "crawl-delay 3 s" in done.stdout
    assert sorted(asked) == ["/", "/robots.txt"]


def test_agencies_list():
    done = gap_audit("agencies", "list", "--country", "IE", "--kind", "tpo")
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["ie-enterprise-ireland", "ie-bord-bia"]


def test_the_registry_speaks_of_any_locale(tmp_path):
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "1"}
    assert gap_audit("agencies", "list", "--country", "AT", env=environment).returncode == 0
