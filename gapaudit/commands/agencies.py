"""Commands about the registry of agencies."""

import json
import subprocess
import sys
from pathlib import Path

import click

from common.frame import KINDS
from crawler.registry import AGENCIES_FOLDER, load_registry, select
from gapaudit.commands.shared import FILE, FOLDER, say, user_agent


@click.group()
def agencies() -> None:
    """The registry of agencies."""


@agencies.command("list")
@click.option("--registry", type=FILE, help="a registry file of your own")
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
    say(f"{len(chosen)} agencies in {len({a.country for a in chosen})} countries and territories")


@agencies.command("check")
@click.option("--registry", type=FILE, help="a registry file of your own")
@click.option("--country", "countries", multiple=True)
@click.option("--agency", "ids", multiple=True)
@click.option("--contact", help="whom a site may write to (or set GAP_AUDIT_CONTACT)")
def check_agencies(
    registry: Path | None, countries: tuple[str, ...], ids: tuple[str, ...], contact: str | None
) -> None:
    """Ask each start address once and say what answers: status, redirect, robots rules."""
    chosen = select(load_registry(registry or AGENCIES_FOLDER), countries, ids)
    arguments = [str(registry or ""), user_agent(contact), *(agency.id for agency in chosen)]
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "crawler.check", *arguments], check=False, stdout=subprocess.PIPE, text=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for row in sorted(answers, key=lambda row: (row["agency"], row["url"])):
        notes = [f"-> {row['redirect']}"] if "redirect" in row else []
        notes += [f"crawl-delay {row['crawl_delay']}"] if "crawl_delay" in row else []
        click.echo("\t".join([row["agency"], row["answer"], row["url"], *notes]))
    good = sum(row["answer"][0] in "23" for row in answers)
    say(f"{good} of {len(answers)} start addresses answer")
    if good < len(answers) or not answers:
        sys.exit(1)


@agencies.command("find")
@click.argument("folder", type=FOLDER)
@click.option("--registry", type=FILE, help="a registry file of your own; else that of the package")
@click.option("--out", type=FILE, default=Path("proposed_agencies.yaml"), show_default=True)
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
        say(f"agencies: {len(proposals)} proposals in {out}; read the evidence beside each before you take it")
    else:
        say("agencies: no host outside the registry has two relevant pages")
