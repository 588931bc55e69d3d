"""What other tools take over: the command export."""

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
