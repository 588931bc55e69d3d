"""The commands."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from assess import __version__

from .desk import lab, serve
from .engagements import init, validate
from .gate import audit, check
from .reports import compare, run
from .telling import INVALID


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
      0  all went well
      1  a notebook failed; the rest is reported
      2  bad input; nothing was run
    """


for command in (init, validate, run, check, audit, compare, lab, serve):
    assess.add_command(command)


def main() -> NoReturn:
    """Run a command; whatever goes wrong is told in plain words."""
    try:
        assess.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped; an earlier report is as it was", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(INVALID)
    except Exception as error:
        if os.environ.get("ASSESS_DEBUG"):
            raise
        from assess.core.secrets import mask_secrets

        told = mask_secrets(f"{error} ({type(error).__name__})")
        click.echo(f"assess failed: {told}. Set ASSESS_DEBUG=1 to see where.", err=True)
        sys.exit(70)
    sys.exit(0)
