"""An audit from beginning to end: its folder, its stages, its manifest."""

import importlib.metadata
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console
from rich.markup import escape

from analysis.codebook import load_codebook
from analysis.coverage import Coverage, CoverageClass
from analysis.matrix import Audit, read_audit
from common.errors import AuditFolderError, CrawlInterrupted, GapAuditError, NetworkError
from common.files import file_digest, write_json
from common.frame import Agency, Budgets, Frame, read_frame, write_frame
from common.parts import HERE, Where, work_on
from common.storage import is_local, readable
from crawler.shards import Shard, crawl_command, crawl_shard, join_shards, shards_of

Say = Callable[[str], None]
_TABLES = ("fetches", "pages", "programmes", "codings", "evidence")
_LIBRARIES = (
    "scrapy",
    "spacy",
    "pandas",
    "pyarrow",
    "openpyxl",
    "warcio",
    "fastwarc",
    "selectolax",
    "pypdfium2",
)


def begin(folder: Path, agencies: Iterable[Agency], budgets: Budgets) -> Frame:
    """Make an audit folder, or go on with the one that is there.

    Raises AuditFolderError when the folder cannot be written or holds an audit of other agencies.
    """
    frame = Frame(tuple(agencies), budgets, load_codebook().version)
    path = folder / "audit.toml"
    if path.exists():
        there = read_frame(path)
        if [a.id for a in there.agencies] != [a.id for a in frame.agencies]:
            raise AuditFolderError(f"{folder}: holds an audit of other agencies; choose another folder with --out")
        return there
    if folder.exists() and not folder.is_dir():
        raise AuditFolderError(f"{folder}: is a file, not a folder")
    write_frame(path, frame)
    return frame


@dataclass(frozen=True)
class CrawlOptions:
    """How to crawl."""

    user_agent: str
    since: Path | None = None  # an earlier audit, from which what has not changed is taken
    render: bool = False  # show pages that hold no text of their own in a browser


def crawl_stage(folder: Path, options: CrawlOptions, say: Say, where: Where = HERE) -> None:
    """Crawl, unless fetches.parquet says that it was done; on a cluster in shards.

    Raises NetworkError when no agency could be reached at all, CrawlInterrupted when the crawl ended before its
    time, GapAuditError when it could not begin.
    """
    frame = read_frame(folder / "audit.toml")
    if (folder / "fetches.parquet").exists():
        say("crawl: already done")
        return
    say(f"crawl: {len(frame.agencies)} agencies, up to {frame.budgets.pages} pages each")
    if options.since and not is_local(options.since):
        raise AuditFolderError(f"{options.since}: an earlier audit to go on from must be a folder of this machine")
    if where.cluster:
        _crawl_in_shards(folder, frame, options, say, where)
    else:
        _crawl_here(folder, options)
    counts = _outcomes(folder)
    if counts and not counts.keys() - _UNREACHED:
        (folder / "fetches.parquet").unlink()
        for path in (folder / "archive").glob("frontier.sqlite*"):
            path.unlink()
        reasons = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        raise NetworkError(f"no agency could be reached ({reasons}); is this machine connected to the network?")


def _crawl_here(folder: Path, options: CrawlOptions) -> None:
    if not is_local(folder):
        raise AuditFolderError(f"{folder}: a crawl on this machine needs a folder here; give --cluster, or crawl first")
    status = _run_alone(crawl_command(folder, options.user_agent, options.since, options.render))
    if status == CrawlInterrupted.exit_status:
        raise CrawlInterrupted  # the crawl's own process has said why
    if status < 0:
        raise CrawlInterrupted(f"the crawl was killed (signal {-status}); run the same command again to go on")
    if status != 0:
        raise GapAuditError("the crawl could not begin (see the line above)")


def _crawl_in_shards(folder: Path, frame: Frame, options: CrawlOptions, say: Say, where: Where) -> None:
    """Crawl on the workers of a cluster. Raises CrawlInterrupted where a shard is not at its end, and names it."""
    since = str(options.since) if options.since else ""
    shards = [Shard(str(folder), ids, options.user_agent, since, options.render) for ids in shards_of(frame)]
    failed = []
    for number, done in enumerate(work_on(crawl_shard, shards, where), 1):
        if done.problem:
            failed.append(f"{done.part.name}: {done.problem}")
        say(f"crawl: {done.part.name} ({number} of {len(shards)}){': ' + done.problem if done.problem else ''}")
    if failed:
        raise CrawlInterrupted(f"{len(failed)} of {len(shards)} shards failed; run the same command again to go on")
    join_shards(folder, shards)


_UNREACHED = {"dns_failure", "connection_failed", "tls_failure", "timeout", "host_gave_up"}


def _run_alone(arguments: list[str]) -> int:
    """Run a program to its end; Ctrl-C is for the program, which then ends cleanly. Its exit status, or - signal."""
    process = subprocess.Popen(arguments)  # noqa: S603 - our own interpreter and module
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def analyse_stages(folder: Path, say: Say, since: Path | None = None, where: Where = HERE) -> list[str]:
    """Extract and classify; what could not be read. `since`: an earlier audit whose codings are taken where they hold.

    Raises GapAuditError as the stages do.
    """
    failures = extract_stage(folder, say, since, where)
    return failures + classify_stage(folder, say, where)


def extract_stage(folder: Path, say: Say, since: Path | None = None, where: Where = HERE) -> list[str]:
    """From the archive to pages.parquet; what could not be read."""
    from analysis.extract import extract  # spaCy takes a second to load: not for every command

    with _watching() as progress:
        report = extract(folder, progress, since, where)
    before = f", {report.coded_before} coded as in the earlier audit" if since else ""
    say(f"extract: {report.pages} pages, {report.relevant} of them relevant{before}")
    return report.failures


def classify_stage(folder: Path, say: Say, where: Where = HERE) -> list[str]:
    """From pages.parquet to programmes, codings and evidence; the parts that failed."""
    from analysis.classify import classify

    with _watching() as progress:
        report = classify(folder, progress, where)
    say(f"classify: {report.programmes} programmes, {report.quotations} quotations")
    return report.failures


def report_stage(folder: Path, say: Say) -> Audit:
    """Write the workbook, the map and the pages of evidence."""
    from reports.evidence_pages import write_evidence_pages
    from reports.gap_map import write_gap_map
    from reports.workbook import write_workbook

    audit = read_audit(folder)
    _keep_changed_workbook(folder, say)
    write_evidence_pages(audit)
    write_workbook(audit, folder / "reports" / "gap_matrix.xlsx")
    write_gap_map(audit, folder / "reports" / "gap_map.html")
    say(f"report: {folder / 'reports' / 'gap_matrix.xlsx'}")
    say(f"report: {folder / 'reports' / 'gap_map.html'}")
    return audit


def write_briefs(audit: Audit, countries: Sequence[str], say: Say) -> None:
    """Write the brief on each country, or on the whole audit where none is named."""
    from reports.brief import write_brief

    for country in countries or ("",):
        name = f"brief_{country.upper()}.docx" if country else "brief.docx"
        write_brief(audit, audit.folder / "reports" / name, country.upper())
        say(f"report: {audit.folder / 'reports' / name}")


def _keep_changed_workbook(folder: Path, say: Say) -> None:
    """Move a workbook aside that somebody changed since it was written, so that no work is lost."""
    path = folder / "reports" / "gap_matrix.xlsx"
    written = _earlier_manifest(folder).get("reports", {}).get(path.name)
    if not path.exists() or written in (None, file_digest(path)):
        return
    number = 1
    while (kept := path.with_name(f"gap_matrix-changed-{number}.xlsx")).exists():
        number += 1
    path.rename(kept)
    say(f"report: the workbook was changed by hand and is kept as {kept} ('gap-audit review import' takes changes in)")


def finish(folder: Path, stage: str, failures: Iterable[str] = (), audit: Audit | None = None) -> list[str]:
    """Write manifest.json; the failures of this stage, and of the coverage where an audit is given.

    What other stages could not do stays named until they are run again.
    """
    found = {stage: list(failures)}
    if audit is not None:
        found["coverage"] = [
            f"{view.agency.id}: {'' if view.coverage.broken else 'could not be read: '}{view.coverage.in_words()}"
            for view in audit.agencies
            if view.coverage.grade is CoverageClass.FAILED
        ]
    manifest = _manifest(folder, _earlier_failures(folder) | found)
    if audit is not None:
        manifest["agencies"] = {view.agency.id: _seen(view.coverage) for view in audit.agencies}
    write_json(folder / "manifest.json", manifest)
    return [failure for stage_failures in found.values() for failure in stage_failures]


def _seen(coverage: Coverage) -> dict[str, Any]:
    """What was seen of an agency, in counts."""
    return {
        "coverage": coverage.grade.value,
        "addresses": dict(sorted(coverage.reasons.items())),
        "readable": coverage.readable,
        "relevant": coverage.relevant,
        "broken": coverage.broken,
        **({"share_of_relevant_pages": asdict(coverage.estimate)} if coverage.estimate else {}),
    }


def _earlier_failures(folder: Path) -> dict[str, list[str]]:
    """The failures by stage that the manifest names; none where there is no manifest of ours."""
    try:
        return dict(_earlier_manifest(folder)["failures_by_stage"])
    except (KeyError, TypeError, ValueError):
        return {}


def _earlier_manifest(folder: Path) -> dict[str, Any]:
    """The manifest as it is; empty where there is none of ours."""
    try:
        return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _manifest(folder: Path, failures: dict[str, list[str]]) -> dict[str, Any]:
    codebook = load_codebook()
    tables: dict[str, Any] = {}
    for name in _TABLES:
        path = folder / f"{name}.parquet"
        if path.exists():
            tables[path.name] = {"sha256": file_digest(path)}
    archive = {path.name: file_digest(path) for path in sorted(folder.glob("archive/*.warc*"))}
    return {
        "gap-audit": version(),
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "codebook": {"version": codebook.version, "digest": codebook.digest},
        "archive": archive,
        "tables": tables,
        "reports": {path.name: file_digest(path) for path in [folder / "reports" / "gap_matrix.xlsx"] if path.exists()},
        "requests": _outcomes(folder),
        "failures": [failure for stage in sorted(failures) for failure in failures[stage]],
        "failures_by_stage": failures,
    }


def _outcomes(folder: Path) -> dict[str, int]:
    """How many requests ended in which way."""
    path = folder / "fetches.parquet"
    if not path.exists():
        return {}
    counts: dict[str, int] = {}
    for outcome in pq.read_table(readable(path), columns=["outcome"]).column("outcome").to_pylist():
        counts[outcome] = counts.get(outcome, 0) + 1
    return dict(sorted(counts.items()))


SECONDS_A_LINE = 30.0  # between two lines about what a stage is doing, where there is no terminal


@contextmanager
def _watching() -> Iterator[Say]:
    """Shows what a stage is doing: a moving line on a terminal, elsewhere a plain line now and then."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status("") as status:
            yield lambda text: status.update(escape(text))
        return
    last = time.monotonic()

    def say(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_A_LINE:
            last = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    yield say


def version() -> str:
    """The version of this software."""
    try:
        return importlib.metadata.version("gap-audit")
    except importlib.metadata.PackageNotFoundError:
        return "0 (not installed)"
