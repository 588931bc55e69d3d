"""The commands."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from assess import __version__
from assess.core.messages import explain_os_error

from .arguments import INVALID, allowances, load, print_line, print_notes, require, stop, warn_about_examples
from .asking import add_questions, ask, check_role
from .gate import audit, check
from .reports import clean, compare, export, repair, review, run
from .signals import Stopped, exit_code, explain_signal, stop_if_signalled, unwind_on_signals

if TYPE_CHECKING:
    from assess.intake.engagement import Engagement

NOTEBOOKS = click.option(
    "--notebooks",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the copies lie, each engagement's in a folder of its own  [default: in your data folder]",
)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
@NOTEBOOKS
@allowances
def lab(folder: Path, extra: tuple[str, ...], notebooks: Path | None) -> None:
    """Open JupyterLab on copies of the notebooks for FOLDER.

    FOLDER is the working folder if none is named. The copies lie in your own data folder: what you change in one is
    kept, one that you have not changed follows the installed version. Nothing that lies in FOLDER or in the working
    folder is executed or taken for a configuration. Further options go to JupyterLab. Ctrl-C ends it.

    \b
    Examples:
      assess lab acme
      assess lab acme --no-browser
    """
    open_notebooks("lab", folder, extra, notebooks)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
@NOTEBOOKS
@allowances
def serve(folder: Path, extra: tuple[str, ...], notebooks: Path | None) -> None:
    """Serve the notebooks for FOLDER as pages without code (Voila).

    The copies are those of `assess lab`, with your changes. Further options go to Voila. Ctrl-C ends it.

    \b
    Examples:
      assess serve acme
      assess serve acme --port=8877
    """
    open_notebooks("serve", folder, extra, notebooks)


def open_notebooks(command: str, folder: Path, extra: tuple[str, ...], notebooks: Path | None) -> NoReturn:
    """Serve the notebooks; the engagement is checked first."""
    if str(folder).startswith("-"):  # an option of the server, and no folder
        folder, extra = Path(), (str(folder), *extra)
    load(folder)
    require("voila" if command == "serve" else "lab", f"assess {command}")
    from assess.report.jupyter import CopiesRefused, lay_out, open_server

    try:
        copies = lay_out(folder, notebooks)
    except CopiesRefused as error:
        stop(error.problems)
    except OSError as error:
        stop([error])
    if copies.edited:
        print_line(f"kept as you have changed them: {', '.join(copies.edited)}", err=True)
    for note in copies.notes:
        print_line(note, err=True)
    print_line(f"notebooks: {copies.folder}", err=True)
    open_server(command, copies, extra)
    sys.exit(0)


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
@click.option(
    "--for",
    "role",
    default="",
    metavar="ROLE",
    help="Only what this role answers, such as finance or operations.",
)
@allowances
def init(folder: Path, workbook: bool, source: Path | None, role: str) -> None:
    """Write a new engagement into FOLDER, valid from the start.

    Its tables hold example rows; its README.md says what each file and column means and what is allowed.
    Put the client's rows in their place, and leave out what nobody knows yet.

    With --from the answers of OLD are written into FOLDER as tables, or with --workbook as intake.xlsx; extracts,
    contracts and logs are copied; OLD stays as it is. With --for only the sheets and columns of one role are written, for
    somebody to fill in alone; `assess merge` brings the answers together again.

    \b
    Examples:
      assess init acme
      assess init acme --workbook
      assess init acme-tables --from acme/intake.xlsx
      assess init acme-excel --from acme --workbook
      assess init acme-finance --from acme --for finance --workbook
    """
    from assess import intake

    check_role(role, "--for")
    try:
        if source is None:
            intake.init(folder, workbook=workbook, role=role)
        else:
            intake.convert(source, folder, workbook=workbook, role=role)
        if workbook:
            add_questions(folder, role, source)
    except intake.InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    except OSError as error:
        stop([error])
    if source is None:
        print_line(f"{folder}: a new engagement. Edit its files, then: assess run {folder}")
    else:
        print_line(f"{folder}: the engagement of {source}. Check it with: assess validate {folder}")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FIRST OTHER ...")
@click.option(
    "--into", type=click.Path(path_type=Path), required=True, metavar="DIR", help="A new or an empty folder."
)
@click.option("--workbook", is_flag=True, help="Write intake.xlsx instead of CSV tables.")
@allowances
def merge(files: tuple[Path, ...], into: Path, workbook: bool) -> None:
    """Merge the answers of several people into one engagement.

    FIRST and OTHER are engagement folders or workbooks. An answer that only one of them gives counts. Where they differ, that of FIRST counts; every answer is kept with
    its file in _disagreements.csv, and printed with what it moves in money. Who said what is in _provenance.csv.
    Extracts, contracts and logs are those of FIRST.

    \b
    Examples:
      assess merge acme/intake.xlsx intake_finance.xlsx --into acme-all
      assess merge sales.xlsx finance.xlsx it.xlsx --into acme --workbook
    """
    from assess import intake
    from assess.core.numbers import quantity
    from assess.decisions.snapshot import price_disagreements
    from assess.intake.merging import merge as merge_answers
    from assess.intake.merging import write_merged

    if len(files) < 2:
        stop(["assess merge takes two or more engagements"])
    try:
        merged = merge_answers(files)
        target = write_merged(merged, into, workbook=workbook)
        if workbook:
            add_questions(target)
        currency = merged.engagement().currency
        priced = sorted(price_disagreements(merged), key=lambda item: (not item.flips, -(item.swing or 0.0)))
    except intake.InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    except OSError as error:
        stop([error])
    for table, key in merged.left_out:
        print_line(f"{table}, {key}: an example of the template, left out", err=True)
    for item in priced:
        worth = (
            "no effect on the gain"
            if not item.swing
            else f"moves the gain by {quantity(item.swing, currency)}"
        )
        flips = ", and what is done" if item.flips else ""
        print_line(f"{item.place}: {' or '.join(item.answers)}: {worth}{flips}")
    count = len(merged.disagreements)
    print_line(
        f"{target}: the answers of {len(files)} files, {count} {'disagreement' if count == 1 else 'disagreements'}. "
        f"Check it with: assess validate {target}"
    )


def describe_logs(engagement: Engagement) -> Iterator[str]:
    """Yield how each run log is read: its form and what its columns mean, or the columns found with a proposal."""
    from assess.evidence.operations import read_run_logs

    for log in read_run_logs(engagement):
        if not log.problem:
            read = ", ".join(f"{c.name} = {c.meaning}" for c in log.columns if c.meaning)
            left = "".join(f"; {reason}: {count:,}" for reason, count in log.reasons)
            yield f"{log.path}: {log.form}, {log.attempts:,} of {log.lines:,} lines are runs{left} ({read})"
            continue
        yield f"{log.path} {log.problem}"
        for column in log.columns:
            meaning = f" - {column.meaning}?" if column.meaning else ""
            yield f"  {column.name}: {', '.join(column.samples) or 'empty'}{meaning}"
        proposed = [f"  {log.path},{c.name},{c.meaning}" for c in log.columns if c.meaning]
        if proposed:
            yield "  proposed for operations/columns.csv; add what is lacking, and for a latency its unit (ms, s, ...) as form:"
            yield "  file,found,meaning"
            yield from proposed


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--mark", "copy", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write a copy of the workbook in which each problem's cell is red, with a comment.",
)  # fmt: skip
@allowances
def validate(folder: Path, copy: Path | None) -> None:
    """List every problem of the engagement in FOLDER at once.

    FOLDER may also be an intake.xlsx. A problem names file, row, column and value, and says what is allowed. With --mark
    a workbook can go back to who filled it in: the copy shows in each red cell what is wrong and what is allowed.

    \b
    Examples:
      assess validate acme
      assess validate acme/intake.xlsx
      assess validate returned.xlsx --mark returned-marked.xlsx
    """
    if copy is not None:
        mark_copy(folder, copy)
    engagement = load(folder)
    warn_about_examples(engagement)
    print_notes(engagement)
    from assess.evidence.quality.assessment import describe_readings

    for line in (*describe_logs(engagement), *describe_readings(engagement)):
        print_line(line)
    print_line(
        f"{folder}: valid. {len(engagement.systems)} systems, {len(engagement.integrations)} integrations, "
        f"{len(engagement.tables)} extracts."
    )


def mark_copy(folder: Path, copy: Path) -> None:
    """Write a copy of a workbook with its problems marked; say which stand elsewhere."""
    from assess import intake
    from assess.intake.workbook.marking import mark

    book = folder / "intake.xlsx" if folder.is_dir() else folder
    if book.suffix.lower() != ".xlsx" or not book.is_file():
        stop(
            [
                f"--mark {copy}: {folder} has no workbook to mark; allowed: an .xlsx, or a folder with intake.xlsx"
            ]
        )
    if copy.suffix.lower() != ".xlsx" or copy.resolve() == book.resolve():
        stop([f"--mark {copy}: allowed: the name of another file that ends with .xlsx"])
    problems = intake.validate(folder)
    if not problems:
        return
    try:
        elsewhere = mark(book, problems, copy)
    except OSError as error:
        stop([error])
    rest = f"; {len(elsewhere)} stand in other files or missing sheets" if elsewhere else ""
    print_line(f"{copy}: {len(problems) - len(elsewhere)} problems marked{rest}", err=True)


class Commands(click.Group):
    """The group of commands, in the order of use, which knows what a mistyped command was meant to be."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of use."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which ones there are."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"{error.format_message()}{hint}", ctx) from None


WIDE = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
"""Help is as wide as the terminal, up to lines that are still pleasant to read."""


@click.group(cls=Commands, context_settings=WIDE)
@click.version_option(__version__, prog_name="assess")
def assess() -> None:
    """Find out whether and how systems should be integrated, and what it costs.

    \b
    A first engagement:
      assess init acme        a new engagement, valid from the start
      (edit the tables in acme, put extracts under acme/extracts)
      assess validate acme    every problem at once: file, row, column, value
      assess ask acme         what to ask the client first, by what it moves
      assess run acme         the report: reports/acme/report.html
      assess lab acme         the same notebooks with sliders

    `assess COMMAND --help` explains a command, with examples.

    \b
    Exit codes:
      0    all went well
      1    a notebook failed; the rest is reported
      2    bad input, or it can't be done; nothing was written
      130  interrupted; 143 and 129 after SIGTERM and SIGHUP. An earlier report is as it was
    """


for command in (
    init,
    validate,
    ask,
    merge,
    run,
    export,
    repair,
    review,
    check,
    audit,
    compare,
    lab,
    serve,
    clean,
):
    assess.add_command(command)


def _answer() -> None:
    """Run a command; a signal ends it, whatever a library made of the exception that the signal raised."""
    try:
        assess.main(standalone_mode=False)
    except Exception:
        stop_if_signalled()
        raise


def execute() -> NoReturn:
    """Run a command; whatever goes wrong is said in plain words."""
    unwind_on_signals()
    try:
        _answer()
    except (click.exceptions.Abort, Stopped) as stop:
        number = stop.number if isinstance(stop, Stopped) else signal.SIGINT
        with contextlib.suppress(OSError):  # nobody reads it where the terminal was closed
            print_line(explain_signal(number), err=True)
        sys.exit(exit_code(number))
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        for line in shown.getvalue().splitlines():
            print_line(line, err=True)
    except OSError as error:
        if os.environ.get("ASSESS_DEBUG"):
            raise
        print_line(explain_os_error(error), err=True)
    except Exception as error:
        if os.environ.get("ASSESS_DEBUG"):
            raise
        print_line(
            f"assess failed: {error} ({type(error).__name__}). Set ASSESS_DEBUG=1 to see where.", err=True
        )
    else:
        sys.exit(0)
    sys.exit(INVALID)
