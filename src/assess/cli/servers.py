"""The notebooks in JupyterLab, and as pages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from .arguments import allowances, load, print_line, require, stop

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
    if command == "serve":
        require("voila", "assess serve")
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
