"""Copies of the notebooks that open one engagement, and that keep what a consultant changes in them.

They lie in a folder of the user's own, never beside the engagement: whoever sends a folder can put notebooks into it,
and these would be executed. A folder of copies carries the signature of the user's key of where it lies and which
engagement it is for; one that has no such signature is not opened.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from assess.core.signature import is_signed, make_private, sign, user_folder
from assess.core.trust import allowed
from assess.report import shipped

MARK = "assess"
"""Key in a copy's metadata: which engagement it was made for, and the fingerprint of its cells then."""

SIGNATURE = ".assess-signature"
"""File in a folder of copies that proves that this user's command made it."""

EARLIER = Path("assess-notebooks")
"""Where an earlier version kept the copies, in the working folder."""


class Copies(NamedTuple):
    """The folder of the copies, the names of those that a consultant has changed, and what to know about others."""

    folder: Path
    edited: tuple[str, ...]
    notes: tuple[str, ...] = ()


class CopiesRefused(ValueError):
    """Copies that can't be opened, or a folder that is no place for them; one line each in ``problems``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def lay_out(engagement: Path, notebooks: Path | None = None) -> Copies:
    """Copy the notebooks into the folder of this user's copies for one engagement.

    A copy that the user has changed is kept as it is. One that is unchanged becomes what this version ships.

    Parameters
    ----------
    engagement
        Folder or workbook.
    notebooks
        Folder in which the folders of copies lie; None for the one that the user's configuration names, or else
        the user's data folder (``~/.local/share/assess/notebooks`` on Linux).

    Raises
    ------
    CopiesRefused
        If the folder lies in the engagement, is not this user's or was not made by this command, or if changed copies
        belong to an engagement elsewhere; nothing is written then.
    """
    target = engagement.resolve()
    folder = _own_folder(target, notebooks)
    found = {source: _opened(folder / source.name) for source in shipped.notebooks().values()}
    edited = {source.name: node for source, node in found.items() if node is not None and _edited(node)}
    _refuse(folder, edited, target)
    for source, node in found.items():
        new = pointed(nbformat.read(source, as_version=4), target)
        if source.name not in edited and (node is None or _cells(node) != _cells(new)):
            nbformat.write(new, folder / source.name)
    return Copies(folder, tuple(edited), _ignored(target, folder))


def _own_folder(target: Path, notebooks: Path | None) -> Path:
    """Return the signed folder of the copies for an engagement, made if need be."""
    chosen = notebooks or Path(allowed().notebooks_folder or "")
    if chosen == Path():
        data = user_folder("data")
        if data is None:
            raise CopiesRefused(
                [
                    "This user has no private data folder for copies of notebooks; set HOME to one that can be written"
                ]
            )
        chosen = data / "notebooks"
    parent = chosen.expanduser().resolve()
    own = target if target.is_dir() else target.parent
    if parent.is_relative_to(own):
        raise CopiesRefused(
            [
                f"{parent}: lies in the engagement, whose sender could write there; name another with --notebooks"
            ]
        )
    folder = parent / folder_name(target)
    parts = (os.fsencode(folder), os.fsencode(target))
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        proof = sign("notebooks", *parts) if make_private(folder) else ""
        if not proof:
            raise CopiesRefused(
                [
                    f"{folder}: can't be made, or others can write there; name a folder of yours with --notebooks"
                ]
            )
        (folder / SIGNATURE).write_text(proof, "ascii")
    if not make_private(folder) or not is_signed(_proof(folder), "notebooks", *parts):
        raise CopiesRefused(
            [
                f"{folder}: was not made by this command for this user and engagement, and is not opened; move it away, "
                "start again, and copy back the notebooks that are yours"
            ]
        )
    return folder


def folder_name(engagement: Path) -> str:
    """Return the name of the folder of copies: the engagement's, and a hash of where it lies.

    >>> folder_name(Path("/clients/acme/intake.xlsx"))
    'intake-ac9f24f1'
    """
    name = engagement.stem if engagement.suffix == ".xlsx" else engagement.name
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '_', name)[:60]}-{hashlib.sha256(os.fsencode(engagement)).hexdigest()[:8]}"


def _proof(folder: Path) -> str:
    try:
        return (folder / SIGNATURE).read_text("ascii", "replace")
    except OSError:
        return ""


def _ignored(target: Path, folder: Path) -> tuple[str, ...]:
    """Say which notebooks of the working folder are not opened, and how to go on with one's own."""
    found = EARLIER / (target.stem if target.is_file() else target.name)
    if not any(found.glob("*.ipynb")):
        return ()
    command = f"cp {shlex.quote(str(found))}/*.ipynb {shlex.quote(str(folder))}"
    return (
        f"{found}: these notebooks are not opened, because whoever sent this folder could have put them there; "
        f"if they are your own, look through them and bring them over: {command}",
    )


def pointed(notebook: NotebookNode, engagement: Path) -> NotebookNode:
    """Set the default of the parameter ``engagement`` in a notebook, empty its outputs and mark what it is."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        if "parameters" in cell.metadata.get("tags", ()):
            cell.source = "\n".join(_line(line, engagement) for line in cell.source.splitlines())
    notebook.metadata[MARK] = {"engagement": str(engagement), "cells": _cells(notebook)}
    return notebook


def _line(line: str, engagement: Path) -> str:
    if not line.startswith("engagement ="):
        return line
    _, hash_sign, comment = line.partition("  # ")
    return f"engagement = {str(engagement)!r}{hash_sign}{comment}"


def _opened(copy: Path) -> NotebookNode | None:
    """Read a copy; None where there is none. One that can't be read is somebody's, and empty to us."""
    try:
        found: NotebookNode = nbformat.read(copy, as_version=4)
    except FileNotFoundError:
        return None
    except OSError:
        raise
    except Exception:  # whatever nbformat meets in a file that is no notebook
        found = nbformat.v4.new_notebook()
    return found


def _edited(copy: NotebookNode) -> bool:
    return bool(copy.metadata.get(MARK, {}).get("cells") != _cells(copy))


def _cells(notebook: NotebookNode) -> str:
    """Return the fingerprint of what the cells say; outputs do not count."""
    said = "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _refuse(folder: Path, edited: dict[str, NotebookNode], engagement: Path) -> None:
    made_for = {name: node.metadata.get(MARK, {}).get("engagement") for name, node in edited.items()}
    problems = [
        f"{folder / name}: was made for {other} and somebody has changed it; move it away"
        for name, other in made_for.items()
        if other not in (None, str(engagement))
    ]
    if problems:
        raise CopiesRefused(problems)
