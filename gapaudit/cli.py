"""The command line. Exit status: 0 done, 1 the audit has failures that its manifest names, 2 wrong usage or input."""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from common.errors import GapAuditError
from common.frame import KINDS, Budgets, read_frame
from common.parts import Where
from common.storage import folder_of, working_copy
from crawler.registry import AGENCIES_FOLDER, load_registry, select
from gapaudit.audit import (
    CrawlOptions,
    Say,
    analyse_stages,
    begin,
    classify_stage,
    crawl_stage,
    extract_stage,
    finish,
    report_stage,
    version,
    write_briefs,
)


class _Folder(click.ParamType[Path]):
    """A folder of this machine, or an address in object storage such as s3://bucket/audit."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        return folder_of(value)


_FOLDER = _Folder()
_FILE = click.Path(path_type=Path)
COMMON_CRAWL = "https://data.commoncrawl.org/"
_RENDER = "auto: pages that hold no text of their own are shown by Chromium"


_cluster = click.option("--cluster", default="", help="work on a Dask cluster: its scheduler, as tcp://host:8786")
_processes = click.option(
    "--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all", help="to work with here"
)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _user_agent(contact: str | None) -> str:
    contact = contact or os.environ.get("GAP_AUDIT_CONTACT") or "not given by who runs it"
    safe = "".join(c for c in contact if 32 <= ord(c) < 127 and c not in "()")[:200]
    return f"gap-audit/{version()} (research audit of public support for exporters; contact: {safe})"


def _end(folder: Path, failures: list[str]) -> None:
    if failures:
        _say(f"done, with {len(failures)} failures, named in {folder / 'manifest.json'}:")
        for failure in failures[:10]:
            _say(f"  {failure}")
        if len(failures) > 10:
            _say(f"  and {len(failures) - 10} more")
        sys.exit(1)


@contextmanager
def _files_of(folder: Path) -> Iterator[tuple[Path, Say]]:
    """The audit's folder on this machine, and how to say things about it in the words of who asked."""
    with working_copy(folder) as here:
        yield here, lambda text: _say(text.replace(str(here), str(folder)))


@click.group()
@click.version_option(version(), prog_name="gap-audit")
def cli() -> None:
    """Find out whether public support for small exporters uses social media, and where the gap is."""


@cli.command()
@click.option("--out", type=_FOLDER, default=Path("demo-audit"), show_default=True, help="folder of the audit")
def demo(out: Path) -> None:
    """Audit the sample web on this machine and write every report; needs no network."""
    from common.frame import site_of
    from gapaudit.sample_web import serve

    ports: dict[str, int] = {}
    if (out / "audit.toml").exists():
        for agency in read_frame(out / "audit.toml").agencies:
            _, _, port = site_of(agency.start_urls[0]).partition(":")
            ports[agency.id] = int(port or 0)
    with serve(ports) as agencies:
        begin(out, agencies, Budgets(delay=0.0))
        crawl_stage(out, CrawlOptions(_user_agent("this machine")), _say)
    unread = analyse_stages(out, _say)
    audit = report_stage(out, _say)
    write_briefs(audit, (), _say)
    # one sample site closes itself to all robots on purpose: that it is named is part of the demonstration
    failures = finish(out, "extract", unread, audit)
    for failure in failures:
        _say(f"as the sample web wants it: {failure}")


@cli.command()
@click.option("--country", "countries", multiple=True, help="ISO 3166-1 alpha-2 code; repeat for more")
@click.option("--agency", "ids", multiple=True, help="id in the registry; repeat for more")
@click.option("--all", "everything", is_flag=True, help="every agency of the registry")
@click.option("--registry", type=_FILE, help="a registry file of your own (all of it, unless you choose)")
@click.option("--out", type=_FOLDER, default=Path("audit"), show_default=True, help="folder of the audit")
@click.option("--pages", type=click.IntRange(1), default=200, show_default=True, help="pages an agency")
@click.option("--depth", type=click.IntRange(0), default=6, show_default=True, help="links from a start address")
@click.option("--minutes", type=click.FloatRange(0.1), default=30.0, show_default=True, help="time an agency")
@click.option("--delay", type=click.FloatRange(0), default=1.0, show_default=True, help="seconds between requests")
@click.option("--contact", help="whom a site may write to (or set GAP_AUDIT_CONTACT)")
@click.option("--since", type=_FOLDER, help="an earlier audit: fetch only what has changed since")
@click.option("--render", type=click.Choice(["off", "auto"]), default="off", show_default=True, help=_RENDER)
@_cluster
@_processes
def run(
    countries: tuple[str, ...],
    ids: tuple[str, ...],
    everything: bool,
    registry: Path | None,
    out: Path,
    pages: int,
    depth: int,
    minutes: float,
    delay: float,
    contact: str | None,
    since: Path | None,
    render: str,
    cluster: str,
    processes: int,
) -> None:
    """Audit agencies from the crawl to the reports. The same command on the same folder goes on where it stopped."""
    chosen = bool(countries or ids or everything or registry)
    if not (chosen or since):
        raise click.UsageError(
            "choose agencies with --country, --agency, --all or --registry, or an audit with --since"
        )
    if since and not chosen:
        agencies = list(read_frame(since / "audit.toml").agencies)
    else:
        agencies = select(load_registry(registry or AGENCIES_FOLDER), countries=countries, ids=ids)
    begin(out, agencies, Budgets(pages=pages, depth=depth, minutes=minutes, delay=delay))
    if not (contact or os.environ.get("GAP_AUDIT_CONTACT")) and not all(a.allow_private for a in agencies):
        _say("note: sites cannot reach you; give --contact you@example.org")
    where = Where(cluster, processes)
    crawl_stage(out, CrawlOptions(_user_agent(contact), since, render == "auto"), _say, where)
    unread = analyse_stages(out, _say, since, where)
    with _files_of(out) as (here, say):
        audit = report_stage(here, say)
    _end(out, finish(out, "extract", unread, audit))


@cli.command()
@click.argument("folder", type=_FOLDER)
@click.option("--contact", help="whom a site may write to (or set GAP_AUDIT_CONTACT)")
@click.option("--since", type=_FOLDER, help="an earlier audit: fetch only what has changed since")
@click.option("--render", type=click.Choice(["off", "auto"]), default="off", show_default=True, help=_RENDER)
@_cluster
def crawl(folder: Path, contact: str | None, since: Path | None, render: str, cluster: str) -> None:
    """Crawl the agencies that FOLDER/audit.toml names."""
    crawl_stage(folder, CrawlOptions(_user_agent(contact), since, render == "auto"), _say, Where(cluster))
    finish(folder, "crawl")


@cli.command()
@click.argument("folder", type=_FOLDER)
@_cluster
@_processes
def extract(folder: Path, cluster: str, processes: int) -> None:
    """Read the archive of FOLDER and write pages.parquet."""
    _end(folder, finish(folder, "extract", extract_stage(folder, _say, where=Where(cluster, processes))))


@cli.command()
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--input", "source", type=_FILE, help="pages as JSON lines, instead of an audit")
@click.option("--output", "target", type=_FILE, help="where their codings go (standard output if not given)")
@_cluster
@_processes
def classify(folder: Path | None, source: Path | None, target: Path | None, cluster: str, processes: int) -> None:
    """Code the pages of FOLDER, or those of --input without an audit."""
    if (folder is None) == (source is None):
        raise click.UsageError("give either an audit folder or --input PAGES.jsonl")
    if folder is not None:
        failures = classify_stage(folder, _say, Where(cluster, processes))
        _end(folder, finish(folder, "classify", failures))
        return
    from analysis.jsonl import classify_lines
    from common.files import write_text

    assert source is not None
    text = io.StringIO()
    coded, bad = classify_lines(source, text)
    if target is None:
        click.echo(text.getvalue(), nl=False)
    else:
        write_text(target, text.getvalue())
    _say(f"classify: {coded} pages coded")
    for line in bad:
        _say(f"gap-audit: {source}: line {line.number}: {line.problem}")
    if bad:
        sys.exit(1)


@cli.command()
@click.argument("folder", type=_FOLDER)
@click.option("--brief", is_flag=True, help="write a brief in Word too, on the whole audit or on each --country")
@click.option("--country", "countries", multiple=True, help="ISO 3166-1 alpha-2; repeat for more")
def report(folder: Path, brief: bool, countries: tuple[str, ...]) -> None:
    """Write the reports of FOLDER."""
    if countries and not brief:
        raise click.UsageError("--country says what --brief is about; give both")
    with _files_of(folder) as (here, say):
        audit = report_stage(here, say)
        if brief:
            write_briefs(audit, countries, say)
    finish(folder, "report", audit=audit)


@cli.command()
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=_FILE, help="folder of the package; else FOLDER/export")
def export(folder: Path, out: Path | None) -> None:
    """Write FOLDER's programmes as open data: a Frictionless Data Package (CSV) and JSON-LD."""
    from analysis.matrix import read_audit
    from reports.open_data import write_open_data

    with _files_of(folder) as (here, say):
        for path in write_open_data(read_audit(here), out or here / "export"):
            say(f"export: {path}")


@cli.command()
@click.argument("folder", type=_FOLDER)
@click.argument("files", type=_FILE, nargs=-1)
@click.option("--common-crawl", "index", help="an index of Common Crawl: CDXJ or Parquet, a path, address or pattern")
@click.option("--source", default=COMMON_CRAWL, show_default=True, help="where the WARC files of that index lie")
@click.option("--registry", type=_FILE, help="agencies of a new audit: their pages are taken; else those of FOLDER")
@click.option("--matching", help="take pages of any host too whose address this regular expression finds")
@click.option("--pages", type=click.IntRange(1), default=200, show_default=True, help="pages an agency or host")
def ingest(
    folder: Path,
    files: tuple[Path, ...],
    index: str | None,
    source: str,
    registry: Path | None,
    matching: str | None,
    pages: int,
) -> None:
    """Take WARC or WACZ files, or pages out of Common Crawl, into FOLDER; go on with extract, classify and report."""
    from gapaudit.ingest import ingest as take_files
    from gapaudit.ingest import ingest_common_crawl

    if bool(files) == bool(index):
        raise click.UsageError("give either WARC or WACZ files, or --common-crawl INDEX")
    if index is None:
        captures, failures = take_files(folder, list(files))
        _say(f"ingest: {captures} captures")
        _end(folder, finish(folder, "ingest", failures))
        return
    try:
        pattern = re.compile(matching) if matching else None
    except re.error as error:
        raise click.UsageError(f"--matching: not a regular expression: {error}") from None
    there = (folder / "audit.toml").exists()
    if not (there or registry or matching):
        raise click.UsageError("say whose pages to take: --registry FILE, --matching REGEX, or a folder with an audit")
    if registry or not there:
        begin(folder, load_registry(registry) if registry else (), Budgets(pages=pages))
    taken, failures = ingest_common_crawl(folder, index, source, pattern)
    _say(f"ingest: {taken.pages} pages of {len(taken.files)} sites, {taken.bytes / 1e6:.1f} MB; "
         f"{len(taken.left_out)} more are over the budget of pages")  # fmt: skip
    _end(folder, finish(folder, "ingest", failures))


@cli.command()
@click.argument("before", type=_FOLDER)
@click.argument("after", type=_FOLDER)
def compare(before: Path, after: Path) -> None:
    """Say what changed between two audits; writes compare.xlsx and compare.json into the reports of AFTER."""
    from analysis.compare import compare as compare_audits
    from analysis.matrix import read_audit
    from reports.compare_sheet import compare_lines, write_compare
    from reports.gap_map import write_gap_map

    with _files_of(before) as (earlier, _), _files_of(after) as (here, say):
        result = compare_audits(read_audit(earlier), read_audit(here))
        for path in write_compare(result, here / "reports"):
            say(f"compare: {path}")
        write_gap_map(result.after, here / "reports" / "gap_map.html")
        say(f"compare: {here / 'reports' / 'gap_map.html'} tells of it too")
    for line in compare_lines(result):
        click.echo(line)


@cli.command()
@click.argument("folder", type=_FOLDER)
@click.option("--agency", "identity", required=True, help="id of the agency")
@click.option("--peers", default="", help="ids of its peers, with commas; else those of its kind and region")
def benchmark(folder: Path, identity: str, peers: str) -> None:
    """Compare one agency of FOLDER with its peers: what they offer and it does not, and the other way round."""
    from analysis.benchmark import benchmark as compare_with_peers
    from analysis.matrix import read_audit
    from reports.benchmark_sheet import benchmark_lines, write_benchmark

    named = [name.strip() for name in peers.split(",") if name.strip()]
    with _files_of(folder) as (here, say):
        result = compare_with_peers(read_audit(here), identity, named)
        path = here / "reports" / f"benchmark_{identity}.xlsx"
        write_benchmark(result, path)
        for line in benchmark_lines(result):
            click.echo(line)
        say(f"benchmark: {path}")


@cli.group()
def review() -> None:
    """People's decisions: out as coding sheets, and back in."""


@review.command("export")
@click.argument("folder", type=_FOLDER)
@click.option("--coder", "coders", multiple=True, required=True, help="name of a person; repeat for more")
@click.option("--sample", type=click.IntRange(1), help="so many programmes at random (50 if nothing is chosen)")
@click.option("--uncertain", is_flag=True, help="all programmes of which the machine is unsure")
@click.option("--elusion", type=click.IntRange(1), help="so many of what was called irrelevant or level 0 to 2")
@click.option("--show/--blind", "shown", default=False, show_default=True, help="show the machine's answers")
@click.option("--seed", type=int, default=1, show_default=True, help="another seed draws another sample")
def review_export(
    folder: Path,
    coders: tuple[str, ...],
    sample: int | None,
    uncertain: bool,
    elusion: int | None,
    shown: bool,
    seed: int,
) -> None:
    """Write a coding sheet for each person into FOLDER/reviews."""
    from gapaudit.review import export_reviews

    if sum(map(bool, (sample, uncertain, elusion))) > 1:
        raise click.UsageError("choose one of --sample, --uncertain and --elusion")
    kind = "uncertain" if uncertain else "elusion" if elusion else "sample"
    with _files_of(folder) as (here, say):
        files, count = export_reviews(here, coders, kind, elusion or sample or 50, shown, seed)
        for file in files:
            say(f"review: {file} ({count} items)")


@review.command("import")
@click.argument("folder", type=_FOLDER)
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--coder", default="", help="who changed the workbook, where a file is a changed gap_matrix.xlsx")
def review_import(folder: Path, files: tuple[Path, ...], coder: str) -> None:
    """Take filled coding sheets, or a changed gap_matrix.xlsx, back into FOLDER and write its reports anew."""
    from gapaudit.review import import_reviews

    with _files_of(folder) as (here, say):
        read_frame(here / "audit.toml")
        sheets, changed, found = import_reviews(here, files, coder.strip())
        if changed:
            say(f"review: {coder.strip()}: {changed} decisions changed in the workbook")
        for sheet in sheets:
            left = f", {sheet.left} not filled in" if sheet.left else ""
            say(f"review: {sheet.key.coder}: {sheet.decided} items decided{left}")
        for row in found:
            if not row.reliable:
                say(f"review: {row.code}: alpha {row.alpha:.2f} ({row.who}, {row.items} items) is under .80")
        say(f"review: {here / 'reports' / 'agreement.md'}")
        audit = report_stage(here, say)
    finish(folder, "report", audit=audit)


@cli.command()
@click.option("--gold", type=_FILE, help="gold pages as JSON lines, or a folder of gold passages; else the sample web")
@click.option("--coder", "coders", type=_FILE, multiple=True, help="a further person's gold file of the same pages")
@click.option("--output", "target", type=_FILE, help="write the tables to a Markdown file too")
@click.option("--errors", is_flag=True, help="name each page on which the machine and people differ")
def evaluate(gold: Path | None, coders: tuple[Path, ...], target: Path | None, errors: bool) -> None:
    """Measure the coder's accuracy against decisions of people."""
    from analysis.evaluate import evaluate as compare
    from analysis.evaluate import read_gold, report_lines
    from analysis.jsonl import classify_lines
    from common.files import write_text
    from gapaudit.sample_gold import sample_gold

    rows = read_gold(gold) if gold else sample_gold()
    scored = [row for row in rows if row.get("scored", True)]
    with tempfile.TemporaryDirectory() as scratch:
        pages = Path(scratch) / "pages.jsonl"
        # the coder sees the pages, not the decisions
        kept = ("id", "html", "text", "title", "lang", "url", "country")
        visible = ({key: row[key] for key in kept if key in row} for row in rows)
        pages.write_text("".join(json.dumps(row) + "\n" for row in visible), encoding="utf-8")
        text = io.StringIO()
        _, bad = classify_lines(pages, text)
    coded = [json.loads(line) for line in text.getvalue().splitlines()]
    result = compare(scored, coded, [read_gold(path) for path in coders])
    lines = report_lines(result)
    click.echo("\n".join(lines))
    if errors:
        click.echo("\n".join(["", *result.errors]))
    if target:
        write_text(target, "\n".join(lines) + "\n")
    for line in bad:
        _say(f"gap-audit: line {line.number}: {line.problem}")
    if bad:
        sys.exit(1)


@cli.group()
def agencies() -> None:
    """The registry of agencies."""


@agencies.command("list")
@click.option("--registry", type=_FILE, help="a registry file of your own")
@click.option("--country", "countries", multiple=True)
@click.option("--region", "regions", multiple=True, help="continent or UN region, for example 'Western Africa'")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS))
@click.option("--language", "languages", multiple=True, help="ISO 639-1 code")
def list_agencies(
    registry: Path | None,
    countries: tuple[str, ...],
    regions: tuple[str, ...],
    kinds: tuple[str, ...],
    languages: tuple[str, ...],
) -> None:
    """List agencies, one a line."""
    chosen = select(
        load_registry(registry or AGENCIES_FOLDER),
        countries,
        regions=regions,
        kinds=kinds,
        languages=languages,
    )
    for agency in chosen:
        row = (agency.id, agency.country, agency.kind, agency.level, ",".join(agency.languages), agency.name)
        click.echo("\t".join((*row, agency.start_urls[0])))
    _say(f"{len(chosen)} agencies in {len({a.country for a in chosen})} countries and territories")


@agencies.command("check")
@click.option("--registry", type=_FILE, help="a registry file of your own")
@click.option("--country", "countries", multiple=True)
@click.option("--agency", "ids", multiple=True)
@click.option("--contact", help="whom a site may write to (or set GAP_AUDIT_CONTACT)")
def check_agencies(
    registry: Path | None, countries: tuple[str, ...], ids: tuple[str, ...], contact: str | None
) -> None:
    """Ask each start address once and say what answers: status, redirect, robots rules."""
    chosen = select(load_registry(registry or AGENCIES_FOLDER), countries, ids)
    arguments = [str(registry or ""), _user_agent(contact), *(agency.id for agency in chosen)]
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "crawler.check", *arguments], check=False, stdout=subprocess.PIPE, text=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for row in sorted(answers, key=lambda row: (row["agency"], row["url"])):
        notes = [f"-> {row['redirect']}"] if "redirect" in row else []
        notes += [f"crawl-delay {row['crawl_delay']}"] if "crawl_delay" in row else []
        click.echo("\t".join([row["agency"], row["answer"], row["url"], *notes]))
    good = sum(row["answer"][0] in "23" for row in answers)
    _say(f"{good} of {len(answers)} start addresses answer")
    if good < len(answers) or not answers:
        sys.exit(1)


@agencies.command("find")
@click.argument("folder", type=_FOLDER)
@click.option("--registry", type=_FILE, help="a registry file of your own; else that of the package")
@click.option("--out", type=_FILE, default=Path("proposed_agencies.yaml"), show_default=True)
def find(folder: Path, registry: Path | None, out: Path) -> None:
    """Propose agencies that the registry has not: hosts of FOLDER's pages that look as if they support exporters."""
    from common.files import write_text
    from gapaudit.find_agencies import find_agencies, registry_text

    proposals = find_agencies(folder, load_registry(registry or AGENCIES_FOLDER))
    for number, proposal in enumerate(proposals, 1):
        row = (str(number), f"{proposal.score:.3f}", f"{proposal.relevant}/{proposal.pages}", proposal.host)
        click.echo("\t".join((*row, proposal.name)))
    if proposals:
        write_text(out, registry_text(proposals))
        _say(f"agencies: {len(proposals)} proposals in {out}; read the evidence beside each before you take it")
    else:
        _say("agencies: no host outside the registry has two relevant pages")


def main() -> None:
    """Run the command line; each expected error is one line on standard error."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        click.echo(f"gap-audit: {error.format_message().splitlines()[0]} (see gap-audit --help)", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("gap-audit: stopped; run the same command again to go on", err=True)
        sys.exit(1)
    except GapAuditError as error:
        if str(error):
            click.echo(f"gap-audit: {error}", err=True)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.exit(0)
