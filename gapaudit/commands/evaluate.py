"""The command that measures the coder."""

import io
import json
import sys
import tempfile
from pathlib import Path

import click

from gapaudit.commands.shared import FILE, say


@click.command()
@click.option("--gold", type=FILE, help="gold pages as JSON lines, or a folder of gold passages; else the sample web")
@click.option("--coder", "coders", type=FILE, multiple=True, help="a further person's gold file of the same pages")
@click.option("--output", "target", type=FILE, help="write the tables to a Markdown file too")
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
        say(f"gap-audit: line {line.number}: {line.problem}")
    if bad:
        sys.exit(1)
