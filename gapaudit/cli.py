"""The command line. Exit status: 0 done, 1 the audit has failures that its manifest names, 2 wrong usage or input."""

import sys

import click

from common.errors import GapAuditError
from gapaudit.audit import version
from gapaudit.commands import agencies, audits, evaluate, results, review


@click.group()
@click.version_option(version(), prog_name="gap-audit")
def cli() -> None:
    """Find out whether public support for small exporters uses social media, and where the gap is."""


for command in (
    *(audits.demo, audits.run, audits.crawl, audits.extract, audits.classify, audits.ingest),
    *(results.report, results.export, results.compare, results.benchmark),
    *(review.review, evaluate.evaluate, agencies.agencies),
):
    cli.add_command(command)


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
