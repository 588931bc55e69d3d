"""What the commands share: opening an engagement, reading options, telling what is wrong in plain words."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

INVALID, FAILED = 2, 1
"""Exit codes: 0 all went well; 1 a notebook failed, the rest is reported; 2 bad input, nothing was run."""


def load(folder: Path) -> Any:
    """Load an engagement, or stop with every problem, those of its rules included."""
    from assess import intake

    try:
        engagement = intake.load(folder)
    except intake.InvalidEngagement as error:
        stop([str(problem) for problem in error.problems])
    if engagement.policies:
        from assess.evidence import policy

        _, problems = policy.own(engagement)
        if problems:
            stop([str(problem) for problem in problems])
    return engagement


def warn_of_examples(engagement: Any) -> None:
    """Say which rows are still those of the template, so that nobody takes them for the client's."""
    from assess import intake

    if left := intake.examples_left(engagement):
        click.echo(left, err=True)


def stop(problems: Any) -> NoReturn:
    """Print one line a problem and end with the exit code of bad input."""
    from assess.core.secrets import mask_secrets

    for problem in problems:
        click.echo(mask_secrets(str(problem)), err=True)
    if len(problems) > 1:
        click.echo(f"{len(problems)} problems; nothing was run.", err=True)
    sys.exit(INVALID)


def date(text: str, option: str) -> dt.date:
    """Read a day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        stop([f"{option} {text}: is not a date, such as 2026-11-22"])


def moment(text: str | None) -> dt.datetime:
    """Read the time of a report."""
    if text is None:
        return dt.datetime.now().astimezone()
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        stop([f"--time {text}: is not an ISO 8601 date or time, such as 2026-11-22T09:00"])
