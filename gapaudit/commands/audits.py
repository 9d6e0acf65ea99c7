"""Commands that make an audit or one of its stages, and `classify` without one."""

import io
import os
import re
import sys
from pathlib import Path

import click

from common.frame import Budgets, read_frame
from common.parts import Where
from crawler.registry import AGENCIES_FOLDER, load_registry, select
from gapaudit.audit import (
    CrawlOptions,
    analyse_stages,
    begin,
    classify_stage,
    crawl_stage,
    extract_stage,
    finish,
    report_stage,
    write_briefs,
)
from gapaudit.commands.shared import FILE, FOLDER, RENDER, end, files_of, in_processes, on_cluster, say, user_agent

COMMON_CRAWL = "https://data.commoncrawl.org/"


@click.command()
@click.option("--out", type=FOLDER, default=Path("demo-audit"), show_default=True, help="folder of the audit")
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
        crawl_stage(out, CrawlOptions(user_agent("this machine")), say)
    unread = analyse_stages(out, say)
    audit = report_stage(out, say)
    write_briefs(audit, (), say)
    # one sample site closes itself to all robots on purpose: that it is named is part of the demonstration
    failures = finish(out, "extract", unread, audit)
    for failure in failures:
        say(f"as the sample web wants it: {failure}")


@click.command()
@click.option("--country", "countries", multiple=True, help="ISO 3166-1 alpha-2 code; repeat for more")
@click.option("--agency", "ids", multiple=True, help="id in the registry; repeat for more")
@click.option("--all", "everything", is_flag=True, help="every agency of the registry")
@click.option("--registry", type=FILE, help="a registry file of your own (all of it, unless you choose)")
@click.option("--out", type=FOLDER, default=Path("audit"), show_default=True, help="folder of the audit")
@click.option("--pages", type=click.IntRange(1), default=200, show_default=True, help="pages an agency")
@click.option("--depth", type=click.IntRange(0), default=6, show_default=True, help="links from a start address")
@click.option("--minutes", type=click.FloatRange(0.1), default=30.0, show_default=True, help="time an agency")
@click.option("--delay", type=click.FloatRange(0), default=1.0, show_default=True, help="seconds between requests")
@click.option("--contact", help="whom a site may write to (or set GAP_AUDIT_CONTACT)")
@click.option("--since", type=FOLDER, help="an earlier audit: fetch only what has changed since")
@click.option("--render", type=click.Choice(["off", "auto"]), default="off", show_default=True, help=RENDER)
@on_cluster
@in_processes
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
        say("note: sites cannot reach you; give --contact you@example.org")
    where = Where(cluster, processes)
    crawl_stage(out, CrawlOptions(user_agent(contact), since, render == "auto"), say, where)
    unread = analyse_stages(out, say, since, where)
    with files_of(out) as (here, tell):
        audit = report_stage(here, tell)
    end(out, finish(out, "extract", unread, audit))


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--contact", help="whom a site may write to (or set GAP_AUDIT_CONTACT)")
@click.option("--since", type=FOLDER, help="an earlier audit: fetch only what has changed since")
@click.option("--render", type=click.Choice(["off", "auto"]), default="off", show_default=True, help=RENDER)
@on_cluster
def crawl(folder: Path, contact: str | None, since: Path | None, render: str, cluster: str) -> None:
    """Crawl the agencies that FOLDER/audit.toml names."""
    crawl_stage(folder, CrawlOptions(user_agent(contact), since, render == "auto"), say, Where(cluster))
    finish(folder, "crawl")


@click.command()
@click.argument("folder", type=FOLDER)
@on_cluster
@in_processes
def extract(folder: Path, cluster: str, processes: int) -> None:
    """Read the archive of FOLDER and write pages.parquet."""
    end(folder, finish(folder, "extract", extract_stage(folder, say, where=Where(cluster, processes))))


@click.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--input", "source", type=FILE, help="pages as JSON lines, instead of an audit")
@click.option("--output", "target", type=FILE, help="where their codings go (standard output if not given)")
@on_cluster
@in_processes
def classify(folder: Path | None, source: Path | None, target: Path | None, cluster: str, processes: int) -> None:
    """Code the pages of FOLDER, or those of --input without an audit."""
    if (folder is None) == (source is None):
        raise click.UsageError("give either an audit folder or --input PAGES.jsonl")
    if folder is not None:
        failures = classify_stage(folder, say, Where(cluster, processes))
        end(folder, finish(folder, "classify", failures))
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
    say(f"classify: {coded} pages coded")
    for line in bad:
        say(f"gap-audit: {source}: line {line.number}: {line.problem}")
    if bad:
        sys.exit(1)


@click.command()
@click.argument("folder", type=FOLDER)
@click.argument("files", type=FILE, nargs=-1)
@click.option("--common-crawl", "index", help="an index of Common Crawl: CDXJ or Parquet, a path, address or pattern")
@click.option("--source", default=COMMON_CRAWL, show_default=True, help="where the WARC files of that index lie")
@click.option("--registry", type=FILE, help="agencies of a new audit: their pages are taken; else those of FOLDER")
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
        say(f"ingest: {captures} captures")
        end(folder, finish(folder, "ingest", failures))
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
    say(f"ingest: {taken.pages} pages of {len(taken.files)} sites, {taken.bytes / 1e6:.1f} MB; "
         f"{len(taken.left_out)} more are over the budget of pages")  # fmt: skip
    end(folder, finish(folder, "ingest", failures))
