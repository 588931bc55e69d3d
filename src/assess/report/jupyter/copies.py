"""The notebooks of a desk: copies that open one engagement, and that keep what a consultant changes in them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from assess.report import shipped

MARK = "assess"
"""Key in a copy's metadata: which engagement it was made for, and the fingerprint of its cells then."""


class Copies(NamedTuple):
    """The folder of the copies, and the names of those that a consultant has changed."""

    folder: Path
    edited: tuple[str, ...]


class OtherEngagement(ValueError):
    """Changed copies that were made for another engagement of the same name; one line each in ``problems``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def lay_out(engagement: Path) -> Copies:
    """Copy the notebooks to ``assess-notebooks/NAME`` in the working folder.

    A copy that somebody has changed is kept as it is. One that nobody has changed becomes what this version ships.

    Raises
    ------
    OtherEngagement
        If changed copies belong to an engagement elsewhere; nothing is written then.
    """
    target = engagement.resolve()
    folder = Path("assess-notebooks") / (target.stem if target.is_file() else target.name)
    found = {source: _opened(folder / source.name) for source in shipped.notebooks().values()}
    edited = {source.name: node for source, node in found.items() if node is not None and _edited(node)}
    _refuse(folder, edited, target)
    folder.mkdir(parents=True, exist_ok=True)
    for source, node in found.items():
        new = pointed(nbformat.read(source, as_version=4), target)
        if source.name not in edited and (node is None or _cells(node) != _cells(new)):
            nbformat.write(new, folder / source.name)
    return Copies(folder, tuple(edited))


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
        f"{folder / name}: was made for {other} and somebody has changed it; move it away, or start in another folder"
        for name, other in made_for.items()
        if other not in (None, str(engagement))
    ]
    if problems:
        raise OtherEngagement(problems)
