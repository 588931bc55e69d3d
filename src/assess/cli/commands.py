"""The commands."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from typing import NoReturn

import click

from assess import __version__
from assess.core.messages import explain_os_error

from .arguments import INVALID, print_line
from .engagements import init, validate
from .gate import audit, check
from .reports import clean, compare, run
from .servers import lab, serve
from .signals import Stopped, exit_code, explain_signal, unwind_on_signals


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


for command in (init, validate, run, check, audit, compare, lab, serve, clean):
    assess.add_command(command)


def execute() -> NoReturn:
    """Run a command; whatever goes wrong is said in plain words."""
    unwind_on_signals()
    try:
        assess.main(standalone_mode=False)
    except click.exceptions.Abort as abort:
        number = abort.__cause__.number if isinstance(abort.__cause__, Stopped) else signal.SIGINT
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
