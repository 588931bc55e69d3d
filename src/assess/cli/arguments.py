"""What commands are given and how they end: options that they share, an engagement, dates; problems in plain words."""

from __future__ import annotations

import datetime as dt
import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from assess.core.dates import read_day, read_time
from assess.core.extras import MissingExtra, require_extra
from assess.core.messages import escape_line, explain_os_error

if TYPE_CHECKING:
    from assess.intake.problem import Problem

INVALID, FAILED = 2, 1
"""Exit codes: 0 all went well; 1 a notebook failed, the rest is reported; 2 bad input, nothing was run."""


Command = TypeVar("Command", bound=Callable[..., Any])


def allowances(command: Command) -> Command:
    """Give a command the options by which the consultant allows what an engagement can't, see `assess.core.trust`."""

    @functools.wraps(command)
    def within(
        *given: Any,
        sources: tuple[str, ...],
        memory: str | None,
        spill_folder: str | None,
        limits: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        from assess.core import trust

        try:
            allowance = trust.extended(
                trust.allowed(), sources=sources, memory=memory or "", spill_folder=spill_folder or "", limits=limits
            )  # fmt: skip
        except trust.NotAllowed as error:
            stop(error.problems)
        with trust.granted(allowance):
            return command(*given, **rest)

    options = (
        click.option(
            "--allow", "sources", multiple=True, metavar="SOURCE",
            help="Folder, file or beginning of a URL outside FOLDER that its tables may be read from; may be given again.",
        ),
        click.option("--memory", metavar="SIZE", help="Memory of the data engine, such as 4GB  [default: a quarter]"),
        click.option("--spill-folder", metavar="DIR", help="Where the engine puts what does not fit into memory."),
        click.option(
            "--limit", "limits", multiple=True, metavar="NAME=NUMBER",
            help="What one file may cost: unpacked_bytes, rows, cells or seconds; may be given again.",
        ),
    )  # fmt: skip
    return functools.reduce(lambda made, option: option(made), reversed(options), within)  # type: ignore[return-value]


def load(folder: Path) -> Any:
    """Load an engagement, or stop with every problem, those of its rules included.

    Says what was allowed beyond the default, and what the engagement asks for that was not.
    """
    from assess import intake
    from assess.core import trust

    allowance = trust.allowed()
    for option, value in allowance.beyond_default.items():
        print_line(f"allowed: {option} {value}", err=True)

    try:
        engagement = intake.load(folder)
    except intake.InvalidEngagement as error:
        stop_with(error.problems)
    for request in engagement.data.refused(allowance):
        print_line(request, err=True)
    if engagement.policies:
        from assess.evidence import policy

        _, problems = policy.client_rules(engagement)
        if problems:
            stop([str(problem) for problem in problems])
    return engagement


def warn_about_examples(engagement: Any) -> None:
    """Say which rows are still those of the template, so that nobody takes them for the client's."""
    from assess import intake

    if left := intake.examples_left(engagement):
        print_line(left, err=True)


MOST_NOTES = 20
"""Lines of how cells were read that a command prints."""


def print_notes(engagement: Any) -> None:
    """List how cells were read that people should confirm, and what is not read."""
    notes = engagement.notes
    for note in notes[:MOST_NOTES]:
        print_line(f"Please confirm: {note}", err=True)
    if len(notes) > MOST_NOTES:
        click.echo(f"... and {len(notes) - MOST_NOTES} more like these.", err=True)


def print_line(line: str, *, err: bool = False) -> None:
    """Print a line for people, without secrets; neither a terminal nor a CI server obeys anything in it."""
    from assess.core.secrets import mask_secrets

    click.echo(escape_line(mask_secrets(line)), err=err)


def stop(problems: Sequence[str | OSError]) -> NoReturn:
    """Print one line a problem and end with the exit code of bad input."""
    for problem in problems:
        print_line(explain_os_error(problem) if isinstance(problem, OSError) else problem, err=True)
    if len(problems) > 1:
        click.echo(f"{len(problems)} problems; nothing was run.", err=True)
    sys.exit(INVALID)


def stop_with(problems: Sequence[Problem]) -> NoReturn:
    """Print the problems of an engagement, one line a cause, and end with the exit code of bad input."""
    from assess.intake.workbook.marking import by_cause

    lines = by_cause(problems)
    for line in lines:
        print_line(line, err=True)
    if len(problems) > 1:
        of = f" of {len(lines)} causes" if len(lines) > 1 else " of one cause"
        click.echo(
            f"{len(problems)} problems{of if len(lines) < len(problems) else ''}; nothing was run.", err=True
        )
    sys.exit(INVALID)


def require(extra: str, asked: str) -> None:
    """End with the exit code of bad input if the package of an extra is not installed."""
    try:
        require_extra(extra, asked)
    except MissingExtra as error:
        stop([str(error)])


def date(text: str, option: str) -> dt.date:
    """Read a day."""
    day = read_day(text)
    if day is None:
        stop([f"{option} {text}: is not a date, such as 2026-11-22"])
    return day


def moment(text: str | None) -> dt.datetime:
    """Read the time of a report."""
    if text is None:
        return dt.datetime.now().astimezone()
    time = read_time(text)
    if time is None:
        stop([f"--time {text}: is not an ISO 8601 date or time, such as 2026-11-22T09:00"])
    return time
