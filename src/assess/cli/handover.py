"""What is handed over: answers for other tools, repaired copies of the data, and linked pairs for a person to look at."""

from __future__ import annotations

from pathlib import Path

import click

from assess.core.extras import MissingExtra

from .arguments import allowances, load, print_line, print_notes, stop, warn_about_examples

ALL = "all"
"""Every format, in a folder."""


@click.command(name="export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--to", "form", metavar="FORMAT", required=True, help="What to write; --to list says what there is."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File, or folder of a format of several files  [default: NAME-FORMAT...]")  # fmt: skip
@allowances
def export(folder: Path, form: str, out: Path | None) -> None:
    """Write the answers for FOLDER in the form of another tool.

    The numbers are those of the report: they come from the same decision. With `--to all` every format is written into a
    folder; one that can't be written here is named.

    \b
    Examples:
      assess export acme --to list
      assess export acme --to jira -o backlog.csv
      assess export acme --to all -o handover
    """
    from assess.report.export import FORMATS, NotExported
    from assess.report.export import export as write

    if form == "list":
        width = max(map(len, FORMATS))
        for name, known in FORMATS.items():
            needs = f" (needs assess[{known.extra}])" if known.extra else ""
            print_line(f"{name:{width}}  {known.what}{needs}")
        return
    if form != ALL and form not in FORMATS:
        stop([f"--to {form}: no such format; there are {', '.join(FORMATS)}, and {ALL} for every one"])
    engagement = load(folder)
    warn_about_examples(engagement)
    print_notes(engagement)
    from assess.decisions.assessment import Assessment
    from assess.intake.export import put

    assessment = Assessment(engagement)
    stem = folder.stem if folder.is_file() else folder.resolve().name
    wanted = tuple(FORMATS) if form == ALL else (form,)
    written = 0
    for name in wanted:
        known = FORMATS[name]
        try:
            files = write(assessment, name)
            if form == ALL:
                base = out or Path(f"{stem}-handover")
                target = base / known.file
            else:
                target = out or Path(f"{stem}-{known.file}")
            for file, content in files.items():
                put(target / file if known.several else target, content)
        except (MissingExtra, NotExported) as error:
            if form != ALL:
                stop([str(error)])
            print_line(f"{name}: {error}", err=True)
            continue
        except OSError as error:
            stop([error])
        written += 1
        print_line(f"{name}: {target}{f', {len(files)} files' if known.several else ''}")
    if not written:
        stop([f"{folder}: no format could be written"])


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
@click.option("--show-values", is_flag=True, help="List fields of persons unmasked.")
@allowances
def review(folder: Path, show_values: bool) -> None:
    """List linked pairs of FOLDER for a person to look at.

    Where no column joins the two tables of an integration, records are linked by what they say. Sixty pairs, drawn by
    chance, are added to link_reviews.csv of the engagement (or the sheet link_reviews of its workbook), both records
    side by side and how they compare, fields of persons masked: write yes or no into `same`, or answer in notebook 2.
    Sixty more follow once all are answered.
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
        pairs = find_linked_pairs(engagement, clear=show_values)
        for pair in pairs:
            new = () if pair.open else pair.proposed()
            if new:
                record_answers(folder, new)
            print_line(f"{pair.name}: {len(pair.open) + len(new):,} pairs to look at; {pair.linkage.checked}")
    except (UnreadableTable, InvalidEngagement, OSError) as error:
        stop([error if isinstance(error, OSError) else str(error)])
    if not pairs:
        print_line("No records were linked by what they say: there is nothing to review.")
