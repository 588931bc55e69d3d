"""A consultant's desk: JupyterLab, or Voila, on copies of the notebooks that open one engagement."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from . import shipped

SERVERS = {"lab": "jupyterlab", "serve": "voila"}
"""The module that serves each command."""

SETTINGS = {
    "lab": (
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ),
    "serve": ("--VoilaConfiguration.show_tracebacks=False", "--strip_sources=True"),
}
"""JupyterLab asks no service for news, updates or extensions; Voila shows neither code nor tracebacks."""


def open_desk(command: str, engagement: Path | None, extra: tuple[str, ...] = ()) -> int:
    """Serve the notebooks for an engagement until the server is stopped; return its exit code.

    Parameters
    ----------
    command
        ``lab`` for JupyterLab, ``serve`` for the what-if pages without code, by Voila.
    engagement
        Folder or workbook that the copies open; None opens the notebooks as they ship.
    extra
        Further arguments of the server, such as ``--no-browser``.
    """
    place = lay_out(engagement) if engagement else shipped.folder()
    command_line = [sys.executable, "-m", SERVERS[command], str(place), *SETTINGS[command], *extra]
    return subprocess.run(command_line, env={**os.environ, "ASSESS_LIVE": "1"}, check=False).returncode


def lay_out(engagement: Path) -> Path:
    """Copy the notebooks to ``assess-notebooks/NAME`` in the working folder; copies that exist are kept.

    Returns
    -------
    Path
        The folder of the copies, whose parameter ``engagement`` names the engagement.
    """
    place = Path("assess-notebooks") / (
        engagement.stem if engagement.is_file() else engagement.resolve().name
    )
    place.mkdir(parents=True, exist_ok=True)
    for source in shipped.notebooks().values():
        copy = place / source.name
        if not copy.exists():
            shutil.copyfile(source, copy)
            _point(copy, engagement.resolve())
    return place


def _point(notebook: Path, engagement: Path) -> None:
    """Set the default of the parameter ``engagement`` in a notebook, and empty its outputs."""
    node = nbformat.read(notebook, as_version=4)
    for cell in node.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", ()):
            lines = cell.source.splitlines()
            cell.source = "\n".join(
                f"engagement = {str(engagement)!r}" if line.startswith("engagement =") else line
                for line in lines
            )
    nbformat.write(node, notebook)
