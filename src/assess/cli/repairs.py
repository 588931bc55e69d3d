"""The data of an engagement repaired, as copies beside the statements that repair it elsewhere; and its links reviewed."""

from __future__ import annotations

from pathlib import Path

import click

from .arguments import allowances, load, print_line, stop


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder of the copies  [default: repaired/NAME]"
)
@click.option(
    "--only", multiple=True, metavar="TABLE", help="A table, such as crm.customers; may be given again."
)
@allowances
def repair(folder: Path, out: Path | None, only: tuple[str, ...]) -> None:
    """Repair copies of the extracts of FOLDER by what was found in them.

    Writes for each table, and for each pair that an integration joins (the source as the target needs it), the
    repaired copy, every cell that was changed, the same as SQL for DuckDB, PostgreSQL and Spark and for pandas, and
    steps.csv: what was written, taken back because it was told to be wrong again, or refused, and why. The extracts
    stay as they are. The files hold client data in clear.

    Of a pair whose records are known to be the same, NAME.golden holds each record once with where each value comes
    from, the crosswalk, and rules.csv: which value survives in which field, by whom decided; edit it and run again.
    Where records were linked by what they say, what a person said of pairs counts (`assess review`).

    \b
    Examples:
      assess repair acme
      assess repair acme -o copies --only crm.customers
    """
    engagement = load(folder)
    from assess.core.unpacking import UnreadableTable
    from assess.evidence.quality.linkage.survivorship import UnknownField
    from assess.evidence.quality.repairing import write_repairs

    home = folder.resolve() if folder.is_dir() else folder.resolve().parent
    place = (out or Path("repaired") / (folder.stem if folder.is_file() else folder.resolve().name)).resolve()
    if place == home or home in place.parents:
        stop(
            [f"--out {place}: lies in the engagement, whose files stay as they are; name a folder outside it"]
        )
    names = [table.name for table in engagement.tables]
    unknown = [name for name in only if name not in names]
    if unknown:
        stop([f"--only {name}: no such table; there are {', '.join(names) or 'none'}" for name in unknown])
    try:
        for run in write_repairs(engagement, place, only=only):
            golden = f", {run.golden:,} golden records" if run.golden else ""
            links = f"; {run.links}" if run.links else ""
            print_line(
                f"{run.name}: {run.written:,} of {run.before:,} suspected cells written, {run.after:,} suspected afterwards{golden}{links}"
            )
    except (UnreadableTable, UnknownField, OSError) as error:
        stop([error if isinstance(error, OSError) else str(error)])
    print_line(f"Repaired: {place / 'steps.csv'}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@allowances
def review(folder: Path) -> None:
    """List linked pairs of FOLDER for a person to look at.

    Where no column joins the two tables of an integration, records are linked by what they say. Sixty pairs, drawn by
    chance, are added to link_reviews.csv of the engagement (or the sheet link_reviews of its workbook), both records
    side by side: write yes or no into `same`, or answer in notebook 2. Sixty more follow once all are answered.
    Says how many of the links are right by what was reviewed so far, and how many more answers narrow that to what.

    \b
    Examples:
      assess review acme
    """
    engagement = load(folder)
    from assess.core.unpacking import UnreadableTable
    from assess.evidence.quality.reviewing import find_linked_pairs
    from assess.intake import InvalidEngagement, record_answers

    try:
        pairs = find_linked_pairs(engagement)
        for pair in pairs:
            new = () if pair.open else pair.proposed()
            if new:
                record_answers(folder, new)
            print_line(f"{pair.name}: {len(pair.open) + len(new):,} pairs to look at; {pair.linkage.checked}")
    except (UnreadableTable, InvalidEngagement, OSError) as error:
        stop([error if isinstance(error, OSError) else str(error)])
    if not pairs:
        print_line("No records were linked by what they say: there is nothing to review.")
