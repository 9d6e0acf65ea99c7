"""Commands for people's decisions."""

from pathlib import Path

import click

from common.frame import read_frame
from gapaudit.audit import finish, report_stage
from gapaudit.commands.shared import FILE, FOLDER, files_of


@click.group()
def review() -> None:
    """People's decisions: out as coding sheets, and back in."""


@review.command("export")
@click.argument("folder", type=FOLDER)
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
    with files_of(folder) as (here, say):
        files, count = export_reviews(here, coders, kind, elusion or sample or 50, shown, seed)
        for file in files:
            say(f"review: {file} ({count} items)")


@review.command("import")
@click.argument("folder", type=FOLDER)
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("--coder", default="", help="who changed the workbook, where a file is a changed gap_matrix.xlsx")
def review_import(folder: Path, files: tuple[Path, ...], coder: str) -> None:
    """Take filled coding sheets, or a changed gap_matrix.xlsx, back into FOLDER and write its reports anew."""
    from gapaudit.review import import_reviews

    with files_of(folder) as (here, say):
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
