"""Commands that tell what an audit found: reports, open data, comparisons."""

from pathlib import Path

import click

from gapaudit.audit import finish, report_stage, write_briefs
from gapaudit.commands.shared import FILE, FOLDER, files_of


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--brief", is_flag=True, help="write a brief in Word too, on the whole audit or on each --country")
@click.option("--country", "countries", multiple=True, help="ISO 3166-1 alpha-2; repeat for more")
def report(folder: Path, brief: bool, countries: tuple[str, ...]) -> None:
    """Write the reports of FOLDER."""
    if countries and not brief:
        raise click.UsageError("--country says what --brief is about; give both")
    with files_of(folder) as (here, say):
        audit = report_stage(here, say)
        if brief:
            write_briefs(audit, countries, say)
    finish(folder, "report", audit=audit)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--out", type=FILE, help="folder of the package; else FOLDER/export")
def export(folder: Path, out: Path | None) -> None:
    """Write FOLDER's programmes as open data: a Frictionless Data Package (CSV) and JSON-LD."""
    from analysis.matrix import read_audit
    from reports.open_data import write_open_data

    with files_of(folder) as (here, say):
        for path in write_open_data(read_audit(here), out or here / "export"):
            say(f"export: {path}")


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
def compare(before: Path, after: Path) -> None:
    """Say what changed between two audits; writes compare.xlsx and compare.json into the reports of AFTER."""
    from analysis.compare import compare as compare_audits
    from analysis.matrix import read_audit
    from reports.compare_sheet import compare_lines, write_compare
    from reports.gap_map import write_gap_map

    with files_of(before) as (earlier, _), files_of(after) as (here, say):
        result = compare_audits(read_audit(earlier), read_audit(here))
        for path in write_compare(result, here / "reports"):
            say(f"compare: {path}")
        write_gap_map(result.after, here / "reports" / "gap_map.html")
        say(f"compare: {here / 'reports' / 'gap_map.html'} tells of it too")
    for line in compare_lines(result):
        click.echo(line)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--agency", "identity", required=True, help="id of the agency")
@click.option("--peers", default="", help="ids of its peers, with commas; else those of its kind and region")
def benchmark(folder: Path, identity: str, peers: str) -> None:
    """Compare one agency of FOLDER with its peers: what they offer and it does not, and the other way round."""
    from analysis.benchmark import benchmark as compare_with_peers
    from analysis.matrix import read_audit
    from reports.benchmark_sheet import benchmark_lines, write_benchmark

    named = [name.strip() for name in peers.split(",") if name.strip()]
    with files_of(folder) as (here, say):
        result = compare_with_peers(read_audit(here), identity, named)
        path = here / "reports" / f"benchmark_{identity}.xlsx"
        write_benchmark(result, path)
        for line in benchmark_lines(result):
            click.echo(line)
        say(f"benchmark: {path}")
