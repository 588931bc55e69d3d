"""An engagement begins, is converted, and is checked."""

from __future__ import annotations

from pathlib import Path

import click

from .arguments import allowances, load, print_line, stop, warn_about_examples


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--workbook", is_flag=True, help="Write intake.xlsx with drop-downs and help instead of CSV tables."
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="OLD",
    help="Convert the engagement OLD (a folder or a workbook) instead of writing examples.",
)
@allowances
def init(folder: Path, workbook: bool, source: Path | None) -> None:
    """Write a new engagement into FOLDER, valid from the start.

    Its tables hold example rows; its README.md says what each file and column means and what is allowed.
    Put the client's rows in their place, and leave out what nobody knows yet.

    With --from the answers of OLD are written into FOLDER as tables, or with --workbook as intake.xlsx; extracts,
    contracts and logs are copied; OLD stays as it is.

    \b
    Examples:
      assess init acme
      assess init acme --workbook
      assess init acme-tables --from acme/intake.xlsx
      assess init acme-excel --from acme --workbook
    """
    from assess import intake

    try:
        if source is None:
            intake.init(folder, workbook=workbook)
        else:
            intake.convert(source, folder, workbook=workbook)
    except intake.InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    except OSError as error:
        stop([error])
    if source is None:
        print_line(f"{folder}: a new engagement. Edit its files, then: assess run {folder}")
    else:
        print_line(f"{folder}: the engagement of {source}. Check it with: assess validate {folder}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@allowances
def validate(folder: Path) -> None:
    """List every problem of the engagement in FOLDER at once.

    FOLDER may also be an intake.xlsx. A problem names file, row, column and value, and says what is allowed.

    \b
    Examples:
      assess validate acme
      assess validate acme/intake.xlsx
    """
    engagement = load(folder)
    warn_about_examples(engagement)
    print_line(
        f"{folder}: valid. {len(engagement.systems)} systems, {len(engagement.integrations)} integrations, "
        f"{len(engagement.tables)} extracts."
    )
